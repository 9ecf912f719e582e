package jobs

import (
	"context"
	"time"

	"github.com/hibiken/asynq"
)

// wordsID is the TaskID of the one task that makes the words by which customers are found.
const wordsID = "words:next"

// wordsTime is how long it goes on; the sweep asks again where more is left.
const wordsTime = 20 * time.Second

// hintWords has a worker make words for whoever is new or has another name.
func (s *sweep) hintWords(ctx context.Context) error {
	if !s.looking {
		return nil
	}
	some, err := s.Store.Unworded(ctx)
	if err != nil || !some {
		return err
	}
	err = s.Queue.enqueue(ctx, taskWords, wordsID, struct{}{})
	if isConflict(err) {
		s.Queue.lost(wordsID) // frees the id if a killed worker left it archived
		return nil
	}
	return err
}

// handleWords goes on until nobody is left. Between two portions it rests as
// long as one took, so that a past of a million customers is worded beside the
// shop's work and not before it.
func (w *Worker) handleWords(ctx context.Context, _ *asynq.Task) error {
	for end := time.Now().Add(wordsTime); time.Now().Before(end) && ctx.Err() == nil; {
		began := time.Now()
		n, err := w.Store.WordPersons(ctx)
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("customers not worded", "error", err) // the sweep asks again
			return nil
		}
		if n == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Since(began)):
		}
	}
	return nil
}
