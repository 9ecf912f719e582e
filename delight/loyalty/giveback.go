package loyalty

import "flywheel/commerce"

// GiveBack returns the rows that give back what a reward cost, of a person with
// these rows. What refunds would have taken since, had it not been spent, goes
// for them first; nobody keeps points of an order that went back. None where
// nothing was spent on it, or it was given back.
func GiveBack(rows []Row, reward, why string, now commerce.Instant) []Row {
	cause, left, since := Cause{OfReward, reward}, int64(0), len(rows)
	for i, r := range rows {
		if r.Cause == cause {
			left, since = left-r.Points, min(since, i)
		}
	}
	if left <= 0 {
		return nil
	}
	type key struct {
		cause Cause
		rule  string
	}
	forgiven := map[key]int64{}
	for _, r := range rows[since:] {
		forgiven[key{r.Cause, r.Rule}] += r.Forgiven
	}
	out := []Row{{Kind: Adjust, Cause: cause, Points: left, At: now, Note: why}}
	for _, a := range Awards(rows) {
		// what had ended unspent is not owed
		if takes := min(left, forgiven[key{a.Cause, a.Terms.ID}], a.Forgiven-a.Expired); takes > 0 {
			out = append(out, Row{Kind: Clawback, Cause: a.Cause, Rule: a.Terms.ID, Points: -takes, Forgiven: -takes, At: now})
			left -= takes
		}
	}
	return out
}
