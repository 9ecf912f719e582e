package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
)

// heldRead is how many of the newest refusals for lack of consent are looked at:
// the home of a shop counts them each time it is shown.
const heldRead = 300

// ConsentHeld says how much a lack of consent has kept from customers.
type ConsentHeld struct {
	Persons  int64 // each once, however many accounts were joined
	Messages int64
	// Stripe is how many of the persons are known by Stripe alone, whose customers
	// agree to nothing by buying.
	Stripe int64
	// More says that there are more than were counted.
	More bool
}

// heldWalks are the walks whose step was last refused for lack of consent at or
// after $2, and those that were dropped as too late while they waited for it.
// What went out since, or has another reason by now, is not among them.
const heldWalks = `WITH said AS (SELECT campaign_id, entry_key, step_id, last_at FROM decisions
		WHERE shop_id = $1 AND reason = 'no_consent' AND last_at >= $2 ORDER BY last_at DESC LIMIT $3)
	SELECT e.person_id, COUNT(*) AS messages, (SELECT COUNT(*) FROM said) AS looked,
		MAX(CASE WHEN o.facts LIKE '%"platform":"stripe"%' THEN 1 ELSE 0 END) AS at_stripe,
		MAX(CASE WHEN o.facts LIKE '%"platform":"shopify"%' THEN 1 ELSE 0 END) AS at_shopify
	FROM said d JOIN enrollments e ON e.shop_id = $1 AND e.campaign_id = d.campaign_id AND e.entry_key = d.entry_key
	LEFT JOIN orders o ON o.shop_id = $1 AND o.id = e.order_id
	WHERE e.rehearsal = 0
		AND NOT EXISTS (SELECT 1 FROM effects f WHERE f.shop_id = $1 AND f.enrollment_id = e.id AND f.step_id = d.step_id
			AND f.state NOT IN ('withdrawn', 'expired', 'retry'))
		AND NOT EXISTS (SELECT 1 FROM decisions l WHERE l.shop_id = $1 AND l.campaign_id = d.campaign_id AND l.entry_key = d.entry_key
			AND l.step_id = d.step_id AND l.last_at > d.last_at AND NOT (l.reason = 'expired' AND l.detail LIKE 'no_consent%'))
	GROUP BY e.person_id ORDER BY e.person_id`

type heldRow struct {
	Person    string `db:"person_id"`
	Messages  int64  `db:"messages"`
	Looked    int64  `db:"looked"`
	AtStripe  int64  `db:"at_stripe"`
	AtShopify int64  `db:"at_shopify"`
}

// ConsentHeld counts what was held since an instant because a customer did not
// agree to it. Rehearsals are left out.
func (s *Store) ConsentHeld(ctx context.Context, shop commerce.ShopID, since commerce.Instant) (ConsentHeld, error) {
	q := s.query(ctx)
	var rows []heldRow
	if err := q.all(&rows, heldWalks, shop, since, heldRead); err != nil || len(rows) == 0 {
		return ConsentHeld{}, err
	}
	people := make([]commerce.PersonID, len(rows))
	for i, r := range rows {
		people[i] = commerce.PersonID(r.Person)
	}
	circles, err := q.circles(shop, people)
	if err != nil {
		return ConsentHeld{}, err
	}
	known, err := q.knownAt(shop, members(circles))
	if err != nil {
		return ConsentHeld{}, fmt.Errorf("consent held: %w", err)
	}
	held := ConsentHeld{More: rows[0].Looked == heldRead}
	at := map[commerce.PersonID]map[commerce.IdentityKind]bool{} // by the first of each circle
	for i, r := range rows {
		held.Messages += r.Messages
		circle := circles[people[i]]
		one := at[circle[0]]
		if one == nil {
			one = map[commerce.IdentityKind]bool{}
			at[circle[0]] = one
		}
		r.note(one)
		for _, member := range circle {
			for _, kind := range known[member] {
				one[kind] = true
			}
		}
	}
	for _, one := range at {
		held.Persons++
		if one[commerce.ByStripe] && !one[commerce.ByShopify] {
			held.Stripe++
		}
	}
	return held, nil
}

// note marks the platforms at which the orders were that the messages are about: guests are customers nowhere.
func (r heldRow) note(at map[commerce.IdentityKind]bool) {
	at[commerce.ByStripe] = at[commerce.ByStripe] || r.AtStripe == 1
	at[commerce.ByShopify] = at[commerce.ByShopify] || r.AtShopify == 1
}

// knownAt returns on which platforms persons are customers.
func (q *query) knownAt(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID][]commerce.IdentityKind, error) {
	var rows []struct {
		Person string `db:"person_id"`
		Kind   string `db:"kind"`
	}
	err := q.all(&rows, `SELECT DISTINCT person_id, kind FROM identities WHERE shop_id = $1 AND person_id `+q.in(2)+` AND kind IN ('shopify', 'stripe')`,
		shop, list(q, persons))
	out := map[commerce.PersonID][]commerce.IdentityKind{}
	for _, r := range rows {
		id := commerce.PersonID(r.Person)
		out[id] = append(out[id], commerce.IdentityKind(r.Kind))
	}
	return out, err
}
