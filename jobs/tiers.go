package jobs

import (
	"context"
	"strconv"
	"time"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
)

// rewardAgain is how long the reward of a tier waits that cannot be given now,
// as when the month's budget is used up.
const rewardAgain = 24 * time.Hour

// tierTries is how often the reward of a tier is given whose code cannot be made.
const tierTries = 5

// lookAtTier finds out which tier somebody has by their window, tells them what
// has changed, gives what it gives and says when to look next.
func (w *Worker) lookAtTier(ctx context.Context, d store.DueMember) error {
	return w.withMember(ctx, d, func(tx *store.Tx, shop commerce.Shop, p store.Program, m store.LoyaltyMember) error {
		if m.State != store.Joined || len(p.Tiers.Levels) == 0 {
			// who comes back has the level they had, and is given nothing for it again
			if err := tx.SetStanding(d.Shop, d.Person, m.Standing, 0); err != nil {
				return err
			}
			return tx.WantTag(d.Shop, d.Person, "")
		}
		now := tx.Now()
		points, err := club.Window(tx, shop, p.Program, d.Person)
		if err != nil {
			return err
		}
		to, happened := p.Tiers.Next(m.Standing, p.Tiers.Sum(points, now), now)
		if err := tellTier(tx, d, p.Tiers, m.Standing, to, happened); err != nil {
			return err
		}
		look := p.Tiers.Look(to, points, now)
		later, err := rewardTier(tx, shop, d.Person, to)
		if err != nil {
			return err
		}
		if later {
			look = commerce.Earliest(look, now.Add(rewardAgain))
		}
		if err := tx.SetStanding(d.Shop, d.Person, to, look); err != nil {
			return err
		}
		return tx.WantTag(d.Shop, d.Person, p.Tiers.Of(to.Tier).Tag)
	})
}

// tellTier tells what a look at a tier came to, once for each change.
func tellTier(tx *store.Tx, d store.DueMember, tiers loyalty.Tiers, from, to loyalty.Standing, happened loyalty.Happening) error {
	kind, since, props := commerce.TierReached, to.Since, map[string]any{"tier": to.Tier, "from": from.Tier}
	switch happened {
	case loyalty.Rose:
	case loyalty.Fell:
		kind = commerce.TierLost
		props = map[string]any{"tier": from.Tier, "from": to.Tier}
	case loyalty.Warned:
		kind, since = commerce.TierEnding, to.Below
		props = map[string]any{"tier": to.Tier, "ends_at": tiers.Ends(to)}
	default:
		return nil
	}
	return tx.Tell(d.Shop, store.OwnEvent{Person: d.Person, Happening: commerce.Happening{
		Kind: kind, Subject: string(d.Person) + "/" + strconv.FormatInt(int64(since), 10), At: tx.Now(), Props: props,
	}})
}

// rewardTier gives the reward of the tier somebody has, by the rules of the day
// they reached it, once. later says that it could not be given now.
func rewardTier(tx *store.Tx, shop commerce.Shop, person commerce.PersonID, s loyalty.Standing) (later bool, err error) {
	if s.Tier == "" {
		return false, nil
	}
	then, err := tx.ProgramAt(shop.ID, s.Since)
	if err != nil {
		return false, err
	}
	reward := then.Tiers.Of(s.Tier).Reward
	if reward == "" {
		return false, nil
	}
	moment := s.Tier + "/" + strconv.FormatInt(int64(s.Since), 10)
	if had, err := hadForTier(tx, shop.ID, person, moment, reward); err != nil || had {
		return false, err
	}
	for n := range tierTries {
		cause := store.RewardCause{Kind: store.RewardOfTier, ID: string(person) + "/" + moment}
		if n > 0 { // the one before could not be made
			cause.ID += "/" + strconv.Itoa(n+1)
		}
		given, err := club.Give(tx, shop, person, reward, cause, 0)
		switch {
		case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound), fault.Is(err, fault.Invalid):
			return true, nil // the budget is used up, or the reward is not offered just now
		case err != nil || given.State != store.RewardFailed || given.RecallAt != 0:
			return false, err
		case given.EndedAt.Add(rewardAgain) > tx.Now():
			return true, nil
		}
	}
	return false, nil
}

// hadForTier reports whether somebody who is one with a person since was given what a tier gives.
func hadForTier(tx *store.Tx, shop commerce.ShopID, person commerce.PersonID, moment, reward string) (bool, error) {
	circle, err := tx.Circle(shop, person)
	if err != nil {
		return false, err
	}
	for _, id := range circle {
		if id == person {
			continue
		}
		r, had, err := tx.RewardFor(shop, store.RewardCause{Kind: store.RewardOfTier, ID: string(id) + "/" + moment}, reward)
		if err != nil || had && r.State != store.RewardFailed {
			return had, err
		}
	}
	return false, nil
}
