package message

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
)

// Whatever is offered to somebody who writes can be read.
func TestWhatIsOfferedCanBeRead(t *testing.T) {
	fine := func(kind campaign.BlockKind, text string) {
		t.Helper()
		for _, p := range Lint(blocksMail(campaign.Block{Kind: kind, Text: text})) {
			require.NotContains(t, p.Sentence, "there is no", text)
			require.Empty(t, p.Unknown, text)
		}
	}
	plain, rich := Completions(false), Completions(true)
	require.NotContains(t, plain.Filters, "raw")
	require.Contains(t, rich.Filters, "raw")
	for _, name := range plain.Variables {
		list, field, of := strings.Cut(name, "[].")
		if of {
			fine(campaign.BlockText, "{% for line in "+list+" %}{{ line."+field+" }}{% endfor %}")
			continue
		}
		fine(campaign.BlockText, "{{ "+name+" }}")
	}
	for _, filter := range rich.Filters {
		fine(campaign.BlockRich, "{{ order.name | "+filter+" }}")
	}
	for _, tag := range plain.Tags {
		fine(campaign.BlockText, "{% "+tag+" %}")
	}
}
