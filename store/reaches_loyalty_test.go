package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/store/storetest"
)

// inTx runs fn as one transaction of a reach and returns what it read.
func inTx[T any](t *testing.T, s *store.Store, fn func(tx *store.Tx) (T, error)) (out T, err error) {
	t.Helper()
	err = s.Transact(t.Context(), func(tx *store.Tx) (err error) {
		out, err = fn(tx)
		return err
	})
	return out, err
}

// loyaltyReaches are the reaches of points: whoever is named is of the other shop.
var loyaltyReaches = map[string]reach{
	"Store.LoyaltyProgram": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return s.LoyaltyProgram(t.Context(), a)
	},
	"Tx.LoyaltyProgram": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return tx.LoyaltyProgram(a) })
	},
	"Tx.ProgramAt": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return tx.ProgramAt(a, tx.Now()) })
	},
	"Store.SaveProgram": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return s.SaveProgram(t.Context(), a, fivePerEuro(), 0, "me")
	},
	"Store.SetProgramState": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		return nil, s.SetProgramState(t.Context(), a, store.ProgramPaused, 1)
	},
	"Store.LoyaltyMember": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		m, err := s.LoyaltyMember(t.Context(), a, b.person.ID)
		if m.Person != "" {
			err = errReached
		}
		return m, err
	},
	"Store.LoyaltyMembers": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, _, err := s.LoyaltyMembers(t.Context(), a, store.LoyaltyMember{}, 10)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.Statement": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		rows, _, err := s.Statement(t.Context(), a, b.person.ID, 0, 10)
		if len(rows) > 0 {
			err = errReached
		}
		return rows, err
	},
	"Store.Liability": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		owed, err := s.Liability(t.Context(), a)
		require.Zero(t, owed)
		return owed, err
	},
	"Tx.LockMembers": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.LockMembers(a, []commerce.PersonID{b.person.ID})
			if got[b.person.ID].Points != 0 {
				err = errReached
			}
			return got, err
		})
	},
	"Tx.Join": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.Join(a, b.person.ID, "me", 9) })
	},
	"Tx.Leave": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.Leave(a, b.person.ID) })
	},
	"Tx.Block": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.Block(a, b.person.ID, "mine") })
	},
	"Tx.SetStanding": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.SetStanding(a, b.person.ID, loyalty.Standing{Tier: "mine"}, 7)
		})
	},
	"Tx.Ledger": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			rows, err := tx.Ledger(a, b.person.ID)
			if len(rows) > 0 {
				err = errReached
			}
			return rows, err
		})
	},
	"Tx.PostLedger": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			terms := fivePerEuro().Rules[0].Freeze(1, 100, -1, commerce.Money{})
			return tx.PostLedger(a, store.LoyaltyMember{Person: b.person.ID}, []loyalty.Row{
				{Kind: loyalty.Earn, Cause: loyalty.Cause{Kind: loyalty.OfEvent, ID: "cause of " + b.owner}, Rule: "spend", Points: 1, Terms: &terms},
			}, loyalty.Policy{})
		})
	},
	"Tx.RebuildMember": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return tx.RebuildMember(a, b.person.ID, loyalty.Policy{}) })
	},
	"Tx.Awards": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.Awards(a, loyalty.OfEvent, []string{"cause of " + b.owner})
			if len(got) > 0 {
				err = errReached
			}
			return got, err
		})
	},
	"Tx.PlanAwards": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.PlanAwards(a, loyalty.Cause{Kind: loyalty.OfEvent, ID: "cause of " + b.owner}, 7)
		})
	},
}

func furnishLoyalty(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	p, err := s.SaveProgram(t.Context(), w.shop, fivePerEuro(func(p *loyalty.Program) { p.Name = map[string]string{"en": "points of " + w.owner} }), 0, "clerk of "+w.owner)
	require.NoError(t, err)
	_, err = inTx(t, s, func(tx *store.Tx) (any, error) {
		members, err := tx.LockMembers(w.shop, []commerce.PersonID{w.person.ID})
		if err != nil {
			return nil, err
		}
		ledger := &loyalty.Ledger{}
		rows := ledger.Give(loyalty.Cause{Kind: loyalty.OfEvent, ID: "cause of " + w.owner}, loyalty.Rule{ID: "hello", Kind: loyalty.ForSignUp, Points: 5}, p.Version, loyalty.Person{Member: true}, tx.Now())
		rows[0].Note = "note of " + w.owner
		if _, err := tx.PostLedger(w.shop, members[w.person.ID], rows, loyalty.Policy{}); err != nil {
			return nil, err
		}
		return nil, tx.Join(w.shop, w.person.ID, "desk of "+w.owner, 1)
	})
	require.NoError(t, err)
}

// rewardsReaches are the reaches of what points buy.
var rewardsReaches = map[string]reach{
	"Store.Reward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Reward(t.Context(), a, "reward-"+b.owner)
	},
	"Store.RewardsOf": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.RewardsOf(t.Context(), a, b.person.ID, 10)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.RewardBudget": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.RewardBudget(t.Context(), a, march)
		require.Zero(t, got)
		return got, err
	},
	"Tx.LockReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return tx.LockReward(a, "reward-"+b.owner) })
	},
	"Tx.GiveReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			r, _, err := tx.GiveReward(a, store.LoyaltyMember{Person: b.person.ID}, store.RewardCause{Kind: store.RewardByStaff, ID: "cause of " + b.owner},
				loyalty.Offer{Reward: "off", Worth: 1}, march, loyalty.Program{Budget: 5})
			r.Cause = store.RewardCause{} // what was asked for, not what was read
			return r, err
		})
	},
	"Tx.SetReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return tx.SetReward(a, store.LoyaltyMember{Person: b.person.ID}, store.Reward{ID: "reward-" + b.owner, State: store.RewardMaking, Month: march}, store.RewardMade, "x", "", loyalty.Policy{})
		})
	},
	"Tx.PutOffReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.PutOffReward(a, "reward-"+b.owner, 7, "mine") })
	},
}

func furnishRewards(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		_, _, err := tx.GiveReward(w.shop, store.LoyaltyMember{Person: w.person.ID}, store.RewardCause{Kind: store.RewardByStaff, ID: "cause of " + w.owner},
			loyalty.Offer{Reward: "reward of " + w.owner, Worth: 1}, march, loyalty.Program{Budget: 5})
		return err
	})
	execute(t, s, `UPDATE rewards SET id = $2 WHERE shop_id = $1`, string(w.shop), "reward-"+w.owner)
}
