package store

import (
	"encoding/json"

	"flywheel/commerce"
	"flywheel/fault"
)

// TopicOwn is the topic under which the inbox holds what we do ourselves.
const TopicOwn = "own/happened"

// OwnEvent is something that happened here to somebody: points, tiers, rewards, referrals.
type OwnEvent struct {
	Person commerce.PersonID `json:"person"`
	commerce.Happening
}

// maxDepth is how many times what happened may come of what happened before: a
// campaign that gives points for points ends there.
const maxDepth = 5

// Tell puts into the shop's inbox what happened here to somebody, with the
// change that made it: a drain makes the event of it, as of anything that is
// told, and campaigns begin by it. Kind and subject make it one, however often
// it is told. What came of what happened here, deeper than maxDepth, is told to nobody.
func (tx *Tx) Tell(shop commerce.ShopID, t OwnEvent) error {
	if t.Depth > maxDepth {
		return nil
	}
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	d := commerce.Delivery{
		ID: commerce.DeliveryID(NewID()), ShopID: shop, ConnectionID: commerce.ConnectionID("own:" + string(shop)), Platform: commerce.API,
		Topic: TopicOwn, ExternalID: string(t.Kind) + "|" + t.Subject, TriggeredAt: t.At, ReceivedAt: tx.store.Now(),
		CustomerRef: string(t.Person), // by which an erasure finds the body
	}
	sealed, err := k.seal(body, "inbox "+string(d.ID))
	if err != nil {
		return err
	}
	return tx.insertInbox([]*inboxRow{{delivery: d, hash: k.hash(""), sealed: sealed}})
}

// ReadOwnEvent reads what Tell kept; what it cannot have kept is fault.Permanent.
func ReadOwnEvent(body []byte) (t OwnEvent, err error) {
	if err := json.Unmarshal(body, &t); err != nil || t.Person == "" || t.Kind == "" || t.Subject == "" || t.At == 0 {
		return t, fault.New(fault.Permanent, "%s: it does not say what happened to whom", TopicOwn)
	}
	return t, nil
}
