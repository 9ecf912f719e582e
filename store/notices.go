package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"flywheel/commerce"
)

// NoticeChannel is a way to a shop's own team.
type NoticeChannel string

// The channels.
const (
	NoticeMail  NoticeChannel = "mail"
	NoticeSlack NoticeChannel = "slack" // or whatever takes the same webhooks
)

// NoticeState is how far a notice has come.
type NoticeState string

// The states of a notice. Unknown is one whose teller was lost while it told.
const (
	NoticeDue     NoticeState = "due"
	NoticeSending NoticeState = "sending"
	NoticeSent    NoticeState = "sent"
	NoticeFailed  NoticeState = "failed"
	NoticeUnknown NoticeState = "unknown"
)

// NoticeKind is what a notice tells: its sentences are the strings notice_KIND_title and _body.
type NoticeKind string

// The kinds of notices.
const (
	NoticeFuse          NoticeKind = "fuse"           // a campaign was paused by its fuse: Campaign, Cause, Detail
	NoticeSenderStopped NoticeKind = "sender_stopped" // mails go out no more: Sender, Detail
	NoticeSenderReady   NoticeKind = "sender_ready"   // an own sender has begun: Sender
	NoticeDomainBroken  NoticeKind = "domain_broken"  // the DNS of an own domain does not hold: Sender, Detail
	NoticeAccessRefused NoticeKind = "access_refused" // a platform lets us in no more, and has not again within an hour: Platform, Connection
	NoticeTest          NoticeKind = "test"           // somebody tries out whether notices arrive
	NoticeSlackGone     NoticeKind = "slack_gone"     // the team's channel takes nothing any more: Detail
	// NoticeTrial is a message as a trial for the team, by mail alone: Message, as JSON of message.Message. It is sealed like a note.
	NoticeTrial NoticeKind = "trial"
	// NoticeNote is a campaign's own note for staff, for Slack beside its mail: Title, Body. It is sealed,
	// and forgotten as soon as it is told, since it names a customer.
	NoticeNote NoticeKind = "note"
	// NoticeSignIn is the one that goes to a customer: the link to their own page, for which somebody
	// has typed an address (AskSignIn). It is sealed like a note.
	NoticeSignIn NoticeKind = "sign_in"
	// NoticeFriend goes to somebody an advocate has sent, who typed their address: the code of the
	// friends' offer (AskOffer). It is sealed like a note.
	NoticeFriend NoticeKind = "friend"
)

// sealed are those that may name a customer.
func (k NoticeKind) sealed() bool {
	return k == NoticeNote || k == NoticeTrial || k == NoticeSignIn || k == NoticeFriend
}

// Notice is one thing that a shop's team is told, by one channel.
type Notice struct {
	Shop    commerce.ShopID
	ID      string // stays the same on every try
	Kind    NoticeKind
	Subject string
	Channel NoticeChannel
	Data    map[string]string // the values of its sentences
	State   NoticeState
	Tries   int64 // this one is among them
	MadeAt  commerce.Instant
	DueAt   commerce.Instant
	DoneAt  commerce.Instant // 0 = not over yet
	Note    string           // what its last try came to
}

type noticeRow struct {
	Shop    commerce.ShopID  `db:"shop_id"`
	ID      string           `db:"id"`
	Kind    NoticeKind       `db:"kind"`
	Subject string           `db:"subject"`
	Channel NoticeChannel    `db:"channel"`
	Data    string           `db:"data"`
	State   NoticeState      `db:"state"`
	Tries   int64            `db:"tries"`
	MadeAt  commerce.Instant `db:"made_at"`
	DueAt   commerce.Instant `db:"due_at"`
	DoneAt  commerce.Instant `db:"done_at"`
	Note    string           `db:"note"`
}

const noticeColumns = `shop_id, id, kind, subject, channel, data, state, tries, made_at, due_at, done_at, note`

// AddNotice has the team told of something by all channels the shop has, once for
// each kind and subject: name the instant in the subject of what may happen again.
// data are the values of its sentences and name no customer.
func (tx *Tx) AddNotice(shop commerce.ShopID, kind NoticeKind, subject string, data map[string]string) error {
	if _, err := tx.addNotice(shop, kind, subject, NoticeMail, data); err != nil {
		return err
	}
	_, err := tx.AddSlackNotice(shop, kind, subject, data)
	return err
}

