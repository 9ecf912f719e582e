package campaign

// Email is the text of one message in one language. Its fields are Liquid: outputs
// such as {{ person.first_name }} and the tags that package message lists.
//
// The middle of the mail is told in one of two ways: by Heading, Body, ShowLines,
// Button and Closing, in this order, which is what most mails need; or by Blocks,
// which merchants order, hide and fill. Parts gives both as blocks.
type Email struct {
	Subject   string   `yaml:"subject" json:"subject"`
	Preheader string   `yaml:"preheader" json:"preheader"`
	Heading   string   `yaml:"heading,omitempty" json:"heading,omitempty"`
	Body      []string `yaml:"body,omitempty" json:"body,omitempty"` // paragraphs
	ShowLines bool     `yaml:"show_lines,omitempty" json:"show_lines,omitempty"`
	Button    *Button  `yaml:"button,omitempty" json:"button,omitempty"`
	Closing   []string `yaml:"closing,omitempty" json:"closing,omitempty"`
	// Blocks stand instead of the five above.
	Blocks []Block `yaml:"blocks,omitempty" json:"blocks,omitempty"`
}

// BlockKind names a kind of block.
type BlockKind string

// The kinds of blocks. Each mail begins with the logo and ends with the footer; where
// the blocks of a mail name neither, they stand there all the same.
const (
	BlockLogo    BlockKind = "logo"    // the shop's logo, or its name
	BlockHeading BlockKind = "heading" // Text, one line
	BlockText    BlockKind = "text"    // Text, plain; a blank line begins a paragraph
	BlockRich    BlockKind = "rich"    // Text, a few elements of HTML: p, br, b, i, a, ul, ol, li
	BlockLines   BlockKind = "lines"   // what the customer keeps of the order, with pictures
	BlockButton  BlockKind = "button"  // Button
	BlockImage   BlockKind = "image"   // Image with Alt, leading to Link
	BlockContact BlockKind = "contact" // ways to reach the shop: Ways, or all it has
	BlockShare   BlockKind = "share"   // the shop's own pages and ways to tell friends: Ways, or all
	// These show what the customer has in the shop's loyalty program; without one they are left out.
	BlockPoints   BlockKind = "points"   // the balance, what waits or ends, the way to the next tier
	BlockReward   BlockKind = "reward"   // the reward that the message is about: what it gives, its code, its end
	BlockReferral BlockKind = "referral" // the link for friends, what they get, ways to send it: Ways, or all
	BlockDivider  BlockKind = "divider"
	BlockFooter   BlockKind = "footer" // Text, a line of its own above why this came, preferences and postal address
)

// BlockKinds lists all of them in the order in which people read them.
func BlockKinds() []BlockKind {
	return []BlockKind{BlockLogo, BlockHeading, BlockText, BlockRich, BlockLines, BlockButton, BlockImage, BlockContact, BlockShare, BlockPoints, BlockReward, BlockReferral, BlockDivider, BlockFooter}
}

// Block is one part of a mail.
type Block struct {
	Kind   BlockKind `yaml:"kind" json:"kind"`
	Hidden bool      `yaml:"hidden,omitempty" json:"hidden,omitempty"` // kept, not shown; a footer cannot be hidden
	Text   string    `yaml:"text,omitempty" json:"text,omitempty"`
	Button *Button   `yaml:"button,omitempty" json:"button,omitempty"`
	Image  string    `yaml:"image,omitempty" json:"image,omitempty"` // https address or an output
	Alt    string    `yaml:"alt,omitempty" json:"alt,omitempty"`
	Link   string    `yaml:"link,omitempty" json:"link,omitempty"`
	Ways   []string  `yaml:"ways,omitempty" json:"ways,omitempty"`
}

// Parts returns the blocks of a mail, with the logo first and the footer last.
func (e Email) Parts() []Block {
	parts := e.Blocks
	if len(parts) == 0 {
		parts = e.short()
	}
	has := func(k BlockKind) bool {
		for _, b := range parts {
			if b.Kind == k {
				return true
			}
		}
		return false
	}
	var out []Block
	if !has(BlockLogo) {
		out = append(out, Block{Kind: BlockLogo})
	}
	out = append(out, parts...)
	if !has(BlockFooter) {
		out = append(out, Block{Kind: BlockFooter})
	}
	return out
}

// short is what the five fields say, as blocks.
func (e Email) short() (parts []Block) {
	if e.Heading != "" {
		parts = append(parts, Block{Kind: BlockHeading, Text: e.Heading})
	}
	for _, p := range e.Body {
		parts = append(parts, Block{Kind: BlockText, Text: p})
	}
	if e.ShowLines {
		parts = append(parts, Block{Kind: BlockLines})
	}
	if e.Button != nil {
		parts = append(parts, Block{Kind: BlockButton, Button: e.Button})
	}
	if len(e.Closing) > 0 {
		closing := e.Closing[0]
		for _, line := range e.Closing[1:] {
			closing += "\n" + line
		}
		parts = append(parts, Block{Kind: BlockText, Text: closing})
	}
	return parts
}
