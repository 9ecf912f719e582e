package commerce

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func kept(o *Order) map[string]int64 {
	out := map[string]int64{}
	for _, l := range o.Kept() {
		out[l.ID] = l.Current
	}
	return out
}

func TestKept(t *testing.T) {
	type lines = map[string]int64
	for name, c := range map[string]struct {
		told []OrderChange
		want lines
	}{
		"as ordered":                   {[]OrderChange{snapshot()}, lines{"cup": 2, "pot": 1}},
		"a refund of a line":           {[]OrderChange{snapshot(), refund("r", 1500, RefundSucceeded, after(1), cups(1))}, lines{"cup": 1, "pot": 1}},
		"the snapshot knows it too":    {[]OrderChange{snapshot(asOf(after(1)), left(1, 1)), refund("r", 1500, RefundSucceeded, after(1), cups(1))}, lines{"cup": 1, "pot": 1}},
		"a goodwill takes no line":     {[]OrderChange{snapshot(), refund("r", 3000, RefundSucceeded, after(1))}, lines{"cup": 2, "pot": 1}},
		"a refund on its way counts":   {[]OrderChange{snapshot(), refund("r", 1500, RefundPending, after(1), cups(1))}, lines{"cup": 1, "pot": 1}},
		"a failed refund does not":     {[]OrderChange{snapshot(), refund("r", 1500, RefundFailed, after(1), cups(1))}, lines{"cup": 2, "pot": 1}},
		"an edit before its snapshot":  {[]OrderChange{snapshot(), edit(after(1), cups(1))}, lines{"cup": 1, "pot": 1}},
		"an edit and its snapshot":     {[]OrderChange{snapshot(asOf(after(1)), left(1, 1)), edit(after(1), cups(1))}, lines{"cup": 1, "pot": 1}},
		"an edit told as a refund too": {[]OrderChange{snapshot(), edit(after(1), cups(1)), refund("r", 0, RefundSucceeded, after(1), cups(1))}, lines{"cup": 1, "pot": 1}},
		"an edit known, then a refund": {[]OrderChange{snapshot(asOf(after(1)), left(1, 1)), edit(after(1), cups(1)), refund("r", 1500, RefundSucceeded, after(2), cups(1))}, lines{"pot": 1}},
		"two refunds of one line":      {[]OrderChange{snapshot(), refund("r", 1500, RefundSucceeded, after(1), cups(1)), refund("s", 1500, RefundSucceeded, after(2), cups(1))}, lines{"pot": 1}},
		"more back than was bought":    {[]OrderChange{snapshot(), refund("r", 1500, RefundSucceeded, after(1), cups(9))}, lines{"pot": 1}},
		"a line nobody knows":          {[]OrderChange{snapshot(), refund("r", 1500, RefundSucceeded, after(1), RefundLine{"lid", 1})}, lines{"cup": 2, "pot": 1}},
		"a stub has none":              {[]OrderChange{refund("r", 1500, RefundSucceeded, after(1), cups(1))}, lines{}},
	} {
		require.Equal(t, c.want, kept(merged(c.told...)), name)
	}
}

func TestKeptLeavesTheDescriptionAlone(t *testing.T) {
	o := merged(snapshot(), refund("r", 1500, RefundSucceeded, after(1), cups(2)))
	o.Kept()
	require.Len(t, o.Detail.Lines, 2)
	require.EqualValues(t, 2, o.Detail.Lines[0].Current)
}

// A shop in which refunds and edits happen one after the other, each followed
// by a snapshot. Whichever of its words are missing or come late, never is less
// kept than the shop knows at the end; with the last snapshot it is just that.
func TestNothingIsTakenOffTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		have := map[string]int64{"cup": 6, "pot": 4}
		show := func(at Instant) OrderChange {
			return snapshot(asOf(at), func(d *Detail) {
				d.Lines[0].Quantity, d.Lines[0].Current = 6, have["cup"]
				d.Lines[1].Quantity, d.Lines[1].Current = 4, have["pot"]
			})
		}
		told := []OrderChange{show(noon)}
		for i := 1; i <= rapid.IntRange(1, 5).Draw(t, "acts"); i++ {
			line := rapid.SampledFrom([]string{"cup", "pot"}).Draw(t, "line")
			if have[line] == 0 {
				continue
			}
			off := RefundLine{line, rapid.Int64Range(1, have[line]).Draw(t, "off")}
			have[line] -= off.Quantity
			row := refund(string(rune('a'+i)), 0, RefundSucceeded, second(10*i), off)
			if rapid.Bool().Draw(t, "edit") { // an edit makes a refund row of its own
				e := edit(second(10*i), off)
				e.Edits[0].ID = row.Refunds[0].ID
				told = append(told, e)
			}
			told = append(told, row, show(second(10*i)))
		}
		last := told[len(told)-1]
		part := merged(rapid.Permutation(told).Draw(t, "order")[:rapid.IntRange(1, len(told)).Draw(t, "heard")]...)
		for line, n := range kept(part) {
			require.GreaterOrEqual(t, n, have[line], line)
		}
		if !part.Stub() {
			for line, n := range have {
				require.GreaterOrEqual(t, kept(part)[line], n, line)
			}
		}
		part.Merge(last, Shopify)
		for line, n := range have {
			require.Equal(t, n, kept(part)[line], line)
		}
	})
}
