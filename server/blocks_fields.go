package server

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/templates"
)

// blockIcons of the cards.
var blockIcons = map[campaign.BlockKind]string{
	campaign.BlockLogo: "shop", campaign.BlockHeading: "edit", campaign.BlockText: "message", campaign.BlockRich: "message", campaign.BlockLines: "list", campaign.BlockButton: "link",
	campaign.BlockImage: "sun", campaign.BlockContact: "people", campaign.BlockShare: "star",
	campaign.BlockPoints: "star", campaign.BlockReward: "star", campaign.BlockReferral: "people", campaign.BlockDivider: "move", campaign.BlockFooter: "down",
}

// writer makes the fields of a mail, as they are or as they were typed.
type writer struct {
	speaker
	see     wrote
	step    *campaign.Step
	remarks []manage.Remark
	found   []manage.TextWrong
	hinted  bool
}

// fill writes one language of a mail onto its page.
func (w *writer) fill(page *templates.Blocks, langs []string) {
	e := w.step.Email[w.see.lang]
	if w.see.typed != nil {
		e = *w.see.typed
	}
	page.Lang, page.Name, page.Short, page.Words = w.see.lang, inShort(w.writes(w.step)), len(e.Blocks) == 0, w.vocabulary()
	w.found = manage.TextWrongs(e)
	w.tabs(page, langs)
	page.Wrong = w.at(-1, "")
	w.ofMail(page, e)
	for i := range e.Blocks {
		page.Blocks = append(page.Blocks, w.card(e, i))
	}
	for _, r := range w.remarks {
		if r.Step == w.step.ID && w.concerns(r) && w.blockOf(r) < 0 {
			page.Remarks = append(page.Remarks, w.remark(r))
		}
	}
	if page.Pick = min(page.Pick, len(e.Blocks)); page.Short {
		page.Pick = -1
	}
	for _, kind := range manage.MayAdd(e) {
		spec := campaign.BlockOf(kind)
		page.Kinds = append(page.Kinds, templates.EditorKind{Kind: string(kind), Name: w.of(spec.Texts.Name), Says: w.of(spec.Texts.Sentence), Icon: blockIcons[kind]})
	}
}

// tabs lists the languages that are there, lacking and to be added.
func (w *writer) tabs(page *templates.Blocks, langs []string) {
	has := slices.Sorted(maps.Keys(w.step.Email))
	for _, tag := range has {
		refused := slices.ContainsFunc(manage.TextWrongs(w.step.Email[tag]), func(t manage.TextWrong) bool { return !t.Harmless })
		page.Tabs = append(page.Tabs, templates.BlockTab{Value: tag, Name: w.language(tag), On: tag == w.see.lang, Wrong: refused && tag != w.see.lang})
	}
	for _, tag := range lacking(has, langs) {
		page.Missing = append(page.Missing, w.language(tag))
	}
	for _, tag := range (&writing{langs: langs}).addable(w.step) {
		page.More = append(page.More, templates.Choice{Value: tag, Name: w.language(tag)})
	}
}

var (
	saidByField = regexp.MustCompile(`^step \S+ (?:in \S+: |has no subject or body in )`)
	ofOneLang   = regexp.MustCompile(`^email\.([^.\[]+)(?:\.blocks\[(\d+)\])?`)
)

// concerns reports whether a remark is about this language or about none, and is not said at a field.
func (w *writer) concerns(r manage.Remark) bool {
	if r.Key == "text" || saidByField.MatchString(r.Detail) {
		return false
	}
	m := ofOneLang.FindStringSubmatch(r.Place)
	return m == nil || m[1] == w.see.lang
}

// blockOf is the block that a remark stands at; -1 = none.
func (w *writer) blockOf(r manage.Remark) int {
	if m := ofOneLang.FindStringSubmatch(r.Place); m != nil && m[2] != "" {
		if n, err := strconv.Atoi(m[2]); err == nil && n < len(w.step.Email[w.see.lang].Blocks) {
			return n
		}
	}
	return -1
}

