package server_test

import (
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// beside is a framed app beside which a Stripe app is offered, opened once.
type beside struct{ *framed }

var offered = server.StripeApp{Secrets: []string{"absec_1"}, Link: "https://marketplace.stripe.example/live", TestLink: "https://marketplace.stripe.example/test"}

func withStripe(t *testing.T, s *store.Store, app server.StripeApp) beside {
	t.Helper()
	f := frame(t, s)
	api := httptest.NewServer(f.shopify.Handler())
	t.Cleanup(api.Close)
	log := slog.New(slog.DiscardHandler)
	client := shopify.New(shopify.Options{Key: "key", Secrets: []string{"new"}, URL: api.URL})
	var err error
	f.handler, err = server.New(server.Options{
		Store: s, Queue: &hints{}, Log: log, Now: storetest.ClockOf(s).Now, BaseURL: "https://flywheel.example",
		ShopifyKey: "key", ShopifySecrets: []string{"new"}, Install: &install.Desk{Store: s, Shopify: client, Log: log},
		Accounts: &install.StripeDesk{Store: s, Log: log}, StripeApp: app,
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, f.opens("/admin").Code)
	return beside{f}
}

// joins connects an account of Stripe to the shop.
func (b beside) joins(account string, live bool) commerce.Connection {
	b.t.Helper()
	return storetest.Connection(b.t, b.store, b.shop().ID, func(c *commerce.Connection) {
		c.Platform, c.ExternalID, c.Live, c.Secrets, c.Token = commerce.Stripe, account, live, nil, ""
		c.InstalledAt = b.store.Now()
	})
}

// reads has the past of an account read as far as a worker says.
func (b beside) reads(c commerce.Connection, change func(*store.Backfill)) {
	b.t.Helper()
	ctx := b.t.Context()
	require.NoError(b.t, b.store.AskBackfill(ctx, c.ShopID, c))
	row, leased, err := b.store.LeaseBackfill(ctx, c.ShopID, c.ID, "worker")
	require.NoError(b.t, err)
	require.True(b.t, leased)
	change(&row)
	require.NoError(b.t, b.store.SaveBackfill(ctx, c.ShopID, "worker", row))
}

// card is what the page about connections says of Stripe; "" = nothing.
func (b beside) card(lang string) string {
	b.t.Helper()
	got := b.opens("/admin/settings/integrations", "locale", lang)
	require.Equal(b.t, http.StatusOK, got.Code)
	_, card, _ := strings.Cut(got.Body.String(), `aria-labelledby="stripe"`)
	card, _, _ = strings.Cut(card, "</section>")
	return card
}

func TestConnectionsTellOfStripeInEveryState(t *testing.T) {
	const leave = `action="/admin/stripe/disconnect?locale={lang}&amp;shop=` + arabicDomain + `"><button class="btn" name="connection" value="%s"`
	const again = `action="/admin/backfill?locale={lang}&amp;shop=` + arabicDomain + `"><button class="btn" name="connection" value="%s"`
	for name, c := range map[string]struct {
		app   server.StripeApp
		so    func(b beside) commerce.Connection
		says  []string // keys of strings
		holds []string // with the connection's id
		lacks []string
	}{
		"not offered": {app: server.StripeApp{Secrets: []string{"absec_1"}}},
		"no secret":   {app: server.StripeApp{Link: offered.Link}},
		"offered": {
			app: offered, says: []string{"stripe_brings", "stripe_connect", "stripe_connect_test"},
			holds: []string{`href="/install/stripe?for=`, `&amp;mode=test" target="_top"`}, lacks: []string{"/admin/stripe/disconnect"},
		},
		"live": {
			app: offered, so: func(b beside) commerce.Connection { return b.joins("acct_live", true) },
			says: []string{"stripe_state_open", "stripe_since", "stripe_connect_more"}, holds: []string{"acct_live", leave}, lacks: []string{"stripe_brings", "stripe_test_only"},
		},
		"test": {
			app: offered, so: func(b beside) commerce.Connection { return b.joins("acct_test", false) },
			says: []string{"stripe_test", "stripe_test_only"}, holds: []string{"acct_test", leave}, lacks: []string{"stripe_connect_test"},
		},
		"both modes": {
			app: offered, so: func(b beside) commerce.Connection { b.joins("acct_both", true); return b.joins("acct_both", false) },
			says: []string{"stripe_test", "stripe_state_open"}, holds: []string{leave},
		},
		"connected, not offered": {
			so:   func(b beside) commerce.Connection { return b.joins("acct_own", true) },
			says: []string{"stripe_state_open"}, holds: []string{leave}, lacks: []string{"/install/stripe"},
		},
		"one closed, one open": {
			app: offered, so: func(b beside) commerce.Connection {
				gone := b.joins("acct_gone", true)
				b.acts("/admin/stripe/disconnect", "connection", string(gone.ID))
				return b.joins("acct_next", true)
			},
			says: []string{"stripe_state_open"}, holds: []string{"acct_next", leave}, lacks: []string{"acct_gone", "stripe_state_closed"},
		},
		"being read": {
			app: offered, so: func(b beside) commerce.Connection {
				c := b.joins("acct_live", true)
				b.reads(c, func(r *store.Backfill) {
					// From noon of 2 March back, a day of four.
					r.State, r.Operation, r.Position, r.Size, r.Orders = store.BackfillReading, fmt.Sprintf("%d ch_9", commerce.At(goesBack)), day.Milliseconds(), 4*day.Milliseconds(), 12
				})
				return c
			},
			says: []string{"stripe_past_reached"}, holds: []string{`value="25"`, `datetime="` + reached + `"`}, lacks: []string{"stripe_past_begun"},
		},
		"read": {
			app: offered, so: func(b beside) commerce.Connection {
				c := b.joins("acct_live", true)
				b.reads(c, func(r *store.Backfill) { r.State = store.BackfillDone })
				return c
			},
			says: []string{"stripe_past_none"}, lacks: []string{"progress"},
		},
		"not read": {
			app: offered, so: func(b beside) commerce.Connection {
				c := b.joins("acct_live", true)
				b.reads(c, func(r *store.Backfill) { r.State, r.Note = store.BackfillFailed, "it was refused" })
				return c
			},
			says: []string{"stripe_past_failed"}, holds: []string{again, "it was refused"},
		},
		"revoked": {
			app: offered, so: func(b beside) commerce.Connection {
				c := b.joins("acct_live", true)
				_, err := b.store.RevokeGrant(b.t.Context(), c)
				require.NoError(b.t, err)
				return c
			},
			says: []string{"stripe_state_revoked", "stripe_revoked", "stripe_again"}, holds: []string{leave},
		},
		"disconnected": {
			app: offered, so: func(b beside) commerce.Connection {
				c := b.joins("acct_live", true)
				b.acts("/admin/stripe/disconnect", "connection", string(c.ID))
				return c
			},
			says: []string{"stripe_state_closed", "stripe_closed_kept", "stripe_again"}, holds: []string{"acct_live"}, lacks: []string{"/admin/stripe/disconnect"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := withStripe(t, storetest.Open(t, "sqlite"), c.app)
			var conn commerce.Connection
			if c.so != nil {
				conn = c.so(b)
			}
			for _, lang := range templates.Languages() {
				card := b.card(lang)
				require.Equal(t, len(c.says) == 0, card == "", lang)
				for _, key := range c.says {
					require.Contains(t, card, templates.Say(lang, key, nil), "%s %s", lang, key)
				}
				for _, holds := range c.holds {
					holds = strings.ReplaceAll(holds, "{lang}", lang)
					if strings.Contains(holds, "%s") {
						holds = fmt.Sprintf(holds, conn.ID)
					}
					require.Contains(t, card, holds, lang)
				}
				for _, lacks := range c.lacks {
					require.NotContains(t, card, templates.Say(lang, lacks, nil), lang)
				}
			}
		})
	}
}

const day = 24 * time.Hour

// goesBack is from when a past is read, reached a day before.
var (
	goesBack = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	reached  = "2026-03-01T12:00:00Z"
)

// Who presses Connect in the admin comes to Stripe's page, for their own shop.
func TestConnectLeadsToStripe(t *testing.T) {
	b := withStripe(t, storetest.Open(t, "sqlite"), offered)
	links := regexp.MustCompile(`href="(/install/stripe[^"]*)" target="_top"`).FindAllStringSubmatch(b.card("en"), -1)
	require.Len(t, links, 2)
	for i, to := range []string{offered.Link, offered.TestLink} {
		r := httptest.NewRequest(http.MethodGet, html.UnescapeString(links[i][1]), nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		rec := httptest.NewRecorder()
		b.handler.ServeHTTP(rec, r)
		require.Equal(t, http.StatusFound, rec.Code, rec.Body.String())
		require.True(t, strings.HasPrefix(rec.Header().Get("Location"), to+"?"), rec.Header().Get("Location"))
		require.Contains(t, rec.Header().Get("Set-Cookie"), string(b.shop().ID), "the account joins this shop")
	}
}

// Only the shop's own accounts are disconnected, and of those only what is Stripe's.
func TestDisconnectIsOnesOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := withStripe(t, s, offered)
		c := b.joins("acct_live", true)
		other := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.Platform, c.ExternalID = commerce.Stripe, "acct_other" })
		own, err := s.ConnectionByAccount(t.Context(), commerce.Shopify, arabicDomain, true)
		require.NoError(t, err)
		for _, id := range []commerce.ConnectionID{other.ID, own.ID, "nothing", ""} {
			for _, path := range []string{"/admin/stripe/disconnect", "/admin/backfill"} {
				if path == "/admin/backfill" && (id == own.ID || id == "") {
					continue // the shop's own at Shopify
				}
				got := b.sends(http.MethodPost, path, url.Values{"connection": {string(id)}})
				require.Equal(t, http.StatusNotFound, got.Code, "%s %s", path, id)
			}
		}
		_, err = s.Backfill(t.Context(), other.ShopID, other.ID)
		require.Error(t, err, "nobody asked for it")
		for _, c := range []commerce.Connection{c, other, own} {
			now, err := s.ConnectionByID(t.Context(), c.ID)
			require.NoError(t, err)
			require.True(t, now.Open())
		}
		b.acts("/admin/stripe/disconnect", "connection", string(c.ID))
		now, err := s.ConnectionByID(t.Context(), c.ID)
		require.NoError(t, err)
		require.False(t, now.Open())
		b.acts("/admin/stripe/disconnect", "connection", string(c.ID)) // twice is once
	})
}

