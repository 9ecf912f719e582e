package loyalty

import (
	"slices"

	"flywheel/commerce"
)

// Award is what one rule has given for one cause so far, read from rows.
type Award struct {
	Cause Cause
	Terms Terms
	// Pending waits, Spendable was given to spend and not clawed back, Forgiven could not be taken.
	Pending, Spendable, Forgiven int64
	ExpiresAt                    commerce.Instant // of what was released; 0 = nothing was, or never
	Released                     bool
	Expired                      int64 // of Spendable, what ended before it was spent
	Lapsed                       bool  // nobody claimed it: it is over, whatever becomes of its cause
}

// Given is what the award counts for: what target is compared with.
func (a Award) Given() int64 { return a.Pending + a.Spendable - a.Forgiven }

// Awards reads the awards of causes from a ledger's rows, in the order in which they were made.
func Awards(rows []Row) (all []Award) {
	type key struct {
		cause Cause
		rule  string
	}
	known := map[key]int{}
	lots := map[string]int{} // by the row that made them, of which award
	for _, r := range rows {
		if r.Rule == "" {
			if of, ours := lots[r.Cause.ID]; r.Kind == Expire && ours {
				all[of].Expired -= r.Points
			}
			continue
		}
		at, there := known[key{r.Cause, r.Rule}]
		if !there {
			if r.Terms == nil {
				continue
			}
			all, at = append(all, Award{Cause: r.Cause, Terms: *r.Terms}), len(all)
			known[key{r.Cause, r.Rule}] = at
		}
		a := &all[at]
		if r.Points > 0 {
			lots[r.ID] = at
		}
		a.Pending += r.Pending
		a.Spendable += r.Points
		a.Forgiven += r.Forgiven
		switch r.Kind {
		case Expire:
			a.Lapsed = true
		case Release, Earn:
			a.Released = true
			if a.ExpiresAt == 0 {
				a.ExpiresAt = r.ExpiresAt
			}
		}
	}
	return all
}

// Ledger is what a decision about a person's points reads of them.
type Ledger struct {
	Points int64 // to spend, as posted so far
	Policy
}

// post makes rows for an award until it is worth target, and opens what waits
// where that may be. What it takes comes off what waits first; what has ended
// unspent is gone already and not owed.
func (l *Ledger) post(a Award, target int64, open bool, at commerce.Instant) (rows []Row) {
	if a.Lapsed {
		return nil
	}
	row := func(kind Kind, pending, points, forgiven int64) {
		r := Row{Kind: kind, Cause: a.Cause, Rule: a.Terms.ID, Pending: pending, Points: points, Forgiven: forgiven, At: at}
		if points > 0 {
			r.ExpiresAt = l.lotEnd(a, at)
		}
		rows = append(rows, r)
		a.Pending, a.Spendable, a.Forgiven, l.Points = a.Pending+pending, a.Spendable+points, a.Forgiven+forgiven, l.Points+points
	}
	switch diff := target - a.Given(); {
	case diff > 0:
		back := min(diff, max(0, a.Forgiven)) // what was forgiven is made good first
		if a.Released {
			row(Earn, 0, diff-back, -back)
		} else {
			row(Pending, diff-back, 0, -back)
		}
	case diff < 0:
		waits := min(-diff, a.Pending)
		takes := -diff - waits
		forgiven := min(takes, max(0, a.Expired-a.Forgiven))
		if l.Floor {
			forgiven = max(forgiven, takes-max(0, l.Points))
		}
		row(Clawback, -waits, -(takes - forgiven), forgiven)
	}
	if open && a.Pending > 0 {
		row(Release, -a.Pending, a.Pending, 0)
	}
	return rows
}

// lotEnd is when points end that become spendable now: given again they keep the end they had.
func (l *Ledger) lotEnd(a Award, at commerce.Instant) commerce.Instant {
	if a.ExpiresAt != 0 || l.Months == 0 {
		return a.ExpiresAt
	}
	return commerce.At(at.Time().AddDate(0, l.Months, 0))
}

// Person is what awards depend on beside their causes.
type Person struct {
	Member     bool
	Multiplier int64            // of their tier, in hundredths; 0 = 100
	Room       map[string]int64 // by rule id, what its bounds leave for another award; no entry = no bound
}

// Settle returns the rows that bring the awards of an order to what it is worth
// now: those there are by their own terms, and what the rules give that have
// not spoken yet. program is the one of the moment of the sale.
func (l *Ledger) Settle(s Sale, awards []Award, program Program, who Person, now commerce.Instant) (rows []Row) {
	cause := Cause{OfOrder, string(s.Order)}
	open := who.Member && s.OpensAt != 0 && s.OpensAt <= now
	for _, a := range awards {
		if a.Cause == cause {
			rows = append(rows, l.post(a, a.Terms.Worth(s.counted(a.Terms.Counts), s.Nth), open, now)...)
		}
	}
	if s.At == 0 || s.Historic || s.Excluded {
		return rows
	}
	for _, r := range program.Rules {
		spoken := slices.ContainsFunc(awards, func(a Award) bool { return a.Cause == cause && a.Terms.ID == r.ID })
		if spoken || !ruleKinds[r.Kind] {
			continue
		}
		terms := r.freeze(program.Version, who, s.Counts, s.At)
		terms.Counts = program.Counts
		rows = append(rows, l.begin(Award{Cause: cause, Terms: terms}, s, open, now)...)
	}
	return rows
}

// begin makes an award's first rows, with its terms in the first; none where it is worth nothing.
func (l *Ledger) begin(a Award, s Sale, open bool, now commerce.Instant) []Row {
	rows := l.post(a, a.Terms.Worth(s.counted(a.Terms.Counts), s.Nth), open, now)
	if len(rows) > 0 {
		rows[0].Terms = &a.Terms
	}
	return rows
}

// Give returns the row for what is no order: a sign-up, a birthday, a review.
// It is given once for its cause, to members alone. at is when the cause came.
func (l *Ledger) Give(cause Cause, r Rule, version int, who Person, at, now commerce.Instant) []Row {
	if !who.Member || ruleKinds[r.Kind] {
		return nil
	}
	a := Award{Cause: cause, Terms: r.freeze(version, who, commerce.Money{}, at), Released: true}
	return l.begin(a, Sale{}, false, now)
}

// Restore returns the rows that give an award for what is no order in full
// again, after Withdraw; none where nothing was taken.
func (l *Ledger) Restore(a Award, now commerce.Instant) []Row {
	return l.post(a, a.Terms.Worth(0, 0), false, now)
}

// Withdraw returns the rows that take an award back in whole.
func (l *Ledger) Withdraw(a Award, now commerce.Instant) []Row { return l.post(a, 0, false, now) }

func (r Rule) freeze(version int, who Person, basis commerce.Money, at commerce.Instant) Terms {
	room, bounded := who.Room[r.ID]
	if !bounded {
		room = -1
	}
	t := r.Freeze(version, who.Multiplier, room, basis)
	t.At = at
	return t
}

// Unclaimed returns the rows that end what waited for a guest who never joined.
func Unclaimed(awards []Award, now commerce.Instant) (rows []Row) {
	for _, a := range awards {
		if a.Pending > 0 {
			rows = append(rows, Row{Kind: Expire, Cause: a.Cause, Rule: a.Terms.ID, Pending: -a.Pending, At: now})
		}
	}
	return rows
}
