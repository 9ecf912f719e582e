package server

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// typing reads a form about the program; what cannot be read is named by field.
type typing struct {
	visit
	form  url.Values
	wrong map[string]templates.Refusal
}

func typingOf(c echo.Context, v visit) *typing {
	return &typing{visit: v, form: c.Request().PostForm, wrong: map[string]templates.Refusal{}}
}

// refuse says what is wrong with a field: the string club_wrong_KEY.
func (t *typing) refuse(field, key string, data map[string]string) {
	if t.wrong[field].Said == "" {
		t.wrong[field] = templates.Refusal{Field: field, Said: templates.Say(t.lang, "club_wrong_"+key, data)}
	}
}

// number is a whole number within bounds; nothing typed is 0.
func (t *typing) number(field string, least, most int64) int64 {
	text := strings.TrimSpace(templates.Western(t.form.Get(field)))
	if grouped.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	n, err := strconv.ParseInt(cmp.Or(text, "0"), 10, 64)
	if err != nil || n < least || n > most {
		write := func(n int64) string { return templates.Number(t.lang, t.Shop.Country, n) }
		t.refuse(field, "number", map[string]string{"Least": write(least), "Most": write(most)})
	}
	return n
}

// grouped are numbers whose thousands are set apart by commas.
var grouped = regexp.MustCompile(`^\d{1,3}(,\d{3})+(\.\d+)?$`)

// decimal reads a number with as many decimals as exp says; a comma may stand
// for the point where that is not to be mistaken.
func decimal(text string, exp int) (string, bool) {
	text = strings.Join(strings.Fields(templates.Western(text)), "")
	switch commas := strings.Count(text, ","); {
	case commas == 1 && exp == 3 && !strings.Contains(text, ".") && grouped.MatchString(text):
		return "", false // 1,500 may be either
	case grouped.MatchString(text):
		text = strings.ReplaceAll(text, ",", "")
	case commas == 1 && !strings.Contains(text, "."):
		text = strings.Replace(text, ",", ".", 1)
	case commas > 0:
		return "", false
	}
	return text, true
}

// money is an amount of the shop's currency that is not below least; nothing typed is 0.
func (t *typing) money(field string, least int64) int64 {
	if t.Shop.Currency == "" {
		t.refuse(field, "currency", nil)
		return 0
	}
	text, ok := decimal(t.form.Get(field), commerce.Exponent(t.Shop.Currency))
	m, err := commerce.ParseMoney(cmp.Or(text, "0"), t.Shop.Currency)
	if !ok || err != nil || m.Amount < least {
		t.refuse(field, "money", map[string]string{"Example": templates.Isolated(commerce.Money{Amount: tenths(t.Shop.Currency, 15), Currency: t.Shop.Currency}.Decimal())})
	}
	return m.Amount
}

// tenths are so many tenths of one unit of a currency, at least one of the smallest there is.
func tenths(currency string, n int64) int64 {
	for range commerce.Exponent(currency) {
		n *= 10
	}
	return max(1, n/10)
}

// hundredths is a number with up to two decimals, in hundredths.
func (t *typing) hundredths(field string, least, most int64) int64 {
	text, ok := decimal(strings.TrimSuffix(strings.TrimSpace(templates.Western(t.form.Get(field))), "%"), 2)
	m, err := commerce.ParseMoney(cmp.Or(text, "0"), "EUR") // any currency of two decimals
	if !ok || err != nil || m.Amount < least || m.Amount > most {
		t.refuse(field, "hundredths", map[string]string{"Least": templates.Isolated(hundredthsText(least)), "Most": templates.Isolated(hundredthsText(most))})
	}
	return m.Amount
}

