package templates

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The arcs fill the ring, one after the other and none over another.
func TestTheRingIsFilled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stages []WheelStage
		for _, n := range rapid.SliceOfN(rapid.Int64Range(0, 1_000_000), 3, 3).Draw(t, "counts") {
			stages = append(stages, WheelStage{Count: n})
		}
		at := 0.0
		for _, s := range Ring(stages) {
			first, _, _ := strings.Cut(s.Length, " ")
			length, err := strconv.ParseFloat(first, 64)
			require.NoError(t, err)
			off, err := strconv.ParseFloat(s.Off, 64)
			require.NoError(t, err)
			require.InDelta(t, at, -off, 0.3, "it begins where the one before ends")
			require.Positive(t, length)
			at += length + ringGap
		}
		require.InDelta(t, 2*3.14159265*ringRadius, at, 0.5)
	})
}

func TestTheLargestStageIsTheThickest(t *testing.T) {
	ring := Ring([]WheelStage{{Count: 10}, {Count: 100}, {Count: 0}})
	require.Equal(t, []string{"13.8", "30.0", "12.0"}, []string{ring[0].Width, ring[1].Width, ring[2].Width})
}
