package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/store"
)

// sweepLease names the one process that refills the window.
const sweepLease = "sweep"

const sweepLeaseTime = 5 * time.Second

// busyPace is how often a sweep looks while there is more to queue.
const busyPace = 10 * time.Millisecond

// drainStuck is after how long without progress a shop's drain gets a new TaskID.
const drainStuck = 5 * time.Second

// fetchPause is how long an order that was handed to the queue is left alone.
const fetchPause = 200 * time.Millisecond

// sweepLoop keeps the queue filled from SQL: one worker does it for all.
func (w *Worker) sweepLoop(ctx context.Context) {
	s := &sweep{Worker: w, asked: map[store.DueFetch]time.Time{}, stuck: map[commerce.ShopID]stuckDrain{}, weighed: map[commerce.ShopID]time.Time{}}
	for {
		pace := w.IdlePace
		leads, err := s.lead(ctx)
		if err == nil && leads {
			var more bool
			if more, err = s.round(ctx); more {
				pace = busyPace
			}
		}
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("sweep", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
			s.woken = true
		case <-time.After(pace):
			s.woken = false
		}
	}
}

// sweep is the walk over shops with due work.
type sweep struct {
	*Worker
	cursor         commerce.ShopID
	backlog        commerce.ShopID
	looked         time.Time
	looking        bool            // whether this round looks at what should not happen
	woken          bool            // whether the clock has jumped, so that anything may be due
	clubsLooked    time.Time       // when points, friends and rewards were last looked at
	lookingAtClubs bool            // whether this round looks at them
	fuses          commerce.ShopID // behind which shop to look for harm
	weighed        map[commerce.ShopID]time.Time
	led            time.Time // when the lease was last taken
	asked          map[store.DueFetch]time.Time
	stuck          map[commerce.ShopID]stuckDrain
	// releasing says that more points are due than one look takes.
	releasing bool
	clubs     commerce.ShopID // behind which shop to look at points
	referring bool            // likewise of friends
	friends   commerce.ShopID // behind which shop to look at them
	rewards   commerce.ShopID // behind which shop to look after rewards
	planned   time.Time       // when looks at connections were last planned
}

// stuckDrain is a drain that is in the queue and does not come on.
type stuckDrain struct {
	generation int64
	progressed commerce.Instant
	since      time.Time
}

// lead keeps the lease, which is a write and so not renewed in every round.
func (s *sweep) lead(ctx context.Context) (bool, error) {
	if time.Since(s.led) < sweepLeaseTime/5 {
		return true, nil
	}
	began := time.Now()
	leads, err := s.Store.Lead(ctx, sweepLease, s.id, sweepLeaseTime)
	if s.led = (time.Time{}); leads && err == nil {
		s.led = began
	}
	return leads, err
}

// round does what is to be done now and reports whether more is waiting.
func (s *sweep) round(ctx context.Context) (more bool, err error) {
	defer s.metrics.took("sweep", time.Now())
	if err := s.lookAfter(ctx); err != nil {
		return false, err
	}
	hinted, err := s.hintBacklogs(ctx)
	if err != nil {
		return false, err
	}
	touched, err := s.Store.TouchMore(ctx)
	if err != nil {
		return false, err
	}
	refilled, err := s.refill(ctx)
	if err != nil {
		return false, err
	}
	if s.lookingAtClubs = s.looking || s.woken && time.Since(s.clubsLooked) >= busyPace; s.lookingAtClubs {
		s.clubsLooked = time.Now()
	}
	released, late := s.dueForPoints(ctx) // what fails there keeps nobody from the rest
	referred, err := s.dueForReferrals(ctx)
	late = errors.Join(late, err)
	if err := errors.Join(s.hintFanouts(ctx), s.hintFuses(ctx), s.hintHistory(ctx), s.hintWritebacks(ctx), s.hintTags(ctx), s.hintRewards(ctx), s.hintNotices(ctx), s.hintEstimates(ctx), s.hintWords(ctx)); err != nil {
		return false, err
	}
	return hinted || touched || refilled || released || referred, errors.Join(late, s.fetchDue(ctx))
}