// at words what is wrong with one field.
func (w *writer) at(block int, field string) (out []templates.BlockWrong) {
	for _, one := range w.found {
		if one.Block != block || one.Field != field {
			continue
		}
		data := maps.Clone(one.Data)
		for name, value := range data {
			data[name] = templates.Isolated(value)
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				data[name] = templates.Number(w.lang, w.country, n)
			}
		}
		wrong := templates.BlockWrong{Text: templates.Say(w.lang, "blocks_wrong_"+one.Key, data), Excerpt: one.Excerpt, Line: int64(one.Line), Column: int64(one.Column), Soft: one.Harmless}
		if one.Key == "other" || w.lang == "en" && one.Key == "not_here" {
			wrong.Detail = one.Detail
		}
		out = append(out, wrong)
	}
	return out
}

// field makes one field of a text in the mail's language.
func (w *writer) field(f templates.BlockField) templates.BlockField {
	f.Problem = w.see.wrong[f.Name]
	if f.Problem != "" && w.see.form != nil {
		f.Value = w.see.form.Get(f.Name)
	}
	if f.Dir == "" {
		f.Dir, f.Lang = templates.Dir(w.see.lang), w.see.lang
	}
	if f.Code == "" {
		f.Code = "text"
	}
	f.Rows = min(max(f.Rows, strings.Count(f.Value, "\n")+1), 16)
	return f
}

// ofMail makes the fields that every mail has, and those of one told in short.
func (w *writer) ofMail(page *templates.Blocks, e campaign.Email) {
	add := func(name, kind, value string, required bool, more func(*templates.BlockField)) {
		f := templates.BlockField{Name: name, Label: w.say("editor_field_" + name), Kind: kind, Value: value, Required: required, Wrong: w.at(-1, strings.ReplaceAll(name, "button_", "button "))}
		if more != nil {
			more(&f)
		}
		page.Fields = append(page.Fields, w.field(f))
	}
	hint := func(key string) func(*templates.BlockField) {
		return func(f *templates.BlockField) { f.Hint = w.say(key) }
	}
	add("subject", "line", e.Subject, true, nil)
	add("preheader", "line", e.Preheader, false, hint("blocks_hint_preheader"))
	if !page.Short {
		return
	}
	button := campaign.Button{}
	if e.Button != nil {
		button = *e.Button
	}
	add("heading", "line", e.Heading, false, nil)
	add("body", "text", strings.Join(e.Body, "\n\n"), true, func(f *templates.BlockField) { f.Hint, f.Rows = w.say("blocks_hint_text"), 6 })
	page.Fields = append(page.Fields, templates.BlockField{Name: "show_lines", Label: w.say("editor_field_show_lines"), Kind: "tick", Value: map[bool]string{true: "yes"}[e.ShowLines]})
	add("button_label", "line", button.Label, false, nil)
	add("button_url", "line", button.URL, false, func(f *templates.BlockField) { f.Hint, f.Dir = w.say("blocks_hint_url"), "ltr" })
	add("button_otherwise", "line", button.Otherwise, false, nil)
	add("closing", "text", strings.Join(e.Closing, "\n"), false, func(f *templates.BlockField) { f.Rows = 3 })
}

// card draws one block with its fields.
func (w *writer) card(e campaign.Email, i int) templates.BlockCard {
	b := e.Blocks[i]
	spec := campaign.BlockOf(b.Kind)
	card := templates.BlockCard{Index: i, Number: int64(i + 1), Kind: string(b.Kind), Name: string(b.Kind), Icon: blockIcons[b.Kind], Hidden: b.Hidden, One: b.Kind == campaign.BlockLogo || b.Kind == campaign.BlockFooter}
	card.First, card.Last = card.One || i == 0 || e.Blocks[i-1].Kind == campaign.BlockLogo, card.One || i == len(e.Blocks)-1 || e.Blocks[i+1].Kind == campaign.BlockFooter
	if spec == nil {
		return card
	}
	card.Name, card.Says = w.of(spec.Texts.Name), w.of(spec.Texts.Sentence)
	for _, p := range spec.Params {
		card.Fields = append(card.Fields, w.ofBlock(b, i, p, spec)...)
	}
	for _, r := range w.remarks {
		if r.Step == w.step.ID && w.concerns(r) && w.blockOf(r) == i {
			card.Remarks = append(card.Remarks, w.remark(r))
		}
	}
	return card
}