// A past that could not be read is asked for again, the account's alone.
func TestAnAccountsPastIsReadAgain(t *testing.T) {
	b := withStripe(t, storetest.Open(t, "sqlite"), offered)
	c := b.joins("acct_live", true)
	b.reads(c, func(r *store.Backfill) { r.State = store.BackfillFailed })
	require.Contains(t, b.opens("/admin", "locale", "en").Body.String(), templates.Say("en", "need_stripe_backfill", nil))
	b.acts("/admin/backfill", "connection", string(c.ID))
	row, err := b.store.Backfill(t.Context(), c.ShopID, c.ID)
	require.NoError(t, err)
	require.Equal(t, store.BackfillAsked, row.State)
	require.Contains(t, b.card("en"), templates.Say("en", "stripe_past_asked", nil))
	own, err := b.store.ConnectionByAccount(t.Context(), commerce.Shopify, arabicDomain, true)
	require.NoError(t, err)
	_, err = b.store.Backfill(t.Context(), own.ShopID, own.ID)
	require.Error(t, err, "nobody asked for Shopify's")
}

// What needs the merchant stands above everything else.
func TestARevokedAccountNeedsTheMerchant(t *testing.T) {
	b := withStripe(t, storetest.Open(t, "sqlite"), offered)
	c := b.joins("acct_live", true)
	words := templates.Say("ar", "need_stripe_revoked", nil)
	require.NotContains(t, b.opens("/admin").Body.String(), words)
	_, err := b.store.RevokeGrant(t.Context(), c)
	require.NoError(t, err)
	require.Contains(t, b.opens("/admin").Body.String(), words)
}

