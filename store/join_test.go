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

// One whose own cause stands again is taken up; others of its order stay where they are.
func TestReopen(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		o := storetest.Order(t, s, shop, "p")
		one := storetest.Enroll(t, s, shop, o, func(e *campaign.Enrollment) { e.Campaign = "one" })
		other := storetest.Enroll(t, s, shop, o, func(e *campaign.Enrollment) { e.Campaign = "other" })
		done := storetest.Enroll(t, s, shop, o, func(e *campaign.Enrollment) { e.Campaign = "done" })
		execute(t, s, `UPDATE enrollments SET state = 'ended', reason = 'cause_gone'`)
		execute(t, s, `UPDATE enrollments SET reason = 'complete' WHERE id = $1`, string(done.ID))
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.Reopen(shop, nil); err != nil {
				return err
			}
			return tx.Reopen(shop, []campaign.EnrollmentID{one.ID, done.ID})
		})
		for e, want := range map[campaign.EnrollmentID]string{one.ID: "active", other.ID: "ended", done.ID: "ended"} {
			require.Equal(t, want, word(t, s, `SELECT state FROM enrollments WHERE id = $1`, e))
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

func keyOf(t *testing.T, s *store.Store, e campaign.Enrollment) string {
	return word(t, s, `SELECT state || ' ' || reason || ' ' || entry_key FROM enrollments WHERE id = $1`, e.ID)
}

// Two refunds of one order are two causes, also when the order turns out to be another; the one told twice is one.
func TestJoinEnrollmentsByCause(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		from, into := storetest.Order(t, s, shop, "p"), storetest.Order(t, s, shop, "p")
		refund := func(o *store.StoredOrder, part string, anchor commerce.Instant) campaign.Enrollment {
			return storetest.Enroll(t, s, shop, o, func(e *campaign.Enrollment) {
				e.EntryKey, e.Cause, e.Anchor = "event:refund_made:"+string(o.ID)+"/"+part, "refund_made|"+string(o.ID)+"/"+part, anchor
			})
		}
		younger, older, alone := refund(into, "r1", 20), refund(from, "r1", 10), refund(from, "r2", 30)
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.AddTask(shop, store.Task{ID: "f1", Order: from.ID}); err != nil {
				return err
			}
			if err := tx.AddPasses(shop, []store.Pass{{Enrollment: older.ID, StepID: "split", Order: from.ID}}); err != nil {
				return err
			}
			return tx.JoinEnrollments(shop, from.ID, into.ID)
		})
		require.Equal(t, "active  event:refund_made:"+string(into.ID)+"/r1", keyOf(t, s, older))
		require.Equal(t, "active  event:refund_made:"+string(into.ID)+"/r2", keyOf(t, s, alone))
		require.Contains(t, keyOf(t, s, younger), "ended same_purchase ")
		require.Equal(t, "refund_made|"+string(into.ID)+"/r2", word(t, s, `SELECT cause FROM enrollments WHERE id = $1`, alone.ID))
		require.Equal(t, string(into.ID), word(t, s, `SELECT order_id FROM tasks`))
		require.Equal(t, string(into.ID), word(t, s, `SELECT order_id FROM passes`))
	})
}

// Who may enter once enters once, also as two persons who turn out to be one.
func TestMergedPersonsEnterOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []struct {
			name           string
			both, sent     bool
			stays          string // guest or ada
			guestIsYounger bool
		}{
			{"only the one", false, false, "guest", false},
			{"the older cause stays", true, false, "guest", false},
			{"the older cause stays", true, false, "ada", true},
			{"who was asked stays", true, true, "guest", true},
		} {
			shop := storetest.Shop(t, s)
			ada, guest := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
			enter := func(p commerce.Person, anchor commerce.Instant) campaign.Enrollment {
				return storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, p.ID), func(e *campaign.Enrollment) { e.EntryKey, e.Anchor = "person:"+string(p.ID), anchor })
			}
			anchor := map[bool]commerce.Instant{true: 200, false: 50}[c.guestIsYounger]
			guests := enter(guest, anchor)
			product := storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, guest.ID), func(e *campaign.Enrollment) {
				e.Campaign, e.EntryKey = "news", "event:product_published:7:"+string(guest.ID)
			})
			var hers campaign.Enrollment
			if c.both {
				hers = enter(ada, 100)
			}
			if c.sent {
				execute(t, s, `UPDATE effects SET state = 'sent' WHERE id = $1`, string(claim(t, s, shop, store.Effect{Enrollment: guests.ID}).ID))
			}
			merge(t, s, shop, guest, ada)
			once := "active  person:" + string(ada.ID)
			switch {
			case c.stays == "guest":
				require.Equal(t, once, keyOf(t, s, guests), c.name)
				if c.both {
					require.Equal(t, "ended already_in person:"+string(ada.ID)+"~"+string(hers.ID), keyOf(t, s, hers), c.name)
				}
			default:
				require.Equal(t, once, keyOf(t, s, hers), c.name)
				require.Contains(t, keyOf(t, s, guests), "ended already_in ", c.name)
			}
			require.Equal(t, "active  event:product_published:7:"+string(ada.ID), keyOf(t, s, product))
		}
	})
}

// What hangs on an order goes to the person it turned out to be of, with all that names them.
func TestRepointPersonTakesWhatHangsOnTheOrder(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		o, other := storetest.Order(t, s, shop, "from"), storetest.Order(t, s, shop, "from")
		once := storetest.Enroll(t, s, shop, o, func(e *campaign.Enrollment) { e.EntryKey = "person:from" })
		kept := storetest.Enroll(t, s, shop, other, func(e *campaign.Enrollment) { e.Campaign, e.EntryKey = "c", "person:from" })
		storetest.Do(t, s, func(tx *store.Tx) error {
			for id, order := range map[store.EffectID]commerce.OrderID{"f1": o.ID, "f2": other.ID} {
				if err := tx.AddTask(shop, store.Task{ID: id, Person: "from", Order: order}); err != nil {
					return err
				}
				if err := tx.AddPasses(shop, []store.Pass{{Enrollment: campaign.EnrollmentID(id), Person: "from", Order: order}}); err != nil {
					return err
				}
			}
			return tx.RepointPerson(shop, o.ID, "from", "to")
		})
		require.Equal(t, "active  person:to", keyOf(t, s, once))
		require.Equal(t, "active  person:from", keyOf(t, s, kept))
		require.Equal(t, []string{`id="f1" person_id="to"`, `id="f2" person_id="from"`}, table(t, s, `SELECT id, person_id FROM tasks ORDER BY id`))
		require.Equal(t, []string{`enrollment_id="f1" person_id="to"`, `enrollment_id="f2" person_id="from"`}, table(t, s, `SELECT enrollment_id, person_id FROM passes ORDER BY enrollment_id`))
	})
}
