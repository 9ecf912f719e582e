package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// crowd fills a shop with more persons and deliveries than one read takes; every one of a thousand is Ada's.
func crowd(t *testing.T, s *store.Store, c commerce.Connection, email, hash string) {
	t.Helper()
	const many = `WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 45000) `
	execute(t, s, many+`INSERT INTO persons (shop_id, id, merged_into, email, phone, first_name, last_name, language, country, timezone, updated_at, created_at)
		SELECT CAST($1 AS TEXT), 'p' || i, '', CASE WHEN i % 1000 = 0 THEN CAST($2 AS TEXT) ELSE 'e' || i END, '', '', '', '', '', '', 0, 0 FROM r`, c.ShopID, email)
	execute(t, s, many+`INSERT INTO inbox (shop_id, id, connection_id, platform, topic, external_id, triggered_at, received_at, order_ref, customer_ref, email_hash, state)
		SELECT CAST($1 AS TEXT), 'd' || i, CAST($2 AS TEXT), 'shopify', 't', 'x' || i, 0, 0,
			CASE WHEN i % 1000 = 1 THEN '555' ELSE '' END, CASE WHEN i % 1000 = 2 THEN '606' ELSE '' END, CASE WHEN i % 1000 = 3 THEN CAST($3 AS TEXT) ELSE 'h' || i END,
			CASE WHEN i > 44000 THEN 0 ELSE 1 END FROM r`, c.ShopID, c.ID, hash)
}

// Whom an erasure means is found to the last row, however large the shop is;
// what is not processed yet is left to its own processing.
func TestSeekFindsAllInALargeShop(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		ada := storetest.Person(t, s, shop)
		hash, err := s.AddressHash(t.Context(), shop, ada.Email)
		require.NoError(t, err)
		crowd(t, s, c, ada.Email, hash)
		whom, err := s.Seek(t.Context(), shop, store.Whom{
			Emails: []string{ada.Email}, Customers: []commerce.Identity{{Kind: commerce.ByShopify, Value: "606"}},
			Orders: []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: "555"}},
		})
		require.NoError(t, err)
		require.Len(t, store.Sought(whom), 45+1+3*44)
		again, err := s.Seek(t.Context(), shop, whom)
		require.NoError(t, err)
		require.Equal(t, whom, again, "it looks once")

		erased := erase(t, s, shop, whom)
		require.Len(t, erased.Persons, 46)
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM persons WHERE email = $1`, ada.Email))
		require.Equal(t, []string{`n="3"`}, table(t, s, `SELECT COUNT(*) AS n FROM inbox WHERE state = 0 AND (email_hash = '`+hash+`' OR customer_ref = '606' OR order_ref = '555')`))
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM inbox WHERE state <> 0 AND (email_hash = $1 OR customer_ref = '606')`, hash))
	})
}
