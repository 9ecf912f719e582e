package store

import (
	"context"
	"time"

	"flywheel/commerce"
)

// Writeback is something that a platform is still to be told of a person: so
// far, that they want no marketing at all.
type Writeback struct {
	Shop     commerce.ShopID   `db:"shop_id"`
	ID       string            `db:"id"`
	Platform commerce.Platform `db:"platform"`
	Person   commerce.PersonID `db:"person_id"`
	SaidAt   commerce.Instant  `db:"said_at"` // when they chose it
	Tries    int64             `db:"tries"`   // this one is among them
}

// tellUnsubscribe is the one kind there is.
const tellUnsubscribe = "unsubscribe"

// Told is the note of FinishWriteback that says the platform has been told; any
// other says why it was not, and never will be.
const Told = "told"

// AskUnsubscribe notes, with the choice itself, that a platform is to be told
// that a person wants no marketing any more. Where it has not been told of an
// earlier choice yet, it is told of this one.
func (tx *Tx) AskUnsubscribe(shop commerce.ShopID, p commerce.Platform, person commerce.PersonID, saidAt commerce.Instant) error {
	n, err := tx.exec(`UPDATE writebacks SET said_at = $5 WHERE shop_id = $1 AND platform = $2 AND kind = $3 AND person_id = $4 AND next_at > 0 AND said_at < $5`,
		shop, p, tellUnsubscribe, person, saidAt)
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.exec(`INSERT INTO writebacks (shop_id, id, platform, kind, person_id, said_at, next_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (shop_id, platform, kind, person_id, said_at) DO UPDATE SET next_at = excluded.next_at, tries = 0, done_at = 0, note = ''
		WHERE writebacks.next_at = 0`,
		shop, NewID(), p, tellUnsubscribe, person, saidAt, tx.store.Now())
	return err
}

// DropUnsubscribes takes back what a platform has not been told yet of a person
// and all who are merged with them.
func (tx *Tx) DropUnsubscribes(shop commerce.ShopID, p commerce.Platform, person commerce.PersonID) error {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE writebacks SET next_at = 0, done_at = $3, note = 'taken back' WHERE shop_id = $1 AND person_id `+tx.in(2)+`
		AND platform = $4 AND kind = $5 AND next_at > 0`, shop, list(&tx.query, circles[person]), tx.store.Now(), p, tellUnsubscribe)
	return err
}

// UnsubscribeTold reports whether a platform has been told that a person, or
// one merged with them, wants no marketing. What ended otherwise was told nobody.
func (tx *Tx) UnsubscribeTold(shop commerce.ShopID, p commerce.Platform, person commerce.PersonID) (bool, error) {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return false, err
	}
	var n int
	_, err = tx.one([]any{&n}, `SELECT COUNT(*) FROM writebacks WHERE shop_id = $1 AND person_id `+tx.in(2)+`
		AND platform = $3 AND kind = $4 AND done_at > 0 AND note = $5`, shop, list(&tx.query, circles[person]), p, tellUnsubscribe, Told)
	return n > 0, err
}

// WritebacksDue reports whether any is due, in any shop.
func (s *Store) WritebacksDue(ctx context.Context) (bool, error) {
	var n int
	_, err := s.query(ctx).one([]any{&n}, `SELECT COUNT(*) FROM (SELECT next_at FROM writebacks WHERE next_at > 0 ORDER BY next_at LIMIT 1) w
		WHERE w.next_at <= $1`, s.Now())
	return n > 0, err
}

// NextWriteback takes the one that is due first, in any shop, and puts it off by
// d, so that nobody else takes it meanwhile and whoever follows a lost worker
// does. false = there is none.
func (s *Store) NextWriteback(ctx context.Context, d time.Duration) (w Writeback, found bool, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		now := s.Now()
		found = false
		var rows []Writeback
		if err := tx.all(&rows, `SELECT shop_id, id, platform, person_id, said_at, tries FROM writebacks
			WHERE next_at > 0 AND next_at <= $1 ORDER BY next_at, id LIMIT 1`+tx.forUpdate(), now); err != nil || len(rows) == 0 {
			return err
		}
		w, found = rows[0], true
		w.Tries++
		_, err := tx.exec(`UPDATE writebacks SET tries = $3, next_at = $4 WHERE shop_id = $1 AND id = $2`, w.Shop, w.ID, w.Tries, now.Add(d))
		return err
	})
	return w, found, err
}

// PutOffWriteback plans the next try of one that was taken, with why it failed.
// What has been taken back or taken by another meanwhile stays as it is.
func (s *Store) PutOffWriteback(ctx context.Context, shop commerce.ShopID, w Writeback, next commerce.Instant, note string) error {
	_, err := s.exec(ctx, `UPDATE writebacks SET next_at = $4, note = $5 WHERE shop_id = $1 AND id = $2 AND tries = $3 AND next_at > 0`,
		shop, w.ID, w.Tries, next, note)
	return err
}

// FinishWriteback ends one that was taken: the platform has been told (Told), or
// never will be. It reports whether it was still to be done; a later choice still is.
func (tx *Tx) FinishWriteback(shop commerce.ShopID, w Writeback, note string) (bool, error) {
	n, err := tx.exec(`UPDATE writebacks SET next_at = 0, done_at = $4, note = $5 WHERE shop_id = $1 AND id = $2 AND tries = $3 AND said_at = $6 AND next_at > 0`,
		shop, w.ID, w.Tries, tx.store.Now(), note, w.SaidAt)
	return n == 1, err
}

// StillToTell reports whether one that was taken has not been taken back meanwhile.
func (s *Store) StillToTell(ctx context.Context, shop commerce.ShopID, w Writeback) (bool, error) {
	var n int
	_, err := s.query(ctx).one([]any{&n}, `SELECT COUNT(*) FROM writebacks WHERE shop_id = $1 AND id = $2 AND tries = $3 AND next_at > 0`, shop, w.ID, w.Tries)
	return n == 1, err
}
