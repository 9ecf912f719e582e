package replay

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// Everybody who is counted stands in exactly one place, and an answer that was
// put away and read back goes on as if it had not been.
func TestEverybodyIsCountedOnce(t *testing.T) {
	reasons := []gate.Reason{gate.Refunded, gate.Suppressed, gate.Capped}
	rapid.Check(t, func(t *rapid.T) {
		whole, parts := NewAnswer(definition(), 1, 2), NewAnswer(definition(), 1, 2)
		n := rapid.IntRange(0, 40).Draw(t, "walks")
		for i := range n {
			person := commerce.PersonID(fmt.Sprint("p", i))
			var o Outcome
			switch rapid.IntRange(0, 3).Draw(t, "outcome") {
			case 0:
				o.Steps = []Step{{ID: "first", At: 5, Sent: true}, {ID: "second", Reason: rapid.SampledFrom(reasons).Draw(t, "second")}}
			case 1:
				o.Steps = []Step{{ID: "first", Reason: rapid.SampledFrom(reasons).Draw(t, "first")}}
			case 2:
				o.Later = true
			case 3:
				o.End = rapid.SampledFrom(reasons).Draw(t, "end")
			}
			for _, a := range []*Answer{&whole, &parts} {
				a.Add("o", person, o)
			}
			kept, err := json.Marshal(parts)
			require.NoError(t, err)
			parts = NewAnswer(definition(), 1, 2)
			require.NoError(t, json.Unmarshal(kept, &parts))
		}
		require.EqualValues(t, n, whole.Would+whole.NotAll()+whole.Later)
		require.Equal(t, whole.Would, whole.Messages, "one each got through")
		a, err := json.Marshal(whole)
		require.NoError(t, err)
		b, err := json.Marshal(parts)
		require.NoError(t, err)
		require.JSONEq(t, string(a), string(b))
	})
}

func TestAWalkOnWhichNothingGoesOut(t *testing.T) {
	a := NewAnswer(definition(), 1, 2)
	a.Add("o", "p", Outcome{})
	require.Equal(t, []ReasonCount{{gate.ConditionNotMet, 1}}, a.Not)
	require.Equal(t, []Example{{Order: "o", Person: "p", Reason: gate.ConditionNotMet}}, a.Examples)
}
