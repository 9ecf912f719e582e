package privacy

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"flywheel/commerce"
	"flywheel/templates"
)

//go:embed page.html words
var files embed.FS

// words are the texts of one language.
type words struct {
	Fixed    map[string]string `yaml:"fixed"`
	Sections map[string]string `yaml:"sections"`
	Columns  map[string]string `yaml:"columns"`
}

var spoken = sync.OnceValue(func() map[string]words {
	out := map[string]words{}
	for _, lang := range templates.Languages() {
		data, err := files.ReadFile("words/" + lang + ".yaml")
		if err != nil {
			panic(err) // embedded files are checked by the tests
		}
		var w words
		if err := yaml.Unmarshal(data, &w); err != nil {
			panic(err)
		}
		out[lang] = w
	}
	return out
})

var page = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(files, "page.html")) })

// view is the page as its template reads it.
type view struct {
	words
	Lang, Dir                                          string
	Shop, MadeAt, AskedAt, Request, Customer, ErasedAt string
	Sections                                           []section
	Left                                               []string
}

type section struct {
	Title string
	Rows  []row
}

type row struct {
	Fields []field
	Order  *bought // of an order
}

type field struct{ Label, Text, JSON string }

type bought struct {
	Items           []string
	Total, Refunded string
}

// Page makes the readable form of an export, one page that needs nothing else,
// in the best language for lang. body is the export's JSON.
func Page(body []byte, lang string) ([]byte, error) {
	e, err := Read(body)
	if err != nil {
		return nil, err
	}
	lang = templates.Language(lang)
	v := view{
		words: spoken()[lang], Lang: lang, Dir: templates.Dir(lang), Shop: templates.Isolate(lang, e.Shop.Name), MadeAt: moment(lang, e.MadeAt),
		AskedAt: moment(lang, e.Request.ReceivedAt), Request: templates.IsolateLTR(lang, e.Request.name()),
	}
	if e.Request.Customer != "" {
		v.Customer = templates.IsolateLTR(lang, e.Request.Customer)
	}
	if e.ErasedAt != nil {
		v.ErasedAt = moment(lang, *e.ErasedAt)
	}
	for _, s := range e.Sections {
		v.Sections = append(v.Sections, v.section(s.Name, s.Columns, s.Rows))
	}
	for _, l := range e.NotShown {
		v.Left = append(v.Left, l.Table)
	}
	var out bytes.Buffer
	if err := page().Execute(&out, v); err != nil {
		return nil, fmt.Errorf("page of an export: %w", err)
	}
	return out.Bytes(), nil
}

func (r Request) name() string {
	if r.PlatformID != "" {
		return r.PlatformID
	}
	return r.ID
}

// Say returns a fixed text with pairs of names and values in its places.
func (v view) Say(key string, pairs ...string) string {
	text := v.Fixed[key]
	for i := 1; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{{."+pairs[i-1]+"}}", pairs[i])
	}
	return text
}

func (v view) section(name string, columns []string, rows []map[string]any) section {
	s := section{Title: v.words.Sections[name]}
	for _, r := range rows {
		var out row
		for _, c := range columns {
			value, there := r[c]
			if !there {
				continue
			}
			f := field{Label: v.Columns[c]}
			switch value := value.(type) {
			case map[string]any, []any:
				data, err := json.MarshalIndent(value, "", "  ")
				if err == nil {
					f.JSON = string(data)
				}
				if name == "orders" {
					out.Order = v.bought(value)
				}
			default:
				f.Text = v.text(c, value)
			}
			out.Fields = append(out.Fields, f)
		}
		s.Rows = append(s.Rows, out)
	}
	return s
}

// text writes a value for a person.
func (v view) text(column string, value any) string {
	text := fmt.Sprint(value)
	if number, ok := value.(json.Number); ok { // small counts and flags
		switch column {
		case "erased", "historic", "assumed", "confirmed", "rehearsal":
			return v.Fixed["yes"]
		}
		n, _ := number.Int64()
		return templates.Number(v.Lang, "", n)
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return moment(v.Lang, at)
	}
	return text
}

// bought says what an order was, from its facts.
func (v view) bought(facts any) *bought {
	data, err := json.Marshal(facts)
	var o commerce.Order
	if err != nil || json.Unmarshal(data, &o) != nil || o.Detail.Total.Currency == "" {
		return nil
	}
	money := func(amount int64, currency string) string {
		return templates.Money(v.Lang, "", amount, currency, commerce.Exponent(currency))
	}
	b := &bought{Total: money(o.Detail.Total.Amount, o.Detail.Total.Currency)}
	for _, l := range o.Detail.Lines {
		if l.Title != "" {
			b.Items = append(b.Items, fmt.Sprintf("%s × %s, %s", templates.Number(v.Lang, "", l.Quantity), l.Title, money(l.Price.Amount, l.Price.Currency)))
		}
	}
	if back := o.Refunded(); back > 0 {
		b.Refunded = money(back, o.Detail.Total.Currency)
	}
	return b
}

// moment writes an instant in UTC.
func moment(lang string, at time.Time) string {
	return templates.IsolateLTR(lang, at.UTC().Format("2006-01-02 15:04:05"))
}
