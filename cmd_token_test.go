package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/api"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestTokenIsShownOnceAndListedWithoutIt(t *testing.T) {
	st := storetest.Open(t, "sqlite")
	shop := storetest.Shop(t, st)
	var out bytes.Buffer
	require.NoError(t, tokenAddCommand{Shop: string(shop), Name: "klaviyo\nsync", Role: "builder"}.add(t.Context(), st, &out))
	token := regexp.MustCompile(`fw_[0-9a-v]{32}`).FindString(out.String())
	require.NotEmpty(t, token, out.String())
	hash, err := api.HashToken(token)
	require.NoError(t, err)
	kept, err := st.TokenByHash(t.Context(), hash)
	require.NoError(t, err)
	require.Equal(t, shop, kept.Shop)
	require.Equal(t, store.Builder, kept.Role)

	require.NoError(t, st.RevokeToken(t.Context(), shop, kept.ID))
	out.Reset()
	require.NoError(t, tokenListCommand{Shop: string(shop)}.list(t.Context(), st, &out))
	require.Len(t, strings.Split(strings.TrimSpace(out.String()), "\n"), 2, "a name does not break the line")
	for _, want := range []string{kept.ID, `"klaviyo\nsync"`, "builder", "revoked on"} {
		require.Contains(t, out.String(), want)
	}
	require.NotContains(t, out.String(), token)
}

func TestTokenForNoShop(t *testing.T) {
	st := storetest.Open(t, "sqlite")
	var out bytes.Buffer
	require.ErrorContains(t, tokenAddCommand{Shop: "nobody", Name: "x", Role: "builder"}.add(t.Context(), st, &out), "there is no shop nobody")
	require.ErrorContains(t, tokenListCommand{Shop: "nobody"}.list(t.Context(), st, &out), "there is no shop nobody")
	require.ErrorContains(t, tokenAddCommand{Name: " "}.add(t.Context(), st, &out), "--name is empty")
	require.ErrorContains(t, tokenAddCommand{Name: strings.Repeat("x", 101)}.add(t.Context(), st, &out), "longer than 100")
	require.Empty(t, out.String())
}
