package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestPendingDeliveriesAreTakenUpWhenTheirAccountIsConnected(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		nobody := commerce.Connection{Platform: commerce.Shopify}
		var want []commerce.Delivery
		for i := range 3 {
			d := storetest.Delivery(s, nobody, func(d *commerce.Delivery) {
				d.ReceivedAt, d.Email, d.CustomerRef = d.ReceivedAt.Add(-time.Duration(i)*time.Hour), "ada@example.com", "7"
			})
			for range 2 { // the platform may deliver again
				require.NoError(t, s.AddPending(t.Context(), "teapots.myshopify.com", true, d))
			}
			want = append([]commerce.Delivery{d}, want...)
		}
		other := storetest.Delivery(s, nobody)
		require.NoError(t, s.AddPending(t.Context(), "another.myshopify.com", true, other))
		require.NoError(t, s.AddPending(t.Context(), "teapots.myshopify.com", false, other))

		c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.ExternalID = "teapots.myshopify.com" })
		n, err := s.TakePending(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, 3, n)
		got, err := s.NextInbox(t.Context(), c.ShopID, 10)
		require.NoError(t, err)
		for i := range want {
			want[i].ID, want[i].ShopID, want[i].ConnectionID = got[i].ID, c.ShopID, c.ID
			want[i].OrderRef, want[i].CustomerRef, want[i].Email = "", "", ""
		}
		require.Empty(t, cmp.Diff(want, got), "the oldest first")
		hash, err := s.AddressHash(t.Context(), c.ShopID, "ada@example.com")
		require.NoError(t, err)
		require.EqualValues(t, 3, number(t, s, `SELECT COUNT(*) FROM inbox WHERE email_hash = $1 AND customer_ref = '7' AND order_ref <> ''`, hash), "what is needed to erase them")
		require.EqualValues(t, 2, number(t, s, `SELECT COUNT(*) FROM pending_deliveries`))
		n, err = s.TakePending(t.Context(), c)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestPendingDeliveriesAreBounded(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		fillPending := func(n int, account string) {
			execute(t, s, fill(n)+`INSERT INTO pending_deliveries (id, platform, account, live, topic, external_id, triggered_at, received_at, body)
				SELECT `+account+` || '-' || i, 'shopify', `+account+`, 1, 't', 'e' || i, 0, 0, $1 FROM n`, []byte("sealed"))
		}
		addIn := func(live bool, account string) error {
			return s.AddPending(t.Context(), account, live, storetest.Delivery(s, commerce.Connection{Platform: commerce.Shopify}))
		}
		add := func(account string) error { return addIn(true, account) }
		fillPending(999, `'full'`)
		require.NoError(t, add("full"))
		require.True(t, fault.Is(add("full"), fault.Temporary), "1000 of one account")
		require.NoError(t, add("another"))
		require.NoError(t, addIn(false, "full"), "what is live takes no room from tests, nor they from it")
		if s.Embedded() { // filling it takes half a minute, and it is the same statement
			return
		}
		fillPending(50_000-1001-1-1, fmt.Sprintf("'many' || (i %% %d)", 60))
		require.NoError(t, add("another"))
		require.True(t, fault.Is(add("another"), fault.Temporary), "50,000 in all")
	})
}

// What cannot be opened now stands in nobody's way, and is kept: its key may come back.
func TestPendingThatCannotBeOpenedIsSetAside(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const account = "teapots.myshopify.com"
		for i := range 3 {
			d := storetest.Delivery(s, commerce.Connection{Platform: commerce.Shopify}, func(d *commerce.Delivery) {
				d.ReceivedAt = d.ReceivedAt.Add(time.Duration(i) * time.Hour)
			})
			require.NoError(t, s.AddPending(t.Context(), account, true, d))
		}
		execute(t, s, `UPDATE pending_deliveries SET body = $1 WHERE received_at = (SELECT MIN(received_at) FROM pending_deliveries)`, []byte("of another key"))
		c := storetest.Connection(t, s, storetest.Shop(t, s), func(c *commerce.Connection) { c.ExternalID = account })
		n, err := s.TakePending(t.Context(), c)
		require.True(t, fault.Is(err, fault.Permanent), "%v", err)
		require.ErrorContains(t, err, "1 pending")
		require.Equal(t, 2, n)
		got, err := s.NextInbox(t.Context(), c.ShopID, 10)
		require.NoError(t, err)
		require.Len(t, got, 2)
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM pending_deliveries`))
	})
}
