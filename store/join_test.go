package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Two orders turn out to be one purchase: of two enrollments of one campaign one goes on, the one that has sent.
func TestJoinEnrollments(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, sent := range []string{"", "from", "into"} {
			shop := storetest.Shop(t, s)
			from, into := storetest.Order(t, s, shop, "p"), storetest.Order(t, s, shop, "p")
			first, second := storetest.Enroll(t, s, shop, from), storetest.Enroll(t, s, shop, into)
			alone := storetest.Enroll(t, s, shop, from, func(e *campaign.Enrollment) { e.Campaign = "review" })
			stays, ends := first, second // the older
			switch sent {
			case "from":
				execute(t, s, `UPDATE effects SET state = 'sent' WHERE id = $1`, string(claim(t, s, shop, store.Effect{Enrollment: first.ID}).ID))
			case "into":
				stays, ends = second, first
				execute(t, s, `UPDATE effects SET state = 'unknown' WHERE id = $1`, string(claim(t, s, shop, store.Effect{Enrollment: second.ID}).ID))
			}
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.JoinEnrollments(shop, from.ID, into.ID) })
			state := func(e campaign.Enrollment) string {
				return word(t, s, `SELECT state || ' ' || reason || ' ' || order_id FROM enrollments WHERE id = $1`, e.ID)
			}
			require.Equal(t, "active  "+string(into.ID), state(stays), "sent: %q", sent)
			require.Equal(t, "ended same_purchase "+string(into.ID), state(ends), "sent: %q", sent)
			require.Equal(t, "active  "+string(into.ID), state(alone))
			require.Equal(t, campaign.EntryKey(into.ID), word(t, s, `SELECT entry_key FROM enrollments WHERE id = $1`, alone.ID), "so that it does not enroll again")
		}
	})
}

func TestReopenEnrollments(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		o := storetest.Order(t, s, shop, "p")
		for reason, want := range map[gate.Reason]string{gate.Refunded: "active", gate.SequenceComplete: "ended", gate.SamePurchase: "ended"} {
			e := storetest.Enroll(t, s, shop, o, func(e *campaign.Enrollment) { e.Campaign, e.DueAt = campaign.CampaignID(reason), 1 })
			execute(t, s, `UPDATE enrollments SET state = 'ended', reason = $2 WHERE id = $1`, string(e.ID), string(reason))
			storetest.Do(t, s, func(tx *store.Tx) error {
				if err := tx.ReopenEnrollments(shop, nil); err != nil {
					return err
				}
				return tx.ReopenEnrollments(shop, []commerce.OrderID{o.ID})
			})
			require.Equal(t, reason.Reversible(), want == "active", reason)
			require.Equal(t, want, word(t, s, `SELECT state FROM enrollments WHERE id = $1`, e.ID), reason)
		}
	})
}

func TestDeleteEvent(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.SaveEvents(shop, []commerce.Event{{Kind: commerce.OrderPaid, Subject: "o"}, {Kind: commerce.OrderPlaced, Subject: "o"}, {Kind: commerce.OrderPaid, Subject: "other"}}); err != nil {
				return err
			}
			return tx.DeleteEvent(shop, commerce.OrderPaid, "o")
		})
		require.Equal(t, []string{`kind="order_paid" subject="other"`, `kind="order_placed" subject="o"`}, table(t, s, `SELECT kind, subject FROM events ORDER BY kind`))
	})
}
