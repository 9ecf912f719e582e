package club

import (
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
)

// GivePoints gives a member points for what is no rule's, such as an effect of a
// campaign; cause names it, and given again for it they are given once. why
// stands in the customer's history; depth is as in store.Tx.Tell. Errors are
// fault.Conflict for who is no member, and as of the other acts.
func (d Desk) GivePoints(ctx context.Context, shop commerce.Shop, person commerce.PersonID, points int64, cause loyalty.Cause, why string, depth int) error {
	if points < 1 || points > maxAdjust {
		return fault.New(fault.Invalid, "give from 1 to %d points", maxAdjust)
	}
	return d.at(ctx, shop, person, func(s *seat) error {
		rows, err := s.tx.Ledger(shop.ID, s.person.ID)
		if err != nil || slices.ContainsFunc(rows, func(r loyalty.Row) bool { return r.Cause == cause }) {
			return err
		}
		if err := s.joined(); err != nil {
			return err
		}
		r := loyalty.Row{Kind: loyalty.Earn, Cause: cause, Points: points, At: s.tx.Now(), Note: why}
		if s.program.Months > 0 {
			r.ExpiresAt = commerce.At(r.At.Time().AddDate(0, s.program.Months, 0))
		}
		m, err := s.tx.PostLedger(shop.ID, s.member, []loyalty.Row{r}, s.program.Policy)
		if err != nil {
			return err
		}
		props := map[string]any{"points": points, "pending": int64(0), "balance": m.Points, "rule": ""}
		return tell(s.tx, shop.ID, m.Person, commerce.PointsEarned, string(cause.Kind)+"/"+cause.ID, props, depth)
	})
}
