package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
)

// sendersReaches are the reaches of who a shop writes as.
var sendersReaches = map[string]reach{
	"Store.Sender": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Sender(t.Context(), a)
		require.Zero(t, got.Rev)
		return got, err
	},
	"Tx.Sender": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) { return tx.Sender(a) }),
	"Tx.SaveSender": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SaveSender(a, store.Sender{Kind: store.SenderDomain, State: store.SenderReady, Domain: b.owner + ".example"})
	}),
	"Store.SenderKeys": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.SenderKeys(t.Context(), a, b.owner+".example")
		require.Empty(t, got)
		return got, err
	},
	"Tx.SaveSenderKeys": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.SaveSenderKeys(a, []store.SenderKey{{Domain: b.owner + ".example", Selector: "fw1", State: store.KeyOld}})
	}),
	"Tx.DropSenderKeys": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.DropSenderKeys(a, b.owner+".example", []string{"fw1"})
	}),
	"Tx.DropOtherKeys": in(func(tx *store.Tx, a commerce.ShopID, _ furnished) (any, error) { return nil, tx.DropOtherKeys(a, "") }),
	"Store.TakeSending": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.TakeSending(t.Context(), a, "shared of "+b.owner, s.Now(), 1, 100)
	},
	"Tx.GiveBackSending": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.GiveBackSending(a, "shared of "+b.owner, tx.Now(), 1)
	}),
	"Store.SendingDays": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		before, taken, err := s.SendingDays(t.Context(), a, "shared of "+b.owner, s.Now()+1)
		require.Zero(t, before+taken)
		return before, err
	},
	"Store.Complaints": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		sent, complaints, err := s.Complaints(t.Context(), a, "shared of "+b.owner, 0)
		require.Zero(t, sent+complaints)
		return sent, err
	},
	"Tx.Bought": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		got, err := tx.Bought(a, []commerce.PersonID{b.person.ID})
		if got[b.person.ID] {
			err = errReached
		}
		return got, err
	}),
}

func furnishSenders(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	execute(t, s, `INSERT INTO senders (shop_id, kind, state, address, domain, changed_at, rev) VALUES ($1, $2, $3, $4, $5, 1, 1)`,
		string(w.shop), "domain", "checking", "hello@"+w.owner+".example", w.owner+".example")
	execute(t, s, `INSERT INTO sender_keys (shop_id, domain, selector, kind, state, public, sealed, made_at, since) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 1)`,
		string(w.shop), w.owner+".example", "fw1", "ed25519", "next", "public of "+w.owner, []byte("x"))
	execute(t, s, `INSERT INTO sender_days (shop_id, sender, day, taken) VALUES ($1, $2, $3, 1)`, string(w.shop), "shared of "+w.owner, int64(s.Now()))
}