// AddSlackNotice is AddNotice for Slack alone, for what the team gets by mail
// anyhow. false = the shop has no such channel, or was told before.
func (tx *Tx) AddSlackNotice(shop commerce.ShopID, kind NoticeKind, subject string, data map[string]string) (bool, error) {
	var n int64
	set, err := tx.one([]any{&n}, `SELECT 1 FROM team_channels WHERE shop_id = $1 AND kind = $2 AND failed_at = 0`, shop, NoticeSlack)
	if err != nil || !set {
		return false, err
	}
	return tx.addNotice(shop, kind, subject, NoticeSlack, data)
}

// AddTrial has the team sent a message as a trial, by mail alone. Of the same subject
// only one goes out: false = it is on its way already.
func (tx *Tx) AddTrial(shop commerce.ShopID, subject, message string) (bool, error) {
	return tx.addNotice(shop, NoticeTrial, subject, NoticeMail, map[string]string{"Message": message})
}

func (tx *Tx) addNotice(shop commerce.ShopID, kind NoticeKind, subject string, channel NoticeChannel, data map[string]string) (bool, error) {
	id := NewID()
	if data == nil {
		data = map[string]string{}
	}
	text, err := json.Marshal(data)
	if err != nil {
		return false, err
	}
	if kind.sealed() {
		k, err := tx.dataKey(shop)
		if err != nil {
			return false, err
		}
		sealed, err := k.seal(text, noticeSeal(id))
		if err != nil {
			return false, err
		}
		if text, err = json.Marshal(sealed); err != nil { // a string of base64
			return false, err
		}
	}
	due := tx.store.Now()
	if kind == NoticeAccessRefused {
		due = due.Add(refusedRest)
	}
	n, err := tx.exec(`INSERT INTO notices (shop_id, id, kind, subject, channel, data, state, made_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (shop_id, kind, subject, channel) DO NOTHING`, shop, id, kind, subject, channel, string(text), NoticeDue, tx.store.Now(), due)
	return n == 1, err
}

// refusedRest is how long a team is not told that a platform refuses access: the app
// may just have been uninstalled, whose webhook is on its way, or the platform may
// give access again by itself.
const refusedRest = time.Hour

func noticeSeal(id string) string { return "notice " + id }

// NoticesDue reports whether any is due, in any shop, or its teller is lost.
func (s *Store) NoticesDue(ctx context.Context) (bool, error) {
	var n int
	_, err := s.query(ctx).one([]any{&n}, `SELECT COUNT(*) FROM (SELECT due_at FROM notices WHERE state = 'due' OR state = 'sending' ORDER BY due_at LIMIT 1) n
		WHERE n.due_at <= $1`, s.Now())
	return n > 0, err
}

// NextNotice takes the one that is due first, in any shop but those that are left
// out, and marks it as being told for d at most. What another took longer ago than that is unknown from now
// on: nobody knows whether the team has it. One that cannot be read has failed, and
// comes back so. false = there is none.
func (s *Store) NextNotice(ctx context.Context, d time.Duration, out ...commerce.ShopID) (n Notice, found bool, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		now := s.Now()
		found = false
		if _, err := tx.exec(`UPDATE notices SET state = $2, done_at = $1, note = 'whoever told it was lost', `+forgetNote+`
			WHERE state = 'sending' AND due_at <= $1`, now, NoticeUnknown); err != nil {
			return err
		}
		var rows []noticeRow
		if err := tx.all(&rows, `SELECT `+noticeColumns+` FROM notices WHERE (state = 'due' OR state = 'sending') AND state = 'due' AND due_at <= $1
			AND NOT (shop_id `+tx.in(2)+`) ORDER BY due_at, id LIMIT 1`+tx.forUpdate(), now, list(&tx.query, out)); err != nil || len(rows) == 0 {
			return err
		}
		r := rows[0]
		if n, err = tx.openNotice(r); err != nil { // it would be the first again for ever, before all others
			_, bad := tx.exec(`UPDATE notices SET state = $3, done_at = $4, note = 'it cannot be read', data = '{}' WHERE shop_id = $1 AND id = $2`, r.Shop, r.ID, NoticeFailed, now)
			n, found = Notice{Shop: r.Shop, ID: r.ID, Kind: r.Kind, State: NoticeFailed}, bad == nil
			return bad
		}
		r.State, r.Tries, r.DueAt = NoticeSending, r.Tries+1, now.Add(d)
		if _, err := tx.exec(`UPDATE notices SET state = $3, tries = $4, due_at = $5 WHERE shop_id = $1 AND id = $2`, r.Shop, r.ID, r.State, r.Tries, r.DueAt); err != nil {
			return err
		}
		found = true
		n.State, n.Tries, n.DueAt = r.State, r.Tries, r.DueAt
		return nil
	})
	return n, found, err
}

