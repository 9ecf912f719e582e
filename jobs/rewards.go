package jobs

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// RewardPayload asks for rewards of one shop to be looked after.
type RewardPayload struct {
	Shop commerce.ShopID `json:"shop"`
	IDs  []string        `json:"ids"`
}

const (
	// A look hands out so many rewards of each of so many shops, and the next one goes on behind
	// them: what one shop has due holds up nobody else's.
	rewardShare = 50
	rewardShops = 100
	// rewardTime bounds what one task does; what is left is found again.
	rewardTime = 20 * time.Second
	// rewardPatience is for how long a reward waits for its platform before it is given up and its points come back.
	rewardPatience = 7 * 24 * time.Hour
	// allButOver is how little time is left of a reward whose code is not made any more.
	allButOver = time.Hour
	// settledAfter is how long after a question nobody may still be answering it.
	settledAfter = 10 * time.Minute
)

// rewardPauses are how long a reward waits after each look in vain; the last one repeats.
var rewardPauses = []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}

// hintRewards has workers look after rewards, a task for each shop: a platform
// that hangs holds those of its own shop.
func (s *sweep) hintRewards(ctx context.Context) error {
	if !s.lookingAtClubs {
		return nil
	}
	shops, err := s.Store.ShopsWithDueRewards(ctx, s.rewards, rewardShops)
	if err != nil {
		return err
	}
	if s.rewards = ""; len(shops) == rewardShops {
		s.rewards = shops[len(shops)-1] // the rest have their turn in the next look
	}
	for _, shop := range shops {
		ids, err := s.Store.DueRewards(ctx, shop, rewardShare)
		if err != nil {
			return err
		}
		id := "reward:" + string(shop)
		err = s.Queue.enqueue(ctx, taskRewards, id, RewardPayload{shop, ids})
		if isConflict(err) {
			s.Queue.lost(id) // frees the id if a killed worker left it archived
		} else if err != nil {
			return err
		}
	}
	return nil
}

// Rewarding reports whether rewards are in this worker's hands, which the rows do
// not show: one that was taken is not due again before its lease ends.
func (w *Worker) Rewarding() bool { return w.rewarding.Load() > 0 }

func (w *Worker) handleRewards(ctx context.Context, t *asynq.Task) error {
	w.rewarding.Add(1)
	defer w.rewarding.Add(-1)
	var p RewardPayload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return err
	}
	shop, err := w.Store.Shop(ctx, p.Shop)
	if err != nil {
		return nil //nolint:nilerr // the sweep asks again
	}
	for end := time.Now().Add(rewardTime); len(p.IDs) > 0 && time.Now().Before(end) && ctx.Err() == nil; p.IDs = p.IDs[1:] {
		r, taken, err := w.Store.TakeReward(ctx, p.Shop, p.IDs[0])
		if err == nil && taken {
			err = w.lookAfterReward(ctx, shop, r)
		}
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("reward not looked after", "shop", p.Shop, "reward", p.IDs[0], "error", err)
		}
	}
	return nil
}

// lookAfterReward does what is due for a reward that this worker has taken.
func (w *Worker) lookAfterReward(ctx context.Context, shop commerce.Shop, r store.Reward) error {
	now := w.Store.Now()
	switch {
	case shop.State == commerce.ShopClosed:
		return w.Store.PutOffReward(ctx, shop.ID, r, now.Add(24*time.Hour), "the shop is closed", r.Doubts)
	case r.Open() && (r.RecallAt != 0 || r.ExpiresAt <= now.Add(allButOver)):
		return w.dropReward(ctx, shop, r)
	case r.Open():
		return w.makeReward(ctx, shop, r)
	case r.State != store.RewardMade:
		return w.Store.PutOffReward(ctx, shop.ID, r, 0, r.Note, r.Doubts) // it ended while it was due
	case r.RecallAt != 0:
		return w.recallReward(ctx, shop, r)
	case r.ExpiresAt <= now:
		return w.becomes(ctx, shop, r, store.RewardOutcome{State: store.RewardExpired})
	default:
		return w.tellEnding(ctx, shop, r)
	}
}

// recallReward takes a code back that somebody may be using.
func (w *Worker) recallReward(ctx context.Context, shop commerce.Shop, r store.Reward) error {
	if err := w.endCode(ctx, shop, r); err != nil {
		return w.putOff(ctx, shop, r, err, r.Doubts)
	}
	return w.becomes(ctx, shop, r, store.RewardOutcome{State: store.RewardRevoked, Note: r.RecallNote})
}

