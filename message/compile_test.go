package message

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
)

func TestCompileNamesEveryFieldAtOnce(t *testing.T) {
	bad := "{% x %}"
	_, err := Compile("en", campaign.Email{Subject: bad, Preheader: bad, Heading: bad, Body: []string{"x", bad}, Closing: []string{bad}, Button: &campaign.Button{Label: bad, URL: bad, Otherwise: bad}})
	for _, field := range []string{"subject,", "preheader,", "heading,", "body 2,", "closing 1,", "button label,", "button url,", "button otherwise,"} {
		require.ErrorContains(t, err, field)
	}
	_, err = CompileAll(map[string]campaign.Email{"en": {Subject: "x"}, "ar": {Subject: bad}})
	require.ErrorContains(t, err, "ar: subject, column 1")
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