// ofBlock makes the fields of one parameter of a block.
func (w *writer) ofBlock(b campaign.Block, i int, p campaign.Param, spec *campaign.BlockSpec) (out []templates.BlockField) {
	line := func(name, label, value, wrong string, required bool) templates.BlockField {
		return templates.BlockField{Name: blockName(i, name), Label: w.say("blocks_field_" + label), Kind: "line", Value: value, Required: required, Wrong: w.at(i, wrong)}
	}
	address := func(f templates.BlockField, hint string) templates.BlockField {
		f.Dir, f.Hint = "ltr", w.say(hint)
		return w.field(f)
	}
	switch p.Name {
	case "text":
		f := line("text", "text", b.Text, "text", p.Required)
		switch b.Kind {
		case campaign.BlockHeading:
			f.Label = w.say("blocks_field_heading")
		case campaign.BlockFooter:
			f.Label, f.Kind, f.Rows = w.say("blocks_field_footer"), "text", 2
		case campaign.BlockRich:
			f.Kind, f.Rows, f.Code, f.Hint = "text", 4, "rich", w.say("blocks_hint_rich")
		default:
			if f.Kind, f.Rows = "text", 4; !w.hinted {
				w.hinted, f.Hint = true, w.say("blocks_hint_text") // once is enough
			}
		}
		out = append(out, w.field(f))
	case "button":
		button := campaign.Button{}
		if b.Button != nil {
			button = *b.Button
		}
		out = append(out, w.field(line("label", "label", button.Label, "button label", true)), address(line("url", "url", button.URL, "button url", false), "blocks_hint_url"),
			w.field(line("otherwise", "otherwise", button.Otherwise, "button otherwise", false)))
	case "image":
		out = append(out, address(line("image", "image", b.Image, "image", true), "blocks_hint_image"))
	case "alt":
		f := line("alt", "alt", b.Alt, "alt", true)
		f.Hint = w.say("blocks_hint_alt")
		out = append(out, w.field(f))
	case "link":
		out = append(out, address(line("link", "link", b.Link, "link", false), "blocks_hint_url"))
	case "ways":
		f := templates.BlockField{Name: blockName(i, "ways"), Label: w.say("blocks_field_ways"), Hint: w.say("blocks_hint_ways"), Kind: "ticks", Had: strings.Join(b.Ways, ",")}
		for _, way := range spec.Ways {
			f.Options = append(f.Options, templates.Choice{Value: way, Name: w.way(b.Kind, way), On: slices.Contains(b.Ways, way)})
		}
		out = append(out, f)
	}
	return out
}

// way is what a way is called.
func (w *writer) way(kind campaign.BlockKind, way string) string {
	return w.say("blocks_way_" + string(kind) + "_" + way)
}

// vocabulary is what may be written in texts, for the page's script.
func (w *writer) vocabulary() string {
	type name struct {
		Name string `json:"name"`
		Says string `json:"says,omitempty"`
	}
	var out struct {
		Variables []name   `json:"variables"`
		Filters   []string `json:"filters"`
		Rich      []string `json:"rich"` // filters of formatted texts
		Tags      []string `json:"tags"`
	}
	plain := message.Completions(false)
	for _, v := range plain.Variables {
		key := "blocks_var_" + strings.NewReplacer("[]", "", ".", "_").Replace(v)
		out.Variables = append(out.Variables, name{v, w.say(key)})
	}
	out.Filters, out.Rich, out.Tags = plain.Filters, message.Completions(true).Filters, plain.Tags
	text, _ := json.Marshal(out) // of strings: it cannot fail
	return string(text)
}
