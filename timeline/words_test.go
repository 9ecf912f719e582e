package timeline

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/templates"
)

// constants reads the values of the constants of a type from a source file.
func constants(t *testing.T, file, kind string) (values []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == kind {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				value, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				values = append(values, value)
			}
		}
		return true
	})
	require.NotEmpty(t, values, kind)
	return values
}

// said fails where something has no words in one of the languages.
func said(t *testing.T, key string) {
	t.Helper()
	require.True(t, templates.Known(key), key)
}

func TestEverythingHasWords(t *testing.T) {
	for _, v := range constants(t, "../delight/gate/decision.go", "Reason") {
		said(t, "reason_"+v)
	}
	for _, v := range constants(t, "../delight/gate/decision.go", "Answer") {
		said(t, "timeline_answer_"+v)
	}
	for _, v := range constants(t, "../commerce/event.go", "EventKind") {
		said(t, "timeline_event_"+v)
		require.Contains(t, eventOrder, commerce.EventKind(v))
	}
	for _, v := range constants(t, "../store/effects.go", "EffectState") {
		said(t, "timeline_state_"+v)
	}
	for _, v := range constants(t, "../store/tasks.go", "TaskState") {
		said(t, "timeline_task_"+v)
	}
	for _, v := range constants(t, "../commerce/change.go", "ConsentState") {
		said(t, "timeline_consent_"+v)
	}
	for _, v := range constants(t, "../delight/gate/consent.go", "Scope") {
		said(t, "timeline_stop_"+v)
	}
	for _, spec := range campaign.StepKinds() {
		require.Equal(t, spec.Outward, templates.Known("timeline_kind_"+string(spec.Kind)), "step %s", spec.Kind)
	}
}

// Figures name no state of ours.
func TestOutcomesHaveWords(t *testing.T) {
	for what, want := range map[string]string{
		"retry": "not taken, to be tried again", "sent": "sent", "send": "at work", "defer": "put off", "hold": "held", "skip": "not sent", "ended": "ended",
	} {
		require.Equal(t, want, Outcome(what))
	}
}

// A hold ends when something happens and a defer by itself: both say so.
func TestWhatHoldsSaysWhatWouldChangeIt(t *testing.T) {
	files, err := filepath.Glob("../delight/gate/*.go")
	require.NoError(t, err)
	calls := regexp.MustCompile(`(?:hold|deferred)\((?:gate\.)?([A-Z]\w+),`)
	found := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range calls.FindAllStringSubmatch(string(source), -1) {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			found++
			require.NotEmpty(t, teller().change(named(t, m[1])), "reason %s", m[1])
		}
	}
	require.NotZero(t, found)
}

// named returns the reason of a constant of package gate.
func named(t *testing.T, constant string) gate.Reason {
	t.Helper()
	source, err := os.ReadFile("../delight/gate/decision.go")
	require.NoError(t, err)
	m := regexp.MustCompile(`(?m)^\s+` + constant + `\s+Reason = "(\w+)"`).FindSubmatch(source)
	require.NotNil(t, m, constant)
	return gate.Reason(m[1])
}
