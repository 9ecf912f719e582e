package apptest

import "testing"

// A cancelled test order told first, then the same order by a newer snapshot as
// a real one: the newer one is believed, a stale one that comes last is not.
func TestNewerSnapshotUndoesACancel(t *testing.T) {
	a := WithShop(t)
	o := a.Order(1)
	stale := a.Order(1).Unpaid("bogus").Cancel(a.Clock.Now().Add(-1000))
	stale.Test, stale.Unconfirmed = true, true
	stale.UpdatedAt = a.Clock.Now().Add(-60e9)
	a.Send("orders/create", stale.Body())
	a.Wait()
	a.WantMails("ada@example.com")
	a.Send("orders/create", o.Body())
	a.Send("orders/updated", stale.Body())
	a.Wait()
	a.WantMails("ada@example.com", "Thank you for your order")
}
