package store_test

import (
	"context"
	"slices"
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
		got, _, err := s.LoyaltyMembers(t.Context(), a, store.MemberChoice{}, store.LoyaltyMember{}, 10)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.LoyaltyFacts": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.LoyaltyFacts(t.Context(), a, []commerce.PersonID{b.person.ID})
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Tx.LoyaltyFacts": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.LoyaltyFacts(a, []commerce.PersonID{b.person.ID})
			if len(got) > 0 {
				err = errReached
			}
			return got, err
		})
	},
	"Store.MembersByID": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.MembersByID(t.Context(), a, "", 10)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.MembersOf": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.MembersOf(t.Context(), a, []commerce.PersonID{b.person.ID})
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.MembersIn": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.MembersIn(t.Context(), a)
		require.Empty(t, got)
		return got, err
	},
	"Store.ProgramVersions": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, _, err := s.ProgramVersions(t.Context(), a, 0, 10)
		if len(got) > 0 {
			err = errReached
		}
		return got, err
	},
	"Store.LedgerSums": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.LedgerSums(t.Context(), a, 0, 1<<60)
		require.Zero(t, got)
		return got, err
	},
	"Tx.Posted": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.Posted(a, loyalty.OfEvent, []string{"cause of " + b.owner})
			require.Empty(t, got)
			return got, err
		})
	},
	"Store.ShopsWithDueRewards": func(*testing.T, *store.Store, commerce.ShopID, furnished) (any, error) {
		return nil, nil // it reads which shops, and nothing of theirs
	},
	"Store.DueClubs": func(*testing.T, *store.Store, commerce.ShopID, furnished) (any, error) {
		return nil, nil // it walks all shops, for the sweep; the shop is a cursor
	},
	"Store.DueAwards": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.DueAwards(t.Context(), a, 10)
		require.Empty(t, got)
		return nil, err
	},
	"Store.EndingMembers":   dueOf((*store.Store).EndingMembers),
	"Store.NoticeMembers":   dueOf((*store.Store).NoticeMembers),
	"Store.TierMembers":     dueOf((*store.Store).TierMembers),
	"Store.PlacesMembers":   dueOf((*store.Store).PlacesMembers),
	"Store.BirthdayMembers": dueOf((*store.Store).BirthdayMembers),
	"Store.PutOffMember": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.PutOffMember(t.Context(), a, b.person.ID, 7)
	},
	"Store.PutOffAwards": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.PutOffAwards(t.Context(), a, loyalty.Cause{Kind: loyalty.OfEvent, ID: "cause of " + b.owner}, 7)
	},
	"Tx.AwardHolders": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.AwardHolders(a, loyalty.OfEvent, []string{"cause of " + b.owner})
			require.Empty(t, got)
			return nil, err
		})
	},
	"Tx.PlacedOrders": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.PlacedOrders(a, []commerce.PersonID{b.person.ID})
			require.Empty(t, got)
			return nil, err
		})
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
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.Block(a, b.person.ID, "mine", "me") })
	},
	"Tx.SetStanding": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.SetStanding(a, b.person.ID, loyalty.Standing{Tier: "mine"}, 7)
		})
	},
	"Store.Ledger": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		rows, err := s.Ledger(t.Context(), a, b.person.ID)
		if len(rows) > 0 {
			err = errReached
		}
		return rows, err
	},
	"Store.DueRewards": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		ids, err := s.DueRewards(t.Context(), a, 1000)
		if slices.Contains(ids, "reward-"+b.owner) {
			err = errReached
		}
		return nil, err
	},
	"Tx.KeepReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.KeepReward(a, store.Reward{ID: "reward-" + b.owner, LookAt: 7}, "mine")
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
	"Tx.GivenByRules": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.GivenByRules(a, b.person.ID, []string{"hello"}, loyalty.Cause{}, 0, 1<<60)
			if len(got) > 0 {
				err = errReached
			}
			return got, err
		})
	},
	"Tx.EarnedSince": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.EarnedSince(a, b.person.ID, 0)
			if len(got) > 0 {
				err = errReached
			}
			return got, err
		})
	},
	"Tx.LookAtTier": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.LookAtTier(a, b.person.ID, 7) })
	},
	"Tx.PlanBirthday": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.PlanBirthday(a, b.person.ID, 7) })
	},
	"Tx.PlacesSeen": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.PlacesSeen(a, b.person.ID) })
	},
	"Tx.NoticeGiven": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.NoticeGiven(a, b.person.ID, 7) })
	},
	"Tx.WantTag": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.WantTag(a, b.person.ID, "mine") })
	},
	"Store.PutOffTag": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.PutOffTag(t.Context(), a, store.DueTag{Person: b.person.ID, Want: "tag of " + b.owner, Tries: 1}, 7)
	},
	"Store.FinishTag": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.FinishTag(t.Context(), a, store.DueTag{Person: b.person.ID, Want: "tag of " + b.owner, Tries: 1})
	},
	"Tx.Tell": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.Tell(a, store.OwnEvent{Person: b.person.ID, Happening: commerce.Happening{Kind: commerce.TierReached, Subject: "mine", At: tx.Now()}})
		})
	},
	"Tx.PlanAwards": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.PlanAwards(a, loyalty.Cause{Kind: loyalty.OfEvent, ID: "cause of " + b.owner}, 7)
		})
	},
}

