package message

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
)

func TestCompileRefusesWithFieldAndColumn(t *testing.T) {
	for source, want := range map[string]string{
		`x {% if order %}`:                   "body 1, column 3: tags such as {% if %}",
		`سلام {%raw%}`:                       "body 1, column 6: tags",
		`{{ order.name`:                      "body 1, column 1: this {{ has no }}",
		`{{ }}`:                              "a value is missing",
		`{{}}`:                               "a value is missing",
		`{{ order.name | money }}`:           `column 17: there is no filter "money"; there are append, capitalize`,
		`{{ order.name | upcase: "x" }}`:     "upcase takes 0 values after a colon, not 1",
		`{{ order.name | default }}`:         "default takes 1 values after a colon, not 0",
		`{{ order.name | default: "a }}`:     "is never closed",
		`{{ order.name | default: }}`:        "a value is missing",
		`{{ order.name == "x" }}`:            `"==" cannot stand here`,
		`{{ (1..99999999) }}`:                `"(1..99999999)" is no value`,
		`{{ order[name] }}`:                  `"[name]" cannot stand here`,
		`{{ order.name order.total }}`:       `"order.total" cannot stand here`,
		"{{ order.name\n }}":                 "an output stands on one line",
		`{{{ order.name }}}`:                 "is no value",
		strings.Repeat("x", maxField+1):      "larger than 16 KB",
		"a\xff":                              "not UTF-8",
		`{{ order.name | replace: "a","b"}}`: `no filter "replace"`,
	} {
		_, err := Compile("en", campaign.Email{Subject: "x", Body: []string{source}})
		require.ErrorContains(t, err, want, source)
	}
}

func TestCompileNamesEveryFieldAtOnce(t *testing.T) {
	bad := "{% x %}"
	_, err := Compile("en", campaign.Email{Subject: bad, Preheader: bad, Heading: bad, Body: []string{"x", bad}, Closing: []string{bad}, Button: &campaign.Button{Label: bad, URL: bad, Otherwise: bad}})
	for _, field := range []string{"subject,", "preheader,", "heading,", "body 2,", "closing 1,", "button label,", "button url,", "button otherwise,"} {
		require.ErrorContains(t, err, field)
	}
	_, err = CompileAll(map[string]campaign.Email{"en": {Subject: "x"}, "ar": {Subject: bad}})
	require.ErrorContains(t, err, "ar: subject, column 1")
}

func TestUnknownVariablesAreReportedAndStayEmpty(t *testing.T) {
	e := campaign.Email{Subject: "x", Body: []string{`a{{ order.nmae }}{{ customer | default: "b" }}{{ order.name.x }}c`}}
	problems := Lint(e)
	require.Len(t, problems, 3)
	require.Equal(t, Problem{"body 1", 5, "there is no order.nmae; it stays empty", true, "order.nmae"}, problems[0])
	m, err := compiled(t, "en", e).Render(factsOf(playbook(t, "thank_you"), "en"))
	require.NoError(t, err)
	require.Contains(t, m.Text, "abc")
}

// What would reach customers as an empty line, a trap or a turned text is refused.
func TestCompileRefusesWhatMisleads(t *testing.T) {
	sound := func(change func(*campaign.Email)) error {
		e := campaign.Email{Subject: "Hello", Preheader: "x", Heading: "x", Body: []string{"x"}, Button: &campaign.Button{Label: "Go", URL: "https://x.example"}}
		change(&e)
		_, err := Compile("en", e)
		return err
	}
	for _, subject := range []string{"", " ", "\u200b\u00a0", "\u2067\u2069"} {
		require.ErrorContains(t, sound(func(e *campaign.Email) { e.Subject = subject }), "subject, column 1: the subject is blank", "%q", subject)
	}
	require.ErrorContains(t, sound(func(e *campaign.Email) { e.Body = []string{" ", "\n"} }), "the body is blank")
	require.NoError(t, sound(func(e *campaign.Email) { e.Body = []string{" ", "{{ greeting }}"} }))
	for _, text := range []string{"a\u202eb", "a\u202ab", "a\x00b", "a\x1bb", "a\u0085b"} {
		require.ErrorContains(t, sound(func(e *campaign.Email) { e.Subject = text }), "subject, column 2: the character U+", "%q", text)
		require.ErrorContains(t, sound(func(e *campaign.Email) { e.Closing = []string{text} }), "closing 1, column 2: the character U+", "%q", text)
	}
	for _, text := range []string{"a\r\nBcc: x@y.example", "a\nb", "a\u2028b"} {
		require.ErrorContains(t, sound(func(e *campaign.Email) { e.Subject = text }), "subject, column 2: it stands on one line", "%q", text)
		require.ErrorContains(t, sound(func(e *campaign.Email) { e.Heading = text }), "heading, column 2: it stands on one line", "%q", text)
		require.NoError(t, sound(func(e *campaign.Email) { e.Body = []string{text} }))
	}
	require.NoError(t, sound(func(e *campaign.Email) { e.Subject = "folded in the file\n" }))
	require.NoError(t, sound(func(e *campaign.Email) { e.Subject = "\u2067می\u200cرسد\u2069 \u200fa" }), "joiners, isolates and marks are needed")
	for url, fine := range map[string]bool{
		"javascript:alert(1)": false, "http://127.0.0.1/": false, "http://x.example/": false, "https://127.0.0.1/": false, "https://10.0.0.1/x": false, "https://[::1]/": false,
		"https://localhost/": false, "https://a:b@x.example/": false, "//x.example": false, "x.example": false, "mailto:a@x.example": false, "https://x .example": false,
		"https://{{ shop.name }}": false, "http://x.example/{{ order.name }}": false, "https://x{{ order.name }}/": false,
		"": true, "https://x.example": true, "https://x.example/a?b=1#c": true, "{{ shop.url }}": true, " {{ shop.url }}/new": true, "https://x.example/o/{{ order.name }}": true, "https://8.8.8.8/": true,
	} {
		err := sound(func(e *campaign.Email) { e.Button.URL = url })
		if fine {
			require.NoError(t, err, url)
			continue
		}
		require.ErrorContains(t, err, "button url, column 1: it must be an address such as https://shop.example/", url)
	}
}