// lookAfter gives back what a lost worker or a lost queue left behind, once a second.
func (s *sweep) lookAfter(ctx context.Context) error {
	if s.looking = time.Since(s.looked) >= time.Second; !s.looking {
		return nil
	}
	s.looked = time.Now()
	got, err := s.Store.RecoverLeases(ctx, "")
	if err != nil {
		return err
	}
	if got.Rows > 0 {
		s.Log.Warn("leases ended", "rows", got.Rows, "unknown", got.Unknown)
		s.metrics.effects.WithLabelValues("send_email", string(store.Unknown)).Add(float64(got.Unknown))
	}
	look, overdue, err := s.Store.StaleTasks(ctx, 200)
	if err != nil {
		return err
	}
	for _, id := range look {
		if s.Queue.lost(id) {
			overdue = append(overdue, id)
		}
	}
	for _, id := range overdue {
		if err := s.Store.Unqueue(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// hintBacklogs hints every shop with deliveries that nobody is processing.
func (s *sweep) hintBacklogs(ctx context.Context) (bool, error) {
	shops, err := s.Store.Backlogs(ctx, s.backlog, 64)
	if err != nil {
		return false, err
	}
	if s.backlog = ""; len(shops) == 64 {
		s.backlog = shops[63].Shop
	}
	for _, b := range shops {
		id := drainID(b.Shop, b.Generation)
		err := s.Queue.enqueue(ctx, taskDrain, id, DrainPayload{b.Shop})
		switch {
		case err == nil:
			delete(s.stuck, b.Shop)
		case !errors.Is(err, asynq.ErrTaskIDConflict):
			return false, fmt.Errorf("hint %s: %w", b.Shop, err)
		case s.isStuck(b) || s.archived(id):
			if err := s.Store.BumpGeneration(ctx, b.Shop, b.Generation); err != nil {
				return false, err
			}
			delete(s.stuck, b.Shop)
		}
	}
	if len(shops) == 0 && s.backlog == "" {
		clear(s.stuck) // what was stuck has come on
	}
	return s.backlog != "", nil
}

// isStuck reports whether a drain has been in the queue for 5 s without
// anybody taking the inbox: a worker may be lost with the task in hand.
func (s *sweep) isStuck(b store.Backlog) bool {
	known, seen := s.stuck[b.Shop]
	if !seen || known.generation != b.Generation || known.progressed != b.ProgressedAt {
		s.stuck[b.Shop] = stuckDrain{b.Generation, b.ProgressedAt, time.Now()}
		return false
	}
	return time.Since(known.since) > drainStuck
}

// archived asks once a second whether the queue has given up tasks that keep their ids.
func (s *sweep) archived(id string) bool { return s.looking && s.Queue.lost(id) }

// refill tops the window up once it has fallen below half. A fuller one is
// looked at again soon: it may be empty long before an idle pause is over.
func (s *sweep) refill(ctx context.Context) (more bool, err error) {
	size, err := s.Store.WindowSize(ctx)
	if err != nil || size > s.Window/2 {
		return err == nil, err
	}
	for size < s.Window {
		shops, err := s.Store.DueShops(ctx, s.cursor)
		if err != nil {
			return false, err
		}
		if len(shops) == 0 {
			if s.cursor == "" {
				return more, nil
			}
			s.cursor = "" // once around
			continue
		}
		s.cursor = shops[len(shops)-1]
		chunks, err := s.Store.QueueDue(ctx, shops)
		if err != nil {
			return false, err
		}
		for _, c := range chunks {
			size += len(c.Runs)
			more = true
			if err := s.Queue.enqueue(ctx, taskStep, c.TaskID, StepPayload{c.Shop, c.TaskID, c.Runs}); err != nil {
				return false, errors.Join(fmt.Errorf("enqueue: %w", err), s.unqueue(ctx, chunks))
			}
		}
	}
	return more, nil
}

// unqueue gives chunks back whose tasks did not all reach the queue; one that
// did will find its rows gone and end quietly.
func (s *sweep) unqueue(ctx context.Context, chunks []store.Chunk) error {
	for _, c := range chunks {
		if err := s.Store.Unqueue(ctx, c.TaskID); err != nil {
			return err
		}
	}
	return nil
}

// fetchDue enqueues orders that must be read again at their platform.
func (s *sweep) fetchDue(ctx context.Context) error {
	due, err := s.Store.DueFetches(ctx, 50)
	if err != nil {
		return err
	}
	for d, at := range s.asked {
		if time.Since(at) > fetchPause {
			delete(s.asked, d)
		}
	}
	for _, d := range due {
		if _, waits := s.asked[d]; waits {
			continue
		}
		id := fmt.Sprintf("fetch:%s:%s", d.Shop, d.Order)
		err := s.Queue.enqueue(ctx, taskFetch, id, FetchPayload(d))
		if errors.Is(err, asynq.ErrTaskIDConflict) {
			s.Queue.lost(id) // frees the id if a killed worker left it archived
		} else if err != nil {
			return err
		}
		s.asked[d] = time.Now()
	}
	return nil
}