// dueOf tries a list of members of whom something is due.
func dueOf(list func(*store.Store, context.Context, commerce.ShopID, int) ([]store.DueMember, error)) reach {
	return func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := list(s, t.Context(), a, 10)
		require.Empty(t, got)
		return nil, err
	}
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
		rows := ledger.Give(loyalty.Cause{Kind: loyalty.OfEvent, ID: "cause of " + w.owner}, loyalty.Rule{ID: "hello", Kind: loyalty.ForSignUp, Points: 5}, p.Version, loyalty.Person{Member: true}, tx.Now(), tx.Now())
		rows[0].Note = "note of " + w.owner
		if _, err := tx.PostLedger(w.shop, members[w.person.ID], rows, loyalty.Policy{}); err != nil {
			return nil, err
		}
		if err := tx.Join(w.shop, w.person.ID, "desk of "+w.owner, 1); err != nil {
			return nil, err
		}
		return nil, tx.WantTag(w.shop, w.person.ID, "tag of "+w.owner)
	})
	require.NoError(t, err)
}

// rewardsReaches are the reaches of what points buy.
var rewardsReaches = map[string]reach{
	"Store.Reward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Reward(t.Context(), a, "reward-"+b.owner)
	},
	"Store.RewardOfWalk": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		w, _ := gave(t, s)
		r, found, err := s.RewardOfWalk(t.Context(), a, w.enrollment.ID)
		if found {
			err = errReached
		}
		return r, err
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
			r, _, err := tx.GiveReward(a, store.LoyaltyMember{Person: b.person.ID}, store.Gift{
				Cause: store.RewardCause{Kind: store.RewardByStaff, ID: "cause of " + b.owner}, Offer: loyalty.Offer{Reward: "off", Worth: 1}, Month: march,
			}, loyalty.Program{Budget: 5})
			r.Cause = store.RewardCause{} // what was asked for, not what was read
			return r, err
		})
	},
	"Tx.SetReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return tx.SetReward(a, store.LoyaltyMember{Person: b.person.ID}, store.Reward{ID: "reward-" + b.owner, State: store.RewardMaking, Month: march}, store.RewardOutcome{State: store.RewardMade, Code: "x"}, loyalty.Policy{})
		})
	},
	"Tx.RewardFor": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			r, found, err := tx.RewardFor(a, store.RewardCause{Kind: store.RewardByStaff, ID: "cause of " + b.owner}, "reward of "+b.owner)
			if found {
				err = errReached
			}
			return r, err
		})
	},
	"Tx.CountRewards": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			n, err := tx.CountRewards(a, b.person.ID, "reward of "+b.owner)
			if n > 0 {
				err = errReached
			}
			return n, err
		})
	},
	"Tx.RewardNoticed": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.RewardNoticed(a, store.Reward{ID: "reward-" + b.owner, ExpiresAt: 7})
		})
	},
	"Tx.RecallReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.RecallReward(a, store.Reward{ID: "reward-" + b.owner}, "mine", "me")
		})
	},
	"Tx.UseRewards": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.UseRewards(a, "mine", []string{"CODE" + b.owner}, []string{"promotion of " + b.owner})
		})
	},
	"Tx.SetBirthday": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.SetBirthday(a, b.person.ID, 229) })
	},
	"Store.TakeReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		r, taken, err := s.TakeReward(t.Context(), a, "reward-"+b.owner)
		if taken {
			err = errReached
		}
		return r, err
	},
	"Store.RewardCode": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		code, key, err := s.RewardCode(t.Context(), a, "reward-"+b.owner, "mine")
		theirs, theirKey, failed := s.RewardCode(t.Context(), b.shop, "reward-"+b.owner, "mine")
		require.NoError(t, failed)
		if code == theirs || key == theirKey {
			err = errReached
		}
		return nil, err
	},
	"Store.WaitingRewards": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.WaitingRewards(t.Context(), a, s.Now())
		require.Zero(t, got)
		return got, err
	},
	"Store.AskReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		asked, err := s.AskReward(t.Context(), a, "reward-"+b.owner, "mine")
		if asked {
			err = errReached
		}
		return nil, err
	},
	"Store.PutOffReward": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.PutOffReward(t.Context(), a, store.Reward{ID: "reward-" + b.owner, LookAt: 1}, 7, "mine", 7)
	},
}

func furnishRewards(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		_, _, err := tx.GiveReward(w.shop, store.LoyaltyMember{Person: w.person.ID}, store.Gift{
			Cause: store.RewardCause{Kind: store.RewardByStaff, ID: "cause of " + w.owner}, Offer: loyalty.Offer{Reward: "reward of " + w.owner, Worth: 1}, Month: march,
			By: "clerk of " + w.owner, Why: "why of " + w.owner,
		}, loyalty.Program{Budget: 5})
		return err
	})
	execute(t, s, `UPDATE rewards SET id = $2, note = $3, recalled_by = $3, recall_note = $3, connection_id = $3, platform_id = $3, order_id = $3, code = $4 WHERE shop_id = $1`, string(w.shop), "reward-"+w.owner, "note of "+w.owner, "CODE"+w.owner)
}
