package message

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/templates"
)

// unmarked takes the marks of direction out of a text.
var unmarked = strings.NewReplacer("\u200e", "", "\u200f", "", "\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "").Replace

// The mail that asks to confirm a yes hangs on no order: it comes because somebody
// signed up, and says so, to whoever did not, too.
func TestGoldenConfirmWithoutAnOrder(t *testing.T) {
	d := playbook(t, "confirm_subscription")
	set := mailOf(t, d)
	for _, lang := range templates.Languages() {
		f := playbookFacts(t, d, lang)
		f.Order = nil
		f.Person.FirstName, f.Person.LastName, f.Person.Language = "", "", lang
		m := render(t, set, f)
		golden(t, "cases", "confirm_no_order_"+lang, false, m)

		f = playbookFacts(t, d, lang)
		why := templates.Say(lang, "why_confirm", map[string]string{"Shop": f.Shop.Name})
		for _, order := range []bool{true, false} {
			if !order {
				f.Order = nil
				f.Person.Language = lang
			}
			m := render(t, set, f)
			require.Contains(t, unmarked(m.Text), unmarked(why), lang)
			require.NotContains(t, m.Text, "1001", lang)
		}
		f.ConfirmURL = "" // a rehearsal, which confirms nothing
		require.NotContains(t, unmarked(render(t, set, f).Text), unmarked(why))
	}
}
