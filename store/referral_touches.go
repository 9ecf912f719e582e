package store

import (
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/referral"
	"flywheel/fault"
)

// ReferralTouch is a sign that an advocate sent somebody: an address that was left
// on the page of their link. Of the address and of where it came from there are
// only hashes, keyed by the shop.
type ReferralTouch struct {
	ID        string
	Advocate  commerce.PersonID
	Person    commerce.PersonID // who left it, where an offer was given to them; "" = nobody new
	Via       referral.Via
	EmailHash string // of the address as it was typed
	Mailbox   string // of where its mail arrives (referral.Mailbox)
	NetHash   string
	Language  string // they read the page in
	At        commerce.Instant
	Keep      commerce.Instant // until when it may count
	Reward    string           // the friend's offer, as a reward; "" = none
}

type touchRow struct {
	ID       string `db:"id"`
	Advocate string `db:"advocate_id"`
	Person   string `db:"person_id"`
	Via      string `db:"via"`
	Email    string `db:"email_hash"`
	Mailbox  string `db:"mailbox_hash"`
	Net      string `db:"net_hash"`
	Language string `db:"language"`
	At       int64  `db:"at"`
	Keep     int64  `db:"keep_until"`
	Reward   string `db:"reward_id"`
}

const touchColumns = `id, advocate_id, person_id, via, email_hash, mailbox_hash, net_hash, language, at, keep_until, reward_id`

func (r touchRow) touch() ReferralTouch {
	return ReferralTouch{
		r.ID, commerce.PersonID(r.Advocate), commerce.PersonID(r.Person), referral.Via(r.Via), r.Email, r.Mailbox, r.Net, r.Language,
		commerce.Instant(r.At), commerce.Instant(r.Keep), r.Reward,
	}
}

func (q *query) referralTouches(where string, args ...any) ([]ReferralTouch, error) {
	var rows []touchRow
	err := q.all(&rows, `SELECT `+touchColumns+` FROM referral_touches WHERE `+where, args...)
	out := make([]ReferralTouch, len(rows))
	for i, r := range rows {
		out[i] = r.touch()
	}
	return out, err
}

// AddReferralTouch keeps a sign. A mailbox that has an offer already is fault.Conflict.
func (tx *Tx) AddReferralTouch(shop commerce.ShopID, t ReferralTouch) error {
	n, err := tx.exec(`INSERT INTO referral_touches (shop_id, id, advocate_id, person_id, via, email_hash, mailbox_hash, net_hash, language, at, keep_until, reward_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (shop_id, mailbox_hash) WHERE reward_id <> '' DO NOTHING`,
		shop, t.ID, t.Advocate, t.Person, t.Via, t.EmailHash, t.Mailbox, t.NetHash, t.Language, t.At, t.Keep, t.Reward)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "this address has such an offer already")
	}
	return err
}

// DropReferralOffer forgets that a touch had an offer, which came to nothing, so that its mailbox can have another.
func (tx *Tx) DropReferralOffer(shop commerce.ShopID, id string) error {
	_, err := tx.exec(`UPDATE referral_touches SET reward_id = '' WHERE shop_id = $1 AND id = $2`, shop, id)
	return err
}

// ReferralTouches lists the signs that mailboxes with these keyed hashes were left, the last first; at most 50.
func (tx *Tx) ReferralTouches(shop commerce.ShopID, hashes []string) ([]ReferralTouch, error) {
	return tx.referralTouches(`shop_id = $1 AND mailbox_hash `+tx.in(2)+` ORDER BY at DESC, id DESC LIMIT 50`, shop, list(&tx.query, hashes))
}

