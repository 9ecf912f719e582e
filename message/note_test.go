package message

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

var call = map[string]campaign.Note{
	"en": {Title: "Call {{ person.name }}", Body: []string{"{{ person.phone }}, order {{ order.name }}", "{{ person.email }}"}},
	"ar": {Title: "اتصال بـ {{ person.name }}", Body: []string{"الطلب {{ order.name }}"}},
}

func noted(t testing.TB, locale string) (Facts, Said) {
	notes, err := CompileNotes(call)
	require.NoError(t, err)
	f := factsOf(campaign.Definition{Class: gate.Service, Topic: "orders"}, "en")
	f.Shop.Locale, f.Person.FirstName, f.Person.LastName, f.Person.Phone = locale, "Ada", "Byron", "+44 20 7946 0000"
	said, err := notes.Say(f)
	require.NoError(t, err)
	return f, said
}

// Staff read the shop's language, whatever the customer reads.
func TestNoteSpeaksToStaff(t *testing.T) {
	f, said := noted(t, "en-GB")
	require.Equal(t, "Call Ada Byron", said.Title)
	require.Contains(t, said.Body[0], "+44 20 7946 0000")
	require.Contains(t, said.Body[0], f.Order.Detail.Name)
	require.Equal(t, f.Person.Email, said.Body[1])

	_, said = noted(t, "ar")
	require.Equal(t, "ar", said.Lang)
	require.Contains(t, said.Title, "اتصال")
	_, said = noted(t, "fr")
	require.Equal(t, "en", said.Lang, "English where there is no other")
}

func TestNoteGoesToTheTeam(t *testing.T) {
	f, said := noted(t, "en")
	f.Shop.Settings.Team = []string{"Ops@Shop.example", "no address", "owner@shop.example"}
	m, err := ToTeam(f.Shop, said, "e1")
	require.NoError(t, err)
	require.Equal(t, "ops@shop.example", m.To)
	require.Equal(t, []string{"owner@shop.example"}, m.Also)
	require.Contains(t, m.Text, "This mail is for the team of")
	require.NotContains(t, m.HTML+m.Text, "/u/")
	require.Empty(t, m.Header("List-Unsubscribe"))
	require.NotEmpty(t, m.Header("X-Flywheel-ID"))

	f.Shop.Settings.Team = nil
	m, err = ToTeam(f.Shop, said, "e1")
	require.NoError(t, err)
	require.Equal(t, f.Shop.Email, m.To)
	require.Empty(t, m.Also)
}

// A customer must never see a note's variables, nor a note their absence.
func TestOnlyNotesShowStaffVariables(t *testing.T) {
	require.Empty(t, LintNote(call["en"]))
	problems := Lint(campaign.Email{Subject: "x{{ person.phone }}"})
	require.Len(t, problems, 1)
	require.True(t, problems[0].Harmless)
	require.Len(t, LintNote(campaign.Note{Title: "{{ order.name | no }}", Body: []string{"{{ order.nmae }}"}}), 2)
	_, err := CompileNotes(map[string]campaign.Note{"en": {Title: "{% if order %}"}})
	require.ErrorContains(t, err, "{% if %} has no {% endif %}")
	_, err = CompileNotes(map[string]campaign.Note{"en": {Title: " ", Body: []string{""}}})
	require.ErrorContains(t, err, "the title is blank")
	require.ErrorContains(t, err, "the body is blank")
	_, err = CompileNotes(nil)
	require.ErrorContains(t, err, "no note in any language")
}

func TestRehearsalGoesToTheTeamOnly(t *testing.T) {
	f := factsOf(campaign.Definition{Class: gate.Service, Topic: "reviews"}, "en")
	f.UnsubscribeURL = "https://flywheel.example/u/t"
	m, err := compiled(t, "en", everything).Render(f)
	require.NoError(t, err)
	f.Shop.Settings.Team = []string{"ops@shop.example"}
	r := Rehearse(m, f.Shop)
	require.Equal(t, "ops@shop.example", r.To)
	require.True(t, strings.HasPrefix(r.Subject, "[Rehearsal, for "+m.To+"]"), r.Subject)
	require.Empty(t, r.Header("List-Unsubscribe"), "the team's click must not stop the customer's mails")
	require.NotEmpty(t, m.Header("List-Unsubscribe"))
}

func TestNewProductLeadsToItsPage(t *testing.T) {
	text := campaign.Email{Subject: "{{ product.title }}", Button: &campaign.Button{Label: "Look", URL: "{{ product.url }}", Otherwise: "Visit us"}}
	for name, c := range map[string]struct {
		product *commerce.Product
		store   string
		want    string
	}{
		"its own page":        {&commerce.Product{Title: "Lamp", URL: "https://shop.example/p/lamp"}, "", "https://shop.example/p/lamp"},
		"by its handle":       {&commerce.Product{Title: "Lamp", Handle: "oak lamp"}, "https://shop.example/", "https://shop.example/products/oak%20lamp"},
		"no page is known":    {&commerce.Product{Title: "Lamp", Handle: "lamp"}, "", ""},
		"a page that is none": {&commerce.Product{Title: "Lamp", URL: "javascript:alert(1)"}, "", ""},
		"no product":          {nil, "https://shop.example", ""},
	} {
		f := factsOf(campaign.Definition{Class: gate.Marketing, Topic: "news"}, "en")
		f.Product, f.Shop.Settings.StoreURL = c.product, c.store
		m, err := compiled(t, "en", text).Render(f)
		require.NoError(t, err, name)
		if c.want == "" {
			require.Contains(t, m.Text, "Visit us", name)
			continue
		}
		require.Contains(t, m.Text, c.want, name)
		require.Equal(t, "Lamp", m.Subject, name)
	}
}

// Several orders are one ask, for all that was kept of them.
func TestTogetherIsOneAsk(t *testing.T) {
	f := factsOf(campaign.Definition{Class: gate.Service, Topic: "reviews"}, "en")
	other := *f.Order
	other.Detail.Lines = []commerce.Line{{ID: "9", Title: "Walnut bowl", Quantity: 1, Current: 1}}
	f.Together = []*commerce.Order{&other}
	m, err := compiled(t, "en", everything).Render(f)
	require.NoError(t, err)
	require.Contains(t, m.HTML, "Walnut bowl")
	require.Contains(t, m.HTML, f.Order.Detail.Lines[0].Title)
	require.NotContains(t, m.Text, "Total", "the sum of one order is not that of both")
}
