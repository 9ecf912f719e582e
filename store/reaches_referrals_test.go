package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/referral"
	"flywheel/store"
	"flywheel/store/storetest"
)

// some fails a reach that has found rows of the other shop.
func some[T any](found []T, err error) (any, error) {
	if len(found) > 0 {
		err = errReached
	}
	return found, err
}

// referralsReaches are the reaches of friends: whoever is named is of the other shop.
var referralsReaches = map[string]reach{
	"Store.AdvocateOf": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, err := s.AdvocateOf(t.Context(), a, b.person.ID)
		if got.Code != "" {
			err = errReached
		}
		return got, err
	},
	"Tx.AdvocateIn": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.AdvocateIn(a, b.person.ID)
			if got.Code != "" {
				err = errReached
			}
			return got, err
		})
	},
	"Tx.Advocate": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return tx.Advocate(a, b.person.ID) })
	},
	"Tx.AdvocatesByCode": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.AdvocatesByCode(a, []string{codeOfFriends[b.owner]})
			if len(got) > 0 {
				err = errReached
			}
			return got, err
		})
	},
	"Store.CountVisit": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.CountVisit(t.Context(), a, codeOfFriends[b.owner])
	},
	"Tx.BanAdvocate": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.BanAdvocate(a, b.person.ID, "me", "mine") })
	},
	"Store.Referral": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return s.Referral(t.Context(), a, "referral-"+b.owner)
	},
	"Store.Referrals": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		got, _, err := s.Referrals(t.Context(), a, store.ReferralFilter{Advocate: b.person.ID}, "", 10)
		return some(got, err)
	},
	"Store.ReferralCounts": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.ReferralCounts(t.Context(), a)
		require.Empty(t, got)
		return got, err
	},
	"Store.DecideReferral": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return nil, s.DecideReferral(t.Context(), a, "referral-"+b.owner, referral.Let, "me", "mine")
	},
	"Tx.ReferralsOfFriend": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return some(tx.ReferralsOfFriend(a, b.person.ID)) })
	},
	"Tx.SentWithin": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			n, err := tx.SentWithin(a, b.person.ID, -1, tx.Now()+1, "")
			require.Zero(t, n)
			return n, err
		})
	},
	"Tx.SaveReferral": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.SaveReferral(a, store.Referral{ID: "referral-" + b.owner, Advocate: b.person.ID, Friend: b.person.ID})
		})
	},
	"Store.ShopsWithDueFriends": func(*testing.T, *store.Store, commerce.ShopID, furnished) (any, error) {
		return nil, nil // it walks all shops, for the sweep; the shop is a cursor
	},
	"Store.DueFriends": func(t *testing.T, s *store.Store, a commerce.ShopID, _ furnished) (any, error) {
		got, err := s.DueFriends(t.Context(), a, 10)
		require.Empty(t, got)
		return got, err
	},
	"Tx.LookAtFailed": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			tier := store.Reward{Person: b.person.ID, Cause: store.RewardCause{Kind: store.RewardOfTier}}
			paid := store.Reward{Person: b.person.ID, Cause: store.RewardCause{Kind: store.RewardReferral, ID: "referral-" + b.owner}}
			return nil, errors.Join(tx.LookAtFailed(a, tier, 7), tx.LookAtFailed(a, paid, 7))
		})
	},
	"Tx.DropReferralOffer": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.DropReferralOffer(a, "touch-"+b.owner) })
	},
	"Tx.Circle": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			same, err := tx.Circle(a, b.person.ID)
			require.Equal(t, []commerce.PersonID{b.person.ID}, same, "who is not known stands alone")
			return nil, err
		})
	},
	"Tx.LookAtFriends": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return nil, tx.LookAtFriends(a, []commerce.PersonID{b.person.ID}, 7) })
	},
	"Tx.FriendLooked": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.FriendLooked(a, store.DueFriend{Person: b.person.ID, Rev: 1}, 0)
		})
	},
	"Tx.KnownFriends": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return some(tx.KnownFriends(a, []commerce.PersonID{b.person.ID}, map[string]commerce.PersonID{b.hash: b.person.ID}))
		})
	},
	"Tx.LookAtSent": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.LookAtSent(a, []commerce.PersonID{b.person.ID}, 0, tx.Now()+1)
		})
	},
	"Tx.AddReferralTouch": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.AddReferralTouch(a, store.ReferralTouch{ID: "touch-" + b.owner, Advocate: b.person.ID, EmailHash: b.hash, Mailbox: b.hash})
		})
	},
	"Tx.ReferralTouches": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return some(tx.ReferralTouches(a, []string{b.hash})) })
	},
	"Tx.TouchesOfCodes": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.TouchesOfCodes(a, []string{"CODE" + b.owner}, []string{"promotion of " + b.owner})
			if len(got) > 0 {
				err = errReached
			}
			return got, err
		})
	},
	"Tx.FriendOffers": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			n, worth, err := tx.FriendOffers(a, b.person.ID, -1, march)
			if n > 0 || worth > 0 {
				err = errReached
			}
			return n, err
		})
	},
	"Tx.PersonsOfMailboxes": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return some(tx.PersonsOfMailboxes(a, []string{referral.Mailbox(b.person.Email)}))
		})
	},
	"Tx.SealOffer": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) { return tx.SealOffer(a, store.OfferClaim{Email: b.person.Email}) })
	},
	"Store.OpenOffer": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		token, err := inTx(t, s, func(tx *store.Tx) (any, error) {
			return tx.SealOffer(b.shop, store.OfferClaim{Code: "BBBBBBBB", Email: b.person.Email, Until: tx.Now() + 9})
		})
		require.NoError(t, err)
		return s.OpenOffer(t.Context(), a, "BBBBBBBB", token.(string))
	},
	"Tx.Who": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			got, err := tx.Who(a, b.person.ID, tx.Now())
			if got.Name != "" || len(got.Emails)+len(got.Phones)+len(got.Addresses) > 0 {
				err = errReached
			}
			return got, err
		})
	},
	"Tx.AskOffer": func(t *testing.T, s *store.Store, a commerce.ShopID, b furnished) (any, error) {
		return inTx(t, s, func(tx *store.Tx) (any, error) {
			return nil, tx.AskOffer(a, store.OfferAsk{Email: "x@example.com", Advocate: store.Advocate{Person: b.person.ID}})
		})
	},
}

// codeOfFriends are the codes of the advocates of furnished shops, by owner.
var codeOfFriends = map[string]string{"a": "BBBBBBBB", "b": "CCCCCCCC"}

func furnishReferrals(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	advocateOf(t, s, w.shop, w.person.ID)
	referred(t, s, w.shop, w.person.ID, w.person.ID, func(r *store.Referral) { r.ID, r.Code = "referral-"+w.owner, "code of "+w.owner })
	storetest.Do(t, s, func(tx *store.Tx) error {
		if err := tx.AddReferralTouch(w.shop, store.ReferralTouch{ID: "touch-" + w.owner, Advocate: w.person.ID, Person: w.person.ID, Via: referral.ByLink, EmailHash: w.hash, Mailbox: w.hash, Language: "language of " + w.owner, Keep: s.Now() + 1_000_000}); err != nil {
			return err
		}
		return tx.LookAtFriends(w.shop, []commerce.PersonID{w.person.ID}, s.Now())
	})
	if code := codeOfFriends[w.owner]; code != "" {
		execute(t, s, `UPDATE advocates SET code = $2, ban_note = $3 WHERE shop_id = $1`, string(w.shop), code, "ban of "+w.owner)
	}
}
