package templates

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDefaultPlaybooksExist(t *testing.T) {
	require.NotEmpty(t, DefaultPlaybooks())
	require.Subset(t, Playbooks(), DefaultPlaybooks())
}
