package server

import (
	"slices"
	"strconv"
	"strings"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
)

// writing is one change of a mail by its form, which holds the whole text of one
// language: whatever is done, what was typed beside it is kept.
type writing struct {
	editing
	lang  string
	langs []string       // those of the shop
	text  campaign.Email // as the form has it
	has   bool           // the form has a text
	at    int            // the block that is shown afterwards; -1 = none
	pick  int            // a block is to come before this one; -1 = none
}

// formBlocks is the most that a form is read for: more than a mail may hold, so
// that too many are refused in words.
const formBlocks = 60

// read takes the text from the form.
func (w *writing) read() {
	if w.has = w.form.Has("subject"); !w.has {
		return
	}
	w.editing.text("subject", &w.text.Subject)
	w.editing.text("preheader", &w.text.Preheader)
	n, _ := strconv.Atoi(w.form.Get("blocks"))
	if n <= 0 {
		w.short()
		return
	}
	for i := range min(n, formBlocks) {
		if b, ok := w.block(i); ok {
			w.text.Blocks = append(w.text.Blocks, b)
		}
	}
}

// short reads a mail that is told in short.
func (w *writing) short() {
	w.editing.text("heading", &w.text.Heading)
	w.text.Body, w.text.Closing = parts(w.long("body"), "\n\n"), parts(w.long("closing"), "\n")
	w.text.ShowLines = w.form.Get("show_lines") == "yes"
	w.text.Button = w.button("button")
}

// button reads a button; nil where nothing is typed for one.
func (w *writing) button(name string) *campaign.Button {
	b := campaign.Button{}
	w.editing.text(name+"_label", &b.Label)
	w.editing.text(name+"_url", &b.URL)
	w.editing.text(name+"_otherwise", &b.Otherwise)
	if b == (campaign.Button{}) {
		return nil
	}
	return &b
}

// blockName is the name of a block's field in a form.
func blockName(at int, field string) string { return "b" + strconv.Itoa(at) + "_" + field }

// block reads one block: what its kind takes.
func (w *writing) block(at int) (campaign.Block, bool) {
	name := func(field string) string { return blockName(at, field) }
	b := campaign.Block{Kind: campaign.BlockKind(w.form.Get(name("kind"))), Hidden: w.form.Get(name("hidden")) == "yes"}
	spec := campaign.BlockOf(b.Kind)
	if spec == nil {
		return b, false
	}
	for _, p := range spec.Params {
		switch p.Name {
		case "text":
			b.Text = w.long(name("text"))
		case "button":
			b.Button = w.button("b" + strconv.Itoa(at))
		case "image":
			w.editing.text(name("image"), &b.Image)
		case "alt":
			w.editing.text(name("alt"), &b.Alt)
		case "link":
			w.editing.text(name("link"), &b.Link)
		case "ways":
			b.Ways = waysInOrder(w.form[name("ways")], strings.Split(w.form.Get(name("ways_had")), ","), spec.Ways)
		}
	}
	return b, true
}

// waysInOrder are the ways that are ticked: those that stood there before in their
// order, then the others in that of their kind.
func waysInOrder(ticked, had, all []string) (out []string) {
	for _, way := range slices.Concat(had, all) {
		if slices.Contains(ticked, way) && slices.Contains(all, way) && !slices.Contains(out, way) {
			out = append(out, way)
		}
	}
	return out
}

var errNoAct = fault.New(fault.Invalid, "nobody knows how to do that to a message")

// does changes the text in the draft: first by what was typed, then by what was asked for.
func (w *writing) does(step *campaign.Step, do string) error {
	words := strings.Fields(do)
	if len(words) == 0 {
		return errNoAct
	}
	if _, there := step.Email[w.lang]; !there {
		return manage.ErrNoText
	}
	if w.has {
		step.Email[w.lang] = w.text
	}
	switch e := step.Email[w.lang]; words[0] {
	case "keep":
		return nil
	case "add_lang":
		return w.addText(step)
	case "drop_lang":
		return manage.DropText(step, w.lang)
	case "blocks":
		err := manage.IntoBlocks(&e)
		step.Email[w.lang] = e
		return err
	default:
		err := w.toBlock(&e, words)
		step.Email[w.lang] = e
		return err
	}
}

// addText adds a language and shows it.
func (w *writing) addText(step *campaign.Step) error {
	to := w.form.Get("to_lang")
	if !slices.Contains(w.addable(step), to) {
		return manage.ErrLangThere
	}
	if err := manage.AddText(step, to, w.lang); err != nil {
		return err
	}
	w.lang = to
	return nil
}

// toBlock does something to one block: WORD NUMBER, WORD NUMBER NUMBER or add KIND NUMBER.
func (w *writing) toBlock(e *campaign.Email, words []string) (err error) {
	number := func(i int) int {
		if i < len(words) {
			if n, err := strconv.Atoi(words[i]); err == nil {
				return n
			}
		}
		return -1
	}
	w.at = number(1)
	switch words[0] {
	case "pick":
		w.pick = min(max(number(1), 0), len(e.Blocks))
	case "add":
		kind := ""
		if len(words) > 1 {
			kind = words[1]
		}
		w.at, err = manage.AddBlock(e, campaign.Block{Kind: campaign.BlockKind(kind)}, number(2))
	case "remove":
		err = manage.RemoveBlock(e, w.at)
		w.at = min(w.at, len(e.Blocks)-1)
	case "up":
		w.at, err = manage.MoveBlock(e, w.at, w.at-1)
	case "down":
		w.at, err = manage.MoveBlock(e, w.at, w.at+1)
	case "place":
		w.at, err = manage.MoveBlock(e, w.at, number(2))
	case "copy":
		w.at, err = manage.CopyBlock(e, w.at)
	case "hide", "show":
		err = manage.HideBlock(e, w.at, words[0] == "hide")
	default:
		return errNoAct
	}
	return err
}