// TouchesOfCodes finds the signs for which the rewards were given whose codes were
// used, by code. Like UseRewards it takes codes in any case, and the ids of the
// platform's promotions.
func (tx *Tx) TouchesOfCodes(shop commerce.ShopID, codes, promotions []string) (map[string]ReferralTouch, error) {
	codes, err := tx.codesUsed(shop, codes, promotions)
	if err != nil || len(codes) == 0 {
		return nil, err
	}
	given, err := tx.rewards(`shop_id = $1 AND cause_kind = $3 AND code <> '' AND code `+tx.in(2), shop, list(&tx.query, codes), RewardReferral)
	if err != nil || len(given) == 0 {
		return nil, err
	}
	ids, byTouch := make([]string, len(given)), map[string]string{}
	for i, r := range given {
		ids[i], byTouch[r.Cause.ID] = r.Cause.ID, r.Code
	}
	found, err := tx.referralTouches(`shop_id = $1 AND id `+tx.in(2), shop, list(&tx.query, ids))
	out := map[string]ReferralTouch{}
	for _, t := range found {
		out[byTouch[t.ID]] = t
	}
	return out, err
}

// FriendOffers is how many offers somebody's friends have had since a moment, and
// what the offers of all friends take of a month's budget, in its minor units.
func (tx *Tx) FriendOffers(shop commerce.ShopID, advocate commerce.PersonID, since commerce.Instant, month int64) (theirs int, worth int64, err error) {
	circles, err := tx.circles(shop, []commerce.PersonID{advocate})
	if err != nil {
		return 0, 0, err
	}
	if _, err = tx.one([]any{&theirs}, `SELECT COUNT(*) FROM referral_touches WHERE shop_id = $1 AND advocate_id `+tx.in(2)+` AND at > $3 AND reward_id <> ''`,
		shop, list(&tx.query, circles[advocate]), since); err != nil {
		return 0, 0, err
	}
	_, err = tx.one([]any{&worth}, `SELECT CAST(COALESCE(SUM(r.worth), 0) AS BIGINT) FROM rewards r WHERE r.shop_id = $1 AND r.month = $2 AND r.cause_kind = 'referral'
		AND r.state <> 'failed' AND EXISTS (SELECT 1 FROM referral_touches t WHERE t.shop_id = $1 AND t.id = r.cause_id)`, shop, month)
	return theirs, worth, err
}

// PersonsOfMailboxes finds who has an address whose mail arrives in one of these
// mailboxes (referral.Mailbox), or is known by the address that is the mailbox.
func (tx *Tx) PersonsOfMailboxes(shop commerce.ShopID, boxes []string) (out []commerce.PersonID, err error) {
	var keys []string
	for _, box := range boxes {
		keys = append(keys, withoutDots(box)...)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	var rows []struct {
		ID    string `db:"id"`
		Email string `db:"email"`
	}
	if err := tx.all(&rows, `SELECT id, email FROM persons WHERE shop_id = $1 AND email <> '' AND `+tx.mailboxOfEmail()+` `+tx.in(2)+` ORDER BY id`, shop, list(&tx.query, keys)); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if slices.Contains(boxes, referral.Mailbox(r.Email)) {
			out = append(out, commerce.PersonID(r.ID))
		}
	}
	known, err := tx.scalars(`SELECT person_id FROM identities WHERE shop_id = $1 AND kind = 'email' AND value `+tx.in(2), shop, list(&tx.query, boxes))
	for _, id := range known {
		if !slices.Contains(out, commerce.PersonID(id)) {
			out = append(out, commerce.PersonID(id))
		}
	}
	return out, err
}

// mailboxOfEmail is the expression of the index persons_mailbox.
func (q *query) mailboxOfEmail() string {
	if q.d == postgres {
		return `(replace(split_part(replace(email, '@', '+'), '+', 1), '.', '') || '@' || split_part(email, '@', 2))`
	}
	return `(replace(substr(email, 1, instr(replace(email, '@', '+'), '+') - 1), '.', '') || substr(email, instr(email, '@')))`
}

// withoutDots are the values that the index has for a mailbox.
func withoutDots(box string) []string {
	name, domain, ok := strings.Cut(box, "@")
	if !ok {
		return nil
	}
	name = strings.ReplaceAll(name, ".", "")
	if domain == "gmail.com" {
		return []string{name + "@" + domain, name + "@googlemail.com"}
	}
	return []string{name + "@" + domain}
}

// KeepReferralTouches is how long a sign is kept that no offer lives longer than.
const KeepReferralTouches = 90 * 24 * time.Hour
