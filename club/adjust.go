package club

import (
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
)

// maxAdjust bounds what staff may give or take at once: a slip of the hand is no fortune.
const maxAdjust = 1_000_000

// Adjust gives a member points by hand, or takes some where points is below zero.
// act names the act, such as a form's random key: sent twice it counts once. The
// reason is demanded and stands in the customer's history. Errors are
// fault.Invalid, fault.Conflict for who is no member, and where more would be
// taken than there is and the shop's policy keeps balances at zero.
func (d Desk) Adjust(ctx context.Context, shop commerce.Shop, person commerce.PersonID, points int64, act, by, note string) error {
	if err := noted(note); err != nil {
		return err
	}
	switch {
	case act == "":
		return fault.New(fault.Invalid, "the act has no key: load the page again")
	case points == 0 || points > maxAdjust || points < -maxAdjust:
		return fault.New(fault.Invalid, "give or take from 1 to %d points", maxAdjust)
	}
	cause := loyalty.Cause{Kind: loyalty.OfStaff, ID: act}
	return d.at(ctx, shop, person, func(s *seat) error {
		if err := s.joined(); err != nil {
			return err
		}
		rows, err := s.tx.Ledger(shop.ID, s.person.ID)
		if err != nil || slices.ContainsFunc(rows, func(r loyalty.Row) bool { return r.Cause == cause }) {
			return err
		}
		if s.program.Floor && s.member.Points+points < 0 && points < 0 {
			return fault.New(fault.Conflict, "there are only %d points to take", max(0, s.member.Points))
		}
		r := loyalty.Row{Kind: loyalty.Adjust, Cause: cause, Points: points, At: s.tx.Now(), By: by, Note: note}
		if points > 0 && s.program.Months > 0 {
			r.ExpiresAt = commerce.At(r.At.Time().AddDate(0, s.program.Months, 0))
		}
		_, err = s.tx.PostLedger(shop.ID, s.member, []loyalty.Row{r}, s.program.Policy)
		return err
	})
}
