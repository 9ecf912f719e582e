package server

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/templates"
)

// textsOf are the texts that stand in our source: those of faults, and all.
func textsOf(t *testing.T) (faults, all map[string]bool) {
	t.Helper()
	faults, all = map[string]bool{}, map[string]bool{}
	root := os.DirFS("..")
	require.NoError(t, fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return cmpSkip(err)
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || filepath.Base(path) == "refusals.go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
					all[text] = true
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "New" || f.Sel.Name == "Wrap") {
					for _, arg := range n.Args {
						if lit, ok := arg.(*ast.BasicLit); ok && lit.Kind == token.STRING {
							text, _ := strconv.Unquote(lit.Value)
							faults[text] = true
						}
					}
				}
			}
			return true
		})
		return nil
	}))
	return faults, all
}

func cmpSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

var (
	verb   = regexp.MustCompile(`%[dqsv]`)
	filled = regexp.MustCompile(`\{\{\.(\w+)\}\}`)
)

// Each sentence of the table is one that some fault has, with as many values, and
// has words in every language that use those values. Who changes a sentence in the
// source is told here.
func TestRefusedWordsAreThoseOfFaults(t *testing.T) {
	faults, all := textsOf(t)
	require.Greater(t, len(faults), 200)
	for form, one := range refusedWords {
		require.True(t, faults[form], "no fault says %q any more", form)
		require.Len(t, verb.FindAllString(form, -1), len(one.names), form)
		for _, lang := range templates.Languages() {
			key := "refused_" + one.key
			require.True(t, templates.Known(key), key)
			values := map[string]string{}
			for _, name := range one.names {
				values[name] = "VALUE"
			}
			said := templates.Say(lang, key, values)
			require.NotContains(t, said, "no value", "%s %s", lang, key)
			require.NotEmpty(t, said)
		}
	}
	for text, key := range refusedParts {
		require.True(t, all[text], "nothing says %q any more", text)
		require.True(t, templates.Known(key), key)
	}
	for _, lang := range templates.Languages() {
		data, err := os.ReadFile("../templates/locales/refused." + lang + ".yaml")
		require.NoError(t, err)
		for line := range strings.SplitSeq(string(data), "\n") {
			key, text, _ := strings.Cut(strings.TrimPrefix(line, "refused_"), ":")
			for _, m := range filled.FindAllStringSubmatch(text, -1) {
				require.True(t, slices.ContainsFunc(slices.Collect(maps.Values(refusedWords)), func(one told) bool { return one.key == key && slices.Contains(one.names, m[1]) }), "%s: %s", lang, line)
			}
		}
	}
}

// Who reads Arabic or Persian is told in that alone; what has no words of its own
// is told by its kind, with the English sentence beside it.
func TestRefusalsInThreeLanguages(t *testing.T) {
	for _, c := range []struct {
		err              error
		en, ar, fa, said string
	}{
		{fault.New(fault.Invalid, "a pause lasts from 1 to %d days", 365), "a pause lasts from 1 to 365 days", "365", "۳۶۵", ""},
		{fault.New(fault.Invalid, "%q is no mail address", "<b>\u202ex"), "is no mail address", "\u2068<b>x\u2069", "\u2068<b>x\u2069", ""},
		{fault.New(fault.Forbidden, "your role here is %s; this needs %s. An owner of the shop can change that", commerce.RoleViewer, commerce.RoleOwner), "your role here is viewer", "«مالك»", "«بیننده»", ""},
		{fault.New(fault.Conflict, "%s cannot %s now; %s", "win_back", "go live", "it is live already"), "cannot go live", "هي تعمل بالفعل", "همین حالا فعال است", ""},
		{errFewArms, "a split needs two", templates.Say("ar", "editor_few_arms", nil), templates.Say("fa", "editor_few_arms", nil), ""},
		{fault.New(fault.Conflict, "nobody knows %d", 7), "nobody knows 7", templates.Say("ar", "problem_conflict", nil), templates.Say("fa", "problem_conflict", nil), "nobody knows 7"},
	} {
		for lang, want := range map[string]string{"en": c.en, "ar": c.ar, "fa": c.fa} {
			r, is := refusalOf(c.err, lang)
			if fault.Is(c.err, fault.Forbidden) { // is a page of its own
				r.Said, r.Detail = wordsOf(c.err, lang)
			} else {
				require.True(t, is, c.err)
			}
			require.Contains(t, r.Said, want, "%s %v", lang, c.err)
			if lang != "en" {
				require.Equal(t, c.said, r.Detail, "%s %v", lang, c.err)
			}
		}
	}
	_, is := refusalOf(errors.New("the database is away"), "ar")
	require.False(t, is, "what is internal is nobody's to read")
	_, is = refusalOf(nil, "ar")
	require.False(t, is)
}
