package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/referral"
)

// LoyaltyFacts reads what campaigns ask about persons in the shop's program; who
// has nothing there is not in it.
func (s *Store) LoyaltyFacts(ctx context.Context, shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]campaign.Loyalty, error) {
	return s.query(ctx).loyaltyFacts(shop, persons)
}

// LoyaltyFacts is Store.LoyaltyFacts inside a transaction.
func (tx *Tx) LoyaltyFacts(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]campaign.Loyalty, error) {
	return tx.loyaltyFacts(shop, persons)
}

func (q *query) loyaltyFacts(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]campaign.Loyalty, error) {
	out := map[commerce.PersonID]campaign.Loyalty{}
	p, err := q.program(shop)
	if err != nil {
		return nil, err
	}
	if p.State == ProgramLive && p.Referral.On {
		for _, id := range persons {
			out[id] = campaign.Loyalty{Sends: true}
		}
	}
	members, err := q.membersOf(shop, persons, "")
	if err != nil {
		return nil, err
	}
	for id, m := range members {
		out[id] = campaign.Loyalty{
			Member: m.State == Joined, Points: m.Points, Pending: m.Pending, EndsAt: m.EndsAt, Ending: m.Ending, Tier: m.Tier, Below: m.Below,
			Sends: out[id].Sends && m.State != Blocked, Rewards: map[string]commerce.Instant{},
		}
	}
	circles, err := q.circles(shop, persons)
	if err != nil {
		return nil, err
	}
	of, all := map[commerce.PersonID][]commerce.PersonID{}, []commerce.PersonID(nil)
	for asked, circle := range circles {
		for _, id := range circle {
			if of[id] == nil {
				all = append(all, id)
			}
			of[id] = append(of[id], asked)
		}
	}
	if len(all) == 0 {
		return out, nil
	}
	return out, q.addRewardsAndFriends(shop, all, func(who commerce.PersonID, add func(l *campaign.Loyalty)) {
		for _, asked := range of[who] {
			l := out[asked]
			add(&l)
			out[asked] = l
		}
	})
}

// addRewardsAndFriends reads which rewards of persons can be used, whether they may send friends, and how many of those were paid for.
func (q *query) addRewardsAndFriends(shop commerce.ShopID, persons []commerce.PersonID, to func(who commerce.PersonID, add func(l *campaign.Loyalty))) error {
	var rewards []struct {
		Person string `db:"person_id"`
		ID     string `db:"id"`
		Ends   int64  `db:"expires_at"`
		Walk   string `db:"walk"` // that gave it
	}
	if err := q.all(&rewards, `SELECT person_id, id, expires_at, COALESCE((SELECT e.enrollment_id FROM effects e WHERE e.shop_id = $1 AND e.id = rewards.cause_id AND rewards.cause_kind = $4), '') AS walk
		FROM rewards WHERE shop_id = $1 AND person_id `+q.in(2)+` AND state = $3 AND recall_at = 0`, shop, list(q, persons), RewardMade, RewardCampaign); err != nil {
		return err
	}
	for _, r := range rewards {
		to(commerce.PersonID(r.Person), func(l *campaign.Loyalty) {
			if l.Rewards == nil {
				l.Rewards = map[string]commerce.Instant{}
			}
			l.Rewards[r.ID] = commerce.Instant(r.Ends)
			if r.Walk != "" {
				if l.Gifts == nil {
					l.Gifts = map[campaign.EnrollmentID]bool{}
				}
				l.Gifts[campaign.EnrollmentID(r.Walk)] = true
			}
		})
	}
	banned, err := q.scalars(`SELECT person_id FROM advocates WHERE shop_id = $1 AND person_id `+q.in(2)+` AND banned_at > 0`, shop, list(q, persons))
	if err != nil {
		return err
	}
	for _, id := range banned {
		to(commerce.PersonID(id), func(l *campaign.Loyalty) { l.Sends = false })
	}
	var friends []struct {
		Person string `db:"advocate_id"`
		ID     string `db:"id"`
		State  string `db:"state"`
	}
	if err := q.all(&friends, `SELECT advocate_id, id, state FROM referrals WHERE shop_id = $1 AND advocate_id `+q.in(2)+` AND (state = $3 OR state = $4)`,
		shop, list(q, persons), referral.Paid, referral.Waiting); err != nil {
		return err
	}
	for _, f := range friends {
		to(commerce.PersonID(f.Person), func(l *campaign.Loyalty) {
			paid := referral.State(f.State) == referral.Paid
			if l.Sent == nil {
				l.Sent = map[string]bool{}
			}
			if l.Sent[f.ID] = paid; paid {
				l.Friends++
			}
		})
	}
	return nil
}
