package message

import (
	"fmt"
	"html"
	"strings"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/message/liquid"
	"flywheel/templates"
)

// mode is what a text is: it says what may stand in it and what comes out.
type mode int

const (
	plain mode = iota // text; the layout escapes it
	rich              // HTML of a few elements; safe HTML comes out
)

// field is one compiled text. Most have no outputs and need no Liquid.
type field struct {
	name   string
	static string           // what render gives where tpl is nil
	tpl    *liquid.Template // nil where nothing is to be filled
	html   bool             // tpl makes HTML: its outputs are escaped
	twin   *field           // of a rich text: the same to be read as text
}

// compileField compiles a text that Lint found no fault with; what it makes of
// another one is an error, or harmless.
func compileField(name, source string, m mode) (field, error) {
	if m == rich {
		return compileRich(name, source)
	}
	return compileText(name, source, plainDialect())
}

func compileText(name, source string, d *liquid.Dialect) (field, error) {
	f := field{name: name, static: source}
	if !strings.Contains(source, "{{") && !strings.Contains(source, "{%") {
		return f, nil
	}
	tpl, problems := d.Parse(source)
	if tpl == nil {
		return f, fmt.Errorf("%s: %s", name, sentences(problems))
	}
	if f.tpl = tpl; tpl.Static() {
		f.static, _ = tpl.Render(&liquid.Env{})
		f.tpl = nil
	}
	return f, nil
}

func sentences(problems []liquid.Problem) string {
	var all []string
	for _, p := range problems {
		if p.Unknown == "" {
			all = append(all, p.Sentence)
		}
	}
	return strings.Join(all, "; ")
}

// render fills the text. Of a plain field comes text, with isolates around values
// of the other direction; of a rich one safe HTML, with <bdi> for them. What comes
// out is never read as Liquid again. vars are those that variables made.
func (f field) render(vars map[string]any) (string, error) {
	if f.tpl == nil {
		return f.static, nil
	}
	env := liquid.Env{Vars: vars, Reader: fillingOf(vars)}
	if f.html {
		env.Escape = templates.Markup
	}
	out, err := f.tpl.Render(&env)
	if err != nil {
		return "", fmt.Errorf("%s: %w", f.name, err)
	}
	return out, nil
}

// renderText is what render gives, as text to read: of a rich field its twin, which
// was made when the text was saved. Links stand in it behind their label.
func (f field) renderText(vars map[string]any) (string, error) {
	if f.twin == nil {
		return f.render(vars)
	}
	text, err := f.twin.render(vars)
	return tidy(text), err
}

// filling is what filters and links need of the mail that is being filled.
type filling struct {
	reader   reader
	currency string    // of what the mail is about
	today    time.Time // zero = not known
	link     func(address string) string
}

// fillingKey is no name that a text could use.
const fillingKey = ""

func fillingOf(vars map[string]any) *filling {
	if f, ok := vars[fillingKey].(*filling); ok {
		return f
	}
	return &filling{reader: newReader("", commerce.Shop{})}
}

// setLink says what becomes of the web addresses of links in rich fields, for a
// shop whose links are counted or bounded; "" leaves the label as text.
func setLink(vars map[string]any, link func(address string) string) { fillingOf(vars).link = link }

// safeLink returns where a link of a rich field leads, "" for nowhere: a public
// https address, or mail and phone.
func (f *filling) safeLink(address string) string {
	address = strings.TrimSpace(liquid.Bare(address))
	scheme, rest, _ := strings.Cut(address, ":")
	switch strings.ToLower(scheme) {
	case "mailto":
		to, _, _ := strings.Cut(rest, "?")
		if strings.Count(to, "@") == 1 && oneAddress(to) && len(address) < maxURL && !strings.ContainsAny(address, " \t\r\n\"<>\\") {
			return f.linked(address)
		}
		return ""
	case "tel":
		if number := strings.Trim(rest, "+0123456789().- "); number == "" && strings.ContainsAny(rest, "0123456789") {
			return "tel:" + strings.ReplaceAll(rest, " ", "")
		}
		return ""
	}
	if address = webAddress(address); address == "" || !leads(address) {
		return ""
	}
	return f.linked(address)
}

// linked is a safe address as this mail links to it, "" where it may not.
func (f *filling) linked(address string) string {
	if f.link != nil {
		return f.link(address)
	}
	return address
}

// The blocks that a rich text becomes when it is saved: what leads somewhere is
// looked at when the mail is made.
var linkBlocks = map[string]liquid.Block{
	// hrefhere stands within the tag <a> and gives its attribute.
	"hrefhere": func(env *liquid.Env, inner string) string {
		address := env.Reader.(*filling).safeLink(inner)
		if address == "" {
			return ""
		}
		return ` href="` + html.EscapeString(address) + `"`
	},
	// linkhere stands behind a label in the text part.
	"linkhere": func(env *liquid.Env, inner string) string {
		address := env.Reader.(*filling).safeLink(inner)
		if address == "" {
			return ""
		}
		for _, scheme := range []string{"mailto:", "tel:"} {
			if rest, ok := strings.CutPrefix(address, scheme); ok {
				address, _, _ = strings.Cut(rest, "?")
			}
		}
		return ": " + env.Reader.(*filling).reader.code(address, maxURL)
	},
}

var (
	plainDialect = sync.OnceValue(func() *liquid.Dialect { return liquid.NewDialect(names(Variables), filters) })
	noteDialect  = sync.OnceValue(func() *liquid.Dialect { return liquid.NewDialect(names(Variables, NoteVariables), filters) })
	richDialect  = sync.OnceValue(func() *liquid.Dialect {
		return liquid.NewDialect(names(Variables), withRaw())
	})
	savedDialect = sync.OnceValue(func() *liquid.Dialect { return richDialect().With(linkBlocks) })
)

func names(of ...map[string]string) (all []string) {
	for _, variables := range of {
		for name := range variables {
			all = append(all, name)
		}
	}
	return all
}

// major is an amount in whole units of its currency, as a number.
func major(m commerce.Money) any {
	n := float64(m.Amount)
	for range commerce.Exponent(m.Currency) {
		n /= 10
	}
	return n
}
