package jobs

import (
	"context"
	"strconv"
	"time"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// celebrate gives what the rules give on a birthday, once a year, tells of it,
// and finds the next one in the calendar. Campaigns hear of it whether there is
// a program or not.
func (w *Worker) celebrate(ctx context.Context, d store.DueMember) error {
	return w.withMember(ctx, d, func(tx *store.Tx, shop commerce.Shop, _ store.Program, m store.LoyaltyMember) error {
		zone, err := time.LoadLocation(shop.Timezone)
		if err != nil {
			zone = time.UTC
		}
		at := m.BirthdayAt
		if at == 0 {
			at, _ = loyalty.Birthday(m.Birthday).Next(zone, tx.Now())
		}
		if at > tx.Now() || at == 0 {
			return tx.PlanBirthday(d.Shop, d.Person, at)
		}
		if m.State == store.Joined || m.State == store.Guest {
			if err := birthdayOf(tx, shop, d.Person, at.Time().In(zone).Year()); err != nil {
				return err
			}
		}
		tomorrow := commerce.At(at.Time().In(zone).AddDate(0, 0, 1))
		next, _ := loyalty.Birthday(m.Birthday).Next(zone, tomorrow)
		return tx.PlanBirthday(d.Shop, d.Person, next)
	})
}

func birthdayOf(tx *store.Tx, shop commerce.Shop, person commerce.PersonID, year int) error {
	subject := string(person) + "/" + strconv.Itoa(year)
	happened := commerce.Happening{Kind: commerce.BirthdayCame, Subject: subject, At: tx.Now(), Props: map[string]any{"year": year}}
	if err := tx.Tell(shop.ID, store.OwnEvent{Person: person, Happening: happened}); err != nil {
		return err
	}
	return club.Award(tx, shop, person, loyalty.ForBirthday, "", loyalty.Cause{Kind: loyalty.OfEvent, ID: "birthday/" + subject}, tx.Now(), 0)
}
