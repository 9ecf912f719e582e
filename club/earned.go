package club

import (
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// TellEarned tells, once for each cause, that posted rows have given somebody
// points, and that what waited can be spent. m is their membership behind the
// rows; depth is as in store.Tx.Tell.
func TellEarned(tx *store.Tx, shop commerce.ShopID, m store.LoyaltyMember, cause loyalty.Cause, rows []loyalty.Row, depth int) error {
	var earned, waiting, released int64
	rule := ""
	for _, r := range rows {
		if r.Terms != nil {
			earned, waiting = earned+r.Pending+r.Points, waiting+r.Pending
			if rule == "" {
				rule = r.Rule
			}
		}
		if r.Kind == loyalty.Release {
			released += r.Points
		}
	}
	subject := string(cause.Kind) + "/" + cause.ID
	if earned > 0 {
		props := map[string]any{"points": earned, "pending": waiting, "balance": m.Points, "rule": rule}
		if err := tell(tx, shop, m.Person, commerce.PointsEarned, subject, props, depth); err != nil {
			return err
		}
	}
	if released == 0 {
		return nil
	}
	return tell(tx, shop, m.Person, commerce.PointsReleased, subject, map[string]any{"points": released, "balance": m.Points}, depth)
}

func tell(tx *store.Tx, shop commerce.ShopID, person commerce.PersonID, kind commerce.EventKind, subject string, props map[string]any, depth int) error {
	return tx.Tell(shop, store.OwnEvent{Person: person, Happening: commerce.Happening{Kind: kind, Subject: subject, At: tx.Now(), Props: props, Depth: depth}})
}
