package install_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestTokenIsGivenWhileItLives(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		w.wait(54 * time.Minute)
		require.Equal(t, c.Token, w.token(c))
		require.Zero(t, w.fake.Refreshes())

		w.wait(2 * time.Minute) // less than five are left
		next := w.token(c)
		require.NotEqual(t, c.Token, next)
		require.Equal(t, 1, w.fake.Refreshes())
		require.Equal(t, next, w.token(c), "an old copy of the connection gets the new token")
		require.Equal(t, next, w.token(w.connection()))
		require.Equal(t, 1, w.fake.Refreshes())
		require.Equal(t, shopifyfake.AppScopes, w.connection().Scopes)
		require.NotContains(t, w.log.String(), next)
	})
}

func TestTwentyWorkersMakeOneRefresh(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			url := storetest.Prepared(t, engine)
			s := storetest.OpenURL(t, url)
			w := newWorld(t, s)
			c := w.open().Connection
			desks := []*install.Desk{w.desk, w.newDesk(storetest.OpenURL(t, url))}
			w.wait(2 * time.Hour)

			var all sync.WaitGroup
			start := make(chan struct{})
			got := make([]shopify.Access, 20)
			for i := range got {
				all.Go(func() {
					<-start
					var err error
					if got[i], err = desks[i%2].Token(t.Context(), c); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			all.Wait()
			require.Equal(t, 1, w.fake.Refreshes())
			for _, a := range got {
				require.Equal(t, got[0], a)
			}
			require.Equal(t, got[0].Token, w.token(c))
		})
	}
}

// Shopify has answered and the worker dies: its lease ends, and the old refresh
// token is still good since the new pair was never used.
func TestTokenAfterARefresherDied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		w.wait(2 * time.Hour)
		refresh, err := s.LeaseRefresh(t.Context(), c, "dead", time.Millisecond)
		require.NoError(t, err)
		_, err = w.desk.Shopify.Refresh(t.Context(), domain, refresh)
		require.NoError(t, err)
		require.NotEqual(t, c.Token, w.token(c))
		require.Equal(t, 2, w.fake.Refreshes())
	})
}

func TestTokenWhenTheAnswerIsLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		w.wait(2 * time.Hour)
		w.fake.FailOn("token", shopifyfake.Lost)
		require.NotEqual(t, c.Token, w.token(c))
	})
}

func TestTokenWhileShopifyIsDown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		w.wait(2 * time.Hour)
		w.outage(true)
		_, err := w.desk.Token(t.Context(), c)
		require.True(t, fault.Is(err, fault.Temporary), "%v", err)
		require.Equal(t, commerce.TokenGood, w.connection().TokenState)
		refresh, err := s.LeaseRefresh(t.Context(), c, "next", time.Minute)
		require.NoError(t, err)
		require.NotEmpty(t, refresh, "the lease was given back")
	})
}

func TestTokenOfARevokedPair(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		w.fake.RevokeTokens(domain)
		w.wait(2 * time.Hour)
		for range 2 {
			_, err := w.desk.Token(t.Context(), c)
			require.True(t, fault.Is(err, fault.Denied), "%v", err)
			require.Contains(t, fault.Sentence(err), "open the app once in the Shopify admin")
		}
		require.Equal(t, commerce.TokenRevoked, w.connection().TokenState)
		require.True(t, w.connection().Open(), "the shop is not closed by it")
		o := w.open()
		require.Equal(t, commerce.TokenGood, o.Connection.TokenState)
		require.False(t, o.Fresh)
		w.token(c)
	})
}

// With a wrong secret of our own every shop is answered invalid_client: no tokens may be thrown away for it.
func TestTokenWithAWrongSecretLosesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		wrong := w.newDesk(s, func(o *shopify.Options) { o.Secrets = []string{"wrong"} })
		w.wait(2 * time.Hour)
		_, err := wrong.Token(t.Context(), c)
		require.ErrorIs(t, err, shopify.ErrUninstalled)
		require.Equal(t, commerce.TokenGood, w.connection().TokenState)
		w.token(c)
		w.wait(100 * 24 * time.Hour)
		_, err = wrong.Token(t.Context(), c)
		require.True(t, fault.Is(err, fault.Denied), "%v", err)
		require.Equal(t, commerce.TokenRevoked, w.connection().TokenState, "the refresh token has ended by itself")
	})
}

func TestTokenHeedsItsContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		w.wait(2 * time.Hour)
		_, err := s.LeaseRefresh(t.Context(), c, "another", time.Minute)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = w.desk.Token(ctx, c)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// during runs something in the middle of a request for tokens, once Shopify's answer is here.
type during struct {
	next http.RoundTripper
	do   func()
}

func (d during) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := d.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	d.do()
	return resp, err
}

func TestUninstallWhileARefreshIsUnderWay(t *testing.T) {
	for name, again := range map[string]bool{"uninstalled": false, "and installed again": true} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				w := newWorld(t, s)
				first := w.open().Connection
				w.wait(2 * time.Hour)
				transport := &http.Transport{DisableKeepAlives: true}
				slow := w.newDesk(s, func(o *shopify.Options) {
					o.HTTP = &http.Client{Transport: during{transport, func() {
						w.fake.Uninstall(domain)
						w.uninstalled(first, w.clock.Advance(time.Hour))
						if again {
							w.fake.Install(domain, shopifyfake.ShopInfo{})
							w.clock.Advance(time.Minute)
							w.open()
						}
					}}}
				})
				a, err := slow.Token(t.Context(), first)
				c := w.connection()
				if !again {
					require.True(t, fault.Is(err, fault.Denied), "%v", err)
					require.False(t, c.Open())
					require.Equal(t, first.Token, c.Token, "the late pair is not kept")
					return
				}
				require.NoError(t, err)
				require.Equal(t, c.Token, a.Token, "the new install's token, not the late pair's")
				w.token(c)
			})
		})
	}
}

// Whoever gives up when Shopify has answered does not throw the answer away.
func TestRefreshedTokensAreKeptThoughTheCallerIsGone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		c := w.open().Connection
		w.wait(2 * time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		desk := w.newDesk(s, func(o *shopify.Options) {
			o.HTTP = &http.Client{Transport: during{&http.Transport{DisableKeepAlives: true}, cancel}}
		})
		_, err := desk.Token(ctx, c)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1, w.fake.Refreshes())
		require.NotEqual(t, c.Token, w.token(c))
		require.Equal(t, 1, w.fake.Refreshes())
	})
}
