package templates

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var joined = time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)

func account(change ...func(*HomeAccount)) HomeAccount {
	a := HomeAccount{Connection: "c1", Account: "acct_1Harbour", Since: joined, MayLeave: true}
	for _, c := range change {
		c(&a)
	}
	return a
}

func past(p HomePast) func(*HomeAccount) { return func(a *HomeAccount) { a.Past = &p } }

// fullStripe is a card on which an account is in every state.
func fullStripe() *HomeStripe {
	return &HomeStripe{
		Connect: "/install/stripe?for=<token>", ConnectTest: "/install/stripe?for=x&mode=test",
		Accounts: []HomeAccount{
			account(past(HomePast{State: "reading", Done: 1200, Refused: 2, Percent: 40, Reached: joined})),
			account(func(a *HomeAccount) { a.Test = true }, past(HomePast{State: "failed", Note: "there is <no> key"})),
			account(func(a *HomeAccount) { a.Revoked, a.Again = true, "/install/stripe?for=again" }),
			account(func(a *HomeAccount) { a.Closed, a.MayLeave = joined, false }),
		},
	}
}

func stripeHome(t *testing.T, lang string, s *HomeStripe) string {
	t.Helper()
	got := adminPage(t, "settings_integrations", lang, SettingsIntegrations{Admin: admin(), Stripe: s})
	require.Empty(t, tagged.FindAllString(got, -1), "a string is missing in %s", lang)
	require.NotContains(t, got, "{{")
	_, card, found := strings.Cut(got, `aria-labelledby="stripe"`)
	if !found {
		return ""
	}
	card, _, _ = strings.Cut(card, "</section>")
	return card
}

// Each state of the card has its words, its badge and what can be done, in each language.
func TestStripeCardInEveryState(t *testing.T) {
	const leave = `action="/admin/stripe/disconnect?locale=ar&amp;shop=nour.myshopify.com"><button class="btn" name="connection" value="c1"`
	const again = `action="/admin/backfill?locale=ar&amp;shop=nour.myshopify.com"><button class="btn" name="connection" value="c1"`
	for _, lang := range languages {
		says := func(key string) string { return Say(lang, key, nil) }
		counts := func(key string, n int64) string { return Count(lang, "SA", key, n, nil) }
		for name, c := range map[string]struct {
			card  *HomeStripe
			has   []string
			lacks []string
		}{
			"not offered": {nil, nil, nil},
			"offered": {
				&HomeStripe{Connect: "/install/stripe?for=token"},
				[]string{`<a class="btn btn-primary" href="/install/stripe?for=token" target="_top">` + says("stripe_connect"), says("stripe_brings"), says("stripe_safe")},
				[]string{leave, says("stripe_connect_test"), says("stripe_connect_more")},
			},
			"offered in both modes": {
				&HomeStripe{Connect: "/install/stripe?for=token", ConnectTest: "/install/stripe?for=token&mode=test"},
				[]string{`href="/install/stripe?for=token&amp;mode=test" target="_top">` + says("stripe_connect_test")},
				nil,
			},
			"connected": {
				&HomeStripe{Accounts: []HomeAccount{account()}},
				[]string{"acct_1Harbour", `<span class="badge tone-good">` + says("stripe_state_open"), `datetime="2026-02-01T09:00:00Z"`, leave, `data-yes="` + says("stripe_leave")},
				[]string{says("stripe_brings"), says("stripe_test"), "progress", "_top"},
			},
			"test mode": {
				&HomeStripe{Accounts: []HomeAccount{account(func(a *HomeAccount) { a.Test = true })}},
				[]string{`<span class="badge tone-wait">` + says("stripe_test"), says("stripe_test_only"), leave},
				nil,
			},
			"another account": {
				&HomeStripe{Accounts: []HomeAccount{account()}, Connect: "/install/stripe?for=token"},
				[]string{`<a href="/install/stripe?for=token" target="_top">` + says("stripe_connect_more")},
				[]string{says("stripe_connect") + "<"},
			},
			"past asked for": {
				&HomeStripe{Accounts: []HomeAccount{account(past(HomePast{State: "asked", Note: "there is no live key"}))}},
				[]string{says("stripe_past_asked"), `<progress aria-label`, "there is no live key"},
				[]string{again},
			},
			"past begun": {
				&HomeStripe{Accounts: []HomeAccount{account(past(HomePast{State: "reading"}))}},
				[]string{says("stripe_past_begun"), `<progress aria-label`},
				[]string{says("stripe_past_reached")},
			},
			"past being read": {
				&HomeStripe{Accounts: []HomeAccount{account(past(HomePast{State: "reading", Done: 1200, Refused: 1, Percent: 40, Reached: joined.AddDate(-1, 0, 0)}))}},
				[]string{counts("stripe_past_reading", 1200), `<progress max="100" value="40"`, says("stripe_past_reached"), `datetime="2025-02-01T09:00:00Z"`, counts("stripe_past_refused", 1)},
				[]string{says("stripe_past_begun"), again},
			},
			"past read": {
				&HomeStripe{Accounts: []HomeAccount{account(past(HomePast{State: "done", Done: 7, Reached: joined}))}},
				[]string{counts("stripe_past_done", 7)},
				[]string{"<progress", says("stripe_past_reached"), says("stripe_past_none")},
			},
			"nothing before": {
				&HomeStripe{Accounts: []HomeAccount{account(past(HomePast{State: "done"}))}}, []string{says("stripe_past_none")}, []string{"<progress"},
			},
			"past failed": {
				&HomeStripe{Accounts: []HomeAccount{account(past(HomePast{State: "failed", Note: "<b>refused</b>"}))}},
				[]string{says("stripe_past_failed"), again, "&lt;b&gt;refused"},
				[]string{"<progress", "<b>refused"},
			},
			"revoked": {
				&HomeStripe{Accounts: []HomeAccount{account(func(a *HomeAccount) { a.Revoked, a.Again = true, "/install/stripe?for=token" })}},
				[]string{`<span class="badge tone-bad">` + says("stripe_state_revoked"), says("stripe_revoked"), `href="/install/stripe?for=token" target="_top">` + says("stripe_again"), leave},
				[]string{says("stripe_state_open") + "<"},
			},
			"disconnected": {
				&HomeStripe{Accounts: []HomeAccount{account(func(a *HomeAccount) {
					a.Closed, a.Again, a.MayLeave = joined.AddDate(0, 1, 0), "/install/stripe?for=token", false
				})}},
				[]string{says("stripe_state_closed"), says("stripe_closed_kept"), `datetime="2026-03-01T09:00:00Z"`, says("stripe_again")},
				[]string{leave, says("stripe_since"), says("stripe_state_open") + "<"},
			},
		} {
			t.Run(lang+" "+name, func(t *testing.T) {
				card := stripeHome(t, lang, c.card)
				require.Equal(t, c.card == nil, card == "")
				for _, want := range c.has {
					require.Contains(t, card, want)
				}
				for _, not := range c.lacks {
					require.NotContains(t, card, not)
				}
			})
		}
	}
}

