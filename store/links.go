package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
)

// Link is what a token in a message stands for. Only the token's hash is stored.
type Link struct {
	Hash    []byte
	Shop    commerce.ShopID
	Purpose string
	Effect  EffectID
	Person  commerce.PersonID
	Expires commerce.Instant
}

var addLinks = newBatch(`hash bytea, shop_id text, purpose text, effect_id text, person_id text, expires_at bigint`,
	`INSERT INTO link_tokens (hash, shop_id, purpose, effect_id, person_id, expires_at) {insert} ON CONFLICT DO NOTHING`)

// AddLinks keeps the links of messages that are claimed in the same transaction.
func (tx *Tx) AddLinks(shop commerce.ShopID, links []Link) error {
	rows := make([][]any, len(links))
	for i, l := range links {
		rows[i] = []any{l.Hash, shop, l.Purpose, l.Effect, l.Person, l.Expires}
	}
	return tx.run(addLinks, rows, nil)
}

// LinkTarget is a link with the message it came in.
type LinkTarget struct {
	Link
	Class       gate.Class
	Topic       string
	Order       commerce.OrderID // that the message was about; "" = none
	AddressHash string           // where it went
}

// LinkByHash finds what a link stands for; an unknown or expired one is fault.NotFound.
func (s *Store) LinkByHash(ctx context.Context, hash []byte, purpose string) (LinkTarget, error) {
	t := LinkTarget{Link: Link{Hash: hash, Purpose: purpose}}
	found, err := s.query(ctx).one([]any{&t.Shop, &t.Effect, &t.Person, &t.Expires, &t.Class, &t.Topic, &t.Order, &t.AddressHash},
		`SELECT l.shop_id, l.effect_id, l.person_id, l.expires_at, e.class, e.topic, e.order_id, e.address_hash
		FROM link_tokens l JOIN effects e ON e.shop_id = l.shop_id AND e.id = l.effect_id WHERE l.hash = $1 AND l.purpose = $2`, hash, purpose)
	if err == nil && (!found || t.Expires < s.Now()) {
		err = fault.New(fault.NotFound, "this link is not valid any more")
	}
	return t, err
}
