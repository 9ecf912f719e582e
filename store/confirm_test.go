package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Who has the mail that asks, or will get it, was asked; who was taken in and got none was not.
func TestAskedToConfirm(t *testing.T) {
	for name, c := range map[string]struct {
		change func(e *campaign.Enrollment)
		after  string // what became of it
		asked  bool
	}{
		"on its way":      {func(*campaign.Enrollment) {}, ``, true},
		"sent":            {func(*campaign.Enrollment) {}, `UPDATE effects SET state = 'sent'`, true},
		"perhaps sent":    {func(*campaign.Enrollment) {}, `UPDATE effects SET state = 'unknown'`, true},
		"came too late":   {func(*campaign.Enrollment) {}, `UPDATE effects SET state = 'expired'`, false},
		"refused":         {func(*campaign.Enrollment) {}, `UPDATE effects SET state = 'failed'`, false},
		"a rehearsal":     {func(e *campaign.Enrollment) { e.Rehearsal = true }, `UPDATE effects SET state = 'sent'`, false},
		"another message": {func(e *campaign.Enrollment) { e.Cause = "order_paid|o" }, `UPDATE effects SET state = 'sent'`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *store.Store) {
				shop := storetest.Shop(t, s)
				conn := storetest.Connection(t, s, shop)
				ada, bo := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
				e := storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, ada.ID), func(e *campaign.Enrollment) {
					e.Cause = "consent_asked|" + string(ada.ID) + "/5"
					c.change(e)
				})
				at := s.Now()
				claim(t, s, shop, storetest.Effect(e, conn, "hash"))
				if c.after != "" {
					execute(t, s, c.after)
					execute(t, s, `UPDATE enrollments SET state = 'ended'`)
				}
				storetest.ClockOf(s).Advance(time.Hour)
				merge(t, s, shop, ada, bo)
				storetest.Do(t, s, func(tx *store.Tx) error {
					got, err := tx.AskedToConfirm(shop, []commerce.PersonID{bo.ID})
					require.Equal(t, c.asked, got[bo.ID] == at, "%v", got)
					return err
				})
			})
		})
	}
}

func TestOwnersOf(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, bo := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByEmail, Value: "one@example.com"}: ada.ID})
		})
		merge(t, s, shop, ada, bo)
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.OwnersOf(shop, []string{"one@example.com", "nobody@example.com"})
			require.Equal(t, map[string]commerce.PersonID{"one@example.com": bo.ID}, got)
			return err
		})
	})
}

func TestCustomerCountries(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for _, country := range []string{"DE", "", "GB", "DE"} {
			storetest.Person(t, s, shop, func(p *commerce.Person) { p.Country = country })
		}
		storetest.Person(t, s, shop, func(p *commerce.Person) { p.Country, p.Erased = "FR", true })
		got, err := s.CustomerCountries(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, []string{"", "DE", "GB"}, got)
	})
}
