package app

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

func TestSecondProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "flywheel.db.lock")
	first, err := lockFile(path)
	require.NoError(t, err)
	_, err = lockFile(path)
	require.True(t, fault.Is(err, fault.Conflict))
	require.ErrorContains(t, err, "another flywheel runs on this database")
	require.NoError(t, first.release())
	again, err := lockFile(path)
	require.NoError(t, err)
	require.NoError(t, again.release())
}

func TestSummaryMasksPasswords(t *testing.T) {
	require.Equal(t, "postgres://u:xxxxx@db/f", mask("postgres://u:s3cret@db/f"))
	require.Equal(t, "sqlite:data/x.db", mask("sqlite:data/x.db"))
	require.Empty(t, mask(""))
}
