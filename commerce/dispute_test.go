package commerce

import (
	"slices"
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
	want := Dispute{ID: "d", Status: DisputeWon, OpenedAt: second(2), ClosedAt: second(7)}
	require.Equal(t, want, merged(told...).Disputes["d"])
	require.Equal(t, want, merged(told[3], told[2], told[1], told[0], told[3]).Disputes["d"])
}

// A platform that is asked says only that it is closed: when, an event knows
// better, whichever came first. Nothing is closed before it was opened.
func TestDisputeFoundClosed(t *testing.T) {
	found := func(at Instant) OrderChange {
		c := dispute("d", DisputeWon, second(4), at)
		c.Disputes[0].Read = true
		return c
	}
	told := func(at Instant) OrderChange { return dispute("d", DisputeWon, second(4), at) }
	open := dispute("d", DisputeOpen, second(4), 0)
	for name, c := range map[string]struct {
		rows []OrderChange
		want Instant
		read bool
	}{
		"told alone":              {[]OrderChange{open, told(second(9))}, second(9), false},
		"found alone":             {[]OrderChange{open, found(second(9))}, second(9), true},
		"found twice":             {[]OrderChange{open, found(second(9)), found(second(8))}, second(8), true},
		"found early, told":       {[]OrderChange{open, found(second(5)), told(second(9))}, second(9), false},
		"found late, told":        {[]OrderChange{open, found(second(12)), told(second(9))}, second(9), false},
		"told twice, found":       {[]OrderChange{open, told(second(9)), told(second(7)), found(second(5))}, second(7), false},
		"found before it was":     {[]OrderChange{open, found(second(2))}, second(4), true},
		"told by a slow clock":    {[]OrderChange{open, told(second(2))}, second(4), false},
		"found before, then told": {[]OrderChange{open, found(second(2)), told(second(6))}, second(6), false},
	} {
		want := Dispute{ID: "d", Status: DisputeWon, OpenedAt: second(4), ClosedAt: c.want, Read: c.read}
		require.Equal(t, want, merged(c.rows...).Disputes["d"], name)
		slices.Reverse(c.rows)
		require.Equal(t, want, merged(c.rows...).Disputes["d"], name)
	}
}
