package account

import (
	"bytes"
	"fmt"

	"flywheel/store"
	"flywheel/templates"
)

// Letter is a mail of ours to somebody who works for a shop.
type Letter struct {
	To, Lang            string
	Subject, HTML, Text string
	ID                  string // stays the same on every try
}

// letter writes one: its words are the strings letter_NAME_title, _body, _button, _note and _why.
func letter(lang, name, link string, data map[string]string) (Letter, error) {
	lang = templates.Language(lang)
	say := func(part string) string { return templates.Say(lang, "letter_"+name+"_"+part, data) }
	ours := templates.Say(lang, "admin_title", nil)
	m := templates.Mail{
		Lang: lang, Subject: templates.Clean(say("title"), 200), Shop: ours, Why: say("why"),
		Parts: []templates.MailPart{
			{Kind: templates.PartHeading, Text: say("title")},
			{Kind: templates.PartText, Text: say("body")},
			{Kind: templates.PartButton, Text: say("button"), URL: link},
			{Kind: templates.PartText, Text: say("note")},
		},
	}
	var page, plain bytes.Buffer
	if err := m.HTML(&page); err != nil {
		return Letter{}, fmt.Errorf("letter %s: %w", name, err)
	}
	if err := m.Text(&plain); err != nil {
		return Letter{}, fmt.Errorf("letter %s: %w", name, err)
	}
	return Letter{Lang: lang, Subject: m.Subject, HTML: page.String(), Text: plain.String(), ID: store.NewID()}, nil
}
