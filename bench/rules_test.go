package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is timed must be what it says: a step that is due and may go, and a condition that holds.
func TestRulesAreAboutASendAndAMatch(t *testing.T) {
	figures, err := rules(t.Context(), "memory", 1, 5)
	require.NoError(t, err)
	require.Len(t, figures, 2)
	for _, f := range figures {
		require.Len(t, f.Values, 1, f.Name)
		require.Positive(t, f.Values[0], f.Name)
	}
}
