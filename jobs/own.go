package jobs

import (
	"flywheel/commerce"
	"flywheel/store"
)

// decodeOwn reads what we have told ourselves (store.Tx.Tell).
func decodeOwn(d commerce.Delivery) (commerce.Change, error) {
	t, err := store.ReadOwnEvent(d.Body)
	if err != nil {
		return commerce.Change{}, err
	}
	return commerce.Change{Of: t.Person, Happened: []commerce.Happening{t.Happening}}, nil
}