// openNotice reads a row. What was sealed for a shop that is being erased stays
// closed, and is no error: it is told nobody.
func (tx *Tx) openNotice(r noticeRow) (Notice, error) {
	n := Notice{r.Shop, r.ID, r.Kind, r.Subject, r.Channel, nil, r.State, r.Tries, r.MadeAt, r.DueAt, r.DoneAt, r.Note}
	text := []byte(r.Data)
	if r.Kind.sealed() && r.DoneAt == 0 {
		var sealed []byte
		if err := json.Unmarshal(text, &sealed); err != nil {
			return n, fmt.Errorf("notice %s: %w", r.ID, err)
		}
		k, err := tx.dataKey(r.Shop)
		if err != nil {
			return n, nil //nolint:nilerr // see above
		}
		if text, err = k.open(sealed, noticeSeal(r.ID)); err != nil {
			return n, err
		}
	}
	if err := json.Unmarshal(text, &n.Data); err != nil {
		return n, fmt.Errorf("notice %s: %w", r.ID, err)
	}
	return n, nil
}

// forgetNote takes the words out of what names a customer; the row holds that it was told.
const forgetNote = `data = CASE WHEN kind IN ('note', 'trial', 'sign_in', 'friend') THEN '{}' ELSE data END`

// PutOffNotice plans the next try of one that was taken, with why it failed.
// What was taken by another meanwhile stays as it is.
func (s *Store) PutOffNotice(ctx context.Context, shop commerce.ShopID, n Notice, next commerce.Instant, note string) error {
	_, err := s.exec(ctx, `UPDATE notices SET state = $4, due_at = $5, note = $6 WHERE shop_id = $1 AND id = $2 AND tries = $3 AND state = 'sending'`,
		shop, n.ID, n.Tries, NoticeDue, next, note)
	return err
}

// FinishNotice ends one that was taken, as sent, failed or unknown. One that
// became unknown meanwhile is mended: who told it knows better.
func (s *Store) FinishNotice(ctx context.Context, shop commerce.ShopID, n Notice, state NoticeState, note string) error {
	_, err := s.exec(ctx, `UPDATE notices SET state = $4, done_at = $5, note = $6, `+forgetNote+`
		WHERE shop_id = $1 AND id = $2 AND tries = $3 AND (state = 'sending' OR state = 'unknown')`, shop, n.ID, n.Tries, state, s.Now(), note)
	return err
}

// LastNotices lists what a shop's team was told last and is about to be, the newest first.
// The words of what may name a customer are left out.
func (s *Store) LastNotices(ctx context.Context, shop commerce.ShopID, limit int) ([]Notice, error) {
	var rows []noticeRow
	err := s.query(ctx).all(&rows, `SELECT `+noticeColumns+` FROM notices WHERE shop_id = $1 ORDER BY made_at DESC, id DESC LIMIT $2`, shop, limit)
	out := make([]Notice, len(rows))
	for i, r := range rows {
		out[i] = Notice{r.Shop, r.ID, r.Kind, r.Subject, r.Channel, nil, r.State, r.Tries, r.MadeAt, r.DueAt, r.DoneAt, r.Note}
		if !r.Kind.sealed() && err == nil {
			err = json.Unmarshal([]byte(r.Data), &out[i].Data)
		}
	}
	return out, err
}