// The home says how much waits for consent, its page of how many and what helps.
func TestHomeTellsWhatWaitsForConsent(t *testing.T) {
	b := withStripe(t, storetest.Open(t, "sqlite"), server.StripeApp{})
	require.NotContains(t, b.opens("/admin").Body.String(), "/settings/consent?")
	shop := b.shop().ID
	ada := storetest.Person(t, b.store, shop)
	hold := func() {
		e := storetest.Enroll(t, b.store, shop, storetest.Order(t, b.store, shop, ada.ID))
		storetest.Do(t, b.store, func(tx *store.Tx) error {
			return tx.SaveDecisions(shop, []store.Decided{{
				Campaign: e.Campaign, EntryKey: e.EntryKey, StepID: "thanks", Person: ada.ID, Decision: gate.Decision{Answer: gate.Hold, Reason: gate.NoConsent},
			}})
		})
	}
	hold()
	storetest.ClockOf(b.store).Advance(20 * day)
	hold()
	hold()
	for _, lang := range templates.Languages() {
		require.Contains(t, b.opens("/admin", "locale", lang).Body.String(), templates.Count(lang, "SA", "consent_messages", 3, nil))
		page := b.opens("/admin/settings/consent", "locale", lang).Body.String()
		require.Contains(t, page, templates.Count(lang, "SA", "consent_messages", 3, nil))
		require.Contains(t, page, templates.Count(lang, "SA", "consent_persons", 1, nil))
		require.Contains(t, page, templates.Say(lang, "consent_page", nil))
		require.NotContains(t, page, templates.Say(lang, "consent_checkout", nil), "nothing here is Stripe's")
	}
	storetest.ClockOf(b.store).Advance(11 * day)
	require.Contains(t, b.opens("/admin", "locale", "ar").Body.String(), templates.Count("ar", "SA", "consent_messages", 2, nil), "of the last thirty days")
	storetest.ClockOf(b.store).Advance(30 * day)
	require.NotContains(t, b.opens("/admin").Body.String(), "/settings/consent?")
}
