package stripe

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersionKnown(t *testing.T) {
	for told, want := range map[string]struct {
		version string
		known   bool
	}{
		`"2023-10-16"`:        {"2023-10-16", true},
		`"2011-01-01"`:        {"2011-01-01", true},
		`"2025-03-31.basil"`:  {"2025-03-31.basil", true},
		`"2026-09-30.endive"`: {"2026-09-30.endive", true},
		`"2026-10-28.endive"`: {"2026-10-28.endive", false},
		`"2027-01-01"`:        {"2027-01-01", false},
		`null`:                {"", true},
		`""`:                  {"", true},
		`"preview"`:           {"preview", false},
		`"2026-13-45.x"`:      {"2026-13-45.x", false},
		`7`:                   {"7", false},
		`{}`:                  {"{}", false},
	} {
		version, known := VersionKnown([]byte(`{"id":"evt_1","api_version":` + told + `}`))
		require.Equal(t, want.version, version, told)
		require.Equal(t, want.known, known, told)
	}
	_, known := VersionKnown([]byte(`{"id":"evt_1"}`))
	require.True(t, known, "events before 2014-10-31 tell none")
	_, known = VersionKnown([]byte(`no JSON`))
	require.True(t, known, "the door refuses it anyway")
}
