package message

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/templates"
)

// The mail with the link to somebody's own page says what it is, for how long the
// link is good and what to do if they did not ask; it sells and counts nothing.
func TestGoldenSignIn(t *testing.T) {
	d := playbook(t, "thank_you")
	for _, lang := range templates.Languages() {
		f := playbookFacts(t, d, lang)
		f.Pixel, f.Track, f.UnsubscribeURL = "https://flywheel.example/o/x", func(string) string { return "https://flywheel.example/c/x" }, "https://flywheel.example/u/x"
		link := "https://flywheel.example/account/in/shop/AAAAAAAAAAAAAAAAAAAAAA"
		m, err := SignIn(f, lang, link)
		require.NoError(t, err)
		golden(t, "cases", "sign_in_"+lang, false, m)
		require.Equal(t, f.Person.Email, m.To)
		require.Contains(t, m.Text, link)
		for _, part := range []string{m.HTML, m.Text} {
			require.NotContains(t, part, "/c/x")
			require.NotContains(t, part, "/o/x")
			require.NotContains(t, part, "/u/x")
			require.NotContains(t, part, f.Person.LastName)
		}
		require.Empty(t, m.Header("List-Unsubscribe"))
		require.Contains(t, unmarked(m.Text), unmarked(templates.Say(lang, "member_mail_why", map[string]string{"Shop": f.Shop.Name})))
	}
	f := playbookFacts(t, d, "en")
	_, err := SignIn(f, "en", "javascript:alert(1)")
	require.Error(t, err)
	f.Person.Email = "a@example.com, b@example.com"
	_, err = SignIn(f, "en", "https://flywheel.example/account/in/s/t")
	require.Error(t, err)
}
