package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/fault"
)

// TopicConsentAsked is the topic under which the inbox holds what ConsentAsk says.
const TopicConsentAsked = "consent/asked"

// ConsentAsk is a yes that somebody is to confirm.
type ConsentAsk struct {
	Person commerce.PersonID `json:"person"`
	Email  string            `json:"email"`
	SaidAt commerce.Instant  `json:"said_at"`
}

// Happening is the event that asks them, once for what they said.
func (a ConsentAsk) Happening() commerce.Happening {
	return commerce.Happening{Kind: commerce.ConsentAsked, Subject: fmt.Sprintf("%s/%d", a.Person, a.SaidAt), At: a.SaidAt}
}

// AskToConfirm puts into the shop's inbox, with the yes itself, that it is to be
// confirmed: a drain makes the event of it, as of anything that is told. Whoever
// calls it hints at the inbox after the commit.
func (tx *Tx) AskToConfirm(shop commerce.ShopID, a ConsentAsk) error {
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	d := commerce.Delivery{
		ID: commerce.DeliveryID(NewID()), ShopID: shop, ConnectionID: commerce.ConnectionID("own:" + string(shop)), Platform: commerce.API,
		Topic: TopicConsentAsked, ExternalID: a.Happening().Subject, TriggeredAt: a.SaidAt, ReceivedAt: tx.store.Now(), Email: a.Email,
	}
	sealed, err := k.seal(body, "inbox "+string(d.ID))
	if err != nil {
		return err
	}
	return tx.insertInbox([]*inboxRow{{delivery: d, hash: k.hash(a.Email), sealed: sealed}})
}

// ReadConsentAsk reads what AskToConfirm kept; what it cannot have kept is fault.Permanent.
func ReadConsentAsk(body []byte) (a ConsentAsk, err error) {
	if err := json.Unmarshal(body, &a); err != nil || a.Person == "" || a.Email == "" || a.SaidAt == 0 {
		return a, fault.New(fault.Permanent, "%s: it does not say who is to confirm what", TopicConsentAsked)
	}
	return a, nil
}

// AskedToConfirm returns when persons, or who is merged with them, were last
// taken into a campaign that asks them to confirm a yes, and the mail is on its
// way or went out; 0 = never.
func (tx *Tx) AskedToConfirm(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]commerce.Instant, error) {
	circles, err := tx.circles(shop, persons)
	if err != nil || len(circles) == 0 {
		return nil, err
	}
	var rows []struct {
		Person string           `db:"person_id"`
		At     commerce.Instant `db:"at"`
	}
	// cause || '' leaves the index of the person.
	if err := tx.all(&rows, `SELECT e.person_id, MAX(e.created_at) AS at FROM enrollments e WHERE e.shop_id = $1 AND e.person_id `+tx.in(2)+`
		AND e.cause || '' LIKE $3 AND e.rehearsal = 0 AND (e.state = 'active' OR EXISTS (SELECT 1 FROM effects f WHERE f.shop_id = $1
			AND f.enrollment_id = e.id AND f.state NOT IN ('failed', 'withdrawn', 'expired'))) GROUP BY e.person_id`,
		shop, list(&tx.query, members(circles)), string(commerce.ConsentAsked)+"|%"); err != nil {
		return nil, err
	}
	at := map[commerce.PersonID]commerce.Instant{}
	for _, r := range rows {
		at[commerce.PersonID(r.Person)] = r.At
	}
	out := map[commerce.PersonID]commerce.Instant{}
	for id, same := range circles {
		for _, one := range same {
			out[id] = max(out[id], at[one])
		}
	}
	return out, nil
}

// OwnersOf returns who is known by each of these normalised addresses, following
// merges; an address that nobody has verified is missing.
func (tx *Tx) OwnersOf(shop commerce.ShopID, emails []string) (map[string]commerce.PersonID, error) {
	ids := make([]commerce.Identity, len(emails))
	for i, email := range emails {
		ids[i] = commerce.Identity{Kind: commerce.ByEmail, Value: email}
	}
	known, err := tx.PersonsByIdentity(shop, ids)
	if err != nil {
		return nil, err
	}
	persons, err := tx.persons(shop, slices.Collect(maps.Values(known)), "")
	out := map[string]commerce.PersonID{}
	for id, owner := range known {
		if p, there := persons[owner]; there {
			out[id.Value] = p.ID
		}
	}
	return out, err
}