// An output may come out empty, or lead where no button should.
func TestWhatOutputsGiveIsLookedAtToo(t *testing.T) {
	f := factsOf(playbook(t, "thank_you"), "en")
	f.Order = nil
	m, err := compiled(t, "en", campaign.Email{Subject: "{{ order.name }}", Heading: "A word", Body: []string{"x"}}).Render(f)
	require.NoError(t, err)
	require.Equal(t, "A word", m.Subject)
	m, err = compiled(t, "en", campaign.Email{Subject: "{{ order.name }}", Body: []string{"x"}}).Render(f)
	require.NoError(t, err)
	require.Equal(t, "Nour & Co", m.Subject)
	for _, url := range []string{"javascript:x", "http://127.0.0.1/", "https://192.168.1.1/"} {
		m, err = compiled(t, "en", campaign.Email{Subject: "x", Body: []string{"x"}, Button: &campaign.Button{Label: "Go", URL: `{{ "` + url + `" }}`, Otherwise: "Stay"}}).Render(f)
		require.NoError(t, err)
		require.NotContains(t, m.HTML+m.Text, url)
		require.Contains(t, m.Text, "Stay")
	}
}

func TestFilters(t *testing.T) {
	f := factsOf(playbook(t, "thank_you"), "en")
	for source, want := range map[string]string{
		`{{ person.first_name | upcase }}`:                      "ADA",
		`{{ person.first_name | downcase | capitalize }}`:       "Ada",
		`{{ "éa" | capitalize }}`:                               "Éa",
		`{{ "" | default: person.first_name }}`:                 "Ada",
		`{{ person.first_name | prepend: "a" | append: "z" }}`:  "aAdaz",
		`x{{ person.first_name | prefixed: ", " }}`:             "x, Ada",
		`x{{ order.nothing | prefixed: ", " | suffixed: "!" }}`: "x",
		`x{{ '  y ' | strip }}`:                                 "xy",
		`{{ 3 }}{{ 1.5 | append: "x" }}`:                        "31.5x",
		`{{- person.first_name -}}`:                             "Ada",
		`a { b } {{ "}" }}`:                                     "a { b } }",
		`{{ "x" | append: "|" | append: ":" }}`:                 "x|:",
	} {
		m, err := compiled(t, "en", campaign.Email{Subject: source, Body: []string{"x"}}).Render(f)
		require.NoError(t, err, source)
		require.Equal(t, want, m.Subject, source)
	}
}

// The engine cannot be stopped, so growth is bounded before and after.
func TestAFieldCannotGrowWithoutEnd(t *testing.T) {
	f := factsOf(playbook(t, "thank_you"), "en")
	f.Order.Detail.Lines[0].Title = strings.Repeat("A", 1000)
	grow := `{{ order.first_item` + strings.Repeat(` | append: order.first_item`, 500) + ` }}`
	m, err := compiled(t, "en", campaign.Email{Subject: "x", Body: []string{grow}}).Render(f)
	require.NoError(t, err)
	require.Less(t, len(m.Text), maxValue+2000)

	many := make([]string, maxParagraphs+1)
	require.NotEmpty(t, Lint(campaign.Email{Subject: "x", Body: many}))
}

func TestARunawayFieldIsAnErrorNotAPanic(t *testing.T) {
	big, err := compileField("body 1", strings.Repeat(`{{ big }}`, 20))
	require.NoError(t, err)
	_, err = big.render(map[string]any{"big": strings.Repeat("x", maxOutput/10)})
	require.ErrorContains(t, err, "grows larger than 64 KB")
}

// FuzzCompile: whatever is typed, the answer is a template or an error, and
// what compiles renders.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{`{{ order.name | upcase }}`, `{% if %}`, `{{`, `{{ "a" | default: 'b' }}`, `{{ 1..2 }}`, `{{ . }}`, `{{ a.b.c | append: 1 }}`} {
		f.Add(seed)
	}
	facts := factsOf(campaign.Definition{Class: "service", Topic: "x"}, "ar")
	f.Fuzz(func(t *testing.T, source string) {
		tpl, err := Compile("ar", campaign.Email{Subject: source, Body: []string{source}, Button: &campaign.Button{Label: "x", URL: source}})
		if err != nil {
			return
		}
		m, err := tpl.Render(facts)
		if err == nil && strings.ContainsAny(m.Subject, "\r\n\x00") {
			t.Fatalf("%q gave the subject %q", source, m.Subject)
		}
	})
}