// dropReward ends a reward that is not made yet and is not to be made any more:
// when it is certain that nobody has a code, points and budget come back.
func (w *Worker) dropReward(ctx context.Context, shop commerce.Shop, r store.Reward) error {
	if r.Doubts > 0 {
		if err := w.endCode(ctx, shop, r); err != nil {
			return w.putOff(ctx, shop, r, err, r.Doubts)
		}
	}
	why := "its time was over before its code could be made"
	if r.RecallAt != 0 {
		why = r.RecallNote
	}
	return w.becomes(ctx, shop, r, store.RewardOutcome{State: store.RewardFailed, Note: why})
}

// putOff has a reward looked at again, the later the longer it has waited.
func (w *Worker) putOff(ctx context.Context, shop commerce.Shop, r store.Reward, cause error, doubts int64) error {
	if ctx.Err() != nil {
		return ctx.Err() // it is we who go away: the lease ends, and another takes it up
	}
	waited := w.Store.Now().Time().Sub(max(r.AskedAt, r.RecallAt).Time())
	return w.Store.PutOffReward(ctx, shop.ID, r, w.Store.Now().Add(pauseOf(waited)), sentence(cause), doubts)
}

// pauseOf is how long to wait for what has waited so long already.
func pauseOf(waited time.Duration) time.Duration {
	for _, p := range rewardPauses {
		if waited < 4*p {
			return p
		}
	}
	return rewardPauses[len(rewardPauses)-1]
}

// sentence is what people may read of an error.
func sentence(err error) string {
	if said := fault.Sentence(err); said != "" {
		return said
	}
	return "something went wrong here: it is tried again"
}

// becomes says what became of a reward, and tells of it where its code can be used now.
func (w *Worker) becomes(ctx context.Context, shop commerce.Shop, r store.Reward, o store.RewardOutcome) error {
	return w.withReward(ctx, shop, r, func(tx *store.Tx, now store.Reward, m store.LoyaltyMember, p store.Program) error {
		if o.State == store.RewardUnknown && now.RecallAt > r.RecallAt { // it was asked back meanwhile
			o.LookAt = tx.Now()
		}
		set, err := tx.SetReward(shop.ID, m, now, o, p.Policy)
		if err != nil || !set || now.RecallAt != 0 {
			return err
		}
		if o.State == store.RewardFailed {
			return tx.LookAtFailed(shop.ID, now, tx.Now().Add(rewardAgain))
		}
		if o.State != store.RewardMade {
			return nil
		}
		return tellReward(tx, shop.ID, now, commerce.RewardReady, map[string]any{"for": now.Cause.Kind})
	})
}

// tellEnding tells somebody that their reward ends soon.
func (w *Worker) tellEnding(ctx context.Context, shop commerce.Shop, r store.Reward) error {
	return w.withReward(ctx, shop, r, func(tx *store.Tx, now store.Reward, _ store.LoyaltyMember, _ store.Program) error {
		if now.State != store.RewardMade || now.NoticeAt == 0 || now.NoticeAt > tx.Now() {
			return tx.RewardNoticed(shop.ID, now)
		}
		if err := tellReward(tx, shop.ID, now, commerce.RewardExpiring, map[string]any{"ends_at": int64(now.ExpiresAt)}); err != nil {
			return err
		}
		return tx.RewardNoticed(shop.ID, now)
	})
}

func tellReward(tx *store.Tx, shop commerce.ShopID, r store.Reward, kind commerce.EventKind, props map[string]any) error {
	props["reward"], props["id"] = r.Offer.Reward, r.ID
	return tx.Tell(shop, store.OwnEvent{Person: r.Person, Happening: commerce.Happening{Kind: kind, Subject: r.ID, At: tx.Now(), Props: props, Depth: r.Depth}})
}

// withReward does fn with a reward as it is by then: its person, membership and row are locked.
func (w *Worker) withReward(ctx context.Context, shop commerce.Shop, r store.Reward, fn func(*store.Tx, store.Reward, store.LoyaltyMember, store.Program) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rewardTime) // what a platform has said must not be forgotten
	defer cancel()
	return w.Store.Transact(ctx, func(tx *store.Tx) error {
		persons, err := tx.LockPersons(shop.ID, []commerce.PersonID{r.Person})
		if err != nil {
			return err
		}
		who := r.Person
		if p, known := persons[who]; known { // merged into another since
			who = p.ID
		}
		members, err := tx.LockMembers(shop.ID, []commerce.PersonID{who})
		if err != nil {
			return err
		}
		now, err := tx.LockReward(shop.ID, r.ID)
		if err != nil {
			return err
		}
		p, err := tx.LoyaltyProgram(shop.ID)
		if err != nil {
			return err
		}
		return fn(tx, now, members[who], p)
	})
}
