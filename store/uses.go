package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// Use is one ask that an address got or is about to get. Own ones name their
// step, so that a step does not count itself.
type Use struct {
	gate.Use
	Enrollment campaign.EnrollmentID // "" = another tool's
	Campaign   campaign.CampaignID   // likewise
	StepID     string
}

// Uses returns the asks to addresses from since on by address hash: our own
// that went out, may have or are about to, and other tools'. Rehearsals, order
// mails, tasks, notices and webhooks are none.
func (tx *Tx) Uses(shop commerce.ShopID, hashes []string, since commerce.Instant) (map[string][]Use, error) {
	out := map[string][]Use{}
	if len(hashes) == 0 {
		return out, nil
	}
	var rows []struct {
		Hash       string `db:"address_hash"`
		At         int64  `db:"at"`
		Class      string `db:"class"`
		Enrollment string `db:"enrollment_id"`
		Campaign   string `db:"campaign_id"`
		StepID     string `db:"step_id"`
	}
	err := tx.all(&rows, `SELECT address_hash, CASE WHEN sending_at > 0 THEN sending_at ELSE claimed_at END AS at, class, enrollment_id, campaign_id, step_id FROM effects
			WHERE shop_id = $1 AND address_hash `+tx.in(2)+` AND claimed_at >= $3 AND class <> 'transactional' AND rehearsal = 0
			AND state IN ('claimed', 'sending', 'sent', 'retry', 'unknown') AND kind NOT IN ('call_task', 'notify_team', 'webhook', 'tag_customer', 'give_points', 'give_reward')
		UNION ALL
		SELECT address_hash, at, class, '', '', '' FROM touches WHERE shop_id = $1 AND address_hash `+tx.in(2)+` AND at >= $3 AND class <> 'transactional'
		ORDER BY 2`, shop, list(&tx.query, hashes), since)
	for _, r := range rows {
		out[r.Hash] = append(out[r.Hash], Use{
			Use: gate.Use{At: commerce.Instant(r.At), Class: gate.Class(r.Class)}, Enrollment: campaign.EnrollmentID(r.Enrollment),
			Campaign: campaign.CampaignID(r.Campaign), StepID: r.StepID,
		})
	}
	return out, err
}

// LockAddresses makes those who decide about one address do so one after the
// other until the transaction ends: two persons may have the same. They come
// after orders, persons and enrollments. SQLite has one writer anyway.
func (tx *Tx) LockAddresses(shop commerce.ShopID, hashes []string) error {
	if tx.d != postgres || len(hashes) == 0 {
		return nil
	}
	keys := make([]int64, len(hashes))
	for i, h := range hashes {
		sum := sha256.Sum256([]byte("address " + string(shop) + " " + h))
		keys[i] = int64(binary.BigEndian.Uint64(sum[:])) // any number will do
	}
	slices.Sort(keys) // the same order for everybody
	var n int64
	_, err := tx.one([]any{&n}, `SELECT COUNT(pg_advisory_xact_lock(key)) FROM unnest($1::bigint[]) AS key`, slices.Compact(keys))
	return err
}

// Touch is what another tool sent to an address.
type Touch struct {
	Email      string // normalised; only its keyed hash is kept
	At         commerce.Instant
	Class      gate.Class
	Channel    commerce.Channel
	Source     string // the tool
	ExternalID string // the tool's id of the message; "" = it has none, and a repeat is another
	Campaign   string // as the tool calls it
}

// AddTouch keeps a message of another tool; false = it was told before.
func (s *Store) AddTouch(ctx context.Context, shop commerce.ShopID, t Touch) (fresh bool, err error) {
	hash, err := s.AddressHash(ctx, shop, t.Email)
	if err != nil {
		return false, err
	}
	id := NewID()
	if t.ExternalID == "" {
		t.ExternalID = "untold " + id
	}
	n, err := s.exec(ctx, `INSERT INTO touches (shop_id, id, address_hash, at, class, channel, source, external_id, campaign)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`, shop, id, hash, t.At, t.Class, t.Channel, t.Source, t.ExternalID, t.Campaign)
	return n == 1, err
}
