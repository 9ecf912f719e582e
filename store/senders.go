package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
	"flywheel/fault"
)

// SenderKind is by what a shop's mails go out.
type SenderKind string

// The kinds of senders.
const (
	SenderShared SenderKind = "shared" // the domain that shops share
	SenderDomain SenderKind = "domain" // the shop's own domain, signed by us
	SenderSMTP   SenderKind = "smtp"   // the shop's own account at a mail server
)

// SenderState is whether a shop's own sender is in use.
type SenderState string

// The states of a sender. While it is checked the shared one goes on.
const (
	SenderChecking SenderState = "checking"
	SenderReady    SenderState = "ready"
	SenderStopped  SenderState = "stopped" // of the shared one: too many complaints
)

// Sender is who a shop writes as, where it has chosen or was stopped.
type Sender struct {
	Kind     SenderKind
	State    SenderState
	Address  string // From; "" for the shared one
	Name     string // From name; "" = the shop's
	ReplyTo  string // "" = the shop's address
	Domain   string // that of Address
	Account  Account
	Provider string // of the account: ses, postmark, ...
	// Endpoint is the last part of the address at which its provider tells what became of mails; "" = it does not.
	Endpoint string
	Looked   json.RawMessage // what the last look found, as package sender writes it
	LookedAt commerce.Instant
	// ReadySince is when the present state of the sender began to count, for warm-up and complaints.
	ReadySince commerce.Instant
	// StoppedReason is why the shared sender takes nothing of the shop any more; "" = it does.
	StoppedReason string
	ChangedAt     commerce.Instant
	Rev           int64 // 0 = there is no row
}

// Notices about a shop's sender beside those of who tells them.
const (
	NoticeSenderKeys  NoticeKind = "sender_keys"  // new keys are to be published: Sender
	NoticeSenderShaky NoticeKind = "sender_shaky" // a record of a domain in use is gone: Sender, Detail
)

// Account is how a shop's own mail server is reached. It is kept sealed.
type Account struct {
	Host     string `json:"host,omitempty"`
	Port     int    `json:"port,omitempty"`
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
	Region   string `json:"region,omitempty"`
	Stream   string `json:"stream,omitempty"` // Postmark's message stream, Amazon's configuration set
	Secret   string `json:"secret,omitempty"` // what its provider's events are checked by; "" = none are taken
}

type senderRow struct {
	Shop       commerce.ShopID  `db:"shop_id"`
	Kind       SenderKind       `db:"kind"`
	State      SenderState      `db:"state"`
	Address    string           `db:"address"`
	Name       string           `db:"name"`
	ReplyTo    string           `db:"reply_to"`
	Domain     string           `db:"domain"`
	Provider   string           `db:"provider"`
	Sealed     []byte           `db:"sealed"`
	Endpoint   string           `db:"endpoint"`
	Looked     string           `db:"looked"`
	LookedAt   commerce.Instant `db:"looked_at"`
	ReadySince commerce.Instant `db:"ready_since"`
	Stopped    string           `db:"stopped_reason"`
	ChangedAt  commerce.Instant `db:"changed_at"`
	Rev        int64            `db:"rev"`
}

const senderColumns = `shop_id, kind, state, address, name, reply_to, domain, provider, sealed, endpoint, looked, looked_at, ready_since, stopped_reason, changed_at, rev`

func senderSeal(shop commerce.ShopID) string { return "sender " + string(shop) }

// AnySender reports whether any shop has chosen who it writes as, or was stopped.
func (s *Store) AnySender(ctx context.Context) (bool, error) {
	var one int
	return s.query(ctx).one([]any{&one}, `SELECT 1 FROM senders LIMIT 1`)
}

// Sender returns what a shop has chosen. One that has not has a Sender of Rev 0, which is the shared one.
func (s *Store) Sender(ctx context.Context, shop commerce.ShopID) (Sender, error) {
	return s.query(ctx).sender(s, shop, "")
}

// Sender is Store.Sender inside a transaction; the row is locked.
func (tx *Tx) Sender(shop commerce.ShopID) (Sender, error) {
	return tx.sender(tx.store, shop, tx.forUpdate())
}

