package store

import (
	"encoding/json"
	"fmt"

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
