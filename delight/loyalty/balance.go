package loyalty

import (
	"cmp"
	"slices"

	"flywheel/commerce"
	"flywheel/fault"
)

// Balance is what a ledger's rows come to.
type Balance struct {
	Pending, Points int64
	Lots            []Lot // what Points are of, oldest first; empty while Points are below zero
	// Earned is what was ever given by rules, not clawed back, and claimed or still to be; what a clawback forgave is not in it.
	Earned   int64
	ActiveAt commerce.Instant // when something was earned or spent last
}

// Lot is what is left of the points that one row made spendable.
type Lot struct {
	Row       string
	Cause     Cause
	Rule      string
	Left      int64
	At        commerce.Instant
	ExpiresAt commerce.Instant // 0 = never
}

// taken is what a row took off one lot.
type taken struct {
	lot  Lot
	much int64
}

// Replay reads a balance from all rows of one person, in the order in which
// they were posted. The balance that is kept beside them can always be made
// anew by it.
func Replay(rows []Row) Balance {
	var b Balance
	spent := map[Cause][]taken{} // by redemption, so that what is taken back finds its lots
	for _, r := range rows {
		b.Pending += r.Pending
		b.Points += r.Points
		if r.Rule != "" {
			b.Earned += r.Pending + r.Points - r.Forgiven
		}
		switch {
		case r.Kind == Adjust && r.Cause.Kind == OfReward:
			b.restore(spent[r.Cause], r)
			delete(spent, r.Cause)
		case r.Points > 0:
			b.credit(Lot{Row: r.ID, Cause: r.Cause, Rule: r.Rule, Left: r.Points, At: r.At, ExpiresAt: r.ExpiresAt}, r.Points)
		case r.Points < 0:
			pieces := b.debit(-r.Points, r)
			if r.Kind == Redeem {
				spent[r.Cause] = pieces
			}
		}
		switch r.Kind {
		case Pending, Earn, Redeem:
			b.ActiveAt = max(b.ActiveAt, r.At)
		}
	}
	return b
}

// credit adds a lot; where points were below zero, it pays for that first.
func (b *Balance) credit(l Lot, points int64) {
	before := b.Points - points
	if debt := max(0, -before); debt > 0 {
		l.Left -= min(debt, l.Left)
	}
	if l.Left > 0 {
		b.Lots = append(b.Lots, l)
	}
}

// debit takes points off lots: an expiry off its own, a clawback off its own
// award's first, then the oldest first. What no lot has is owed.
func (b *Balance) debit(points int64, r Row) (pieces []taken) {
	own := func(l Lot) bool {
		switch r.Kind {
		case Expire:
			return r.Cause.Kind == OfLot && l.Row == r.Cause.ID
		case Clawback:
			return l.Cause == r.Cause && l.Rule == r.Rule
		}
		return false
	}
	for _, which := range []func(Lot) bool{own, func(Lot) bool { return true }} {
		for i := range b.Lots {
			l := &b.Lots[i]
			if points == 0 || !which(*l) {
				continue
			}
			much := min(points, l.Left)
			if much > 0 {
				pieces = append(pieces, taken{*l, much})
				l.Left, points = l.Left-much, points-much
			}
		}
	}
	b.Lots = slices.DeleteFunc(b.Lots, func(l Lot) bool { return l.Left == 0 })
	return pieces
}

// restore gives back what a redemption took, each piece with the end it had.
func (b *Balance) restore(pieces []taken, r Row) {
	left, before := r.Points, b.Points-r.Points
	debt := min(left, max(0, -before))
	left -= debt
	for _, p := range slices.Backward(pieces) { // the youngest pieces pay a debt last
		much := min(p.much, left)
		if left -= much; much == 0 {
			continue
		}
		if at := slices.IndexFunc(b.Lots, func(l Lot) bool { return l.Row == p.lot.Row }); at >= 0 {
			b.Lots[at].Left += much
			continue
		}
		p.lot.Left = much
		b.Lots = append(b.Lots, p.lot)
	}
	if left > 0 { // it took more than there was, which only a policy allows that has changed since
		b.Lots = append(b.Lots, Lot{Row: r.ID, Cause: r.Cause, Left: left, At: r.At, ExpiresAt: r.ExpiresAt})
	}
	slices.SortStableFunc(b.Lots, func(a, z Lot) int { return cmp.Or(cmp.Compare(a.At, z.At), cmp.Compare(a.Row, z.Row)) })
}

// End is when a lot ends by a policy: where it is rolling, not before that long
// after somebody was active last.
func (b Balance) End(l Lot, p Policy) commerce.Instant {
	if l.ExpiresAt == 0 || !p.Rolling || b.ActiveAt == 0 {
		return l.ExpiresAt
	}
	return max(l.ExpiresAt, commerce.At(b.ActiveAt.Time().AddDate(0, p.Months, 0)))
}

// Ending is when the next lot ends, and how many points end then; 0 = none does.
func (b Balance) Ending(p Policy) (at commerce.Instant, points int64) {
	for _, l := range b.Lots {
		end := b.End(l, p)
		switch {
		case end == 0 || at != 0 && end > at:
		case end == at:
			points += l.Left
		default:
			at, points = end, l.Left
		}
	}
	return at, points
}

// Expired returns the rows that end the lots whose time has come.
func (b Balance) Expired(p Policy, now commerce.Instant) (rows []Row) {
	for _, l := range b.Lots {
		if end := b.End(l, p); end != 0 && end <= now {
			rows = append(rows, Row{Kind: Expire, Cause: Cause{OfLot, l.Row}, Points: -l.Left, At: now})
		}
	}
	return rows
}

// ErrTooFew refuses a redemption that the balance does not hold.
var ErrTooFew = fault.New(fault.Conflict, "there are not enough points for this reward")

// Spend returns the row that pays for a reward.
func (b Balance) Spend(reward string, cost int64, now commerce.Instant) (Row, error) {
	if cost <= 0 {
		return Row{}, fault.New(fault.Invalid, "a reward costs one point at least")
	}
	if b.Points < cost {
		return Row{}, ErrTooFew
	}
	return Row{Kind: Redeem, Cause: Cause{OfReward, reward}, Points: -cost, At: now}, nil
}
