package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// bouncesReaches are the reaches of what became of mails.
var bouncesReaches = map[string]reach{
	"Store.Bounces": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.Bounces(t.Context(), a, b.hash, 10)
		require.Empty(t, got)
		return got, err
	},
	"Tx.AddBounce": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return tx.AddBounce(a, store.Bounce{Key: "event of " + b.owner, Kind: gate.HardBounce, Effect: b.effect.ID, AddressHash: b.hash, Source: "dsn"})
	}),
	"Tx.BounceRun": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		run, err := tx.BounceRun(a, b.hash)
		if run.Length != 0 {
			err = errReached
		}
		return run, err
	}),
	"Tx.BouncedBefore": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		before, err := tx.BouncedBefore(a, b.hash, b.effect.ID, "")
		if before {
			err = errReached
		}
		return nil, err
	}),
	"Tx.EndBounceRun": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.EndBounceRun(a, b.hash, tx.Now())
	}),
	"Tx.Mailed": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		m, found, err := tx.Mailed(a, b.effect.ID)
		if found {
			err = errReached
		}
		return m, err
	}),
	"Tx.PersonAt": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		id, err := tx.PersonAt(a, b.person.Email)
		if id != "" {
			err = errReached
		}
		return id, err
	}),
	"Tx.SaveBounceRun": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, errors.Join(tx.SaveBounceRun(a, b.hash, gate.BounceRun{Length: 4, LastAt: 9}), tx.SaveBounceRun(a, b.hash, gate.BounceRun{}))
	}),
	"Tx.TakenSince": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		at, err := tx.TakenSince(a, b.person.ID, b.hash, 0, tx.Now())
		if at != 0 {
			err = errReached
		}
		return nil, err
	}),
	"Tx.TellUnsubscribed": in(func(tx *store.Tx, a commerce.ShopID, b furnished) (any, error) {
		return nil, tx.TellUnsubscribed(a, b.person.ID)
	}),
}

func furnishBounces(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	execute(t, s, `INSERT INTO bounces (shop_id, id, event_key, kind, effect_id, address_hash, source, at, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)`,
		string(w.shop), store.NewID(), "event of "+w.owner, "soft", string(w.effect.ID), w.hash, "dsn", int64(s.Now()))
	execute(t, s, `INSERT INTO soft_runs (shop_id, address_hash, run, last_at) VALUES ($1, $2, 1, 1)`, string(w.shop), w.hash)
}
