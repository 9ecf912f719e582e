package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// consentReaches are the reaches of consent read at and told to platforms.
var consentReaches = map[string]reach{
	"Store.Customers": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Customers(t.Context(), a, commerce.Shopify, []commerce.PersonID{b.person.ID})
		require.Empty(t, got)
		return got, err
	},
	"Store.PutOffWriteback": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.PutOffWriteback(t.Context(), a, b.writeback(t, s), 1, "intruder")
	},
	"Store.StillToTell": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		still, err := s.StillToTell(t.Context(), a, b.writeback(t, s))
		if still {
			return nil, errReached
		}
		return nil, err
	},
	"Tx.AskUnsubscribe": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.AskUnsubscribe(a, commerce.Shopify, b.person.ID, tx.Now())
	}),
	"Tx.UnsubscribeTold": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		told, err := tx.UnsubscribeTold(a, commerce.Shopify, b.person.ID)
		if told {
			return nil, errReached
		}
		return nil, err
	}),
	"Tx.DropUnsubscribes": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.DropUnsubscribes(a, commerce.Shopify, b.person.ID)
	}),
	"Tx.FinishWriteback": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		w := b.writeback(t, s)
		return in(func(tx *store.Tx, a commerce.ShopID, _ furnished) (any, error) {
			done, err := tx.FinishWriteback(a, w, "intruder")
			if done {
				return nil, errReached
			}
			return nil, err
		})(t, s, a, b)
	},
	"Tx.MarkConsentsRead": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.MarkConsentsRead(a, commerce.Shopify, map[string]commerce.Instant{"customer of " + b.owner: tx.Now()})
	}),
}

func furnishConsent(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		customer := "customer of " + w.owner
		return errors.Join(
			tx.AddIdentities(w.shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByShopify, Value: customer}: w.person.ID}),
			tx.MarkConsentsRead(w.shop, commerce.Shopify, map[string]commerce.Instant{customer: 1}),
			tx.AskUnsubscribe(w.shop, commerce.Shopify, w.person.ID, 1),
			tx.Exec(`UPDATE writebacks SET note = $2 WHERE shop_id = $1`, string(w.shop), "note of "+w.owner),
		)
	})
}

// writeback is the shop's one, as whoever takes it has it.
func (f furnished) writeback(t *testing.T, s *store.Store) store.Writeback {
	t.Helper()
	w := store.Writeback{Shop: f.shop, ID: word(t, s, `SELECT id FROM writebacks WHERE shop_id = $1`, f.shop)}
	w.Tries = number(t, s, `SELECT tries FROM writebacks WHERE shop_id = $1`, f.shop)
	w.SaidAt = commerce.Instant(number(t, s, `SELECT said_at FROM writebacks WHERE shop_id = $1`, f.shop))
	return w
}
