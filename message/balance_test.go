package message

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// unclosed are elements that have no end.
var unclosed = []string{"br", "img", "meta", "link", "hr", "input"}

// unbalanced says what is wrong with the nesting of elements, "" = nothing. Outlook's
// conditional comments, which part elements on purpose, are comments to it.
func unbalanced(page string) string {
	var open []string
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				return "never closed: " + strings.Join(open, " ")
			}
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); !slices.Contains(unclosed, string(name)) {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				return "</" + string(name) + "> where this is open: " + strings.Join(open, " ")
			}
			open = open[:len(open)-1]
		}
	}
}

func TestPiecesAreBalanced(t *testing.T) {
	for piece, want := range map[string]string{
		"":                            "",
		"a &lt; b":                    "a &lt; b",
		"<b>a</b>":                    "<b>a</b>",
		"<b>a":                        "<b>a</b>",
		"a</b>":                       "a",
		"</p></li><ul><li><b>x":       "<ul><li><b>x</b></li></ul>",
		"<b><i>a</b>c</i>":            "<b><i>a</i></b>c",
		"a<br>b<br/>c</br>":           "a<br>b<br/>c",
		"<b/>a":                       "<b>a</b>",
		strings.Repeat("<b>", 3000):   strings.Repeat("<b>", maxNested) + strings.Repeat("</b>", maxNested),
		strings.Repeat("</li>", 3000): "",
	} {
		require.Equal(t, want, balanced(piece), "%.60q", piece)
	}
}

// Whatever a value holds, what the filter raw makes of it is whole in itself, and stays as it was where it was whole.
func TestEveryPieceIsBalanced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"<b>", "</b>", "<i>", "</i>", "<ul>", "</ul>", "<li>", "</li>", "<p>", "</p>", "<br>", "x", "&amp;", "<b/>"}), 0, 60).Draw(t, "pieces"), "")
		out := balanced(piece)
		require.Empty(t, unbalanced(out), "%q gave %q", piece, out)
		require.Equal(t, out, balanced(out))
		require.Equal(t, strings.Count(piece, "x"), strings.Count(out, "x"), "no word is lost")
		if !strings.Contains(piece, "/>") && unbalanced(piece) == "" && strings.Count(piece, "<") < maxNested {
			require.Equal(t, piece, out)
		}
	})
}

// A customer's words, let through by raw, do not end the mail's own elements.
func TestRawValuesStayWhereTheyStand(t *testing.T) {
	f := factsOf(campaign.Definition{Class: gate.Marketing, Topic: "news"}, "en")
	f.Order.Detail.Lines[0].Title = "</p></li></td></tr></table><ul><li><b>x"
	text := compiled(t, "en", campaign.Email{Subject: "x", Blocks: []campaign.Block{
		{Kind: campaign.BlockRich, Text: `<p>{{ order.first_item | raw }}</p>`}, {Kind: campaign.BlockText, Text: "after"},
	}})
	m, err := text.Render(f)
	require.NoError(t, err)
	require.Contains(t, m.HTML, "<p><ul><li><b>x</b></li></ul></p>")
	require.Empty(t, unbalanced(m.HTML))
}

// A loop that is left early leaves no element open.
func TestLoopsAreLeftWithNothingOpen(t *testing.T) {
	for source, want := range map[string]string{
		`{% for i in (1..2) %}<b>x{% break %}</b>{% endfor %}`:                                               "text, column 22: <b> must be closed before {% break %}",
		`{% for i in (1..2) %}<b>x{% if i == 1 %}{% continue %}{% endif %}</b>{% endfor %}`:                  "text, column 22: <b> must be closed before {% continue %}",
		`<ul>{% for i in (1..2) %}<li>{{ i }}</li>{% if i == 1 %}{% break %}{% endif %}{% endfor %}</ul>`:    "",
		`{% for i in (1..2) %}<b>{% for j in (1..2) %}{{ j }}{% break %}{% endfor %}</b>{% endfor %}`:        "",
		`{% for i in (1..2) %}<b>{% for j in (1..2) %}<i>{% break %}</i>{% endfor %}</b>{% endfor %}`:        "text, column 46: <i> must be closed before {% break %}",
		`{% for i in (1..2) %}{% capture c %}<b>{% break %}</b>{% endcapture %}{{ c }}{% endfor %}{{ c }}`:   "text, column 37: <b> must be closed before {% break %}",
		`{% for i in (1..2) %}<b>{% if i == 1 %}<i>{% else %}</i>{% break %}{% endif %}</b>{% endfor %}text`: "must be closed before",
	} {
		problems := inspect("text", source, rich, false)
		if want == "" {
			require.Empty(t, problems, source)
			out, _ := richly(t, source, varsOf("en", nil))
			require.Empty(t, unbalanced(out), source)
			continue
		}
		require.NotEmpty(t, problems, source)
		require.Contains(t, problems[0].String(), want, source)
	}
}
