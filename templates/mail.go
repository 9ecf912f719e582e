package templates

import (
	"cmp"
	"io"
	"strconv"
)

// Mail is everything a mail shows. All strings are plain text but MailPart.HTML:
// the layout escapes them and turns Unicode isolates into markup. Empty ones are
// left out.
type Mail struct {
	Lang      string // BCP 47 tag of the text; gives lang and dir
	Subject   string
	Preheader string // the line mailboxes show beside the subject
	Shop      string
	Brand     MailBrand
	NoLogo    bool // neither logo nor shop name stands above
	Parts     []MailPart

	// The footer, line by line.
	Foot             []string // what the shop says below each mail, and how to reach a person
	Why              string   // why this mail came
	PreferencesLabel string
	PreferencesURL   string
	Address          []string // the shop's postal address

	Pixel string // address of a picture that counts an opening; "" = none
}

// PartKind names a kind of part.
type PartKind string

// The kinds of parts.
const (
	PartHeading PartKind = "heading" // Text; the first of a mail is its title
	PartText    PartKind = "text"    // Text, with line ends
	PartRich    PartKind = "rich"    // HTML, and Text as its twin
	PartLines   PartKind = "lines"   // Lines
	PartButton  PartKind = "button"  // Text leads to URL
	PartImage   PartKind = "image"   // Image with Text as its alternative, leading to URL or nowhere
	PartWays    PartKind = "ways"    // Text as heading, Ways
	PartCode    PartKind = "code"    // Text says what Code gives, Note until when
	PartDivider PartKind = "divider"
)

// MailPart is one block of a mail.
type MailPart struct {
	Kind PartKind
	Text string
	HTML string // safe, as it stands
	URL  string
	// Plain is the address that the text part shows where URL is a detour that
	// counts clicks; "" = URL.
	Plain string
	Image string // absolute https address
	Lines *MailLines
	Ways  []MailWay
	Code  string // what is typed; "" = nothing is
	Note  string
}

// MailLines is what somebody bought.
type MailLines struct {
	Heading           string
	Lines             []MailLine
	More              string // stands for lines that are left out
	TotalLabel, Total string
}

// MailLine is one product.
type MailLine struct {
	Title    string
	Variant  string
	Quantity string // in words: "Quantity: 2"
	Price    string
	Image    string // absolute https address; "" = none
}

// MailWay is one way to reach somebody or something: "Phone: +44 20 7946 0000".
type MailWay struct {
	Label string // "Phone:"; where it is empty, ways stand side by side
	Text  string
	URL   string // "" = only the text
	Plain string // as in MailPart
	// Unsaid leaves it out of the text part, where its address would say nothing to a reader.
	Unsaid bool
}

// maxParts bounds the HTML in bytes up to the footer, which needs 19 KB at most (six
// lines of its own and six of the address, all isolates): Gmail cuts mails at
// 102 KB and hides what stands behind, the way to stop them too.
const maxParts = 78_000

// HTML writes the mail's HTML part, less than 100 KB of it. A part that has no
// room any more is shortened or left out.
func (m *Mail) HTML(w io.Writer) error {
	name := lookOf(m.Lang)
	f := filling{mailFrame: mailFrames()[name], dst: make([]byte, 0, 20<<10)}
	v := &f.values
	m.Brand.paint(v)
	v[slotLang], v[slotSubject], v[slotPreheader], v[slotFiller] = m.Lang, m.Subject, m.Preheader, filler
	v[slotFont] = looks[name].font(m.Brand.Font)
	f.write(f.whole, func(piece string) {
		switch piece {
		case "logo", "name":
			m.top(&f, piece)
		case "parts":
			m.parts(&f)
		default:
			m.bottom(&f, piece)
		}
	})
	_, err := w.Write(f.dst)
	return err
}

// top writes the logo, or the shop's name where there is none.
func (m *Mail) top(f *filling, piece string) {
	if m.NoLogo || (m.Brand.Logo != "") != (piece == "logo") {
		return
	}
	if piece == "name" {
		f.say(piece, m.Shop)
		return
	}
	v := &f.values
	v[slotURL], v[slotImage], v[slotAlt], v[slotLogoWidth] = m.Brand.Home, m.Brand.Logo, m.Shop, strconv.Itoa(cmp.Or(m.Brand.LogoWidth, 140))
	f.piece(piece, func(within string) {
		if (within == "logo_link") == (m.Brand.Home != "") {
			f.piece(within, nil)
		}
	})
}

func (m *Mail) parts(f *filling) {
	titled := false
	for i := range m.Parts {
		p, before := &m.Parts[i], len(f.dst)
		p.write(f, titled)
		if len(f.dst) > maxParts {
			f.dst = f.dst[:before]
			// No character needs more than 16 bytes: the elements of an isolate are shared by what it holds.
			if room := (maxParts-before)/16 - 100; room > 0 && (p.Kind == PartText || p.Kind == PartRich) {
				f.say("text", Clean(p.Text, room))
			}
			if len(f.dst) > maxParts {
				f.dst = f.dst[:before]
			}
		}
		titled = titled || p.Kind == PartHeading
	}
}

// bottom writes the pieces of the footer.
func (m *Mail) bottom(f *filling, piece string) {
	switch piece {
	case "foot":
		for _, line := range m.Foot {
			f.say(piece, line)
		}
	case "why":
		f.say(piece, m.Why)
	case "preferences":
		if m.PreferencesURL != "" {
			f.values[slotURL] = m.PreferencesURL
			f.say(piece, m.PreferencesLabel)
		}
	case "address":
		for _, line := range m.Address {
			f.say(piece, line)
		}
	case "pixel":
		if m.Pixel != "" {
			f.values[slotImage] = m.Pixel
			f.piece(piece, nil)
		}
	}
}
