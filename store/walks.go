package store

import (
	"context"
	"fmt"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// Rivals returns the persons' walks whose next message is an ask and is due by
// dueBefore, the one that asks among them.
func (tx *Tx) Rivals(shop commerce.ShopID, persons []commerce.PersonID, dueBefore commerce.Instant) (map[commerce.PersonID][]campaign.Enrollment, error) {
	circles, err := tx.circles(shop, persons)
	if err != nil || len(circles) == 0 {
		return nil, err
	}
	var rows []enrollmentRow
	if err := tx.all(&rows, `SELECT `+enrollmentColumns+` FROM enrollments WHERE shop_id = $1 AND person_id `+tx.in(2)+`
		AND state = 'active' AND next_class IN ('service', 'marketing') AND due_at <= $3 AND rehearsal = 0 ORDER BY due_at, id`,
		shop, list(&tx.query, members(circles)), dueBefore); err != nil {
		return nil, err
	}
	byPerson := map[commerce.PersonID][]campaign.Enrollment{}
	for _, r := range rows {
		e := r.enrollment()
		byPerson[e.Person] = append(byPerson[e.Person], e)
	}
	return gather(circles, byPerson), nil
}

// Enrollment returns one walk; a missing one is fault.NotFound.
func (s *Store) Enrollment(ctx context.Context, shop commerce.ShopID, id campaign.EnrollmentID) (campaign.Enrollment, error) {
	row, err := first[enrollmentRow](s.query(ctx), fmt.Sprintf("there is no enrollment %s in this shop", id),
		`SELECT `+enrollmentColumns+` FROM enrollments WHERE shop_id = $1 AND id = $2`, shop, id)
	return row.enrollment(), err
}

// WalkFilter narrows a list of walks; the zero value takes all.
type WalkFilter struct {
	State  string      // active or ended; "" = both
	Reason gate.Reason // why they ended; "" = any
}

// ListEnrollments returns a campaign's walks by entry key after the key after, at most limit.
func (s *Store) ListEnrollments(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, f WalkFilter, after string, limit int) ([]campaign.Enrollment, error) {
	var rows []enrollmentRow
	err := s.query(ctx).all(&rows, `SELECT `+enrollmentColumns+` FROM enrollments WHERE shop_id = $1 AND campaign_id = $2 AND entry_key > $3
		AND ($4 = '' OR state = $4) AND ($5 = '' OR reason = $5) ORDER BY entry_key LIMIT $6`, shop, id, after, f.State, f.Reason, limit)
	out := make([]campaign.Enrollment, len(rows))
	for i, r := range rows {
		out[i] = r.enrollment()
	}
	return out, err
}

// StepCount is how many walks of a version stand at a place.
type StepCount struct {
	Version int    `db:"version"`
	StepID  string `db:"step_id"` // as in campaign.Position: "" = not begun
	Count   int64  `db:"n"`
}

// WaitingByStep counts who is in a campaign, by version and place.
func (s *Store) WaitingByStep(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) ([]StepCount, error) {
	var out []StepCount
	err := s.query(ctx).all(&out, `SELECT version, step_id, COUNT(*) AS n FROM enrollments
		WHERE shop_id = $1 AND campaign_id = $2 AND state = 'active' GROUP BY version, step_id ORDER BY version, step_id`, shop, id)
	return out, err
}

// WaitingMost is up to where WaitingNow counts who stands at one place.
const WaitingMost = 5000

// WaitingNow is WaitingByStep for a page: it leaps from place to place, and a
// Count of WaitingMost+1 is of more than WaitingMost.
func (s *Store) WaitingNow(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (out []StepCount, err error) {
	q, at := s.query(ctx), StepCount{Version: -1}
	both := string(shop) + " " + string(id) // as the index has them
	for len(out) < placesMost {
		var next []StepCount
		if err := q.all(&next, `SELECT version, step_id FROM enrollments WHERE shop_id || ' ' || campaign_id = $1 AND state = 'active'
			AND (version, step_id) > ($2, $3) ORDER BY version, step_id LIMIT 1`, both, at.Version, at.StepID); err != nil || len(next) == 0 {
			return out, err
		}
		at = next[0]
		if _, err := q.one([]any{&at.Count}, `SELECT COUNT(*) FROM (SELECT 1 AS one FROM enrollments WHERE shop_id || ' ' || campaign_id = $1 AND state = 'active'
			AND version = $2 AND step_id = $3 LIMIT $4) here`, both, at.Version, at.StepID, WaitingMost+1); err != nil {
			return out, err
		}
		out = append(out, at)
	}
	return out, nil
}

// placesMost bounds the leaps of WaitingNow: nobody reads more lines.
const placesMost = 200

// Moved is what MoveToVersion did.
type Moved struct{ Moved, Stayed int64 }

// MoveToVersion gives those another version who are in version from and have
// not begun or stand at one of stepIDs, which both versions must have; the
// others finish theirs. It goes in steps of 500 and may be run again after a failure.
func (s *Store) MoveToVersion(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, from, to int, stepIDs []string) (Moved, error) {
	var got Moved
	if _, err := s.CampaignVersion(ctx, shop, id, to); err != nil {
		return got, err
	}
	places := []string{""}
	for _, step := range stepIDs {
		places = append(places, step, "after:"+step)
	}
	for after := ""; ; {
		var step Moved
		var last string
		err := s.Transact(ctx, func(tx *Tx) (err error) {
			step, last, err = tx.moveToVersion(shop, id, from, to, places, after)
			return err
		})
		got.Moved, got.Stayed = got.Moved+step.Moved, got.Stayed+step.Stayed
		if err != nil || last == "" {
			return got, err
		}
		after = last
	}
}

// moveToVersion is one step; last is the last entry key it looked at, "" = there are no more.
func (tx *Tx) moveToVersion(shop commerce.ShopID, id campaign.CampaignID, from, to int, places []string, after string) (got Moved, last string, err error) {
	var rows []struct {
		ID      string `db:"id"`
		Key     string `db:"entry_key"`
		State   string `db:"state"`
		Version int    `db:"version"`
		StepID  string `db:"step_id"`
	}
	err = tx.all(&rows, `SELECT id, entry_key, state, version, step_id FROM enrollments WHERE shop_id = $1 AND campaign_id = $2 AND entry_key > $3
		ORDER BY entry_key LIMIT $4`, shop, id, after, touchStep)
	if err != nil || len(rows) == 0 {
		return got, "", err
	}
	var moving []string
	var staying int64
	for _, r := range rows {
		switch {
		case r.State != "active" || r.Version != from:
		case slices.Contains(places, r.StepID):
			moving = append(moving, r.ID)
		default:
			staying++
		}
	}
	got.Moved, err = tx.exec(`UPDATE enrollments SET version = $4, due_at = $5, rev = rev + 1 WHERE shop_id = $1 AND id `+tx.in(2)+`
		AND state = 'active' AND version = $3 AND step_id `+tx.in(6), shop, list(&tx.query, moving), from, to, tx.store.Now(), list(&tx.query, places))
	got.Stayed = staying + int64(len(moving)) - got.Moved
	return got, rows[len(rows)-1].Key, err
}