func (q *query) sender(s *Store, shop commerce.ShopID, lock string) (Sender, error) {
	var rows []senderRow
	if err := q.all(&rows, `SELECT `+senderColumns+` FROM senders WHERE shop_id = $1`+lock, shop); err != nil {
		return Sender{}, err
	}
	if len(rows) == 0 {
		return Sender{Kind: SenderShared, State: SenderReady}, nil
	}
	return s.openSender(q, rows[0])
}

func (s *Store) openSender(q *query, r senderRow) (Sender, error) {
	out := Sender{
		r.Kind, r.State, r.Address, r.Name, r.ReplyTo, r.Domain,
		Account{},
		r.Provider, r.Endpoint,
		json.RawMessage(r.Looked), r.LookedAt, r.ReadySince, r.Stopped, r.ChangedAt, r.Rev,
	}
	if len(r.Sealed) == 0 {
		return out, nil
	}
	k, err := s.keyOf(q, r.Shop)
	if err != nil {
		return out, err
	}
	plain, err := k.open(r.Sealed, senderSeal(r.Shop))
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(plain, &out.Account); err != nil {
		return out, fmt.Errorf("sender of %s: %w", r.Shop, err)
	}
	return out, nil
}

// SenderAt finds the shop whose own account's provider tells at an endpoint; none is fault.NotFound.
func (s *Store) SenderAt(ctx context.Context, endpoint string) (commerce.ShopID, Sender, error) {
	q := s.query(ctx)
	r, err := first[senderRow](q, "nobody's mail events are told at this address", `SELECT `+senderColumns+` FROM senders WHERE endpoint = $1 AND endpoint <> ''`, endpoint)
	if err != nil {
		return "", Sender{}, err
	}
	out, err := s.openSender(q, r)
	return r.Shop, out, err
}

// SaveSender writes what a shop has chosen in place of the row of its Rev, 0 for
// none. fault.Conflict: somebody changed it meanwhile.
func (tx *Tx) SaveSender(shop commerce.ShopID, r Sender) error {
	var sealed []byte
	if r.Kind == SenderSMTP {
		plain, err := json.Marshal(r.Account)
		if err != nil {
			return err
		}
		k, err := tx.dataKey(shop)
		if err != nil {
			return err
		}
		if sealed, err = k.seal(plain, senderSeal(shop)); err != nil {
			return err
		}
	}
	looked := string(r.Looked)
	if looked == "" {
		looked = "{}"
	}
	n, err := tx.exec(`INSERT INTO senders (shop_id, kind, state, address, name, reply_to, domain, provider, sealed, endpoint, looked, looked_at, ready_since, stopped_reason, changed_at, rev)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)
		ON CONFLICT (shop_id) DO UPDATE SET kind = excluded.kind, state = excluded.state, address = excluded.address, name = excluded.name, reply_to = excluded.reply_to,
			domain = excluded.domain, provider = excluded.provider, sealed = excluded.sealed, endpoint = excluded.endpoint, looked = excluded.looked, looked_at = excluded.looked_at,
			ready_since = excluded.ready_since, stopped_reason = excluded.stopped_reason, changed_at = excluded.changed_at, rev = senders.rev + 1
		WHERE senders.rev = $16`, shop, r.Kind, r.State, r.Address, r.Name, r.ReplyTo, r.Domain, r.Provider, sealed, r.Endpoint, looked, r.LookedAt, r.ReadySince,
		r.StoppedReason, tx.store.Now(), r.Rev)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "who the shop writes as was changed meanwhile: look again")
	}
	return err
}

// SendersToLook lists shops with an own domain that were looked at last before
// one instant, or before another while the domain is not in use or found
// broken; the longest unseen first.
func (s *Store) SendersToLook(ctx context.Context, ready, checking commerce.Instant, limit int) ([]commerce.ShopID, error) {
	ids, err := s.query(ctx).scalars(`SELECT shop_id FROM senders WHERE kind = 'domain' AND looked_at <= $2
		AND (looked_at <= $1 OR state = 'checking' OR looked LIKE '%"broken_since":%') ORDER BY looked_at, shop_id LIMIT $3`, ready, checking, limit)
	out := make([]commerce.ShopID, len(ids))
	for i, id := range ids {
		out[i] = commerce.ShopID(id)
	}
	return out, err
}
