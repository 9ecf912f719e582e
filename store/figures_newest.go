package store

import (
	"cmp"
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// WalksCounted is how many of a shop's newest walks a page counts one by one:
// each is looked up in two tables.
const WalksCounted = 3000

type newestWalk struct {
	ID     string `db:"id"`
	Key    string `db:"entry_key"`
	State  string `db:"state"`
	Reason string `db:"reason"`
}

// newestWalks are those of a campaign among the newest of a shop.
func (q *query) newestWalks(shop commerce.ShopID, id campaign.CampaignID) (out []newestWalk, err error) {
	err = q.all(&out, `SELECT id, entry_key, state, reason FROM (SELECT id, entry_key, campaign_id, rehearsal, state, reason FROM enrollments
			WHERE shop_id = $1 ORDER BY id DESC LIMIT $3) newest WHERE campaign_id = $2 AND rehearsal = `+inRehearsal, shop, id, WalksCounted)
	return out, err
}

// NewestEntryOutcomes is EntryOutcomes of the shop's newest walks alone, so that
// it takes as long in a campaign of a million; who was kept out is not among them.
func (s *Store) NewestEntryOutcomes(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) ([]Outcome, error) {
	walks, err := s.query(ctx).newestWalks(shop, id)
	n := tallies{}
	for _, w := range walks {
		n.add("", w.State, w.Reason)
	}
	return n.outcomes(func(a, b Outcome) int { return cmp.Compare(a.What, b.What) }), err
}

// NewestStepOutcomes is StepOutcomes of the shop's newest walks alone. It looks
// each up by its key: a database that joins them reads all that the campaign has.
func (s *Store) NewestStepOutcomes(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) ([]Outcome, error) {
	q := s.query(ctx)
	walks, err := q.newestWalks(shop, id)
	if err != nil || len(walks) == 0 {
		return nil, err
	}
	ids, keys, keyOf := make([]string, len(walks)), make([]string, len(walks)), map[string]string{}
	for i, w := range walks {
		ids[i], keys[i], keyOf[w.ID] = w.ID, w.Key, w.Key
	}
	var acts []struct {
		Walk  string `db:"enrollment_id"`
		Step  string `db:"step_id"`
		State string `db:"state"`
	}
	if err := q.all(&acts, `SELECT enrollment_id, step_id, state FROM effects WHERE shop_id = $1 AND enrollment_id `+q.in(2), shop, list(q, ids)); err != nil {
		return nil, err
	}
	var said []struct {
		Key    string `db:"entry_key"`
		Step   string `db:"step_id"`
		Answer string `db:"answer"`
		Reason string `db:"reason"`
	}
	if err := q.all(&said, `SELECT entry_key, step_id, answer, reason FROM decisions WHERE shop_id = $1 AND campaign_id = $2 AND entry_key `+q.in(3)+`
		AND step_id <> '' ORDER BY last_at DESC, reason`, shop, id, list(q, keys)); err != nil {
		return nil, err
	}
	type at struct{ key, step string }
	decided, stands, n := map[at]bool{}, map[at]bool{}, tallies{}
	for _, d := range said {
		decided[at{d.Key, d.Step}] = true
	}
	for _, a := range acts {
		here := at{keyOf[a.Walk], a.Step}
		open := slices.Contains([]string{string(Withdrawn), string(Expired), string(Retry)}, a.State)
		if stands[here] = stands[here] || !open; !open || !decided[here] {
			n.add(a.Step, a.State, "")
		}
	}
	for _, d := range said { // the last of each place comes first
		if here := (at{d.Key, d.Step}); decided[here] {
			if decided[here] = false; !stands[here] {
				n.add(d.Step, d.Answer, d.Reason)
			}
		}
	}
	return n.outcomes(func(a, b Outcome) int { return cmp.Compare(a.StepID, b.StepID) }), nil
}

// tallies count outcomes; their Count is not set.
type tallies map[Outcome]int64

func (t tallies) add(step, what, reason string) {
	t[Outcome{StepID: step, What: what, Reason: reason}]++
}

// outcomes are in an order, of what is the same there the most frequent first.
func (t tallies) outcomes(order func(a, b Outcome) int) (out []Outcome) {
	for o, n := range t {
		o.Count = n
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b Outcome) int {
		return cmp.Or(order(a, b), cmp.Compare(b.Count, a.Count), cmp.Compare(a.What, b.What), cmp.Compare(a.Reason, b.Reason))
	})
	return out
}
