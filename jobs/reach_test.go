package jobs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
)

// A kind of step that reaches out has an executor, and nothing else has.
func TestEveryOutwardStepHasItsExecutor(t *testing.T) {
	outward := 0
	for _, spec := range campaign.StepKinds() {
		_, there := executors[spec.Kind]
		require.Equal(t, spec.Outward, there, spec.Kind)
		if spec.Outward {
			outward++
		}
	}
	require.Len(t, executors, outward, "no executor without a registry entry")
}
