package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

// A state counts for a minute, also where the browser keeps its cookie longer.
func TestAStateEnds(t *testing.T) {
	s := &Server{Options: Options{ShopifySecrets: []string{"new", "old"}}}
	began := time.Unix(1_800_000_000, 0)
	for _, secret := range s.ShopifySecrets {
		r := httptest.NewRequest(http.MethodGet, callbackPath, nil)
		r.AddCookie(&http.Cookie{Name: stateCookie, Value: sealState(secret, "nour.myshopify.com", "state", began.Add(stateLife))})
		c := echo.New().NewContext(r, httptest.NewRecorder())
		require.NoError(t, s.checkState(c, "nour.myshopify.com", "state", began.Add(stateLife)), secret)
		err := s.checkState(c, "nour.myshopify.com", "state", began.Add(stateLife+time.Second))
		require.True(t, fault.Is(err, fault.Denied), "%v", err)
	}
}

// Ten minutes for the way from a shop's home, an hour for the one over Stripe.
func TestStripesMarksEnd(t *testing.T) {
	s := &Server{Options: Options{StripeApp: StripeApp{Secrets: []string{"new", "old"}}}}
	token, now := s.joinToken("shop", "7"), time.Now()
	shop, user, err := s.readJoin(token, now.Add(joinLife-time.Second))
	require.NoError(t, err)
	require.Equal(t, []string{"shop", "7"}, []string{string(shop), user})
	_, _, err = s.readJoin(token, now.Add(joinLife+time.Second))
	require.True(t, fault.Is(err, fault.Denied), "%v", err)

	began, b := time.Unix(1_800_000_000, 0), begun{live: true, shop: "shop"}
	r := httptest.NewRequest(http.MethodGet, stripeCallbackPath, nil)
	r.AddCookie(&http.Cookie{Name: stripeCookie, Value: b.cookie("old", "state", began.Add(stripeLife))})
	c := echo.New().NewContext(r, httptest.NewRecorder())
	got, err := s.begunStripe(c, "state", began.Add(stripeLife))
	require.NoError(t, err)
	require.Equal(t, b, got)
	_, err = s.begunStripe(c, "state", began.Add(stripeLife+time.Second))
	require.True(t, fault.Is(err, fault.Denied), "%v", err)
}
