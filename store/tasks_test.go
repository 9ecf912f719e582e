package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func task(t *testing.T, s *store.Store, shop commerce.ShopID, id store.EffectID, due commerce.Instant) store.Task {
	t.Helper()
	want := store.Task{ID: id, Person: "p", Order: commerce.OrderID("order " + id), Campaign: "c", StepID: "call", Title: "Call Ada", Script: "Say thanks.", DueAt: due}
	storetest.Do(t, s, func(tx *store.Tx) error {
		if err := tx.AddTask(shop, want); err != nil {
			return err
		}
		again := want
		again.Title = "changed"
		return tx.AddTask(shop, again) // a task is made once
	})
	want.State, want.AddedAt = store.TaskOpen, s.Now()
	got, err := s.Task(t.Context(), shop, id)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(want, got))
	return got
}

func TestTasksAreFinishedReopenedAndDropped(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		want := task(t, s, shop, "f1", 10)
		done := storetest.ClockOf(s).Advance(1e9)
		require.NoError(t, s.FinishTask(t.Context(), shop, "f1", "reached", "likes the teapot"))
		got, err := s.Task(t.Context(), shop, "f1")
		require.NoError(t, err)
		want.State, want.Outcome, want.Note, want.DoneAt = store.TaskDone, "reached", "likes the teapot", done
		require.Empty(t, cmp.Diff(want, got))
		err = s.FinishTask(t.Context(), shop, "f1", "missed", "")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)

		require.NoError(t, s.ReopenTask(t.Context(), shop, "f1"))
		require.True(t, fault.Is(s.ReopenTask(t.Context(), shop, "f1"), fault.Conflict))
		other := task(t, s, shop, "f2", 20)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.DropTasks(shop, want.Order, "refunded") })
		got, err = s.Task(t.Context(), shop, "f1")
		require.NoError(t, err)
		require.Equal(t, []any{store.TaskDropped, "refunded"}, []any{got.State, got.Note})
		got, err = s.Task(t.Context(), shop, other.ID)
		require.NoError(t, err)
		require.Equal(t, store.TaskOpen, got.State)
		for _, err := range []error{s.FinishTask(t.Context(), shop, "none", "", ""), s.ReopenTask(t.Context(), shop, "none")} {
			require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		}
	})
}

func TestListTasksPagesByDueTime(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for id, due := range map[store.EffectID]commerce.Instant{"f1": 30, "f2": 10, "f3": 20, "f4": 20, "f5": 5} {
			task(t, s, shop, id, due)
		}
		require.NoError(t, s.FinishTask(t.Context(), shop, "f5", "", ""))
		var got []store.EffectID
		for last := (store.Task{}); ; {
			page, err := s.ListTasks(t.Context(), shop, store.TaskOpen, last, 2)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for _, task := range page {
				got, last = append(got, task.ID), task
			}
		}
		require.Equal(t, []store.EffectID{"f2", "f3", "f4", "f1"}, got)
	})
}