// hundredthsText writes them without decimals that say nothing.
func hundredthsText(n int64) string {
	text := commerce.Money{Amount: n, Currency: "EUR"}.Decimal()
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func (t *typing) check(field string) bool { return t.form.Get(field) != "" }

// pick is one of some options.
func (t *typing) pick(field string, options ...string) string {
	value := t.form.Get(field)
	if !slices.Contains(options, value) {
		t.refuse(field, "pick", nil)
		return ""
	}
	return value
}

// text is a line that is not too long.
func (t *typing) text(field string, most int) string {
	return templates.Clean(strings.TrimSpace(t.form.Get(field)), most)
}

// texts are a line in each of the shop's languages; nil = none.
func (t *typing) texts(field string) map[string]string {
	var out map[string]string
	for _, lang := range writtenIn(t.Shop) {
		if text := t.text(field+"."+lang, 80); text != "" {
			if out == nil {
				out = map[string]string{}
			}
			out[lang] = text
		}
	}
	return out
}

// writtenIn are those in which a shop writes, its own first.
func writtenIn(shop commerce.Shop) []string {
	var out []string
	for _, tag := range slices.Concat([]string{shop.Locale}, shop.Settings.Languages, []string{"en"}) {
		if tag = templates.Base(tag); tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// programForm lays a form about the program out.
type programForm struct {
	visit
	typed  url.Values // nil = as it is kept
	wrong  map[string]templates.Refusal
	groups []templates.SettingsFields
}

func (f *programForm) head(key string) {
	f.groups = append(f.groups, templates.SettingsFields{Key: key})
}

// field adds one: its label is the string club_f_NAME, its hint club_f_NAME_hint.
func (f *programForm) field(kind, name, value string, options ...templates.Choice) *templates.SettingField {
	if f.typed != nil {
		value = f.typed.Get(name)
	}
	key := "club_f_" + strings.ReplaceAll(name, ".", "_")
	out := templates.SettingField{Name: name, ID: "f-" + strings.ReplaceAll(name, ".", "-"), Kind: kind, Label: templates.Say(f.lang, key, nil), Value: value, Wrong: f.wrong[name]}
	if templates.Known(key + "_hint") {
		out.Hint = templates.Say(f.lang, key+"_hint", nil)
	}
	for _, o := range options {
		o.On = o.Value == value
		out.Options = append(out.Options, o)
	}
	g := &f.groups[len(f.groups)-1]
	g.Fields = append(g.Fields, out)
	return &g.Fields[len(g.Fields)-1]
}

func (f *programForm) number(name string, n int64) {
	f.field("number", name, unless(n == 0, strconv.FormatInt(n, 10)))
}

func (f *programForm) money(name string, n int64) {
	field := f.field("text", name, unless(n == 0, commerce.Money{Amount: n, Currency: f.Shop.Currency}.Decimal()))
	field.Kind, field.Label = "decimal", field.Label+" ("+templates.Isolated(f.Shop.Currency)+")"
}

func (f *programForm) hundredths(name string, n int64) {
	f.field("decimal", name, unless(n == 0, hundredthsText(n)))
}

func (f *programForm) check(name string, on bool) { f.field("check", name, unless(!on, "on")) }

// texts adds a field for each of the shop's languages.
func (f *programForm) texts(name string, texts map[string]string) {
	for _, lang := range writtenIn(f.Shop) {
		field := f.field("text", name+"."+lang, texts[lang])
		field.Label = templates.Say(f.lang, "club_f_"+name, map[string]string{"Language": ownName(lang)})
	}
}

func unless(not bool, text string) string {
	if not {
		return ""
	}
	return text
}

// words are options whose names are the strings PREFIX_VALUE.
func (v visit) words(prefix string, values ...string) (out []templates.Choice) {
	for _, value := range values {
		out = append(out, templates.Choice{Value: value, Name: templates.Say(v.lang, prefix+"_"+cmp.Or(value, "none"), nil)})
	}
	return out
}

// unsaved is why a form about the program was not taken.
type unsaved struct {
	wrong map[string]templates.Refusal
	whole templates.Refusal
}

// changeProgram has change make the program another and keeps that as its next
// version. What was typed wrong, or what somebody else has changed meanwhile,
// comes back as unsaved.
func (s *Server) changeProgram(c echo.Context, v visit, change func(*loyalty.Program, *typing) error) (*unsaved, error) {
	ctx, t := c.Request().Context(), typingOf(c, v)
	p, err := s.Store.LoyaltyProgram(ctx, v.Shop.ID)
	if err != nil {
		return nil, err
	}
	if p.Rev == 0 {
		return nil, errNoProgram
	}
	err = change(&p.Program, t)
	if err == nil && len(t.wrong) > 0 {
		return &unsaved{wrong: t.wrong, whole: templates.Refusal{Said: templates.Say(v.lang, "settings_look_below", nil)}}, nil
	}
	rev, _ := strconv.ParseInt(c.FormValue("rev"), 10, 64)
	if err == nil && rev < 1 {
		err = fault.New(fault.Conflict, "this view has ended: load the page again")
	}
	if err == nil {
		_, err = s.Store.SaveProgram(ctx, v.Shop.ID, p.Program, rev, v.Who.Name)
	}
	if refusal, refused := refusalOf(err, v.lang); refused {
		return &unsaved{wrong: t.wrong, whole: refusal}, nil
	}
	return nil, err
}

var errNoProgram = fault.New(fault.NotFound, "there is no loyalty program in this shop yet")

// programOf is the shop's program; where there is none its pages lead to the one that begins it.
func (s *Server) programOf(c echo.Context, v visit) (p store.Program, err error) {
	p, err = s.Store.LoyaltyProgram(c.Request().Context(), v.Shop.ID)
	if err == nil && p.Rev == 0 {
		err = errNoProgram
	}
	return p, err
}
