package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A new secret stands beside the one before it for a day.
func TestEndpointsRotateTheirSecrets(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		added := s.Now()
		require.NoError(t, s.AddEndpoint(t.Context(), shop, "erp", "https://erp.example/hook", "whsec_first"))
		require.True(t, fault.Is(s.AddEndpoint(t.Context(), shop, "erp", "https://other.example", "whsec_x"), fault.Conflict))
		require.NoError(t, s.AddEndpoint(t.Context(), shop, "crm", "https://crm.example", "whsec_crm"))
		endpoint := func() store.Endpoint {
			e, err := s.Endpoint(t.Context(), shop, "erp")
			require.NoError(t, err)
			return e
		}
		require.Equal(t, store.Endpoint{Name: "erp", URL: "https://erp.example/hook", Secrets: []string{"whsec_first"}, AddedAt: added}, endpoint())

		rotated := storetest.ClockOf(s).Advance(time.Hour)
		require.NoError(t, s.RotateEndpoint(t.Context(), shop, "erp", "whsec_second"))
		require.Equal(t, []string{"whsec_second", "whsec_first"}, endpoint().Secrets)
		require.Equal(t, rotated, endpoint().RotatedAt)
		require.NoError(t, s.RotateEndpoint(t.Context(), shop, "erp", "whsec_third"))
		require.Equal(t, []string{"whsec_third", "whsec_second"}, endpoint().Secrets)
		storetest.ClockOf(s).Advance(24*time.Hour - time.Millisecond)
		require.Len(t, endpoint().Secrets, 2)
		disabled := storetest.ClockOf(s).Advance(time.Millisecond)
		require.Equal(t, []string{"whsec_third"}, endpoint().Secrets)
		require.NotContains(t, strings.Join(dumpAll(t, s), "\n"), "whsec", "they are sealed")

		require.NoError(t, s.DisableEndpoint(t.Context(), shop, "erp", true))
		require.Equal(t, disabled, endpoint().DisabledAt)
		require.NoError(t, s.DisableEndpoint(t.Context(), shop, "erp", false))
		require.Zero(t, endpoint().DisabledAt)
		list, err := s.ListEndpoints(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, []string{"crm", "erp"}, []string{list[0].Name, list[1].Name})
		require.Equal(t, []string{"whsec_crm"}, list[0].Secrets)

		require.NoError(t, s.RemoveEndpoint(t.Context(), shop, "erp"))
		_, err = s.Endpoint(t.Context(), shop, "erp")
		for _, err := range []error{
			err, s.RemoveEndpoint(t.Context(), shop, "erp"), s.RotateEndpoint(t.Context(), shop, "erp", "x"), s.DisableEndpoint(t.Context(), shop, "erp", true),
		} {
			require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		}
	})
}
