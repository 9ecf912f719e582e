package manage

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/delight/campaign"
)

func TestPortionsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(1, 1_000_000), 1, 60).Draw(t, "counts")
		shares, sum, total := make([]Share, len(counts)), int64(0), int64(0)
		for i, n := range counts {
			shares[i].Count = n
			total += n
		}
		portion(shares)
		for _, s := range shares {
			sum += s.Tenths
			require.InDelta(t, float64(s.Count)*1000/float64(total), float64(s.Tenths), 1)
		}
		require.Equal(t, int64(1000), sum)
	})
}

func TestWilson(t *testing.T) {
	for _, tt := range []struct {
		k, n      int64
		low, high float64
	}{{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {5, 10, 0.2366, 0.7634}, {10, 10, 0.7225, 1}, {120, 400, 0.2571, 0.3467}} {
		low, high := wilson(tt.k, tt.n)
		require.InDelta(t, tt.low, low, 0.0001, "%d of %d", tt.k, tt.n)
		require.InDelta(t, tt.high, high, 0.0001, "%d of %d", tt.k, tt.n)
	}
}

// What is ahead of a place is what the walk comes to next, waits passed over.
func TestAhead(t *testing.T) {
	d := campaign.Definition{Steps: []campaign.Step{
		{ID: "wait", Kind: campaign.Wait},
		{ID: "fork", Kind: campaign.If, Then: []campaign.Step{{ID: "a", Kind: campaign.SendEmail}}, Else: []campaign.Step{{ID: "pause", Kind: campaign.Wait}}},
		{ID: "night", Kind: campaign.WaitUntil},
		{ID: "b", Kind: campaign.SendEmail},
	}}
	for at, want := range map[string]string{
		"": "fork", "after:wait": "fork", "fork": "fork", "a": "a", "after:a": "b", "pause": "b", "after:pause": "b", "after:fork": "b", "b": "b", "after:b": "", "gone": "",
	} {
		got := ""
		if s := ahead(d, campaign.Position{StepID: at}); s != nil {
			got = s.ID
		}
		require.Equal(t, want, got, "from %q", at)
	}
}