// A past that is being read is looked at often; a page on which nothing moves stays as it is.
func TestAMovingPastIsLookedAtOften(t *testing.T) {
	for state, moves := range map[string]bool{"asked": true, "running": true, "reading": true, "done": false, "failed": false} {
		got := adminPage(t, "settings_integrations", "en", SettingsIntegrations{Admin: admin(), Stripe: &HomeStripe{Accounts: []HomeAccount{account(), account(past(HomePast{State: state}))}}})
		require.Equal(t, moves, strings.Contains(got, `hx-trigger="every 10s"`), state)
	}
	require.Contains(t, adminPage(t, "home", "en", Home{Admin: admin()}), `hx-trigger="every 30s"`)
}

// What a lack of consent holds is told in every count of every language, with where a yes comes from.
func TestConsentPage(t *testing.T) {
	page := func(lang string, c SettingsConsent) string {
		return adminPage(t, "settings_consent", lang, consentPage(c))
	}
	for _, lang := range languages {
		for _, n := range []int64{1, 2, 3, 11, 100, 4999} {
			got := page(lang, SettingsConsent{Held: &HomeConsent{Messages: n, Persons: n, Stripe: n, More: n == 4999}, Support: "help@flywheel.example", Stripe: true})
			for _, key := range []string{"consent_messages", "consent_persons", "consent_stripe"} {
				require.Contains(t, got, Count(lang, "SA", key, n, nil), key)
			}
			require.Equal(t, n == 4999, strings.Contains(got, Say(lang, "consent_more", nil)))
			for _, key := range []string{"consent_page", "consent_checkout", "consent_import"} {
				require.Contains(t, got, Say(lang, key, nil))
			}
			require.Contains(t, adminPage(t, "home", lang, Home{Admin: admin(), Held: n}), Count(lang, "SA", "consent_messages", n, nil), "a line of it")
		}
		got := page(lang, SettingsConsent{})
		require.NotContains(t, got, Say(lang, "consent_checkout", nil), "nothing of this shop is at Stripe")
		require.NotContains(t, got, Say(lang, "consent_title", nil))
	}
}
