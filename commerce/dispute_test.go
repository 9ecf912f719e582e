package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDisputeState(t *testing.T) {
	const none = Status(0)
	row := func(id string, st Status) OrderChange { return dispute(id, st, after(1), 0) }
	for name, c := range map[string]struct {
		told []OrderChange
		want Status
	}{
		"none":                  {nil, none},
		"open":                  {[]OrderChange{row("a", DisputeOpen)}, DisputeOpen},
		"open, then won":        {[]OrderChange{row("a", DisputeOpen), row("a", DisputeWon)}, DisputeWon},
		"won heard before open": {[]OrderChange{row("a", DisputeWon), row("a", DisputeOpen)}, DisputeWon},
		"one won, one open":     {[]OrderChange{row("a", DisputeWon), row("b", DisputeOpen)}, DisputeOpen},
		"one open, one lost":    {[]OrderChange{row("a", DisputeOpen), row("b", DisputeLost)}, DisputeLost},
		"lost, whatever else":   {[]OrderChange{row("a", DisputeLost), row("b", DisputeWon), row("c", DisputeOpen)}, DisputeLost},
	} {
		for range 20 { // maps have no order
			require.Equal(t, c.want, merged(c.told...).DisputeState(), name)
		}
	}
}

func TestDisputeKeepsTheFirstOfEachMoment(t *testing.T) {
	told := []OrderChange{
		dispute("d", DisputeOpen, second(3), 0), dispute("d", DisputeOpen, second(2), 0),
		dispute("d", DisputeWon, second(4), second(9)), dispute("d", DisputeWon, second(4), second(7)),
	}
	want := Dispute{"d", DisputeWon, second(2), second(7)}
	require.Equal(t, want, merged(told...).Disputes["d"])
	require.Equal(t, want, merged(told[3], told[2], told[1], told[0], told[3]).Disputes["d"])
}
