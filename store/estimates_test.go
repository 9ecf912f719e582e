package store_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func question(n int) json.RawMessage { return json.RawMessage(fmt.Sprintf(`{"days":%d}`, n)) }

func TestEstimates(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ask := func(n int) string {
			id, err := s.AskEstimate(t.Context(), shop, store.Estimate{Kind: store.EstimateReplay, Campaign: "thank_you", Question: question(n)})
			require.NoError(t, err)
			return id
		}
		_, found, err := s.LastEstimate(t.Context(), shop, store.EstimateReplay, "thank_you", nil)
		require.NoError(t, err)
		require.False(t, found)

		first := ask(60)
		require.Equal(t, first, ask(60), "it is being worked on")
		second := ask(30)
		require.NotEqual(t, first, second)

		open, err := s.EstimatesOpen(t.Context())
		require.NoError(t, err)
		require.True(t, open)
		e, found, err := s.NextEstimate(t.Context())
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, first, e.ID, "the oldest")
		e.State, e.Position, e.Seen, e.Expected, e.Answer = store.EstimateRunning, "p1", 200, 900, json.RawMessage(`{"would":3}`)
		require.NoError(t, s.SaveEstimate(t.Context(), shop, e, ""))
		require.True(t, fault.Is(s.SaveEstimate(t.Context(), shop, e, ""), fault.Conflict))
		require.NoError(t, s.ReleaseEstimate(t.Context(), shop, e.ID))

		e, found, err = s.NextEstimate(t.Context())
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, "p1", e.Position, "it goes on where it was")
		e.State = store.EstimateDone
		require.NoError(t, s.SaveEstimate(t.Context(), shop, e, "p1"))
		done, found, err := s.LastEstimate(t.Context(), shop, store.EstimateReplay, "thank_you", question(60))
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, store.EstimateDone, done.State)
		require.JSONEq(t, `{"would":3}`, string(done.Answer))
		require.NotZero(t, done.DoneAt)
		require.NotEqual(t, first, ask(60), "an answer that is there may be asked for anew")
	})
}

func TestQuestionsAreBounded(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for n := range 11 {
			_, err := s.AskEstimate(t.Context(), shop, store.Estimate{Kind: store.EstimateCondition, Question: question(n)})
			require.Equal(t, n == 10, fault.Is(err, fault.Conflict), "question %d: %v", n, err)
		}
		_, err := s.AskEstimate(t.Context(), "no such shop", store.Estimate{Kind: store.EstimateCondition, Question: question(1)})
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestCountFor(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		storetest.Person(t, s, shop)
		for range 3 {
			storetest.Order(t, s, shop, ada.ID)
		}
		for persons, want := range map[bool]int64{true: 2, false: 3} {
			n, err := s.CountFor(t.Context(), shop, persons)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
	})
}
