package jobs

import (
	"context"
	"errors"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// historyTime is how long one task reads a shop's past, or looks for what was
// missed, before others have their turn.
const historyTime = 20 * time.Second

// backfillTries is how many failures in a row end a backfill: after half a day, by the pauses of later.
const backfillTries = 20

// past is one turn at a shop's backfill, under its lease. A step that changes
// the row saves it before the next one begins, so that a worker that is killed
// loses no more than the step in hand.
type past struct {
	*Worker
	store.Backfill
	conn  commerce.Connection
	owner string
	end   time.Time

	inbox store.InboxLease // of the shop
	since time.Time        // when it was taken; zero = we have it not
}

// backfill goes on with what is due of a connection's past.
func (w *Worker) backfill(ctx context.Context, shop commerce.ShopID, connection commerce.ConnectionID) error {
	owner := store.NewID()
	row, ok, err := w.Store.LeaseBackfill(ctx, shop, connection, owner)
	if err != nil || !ok {
		return err
	}
	defer w.insist("backfill not given back", shop, func(ctx context.Context) error {
		return w.Store.ReleaseBackfill(ctx, shop, connection, owner)
	})
	conn, err := w.Store.ConnectionByID(ctx, connection)
	if err != nil {
		return err
	}
	switch {
	case !conn.Open():
		return nil
	case conn.Epoch != row.Epoch: // of an install before this one
		return w.Store.AskBackfill(ctx, shop, conn)
	}
	p := &past{Worker: w, Backfill: row, conn: conn, owner: owner, end: time.Now().Add(historyTime)}
	for p.State.Open() && p.NextAt <= commerce.At(time.Now()) && !p.over(ctx) {
		if err := p.step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// over reports whether the turn's time is up.
func (p *past) over(ctx context.Context) bool {
	return time.Now().After(p.end) || ctx.Err() != nil || p.alive.Err() != nil
}

func (p *past) step(ctx context.Context) error {
	switch {
	case !p.canAsk(p.conn.Platform):
		return p.wait(ctx, "there is nobody who could ask the platform")
	case p.conn.Platform == commerce.Stripe:
		return p.stepStripe(ctx)
	case p.State == store.BackfillReading:
		return p.read(ctx) // the file's address is all it needs
	}
	a, err := p.Install.Token(ctx, p.conn)
	if err != nil {
		return p.trouble(ctx, err)
	}
	if p.State == store.BackfillAsked {
		return p.ask(ctx, a)
	}
	return p.poll(ctx, a)
}

// ask has the platform export the orders. Where an export is under way, another
// app's or one of ours whose id was lost with a worker, it waits for its end.
func (p *past) ask(ctx context.Context, a shopify.Access) error {
	operation, err := p.Shopify.StartBulk(ctx, a)
	switch {
	case fault.Is(err, fault.Conflict):
		p.Note = "another export of this shop is under way"
		p.Polls++
	case err != nil:
		return p.trouble(ctx, err)
	default:
		p.State, p.Operation, p.Polls, p.Note = store.BackfillRunning, operation, 1, ""
	}
	p.NextAt = p.soon()
	return p.save(ctx)
}

// soon is when the platform is asked again how far it is: after a second, then
// a second later each time, at most a minute.
func (p *past) soon() commerce.Instant {
	return commerce.At(time.Now().Add(min(time.Duration(p.Polls)*time.Second, time.Minute)))
}

// poll asks whether the export is ready.
func (p *past) poll(ctx context.Context, a shopify.Access) error {
	s, err := p.Shopify.Bulk(ctx, a, p.Operation)
	switch {
	case fault.Is(err, fault.NotFound):
		return p.anew(ctx, "the export is not there any more")
	case err != nil:
		return p.trouble(ctx, err)
	}
	switch s.Status {
	case shopify.BulkCompleted:
		p.State, p.URL, p.Size, p.Expected, p.Note = store.BackfillReading, s.URL, s.Size, s.Orders, ""
		if s.URL == "" { // nothing was ever ordered
			p.State = store.BackfillDone
		}
	case shopify.BulkFailed:
		if s.Error == "ACCESS_DENIED" {
			return p.anew(ctx, "the shop does not let the app read its orders")
		}
		return p.anew(ctx, "the export failed at the platform")
	case shopify.BulkCanceled, shopify.BulkExpired:
		return p.anew(ctx, "the export was given up at the platform")
	default:
		p.Polls++
		p.NextAt = p.soon()
	}
	return p.save(ctx)
}

// anew has another export made, from the beginning: what is merged already is
// merged again, which changes nothing.
func (p *past) anew(ctx context.Context, why string) error {
	p.State, p.Operation, p.URL, p.Polls = store.BackfillAsked, "", "", 0
	p.Position, p.Size, p.Orders, p.Expected, p.Refused = 0, 0, 0, 0, 0
	return p.later(ctx, why)
}

// trouble plans the next try after an error. Where the platform refused the
// token, nothing is due until somebody opens the app.
func (p *past) trouble(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err // it is we who go away
	}
	p.Log.Warn("backfill waits", "shop", p.conn.ShopID, "state", p.State, "tries", p.Tries, "error", err)
	return errors.Join(p.refused(ctx, p.conn, err), p.later(ctx, inWords(p.conn.Platform, err)))
}

// inWords says what stands in the way without what an error may quote.
func inWords(p commerce.Platform, err error) string {
	switch kind := fault.KindOf(err); {
	case kind == fault.Denied && p == commerce.Stripe:
		return "Stripe does not let the app read the account"
	case kind == fault.Denied:
		return "the shop does not let the app read its orders"
	case kind == fault.Temporary:
		return "the platform could not be reached"
	}
	return "the platform answered something that cannot be read"
}

// later plans the next try: five seconds, then twice as long each time, at most
// an hour. After too many in vain the backfill has failed.
func (p *past) later(ctx context.Context, why string) error {
	p.Note = why
	p.NextAt = commerce.At(time.Now().Add(min(5*time.Second<<min(p.Tries, 10), time.Hour)))
	if p.Tries++; p.Tries >= backfillTries {
		p.State = store.BackfillFailed
	}
	return p.save(ctx)
}

// waitTime is how long a backfill rests for which nobody can be asked.
const waitTime = time.Hour

// wait has a backfill rest where nobody can be asked, which is no failure.
func (p *past) wait(ctx context.Context, why string) error {
	p.Note, p.NextAt = why, commerce.At(time.Now().Add(waitTime))
	return p.save(ctx)
}

func (p *past) save(ctx context.Context) error {
	return p.Store.SaveBackfill(ctx, p.conn.ShopID, p.owner, p.Backfill)
}

// refused tells whoever keeps tokens that the platform denied something.
func (w *Worker) refused(ctx context.Context, c commerce.Connection, err error) error {
	switch {
	case !fault.Is(err, fault.Denied):
		return nil
	case c.Platform == commerce.Stripe:
		return w.Accounts.Refused(ctx, c, err)
	}
	return w.Install.Refused(ctx, c, err)
}
