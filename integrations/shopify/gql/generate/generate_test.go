package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is committed is what generating gives today: else `go generate
// ./integrations/shopify/gql` was forgotten.
func TestWhatIsCommittedIsWhatIsGenerated(t *testing.T) {
	for _, a := range apis {
		files, err := a.files(t.Context(), "..")
		require.NoError(t, err)
		assert.Len(t, files, map[string]int{"gql": 3, "partner": 2}[a.name])
		for name, want := range files {
			got, err := os.ReadFile(filepath.Join("..", a.dir, name))
			require.NoError(t, err)
			assert.Empty(t, cmp.Diff(string(want), string(got)), "%s/%s is stale", a.dir, name)
		}
	}
}
