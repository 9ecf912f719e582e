package lint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/templates"
)

// trilingual is a shop with everything the linter reads.
var trilingual = commerce.Shop{
	Name: "Nour", Email: "hello@nour-tea.example", Locale: "en", Country: "SA",
	Settings: commerce.Settings{
		Languages: []string{"en", "ar", "fa"}, PostalAddress: "Nour\nRiyadh 12214",
		StoreURL: "https://nour.example", ReviewURL: "https://reviews.example/nour",
	},
}

const hours = campaign.Duration(time.Hour)

// thanks is a transactional campaign of one mail that nothing is wrong with.
func thanks(change ...func(*campaign.Definition)) campaign.Definition {
	d := campaign.Definition{
		Name: "thanks", Class: gate.Transactional, Topic: "orders",
		Trigger: campaign.Trigger{Kind: campaign.OnOrderPaid}, Steps: []campaign.Step{mail("hello")},
	}
	for _, f := range change {
		f(&d)
	}
	return d
}

func of(class gate.Class, topic string) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Class, d.Topic = class, topic }
}

func job(j commerce.Job) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Job = j }
}

func on(kind campaign.TriggerKind) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Trigger.Kind = kind }
}

func steps(list ...campaign.Step) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Steps = list }
}

// says puts a paragraph into the first mail.
func says(lang, text string) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Steps[0] = saying(d.Steps[0], lang, text) }
}

func saying(s campaign.Step, lang, text string) campaign.Step {
	e := s.Email[lang]
	e.Body = append(slices.Clone(e.Body), text)
	s.Email[lang] = e
	return s
}

func mail(id string) campaign.Step {
	return campaign.Step{ID: id, Kind: campaign.SendEmail, Useful: 72 * hours, Email: map[string]campaign.Email{
		"en": {Subject: "Hello", Body: []string{"{{ greeting }}"}},
		"ar": {Subject: "مرحبًا", Body: []string{"{{ greeting }}"}},
		"fa": {Subject: "سلام", Body: []string{"{{ greeting }}"}},
	}}
}

func wait(days int) campaign.Step {
	return campaign.Step{ID: "wait", Kind: campaign.Wait, For: campaign.Duration(days) * 24 * hours}
}

func end() campaign.Step { return campaign.Step{ID: "end", Kind: campaign.End} }

func branch2(condition string, then, otherwise []campaign.Step) campaign.Step {
	return campaign.Step{ID: "if", Kind: campaign.If, Condition: condition, Then: then, Else: otherwise}
}

func list(s ...campaign.Step) []campaign.Step { return s }

// found are the findings of a definition as "rule at place".
func found(d campaign.Definition, shop commerce.Shop) (out []string) {
	for _, f := range Lint(d, shop) {
		out = append(out, f.Rule+" "+f.Where)
	}
	slices.Sort(out)
	return out
}

func playbook(t testing.TB, name string) campaign.Definition {
	data, err := templates.Playbook(name)
	require.NoError(t, err)
	d, err := campaign.Parse(data)
	require.NoError(t, err, name)
	return d
}

// sources is the package's code, without tests.
func sources(t *testing.T) string {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var all strings.Builder
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		all.Write(data)
	}
	return all.String()
}

func hear(m meaning, lang, text string) string { return listen(lang, text).has(m) }
