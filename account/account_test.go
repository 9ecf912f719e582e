package account_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// sessionOf is a session of a user under a token.
func sessionOf(user commerce.UserID, token string) store.Session {
	sum, now := sha256.Sum256([]byte(token)), time.Now()
	data, _ := json.Marshal(map[string]any{"until": now.Add(account.Life), "values": map[string]any{"user": string(user), "rev": "1"}})
	return store.Session{
		Hash: base64.RawURLEncoding.EncodeToString(sum[:]), User: user, Data: data, BegunAt: commerce.At(now), SeenAt: commerce.At(now), ExpiresAt: commerce.At(now.Add(account.Life)),
	}
}

// No address leads away from here, whatever it is made of.
func TestBackIsAlwaysOurs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		back := account.Back(rapid.StringMatching(`[/\\:a-z.%@?#\t ]{0,20}`).Draw(r, "back"))
		require.Regexp(t, `^/(shops|me|accounts|join)([/?#].*)?$`, back)
		require.NotContains(t, back, `\`)
	})
}

func TestBrowsersByName(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0": "Edge · Windows",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":              "Chrome · Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1":       "Safari · iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0":                                      "Firefox · macOS",
		"curl/8": "", "": "",
	} {
		require.Equal(t, want, account.Browser(agent), agent)
	}
}

// The worst stands first; of the same harm whoever has more of them; else the name.
func TestFleetIsSortedByHarm(t *testing.T) {
	ship := func(name string, change ...func(*store.FleetShop)) *store.FleetShop {
		f := &store.FleetShop{Name: name, Open: 1, State: commerce.ShopActive}
		for _, c := range change {
			c(f)
		}
		return f
	}
	paused := func(f *store.FleetShop) { f.State = commerce.ShopPaused }
	var names []string
	for _, s := range account.Sorted([]*store.FleetShop{
		ship("well"), ship("also well"), ship("paused", paused), ship("unknown", func(f *store.FleetShop) { f.Unknown = 2 }),
		ship("fuse and paused", paused, func(f *store.FleetShop) { f.Fuses = 1 }), ship("fuse", func(f *store.FleetShop) { f.Fuses = 1 }),
		ship("closed", func(f *store.FleetShop) { f.Open = 0 }), ship("frozen", func(f *store.FleetShop) { f.Entitlement.State = commerce.PlanFrozen }),
		ship("over soon", func(f *store.FleetShop) { f.Entitlement.HoldsFrom = 11 }), ship("over", func(f *store.FleetShop) { f.Entitlement.HoldsFrom = 10 }),
	}, 10) {
		names = append(names, s.Name)
	}
	require.Equal(t, []string{"closed", "frozen", "fuse and paused", "fuse", "unknown", "over", "paused", "also well", "over soon", "well"}, names)
}

// Where Redis does not answer, each process counts by itself: nobody gets more tries for that.
func TestLimitsHoldWithoutRedis(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	asked := 0
	d := account.New(account.Options{Store: s, BaseURL: origin, Limits: &account.Limiter{Shared: func(context.Context, string, int, time.Duration) (time.Duration, error) {
		asked++
		return 0, errors.New("down")
	}}})
	var last error
	for range 61 {
		_, last = d.Look(t.Context(), "7K2PM94QXA", "192.0.2.1")
	}
	require.ErrorIs(t, last, account.ErrTooOften)
	var often account.TooOften
	require.ErrorAs(t, last, &often)
	require.Positive(t, often.Wait)
	require.LessOrEqual(t, often.Wait, time.Minute, "60 an hour")
	require.Equal(t, 61, asked)
}

// What an invitation's code is typed as does not matter; and its letter has all its words.
func TestCodesAndLetters(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	shop := storetest.Shop(t, s, func(c *commerce.Shop) { c.Name = "Tea & <Co>" })
	home, err := s.HomeAccount(t.Context(), shop)
	require.NoError(t, err)
	for _, lang := range []string{"en", "ar", "fa"} {
		var got account.Letter
		d := account.New(account.Options{Store: s, BaseURL: origin, Post: func(_ context.Context, m account.Letter) error { got = m; return nil }})
		_, err = d.Invite(t.Context(), account.Offer{Account: home, Shop: shop, Email: lang + "@example.com", Role: commerce.RoleBuilder, By: commerce.Actor{Name: "Ada"}, Lang: lang})
		require.NoError(t, err)
		d.Close()
		require.Contains(t, got.Text, origin+"/join/")
		require.Contains(t, got.Text, templates.Say(lang, "role_builder", nil))
		require.NotContains(t, got.HTML+got.Text+got.Subject, "letter_")
		require.NotContains(t, got.HTML, "<Co>")
		made, err := d.Invite(t.Context(), account.Offer{Shop: shop, Role: commerce.RoleViewer})
		require.NoError(t, err)
		require.Regexp(t, `^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`, made.Code)
		for _, typed := range []string{made.Code, " " + made.Code[:3] + " " + made.Code[3:] + "\n", toPersian(made.Code)} {
			_, err := d.Look(t.Context(), typed, "192.0.2.1")
			require.NoError(t, err, typed)
		}
	}
}

func toPersian(code string) string {
	out := []rune(code)
	for i, r := range out {
		if r >= '0' && r <= '9' {
			out[i] = r - '0' + '۰'
		}
	}
	return string(out)
}
