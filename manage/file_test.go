package manage_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/templates"
)

// What is shown can be edited and saved again.
func TestEveryPlaybookComesBackAsItWas(t *testing.T) {
	for _, name := range templates.Playbooks() {
		data, err := templates.Playbook(name)
		require.NoError(t, err)
		d, err := campaign.Parse(data)
		require.NoError(t, err)
		text, err := manage.WriteDefinition(d)
		require.NoError(t, err)
		again, err := campaign.Parse([]byte(text))
		require.NoError(t, err, text)
		require.Empty(t, cmp.Diff(d, again, cmpopts.EquateEmpty()), name)
	}
}

func TestSpansReadAsInTheFile(t *testing.T) {
	for d, want := range map[time.Duration]string{
		14 * 24 * time.Hour: "14d", 36 * time.Hour: "36h", 48 * time.Hour: "2d", 90 * time.Minute: "90m", 5 * time.Second: "5s", 0: "0s",
	} {
		require.Equal(t, want, manage.Span(d))
	}
}
