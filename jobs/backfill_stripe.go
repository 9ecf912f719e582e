package jobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// pastPlace is where the reading of an account's charges stands. It is the
// Operation of a backfill, so that it moves in the transaction that merged what
// lies before it.
type pastPlace struct {
	before commerce.Instant // charges made before it are read
	cursor string           // Stripe's id of the last one that is merged; "" = none
}

func (p pastPlace) String() string { return fmt.Sprintf("%d %s", p.before, p.cursor) }

// placeOf reads what String wrote; "" is the place before all that was before past.
func placeOf(operation string, past commerce.Instant) (pastPlace, error) {
	if operation == "" {
		return pastPlace{before: past}, nil
	}
	before, cursor, _ := strings.Cut(operation, " ")
	at, err := strconv.ParseInt(before, 10, 64)
	return pastPlace{commerce.Instant(at), cursor}, err
}

// stepStripe goes on with an account's past. It waits, which is no failure,
// where there is no key to ask with or the account gives no access any more.
func (p *past) stepStripe(ctx context.Context) error {
	access, err := p.Accounts.Access(p.conn)
	if err != nil {
		return p.wait(ctx, fault.Sentence(err))
	}
	place, err := placeOf(p.Operation, max(p.conn.InstalledAt, p.ReadUntil))
	if err != nil {
		return err
	}
	if p.State == store.BackfillReading {
		return p.page(ctx, access, place)
	}
	p.Size, err = p.age(ctx, access, place.before)
	if err != nil {
		return p.trouble(ctx, err)
	}
	p.State, p.Operation, p.Note, p.NextAt = store.BackfillReading, place.String(), "", commerce.At(time.Now())
	return p.save(ctx)
}

// age is how old the account was before, in milliseconds; 0 = it does not say.
func (p *past) age(ctx context.Context, a stripe.Access, before commerce.Instant) (int64, error) {
	facts, err := p.Accounts.Stripe.Account(ctx, a)
	switch {
	case fault.Is(err, fault.Temporary), errors.Is(err, stripe.ErrNoAccess):
		return 0, err
	case err != nil, facts.Created == 0: // a key may read charges and not the account
		return 0, nil
	}
	return max(0, int64(before-facts.Created)), nil
}

// page reads and merges the next older charges.
func (p *past) page(ctx context.Context, a stripe.Access, place pastPlace) error {
	page, err := p.Accounts.Stripe.PastCharges(ctx, a, place.before, place.cursor)
	if err != nil {
		return p.trouble(ctx, err)
	}
	batch := make([]pastOrder, len(page.Orders))
	for i, o := range page.Orders {
		batch[i] = pastOrder{o.ID, o.Change, o.Err, pastPlace{place.before, o.ID}.String(), int64(place.before - o.At)}
	}
	if n := len(batch); n > 0 && batch[n-1].position > p.Size {
		p.Size = 0 // of a connected account Stripe may tell when it was connected, not made
	}
	defer p.giveInbox() // nobody waits while Stripe is asked
	if err := p.mergeAll(ctx, batch); err != nil {
		return err
	}
	if page.Next == "" {
		return p.done(ctx)
	}
	p.Operation = pastPlace{place.before, page.Next}.String() // behind what was no sale, too
	p.Note, p.Tries, p.NextAt = "", 0, commerce.At(time.Now())
	return p.save(ctx)
}
