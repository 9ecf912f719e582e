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
