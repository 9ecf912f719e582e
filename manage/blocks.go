package manage

import (
	"slices"

	"flywheel/delight/campaign"
	"flywheel/fault"
)

// What a change of a mail is refused for.
var (
	ErrNoBlock       = fault.New(fault.NotFound, "there is no such block in this mail any more: somebody may have removed it")
	ErrManyBlocks    = fault.New(fault.Invalid, "a mail holds 40 blocks at most")
	ErrLastBlock     = fault.New(fault.Conflict, "a mail needs one block at least: add another before you remove this one")
	ErrOneOfIt       = fault.New(fault.Conflict, "a mail has one logo and one footer")
	ErrFooterShows   = fault.New(fault.Invalid, "the footer cannot be hidden: it says why the mail came and how to stop it")
	ErrBlocksAlready = fault.New(fault.Conflict, "this mail is told by blocks already")
	ErrNoText        = fault.New(fault.NotFound, "there is no text in this language any more: somebody may have removed it")
	ErrLangThere     = fault.New(fault.Conflict, "there is a text in this language already")
	ErrLastText      = fault.New(fault.Conflict, "a message needs a text in one language at least")
)

// maxBlocks bounds a mail, as campaign's Check does.
const maxBlocks = 40

// IntoBlocks turns a mail that is told in short into one that is told by blocks.
// It says the same; there is no way back but to undo it.
func IntoBlocks(e *campaign.Email) error {
	if len(e.Blocks) > 0 {
		return ErrBlocksAlready
	}
	parts := e.Parts() // with the logo first and the footer last, which stand there all the same
	e.Blocks = slices.Clone(parts[1 : len(parts)-1])
	if len(e.Blocks) == 0 {
		e.Blocks = []campaign.Block{{Kind: campaign.BlockText}}
	}
	e.Heading, e.Body, e.ShowLines, e.Button, e.Closing = "", nil, false, nil, nil
	return nil
}

// ends are the places between which blocks of a kind may stand: the logo stands
// first, the footer last.
func ends(blocks []campaign.Block, kind campaign.BlockKind) (first, last int) {
	first, last = 0, len(blocks)
	switch kind {
	case campaign.BlockLogo:
		return 0, 0
	case campaign.BlockFooter:
		return last, last
	}
	if last > 0 && blocks[last-1].Kind == campaign.BlockFooter {
		last--
	}
	if last > 0 && blocks[0].Kind == campaign.BlockLogo {
		first = 1
	}
	return min(first, last), last
}

func hasBlock(blocks []campaign.Block, kind campaign.BlockKind) bool {
	return slices.ContainsFunc(blocks, func(b campaign.Block) bool { return b.Kind == kind })
}

// single reports whether a mail has at most one block of a kind.
func single(kind campaign.BlockKind) bool {
	return kind == campaign.BlockLogo || kind == campaign.BlockFooter
}

// MayAdd lists the kinds of blocks that may come to a mail.
func MayAdd(e campaign.Email) (kinds []campaign.BlockKind) {
	for _, kind := range campaign.BlockKinds() {
		if !single(kind) || !hasBlock(e.Blocks, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// AddBlock puts a block at a place, or as near to it as its kind may stand, and says where.
func AddBlock(e *campaign.Email, b campaign.Block, at int) (int, error) {
	switch {
	case campaign.BlockOf(b.Kind) == nil:
		return 0, ErrNoBlock
	case len(e.Blocks) >= maxBlocks:
		return 0, ErrManyBlocks
	case single(b.Kind) && hasBlock(e.Blocks, b.Kind):
		return 0, ErrOneOfIt
	}
	first, last := ends(e.Blocks, b.Kind)
	at = min(max(at, first), last)
	e.Blocks = slices.Insert(slices.Clone(e.Blocks), at, b)
	return at, nil
}

// RemoveBlock takes a block out.
func RemoveBlock(e *campaign.Email, at int) error {
	switch {
	case !there(e, at):
		return ErrNoBlock
	case len(e.Blocks) == 1:
		return ErrLastBlock
	}
	e.Blocks = slices.Delete(slices.Clone(e.Blocks), at, at+1)
	return nil
}

// MoveBlock puts a block at another place, or as near to it as it may stand. It
// is ErrNowhere where it stays where it is.
func MoveBlock(e *campaign.Email, at, to int) (int, error) {
	if !there(e, at) {
		return at, ErrNoBlock
	}
	b, rest := e.Blocks[at], slices.Delete(slices.Clone(e.Blocks), at, at+1)
	first, last := ends(rest, b.Kind)
	if to = min(max(to, first), last); to == at {
		return at, ErrNowhere
	}
	e.Blocks = slices.Insert(rest, to, b)
	return to, nil
}

// CopyBlock puts a copy of a block behind it, and says where.
func CopyBlock(e *campaign.Email, at int) (int, error) {
	if !there(e, at) {
		return at, ErrNoBlock
	}
	twin, err := copied(e.Blocks[at])
	if err != nil {
		return at, err
	}
	return AddBlock(e, twin, at+1)
}

// HideBlock keeps a block from being shown, or shows it again.
func HideBlock(e *campaign.Email, at int, hidden bool) error {
	switch {
	case !there(e, at):
		return ErrNoBlock
	case hidden && e.Blocks[at].Kind == campaign.BlockFooter:
		return ErrFooterShows
	}
	e.Blocks = slices.Clone(e.Blocks)
	e.Blocks[at].Hidden = hidden
	return nil
}

func there(e *campaign.Email, at int) bool { return at >= 0 && at < len(e.Blocks) }

// AddText gives a step's mail another language, with a copy of the text in one it has.
func AddText(s *campaign.Step, lang, from string) error {
	text, ok := s.Email[from]
	if !ok {
		return ErrNoText
	}
	if _, ok := s.Email[lang]; ok {
		return ErrLangThere
	}
	twin, err := copied(text)
	if err != nil {
		return err
	}
	s.Email[lang] = twin
	return nil
}

// DropText takes a language from a step's mail.
func DropText(s *campaign.Step, lang string) error {
	if _, ok := s.Email[lang]; !ok {
		return ErrNoText
	}
	if len(s.Email) == 1 {
		return ErrLastText
	}
	delete(s.Email, lang)
	return nil
}
