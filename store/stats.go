package store

import (
	"context"
	"strings"
	"time"

	"flywheel/commerce"
)

// Stats are the figures operators watch and the books a demo balances.
type Stats struct {
	InboxNew         int64
	InboxQuarantined int64
	InboxDone        int64
	OldestInbox      commerce.Instant // business time of the oldest undone delivery
	Window           int64
	Running          int64
	OldestDue        commerce.Instant // due time of the longest waiting row
	Effects          map[string]int64
	Pending          int64
	Parked           int64 // outward acts of which nobody knows whether they went out
	PausedAll        bool
}

// Stats counts over all shops. It reads indexes that hold open work only,
// except for the effects by state, which are counted when all is set.
func (s *Store) Stats(ctx context.Context, all bool) (Stats, error) {
	st := Stats{Effects: map[string]int64{}}
	q := s.query(ctx)
	for _, c := range []struct {
		dests []any
		text  string
	}{
		{[]any{&st.InboxNew, &st.OldestInbox}, `SELECT COUNT(*), COALESCE(MIN(received_at), 0) FROM inbox WHERE state = 0`},
		{[]any{&st.InboxQuarantined}, `SELECT COUNT(*) FROM inbox WHERE state = 2`},
		{[]any{&st.Window}, `SELECT COUNT(*) FROM enrollments WHERE queue = 1`},
		{[]any{&st.Running}, `SELECT COUNT(*) FROM enrollments WHERE queue = 2`},
		{[]any{&st.Pending}, `SELECT COUNT(*) FROM pending_deliveries`},
		{[]any{&st.Parked}, `SELECT COUNT(*) FROM effects WHERE parked = 1`},
	} {
		if _, err := q.one(c.dests, c.text); err != nil {
			return st, err
		}
	}
	if _, err := q.one([]any{&st.OldestDue}, `SELECT COALESCE(MIN(due_at), 0) FROM enrollments WHERE state = 'active' AND queue = 0 AND due_at <= $1`, s.Now()); err != nil {
		return st, err
	}
	var err error
	if st.PausedAll, err = q.pausedAll(); err != nil || !all {
		return st, err
	}
	if _, err := q.one([]any{&st.InboxDone}, `SELECT COUNT(*) FROM inbox WHERE state = 1`); err != nil {
		return st, err
	}
	var rows []struct {
		State string `db:"state"`
		N     int64  `db:"n"`
	}
	err = q.all(&rows, `SELECT state, COUNT(*) AS n FROM effects GROUP BY state`)
	for _, r := range rows {
		st.Effects[r.State] = r.N
	}
	return st, err
}

// duties are the columns that say when something of a loyalty program, of its
// members and of their friends is looked at, each with when it says so.
var duties = []struct{ table, at, where string }{
	{"loyalty_awards", "opens_at", "opens_at > 0 AND pending > 0"},
	{"loyalty_members", "ends_at", "ends_at > 0"},
	{"loyalty_members", "notice_at", "notice_at > 0"},
	{"loyalty_members", "tier_look_at", "tier_look_at > 0"},
	{"loyalty_members", "places_at", "places_at > 0"},
	{"loyalty_members", "birthday_at", "birthday > 0"},
	{"rewards", "look_at", "look_at > 0"},
	{"referral_looks", "look_at", "look_at > 0"},
}

// dueDuties counts of how many duties something is due by $1; nextDuty finds the next moment of any.
var dueDuties, nextDuty = func() (due, next string) {
	var counts, firsts []string
	for _, d := range duties {
		counts = append(counts, "(SELECT COUNT(*) FROM (SELECT 1 FROM "+d.table+" WHERE "+d.where+" AND "+d.at+" <= $1 LIMIT 1) x)")
		firsts = append(firsts, "SELECT MIN("+d.at+") AS at FROM "+d.table+" WHERE "+d.where)
	}
	return strings.Join(counts, " + "), "SELECT COALESCE(MIN(at), 0) FROM (" + strings.Join(firsts, " UNION ALL ") + ") x"
}()

// Busy reports whether any work is open that is due by now: deliveries, queued,
// running or due rows, orders to be read again, fan-outs, shops to be touched,
// and what is due for members, their rewards and their friends.
func (s *Store) Busy(ctx context.Context) (bool, error) {
	var n int
	_, err := s.query(ctx).one([]any{&n}, `SELECT
		(SELECT COUNT(*) FROM (SELECT 1 FROM inbox WHERE state = 0 LIMIT 1) a) + (SELECT COUNT(*) FROM (SELECT 1 FROM enrollments WHERE queue = 1 LIMIT 1) b)
		+ (SELECT COUNT(*) FROM (SELECT 1 FROM enrollments WHERE queue = 2 LIMIT 1) c)
		+ (SELECT COUNT(*) FROM (SELECT 1 FROM enrollments WHERE state = 'active' AND queue = 0 AND due_at <= $1 LIMIT 1) d)
		+ (SELECT COUNT(*) FROM (SELECT 1 FROM orders WHERE fetch_at > 0 AND fetch_at <= $1 LIMIT 1) e)
		+ (SELECT COUNT(*) FROM (SELECT 1 FROM shop_work WHERE touch_below > 0 LIMIT 1) f)
		+ (SELECT COUNT(*) FROM (SELECT 1 FROM fanouts WHERE state = 'open' LIMIT 1) h) + `+dueDuties, s.Now())
	return n > 0, err
}

// NextDue returns the earliest instant at which something falls due; 0 = nothing will.
func (s *Store) NextDue(ctx context.Context) (commerce.Instant, error) {
	var due, fetch, duty commerce.Instant
	q := s.query(ctx)
	if _, err := q.one([]any{&due}, `SELECT COALESCE(MIN(due_at), 0) FROM enrollments WHERE state = 'active'`); err != nil {
		return 0, err
	}
	if _, err := q.one([]any{&fetch}, `SELECT COALESCE(MIN(fetch_at), 0) FROM orders WHERE fetch_at > 0`); err != nil {
		return 0, err
	}
	_, err := q.one([]any{&duty}, nextDuty)
	return commerce.Earliest(commerce.Earliest(due, fetch), duty), err
}

// ClockDrift returns how far the database's clock is ahead of this machine's; 0 for SQLite, which has none of its own.
func (s *Store) ClockDrift(ctx context.Context) (time.Duration, error) {
	if s.Embedded() {
		return 0, nil
	}
	var theirs int64
	_, err := s.query(ctx).one([]any{&theirs}, `SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint`)
	return time.Until(commerce.Instant(theirs).Time()), err
}
