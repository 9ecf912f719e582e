package jobs

import (
	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// pointsForEvents gives what the rules give for what is new and hangs on no
// order: another system's events, and where buyers join of themselves the
// account they made. It runs behind points, under the locks of the persons.
func (m *merge) pointsForEvents() error {
	if len(m.happened) == 0 {
		return nil
	}
	p, err := m.tx.LoyaltyProgram(m.shop.ID)
	if err != nil || p.LiveAt == 0 {
		return err
	}
	for _, e := range m.happened {
		who := m.persons[e.PersonID]
		if who == nil || who.Erased || e.Historic {
			continue
		}
		if name, custom := e.Kind.Custom(); custom {
			cause := loyalty.Cause{Kind: loyalty.OfEvent, ID: string(e.Kind) + "/" + e.Subject}
			if err := club.Award(m.tx, m.shop, who.ID, loyalty.ForEvent, name, cause, e.OccurredAt, e.Depth()); err != nil {
				return err
			}
		}
		if e.Kind == commerce.CustomerCreated && p.Join == loyalty.Automatic && p.Gave(e.OccurredAt) {
			if err := m.joinGuest(who.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// joinGuest makes somebody a member who has never said that they want to be none.
func (m *merge) joinGuest(who commerce.PersonID) error {
	members, err := m.tx.LockMembers(m.shop.ID, []commerce.PersonID{who})
	if err != nil || members[who].State != store.Guest {
		return err
	}
	return club.Enter(m.tx, m.shop, who, "automatic", 0)
}
