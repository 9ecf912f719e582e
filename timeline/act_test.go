package timeline

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/store"
)

// What was done with a mail stands behind it, with how often and when last.
func TestActs(t *testing.T) {
	records := at(effect(store.Sent, "ask"),
		store.Entry{Kind: "act", What: "open", Step: "ask", Times: 1},
		store.Entry{Kind: "act", What: "click", Step: "ask", Times: 3, Until: noon.Add(26 * time.Hour)})
	records[1].At = records[0].At // a machine was quick
	var got []string
	for _, l := range teller().Lines(records) {
		got = append(got, l.Kind+" "+l.Sentence+" ["+l.Code+"]")
	}
	require.Equal(t, []string{
		"effect Mail sent: Review request for order #1001 [sent]",
		"act Mail opened, by them or by their mail program: Review request for order #1001 [open]",
		"act Link in the mail followed: Review request for order #1001; 3 times by Tue 3 Mar 2026, 14:00 [click]",
	}, got)
	require.Equal(t, teller().Answer(records[:1], "review", "", noon), teller().Answer(records, "review", "", noon), "it answers nothing")
	for _, act := range constants(t, "../links/signer.go", "Act") {
		said(t, "timeline_act_"+act)
	}
}
