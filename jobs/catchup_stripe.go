package jobs

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"time"

	"flywheel/fault"
	"flywheel/integrations/stripe"
)

const (
	// eventsKept is how long Stripe tells of an event (https://docs.stripe.com/api/events).
	eventsKept = 30 * 24 * time.Hour
	// sweepEvery is how often all of that is asked for which Stripe could not deliver.
	sweepEvery = 24 * time.Hour
)

// errPlaceLost is that Stripe refuses the place a look stood at: it knows an
// event for 30 days.
var errPlaceLost = errors.New("where the look stood is not known to Stripe any more")

// events looks at what happened in an account, list of types after list. What
// never reached the inbox goes there. The watermark moves at the end alone; then,
// once a day, comes all that Stripe could not deliver.
func (l *look) events(ctx context.Context) error {
	access, err := l.Accounts.Access(l.conn)
	if err != nil { // no key, or no access any more: nobody to ask
		return l.finish(ctx, l.Watermark)
	}
	l.begin()
	if l.Bound > l.Watermark { // else it was connected, or looked at, a moment ago
		done, err := l.told(ctx, access)
		if err != nil || !done {
			return err
		}
	}
	if err := l.finish(ctx, max(l.Bound, l.Watermark)); err != nil {
		return err
	}
	return l.sweep(ctx, access)
}

// told asks what happened between the watermark and the bound.
func (l *look) told(ctx context.Context, a stripe.Access) (done bool, err error) {
	if err := l.overGap(ctx); err != nil {
		return false, err
	}
	since := max(l.Watermark.Add(-lookOverlap), l.conn.InstalledAt)
	return l.ask(ctx, a, stripe.EventQuery{After: since, Until: l.Bound}, &l.Cursor)
}

// ask puts a question for each list of types, from the place that is kept on,
// until all are answered or the turn is over.
func (l *look) ask(ctx context.Context, a stripe.Access, q stripe.EventQuery, kept *string) (done bool, err error) {
	types := stripe.EventTypes()
	for at := placeIn(types, *kept); at.ask < len(types); {
		q.Types, q.Cursor = types[at.ask], at.cursor
		page, err := l.Accounts.Stripe.Events(ctx, a, q)
		switch {
		case err != nil && at.cursor != "" && (fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.Permanent)):
			*kept = askPlace{ask: at.ask}.in(types) // this question is asked from its beginning, at the next try
			return false, fmt.Errorf("%w: %w", errPlaceLost, err)
		case err != nil:
			return false, err
		}
		if err := l.take(ctx, page); err != nil {
			return false, err
		}
		if at.cursor = page.Next; at.cursor == "" {
			at.ask++
		}
		*kept = at.in(types)
		l.Tries, l.Note = 0, ""
		if err := l.save(ctx); err != nil || l.over(ctx) {
			return false, err // what is not asked yet is the next turn's
		}
	}
	return true, nil
}

// sweep asks for all that Stripe could not deliver, where that is due. The look
// is finished, and the next one comes in its time, whatever becomes of this.
func (l *look) sweep(ctx context.Context, a stripe.Access) error {
	now := l.Store.Now()
	since := max(now.Add(-eventsKept), l.conn.InstalledAt)
	if due := l.SweptAt.Add(sweepEvery) <= now || l.SweptAt > now; !due || l.Watermark <= since { // > now: by a clock that ran ahead
		return nil
	}
	l.extra = true
	done, err := l.ask(ctx, a, stripe.EventQuery{After: since, Until: l.Watermark, Undelivered: true}, &l.Sweep)
	switch {
	case err != nil:
		return err
	case done:
		l.SweptAt, l.Sweep = now, ""
	default:
		l.NextAt = now // more of it is there
	}
	return l.save(ctx)
}

// overGap goes over what Stripe tells no more, because nobody looked for too
// long: that is read from the charges, and a finding says so.
func (l *look) overGap(ctx context.Context) error {
	now := l.Store.Now()
	from, until := l.Watermark, now.Add(-eventsKept)
	if from >= until {
		return nil
	}
	l.Watermark, l.Bound, l.Cursor = until, now.Add(-lookBehind), ""
	words := fmt.Sprintf("Stripe tells of its events for 30 days: what webhooks left out between %s and %s is read from the account's charges",
		from.Time().Format(time.DateTime), until.Time().Format(time.DateTime))
	return l.Store.SaveEventsGap(ctx, l.owner, l.conn, l.Reconciliation, words)
}

// askPlace is where a look stands: behind an event, in the question for one list of types.
type askPlace struct {
	ask    int
	cursor string // Stripe's id of the last event; "" = the question is not asked yet
}

// in writes a place among lists of types as it is kept.
func (p askPlace) in(types [][]string) string {
	return fmt.Sprintf("%d %x %s", p.ask, fingerprint(types), p.cursor)
}

// placeIn reads what in wrote. A place among other types than today's, of a
// version before this one, is the beginning.
func placeIn(types [][]string, kept string) askPlace {
	var p askPlace
	var mark uint64
	if n, _ := fmt.Sscanf(kept, "%d %x %s", &p.ask, &mark, &p.cursor); n < 2 || mark != fingerprint(types) {
		return askPlace{}
	}
	return p
}

// fingerprint tells the types that are asked for, and in what lists, from others.
func fingerprint(types [][]string) uint64 {
	h := fnv.New64a()
	for _, list := range types {
		_, _ = io.WriteString(h, fmt.Sprintln(list))
	}
	return h.Sum64()
}
