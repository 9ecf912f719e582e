package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/manage"
)

// moves lists what Diff says became of steps, as words.
func moves(old, now string) (out []string) {
	for _, c := range manage.Diff(*flow(old), *flow(now)) {
		out = append(out, string(c.Kind)+" "+c.Step)
	}
	return out
}

func TestWhatBecameOfSteps(t *testing.T) {
	require.Empty(t, moves("a b(c|) d", "a b(c|) d"))
	require.Equal(t, []string{"added x"}, moves("a b c", "a x b c"), "those behind it have not moved")
	require.Equal(t, []string{"removed b"}, moves("a b c", "a c"))
	require.Equal(t, []string{"moved c"}, moves("a b c", "c a b"), "only the one that did")
	require.Equal(t, []string{"moved d"}, moves("a b(c|) d", "a b(c d|)"))
	require.Equal(t, []string{"removed b", "removed c"}, moves("a b(c|)", "a"))
}

func TestWhichFieldsChanged(t *testing.T) {
	old := playbook(t, "review_request")
	now := playbook(t, "review_request", func(d *campaign.Definition) {
		d.Priority = 3
		d.Steps[0].For = campaign.Duration(3 * 24 * 3600e9)
		e := d.Steps[1].Email["en"]
		e.Subject = "Well?"
		d.Steps[1].Email["en"] = e
	})
	diff := manage.Diff(old, now)
	require.Len(t, diff, 3)
	require.Equal(t, manage.Change{Kind: manage.Changed, Fields: []manage.FieldChange{{Path: "priority", Old: "50", New: "3"}}}, diff[0])
	require.Equal(t, "settle", diff[1].Step)
	require.Equal(t, "for", diff[1].Fields[0].Path)
	require.Equal(t, manage.FieldChange{Path: "email.en.subject", Old: old.Steps[1].Email["en"].Subject, New: "Well?"}, diff[2].Fields[0])
}

// A file's mistakes are told with line and column, all of those that can be.
func TestAFilesMistakesHaveAPlace(t *testing.T) {
	_, wrong := manage.ReadDefinition([]byte("name: a\nclas: service\n"))
	require.Equal(t, []int{2, 1}, []int{wrong[0].Line, wrong[0].Column}, "%+v", wrong)
	require.Contains(t, wrong[0].Says, "class")
	_, wrong = manage.ReadDefinition([]byte("name: a\nsteps:\n  - id: one\n    kind: wait\n    for: 3x\n"))
	require.Equal(t, 5, wrong[0].Line, "%+v", wrong)
	require.Positive(t, wrong[0].Column)
	_, wrong = manage.ReadDefinition([]byte("name: a\nclass: service\ntopic: t\ntrigger:\n  kind: order_paid\nsteps:\n  - id: one\n    kind: wait\n  - kind: if\n    id: two\n"))
	require.Len(t, wrong, 2, "%+v", wrong)
	require.Equal(t, []int{7, 9, 10, 9}, []int{wrong[0].Line, wrong[0].Column, wrong[1].Line, wrong[1].Column})
	for _, bad := range []string{"", "\x00", "[[[[", "a: *b", "- - -"} {
		_, wrong = manage.ReadDefinition([]byte(bad))
		require.NotEmpty(t, wrong, "%q", bad)
		require.NotEmpty(t, wrong[0].Says)
	}
	text, err := manage.WriteDefinition(playbook(t, "win_back"))
	require.NoError(t, err)
	_, wrong = manage.ReadDefinition([]byte(text))
	require.Empty(t, wrong)
}
