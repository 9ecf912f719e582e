package templates

import (
	"bytes"
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// listed draws a list as a page does.
func listed(t *testing.T, lang string, l List) string {
	t.Helper()
	page := template.Must(template.New("x").Funcs(adminFuncs(lang)).ParseFS(files, "pages/admin/parts.html", "pages/admin/list.html"))
	template.Must(page.Parse(`{{define "x"}}{{template "list" (pairs "List" .List "Zone" .Zone "Country" .Country)}}{{end}}`))
	var b bytes.Buffer
	require.NoError(t, page.ExecuteTemplate(&b, "x", map[string]any{"List": l, "Zone": "Asia/Riyadh", "Country": "SA"}))
	return b.String()
}

func rows() List {
	return List{
		Name: "list", Here: "/shops/s1/lists/tasks",
		Columns: []Column{{Key: "messages_who", Sort: "/sorted", Order: "ascending"}, {Key: "messages_when"}, {Key: "messages_state", End: true}},
		Rows: []Row{{ID: "r1", Cells: []Cell{
			{Text: "<b>سارة</b>", Sub: "#1001", Href: "/shops/s1/customers/p1"}, {At: time.Date(2026, 3, 2, 21, 30, 0, 0, time.UTC)}, {Text: "held", Tone: "wait"},
		}}},
	}
}

func TestAListOfRows(t *testing.T) {
	got := listed(t, "en", rows())
	require.Contains(t, got, `<a href="/shops/s1/customers/p1"><bdi>&lt;b&gt;سارة&lt;/b&gt;</bdi></a>`)
	require.Contains(t, got, "2026-03-03 00:30", "in the shop's zone")
	require.Contains(t, got, `<span class="badge tone-wait">`)
	require.Contains(t, got, `aria-sort="ascending"><a href="/sorted">`)
	require.Contains(t, got, `data-label="Customer"`, "on a phone each cell names its column")
	require.NotContains(t, got, "checkbox", "nothing can be done to them")
	require.NotContains(t, got, "<form")
	require.NotContains(t, got, "card-footer")
}

func TestAListThatIsChosenFrom(t *testing.T) {
	l := rows()
	l.Filters = []Filter{{Name: "q", Key: "messages_who", Value: `">`}, {Name: "state", Key: "messages_state", Options: []Choice{{Value: "", Name: "all"}, {Value: "held", Name: "Held", On: true}}}}
	l.Keep = []Choice{{Value: "sort", Name: "who"}}
	l.Bulk = []Bulk{{Key: "yes", Path: "/shops/s1/lists/tasks/done"}}
	l.First, l.Next, l.CSV = "/first", "/next", "/as-csv"
	got := listed(t, "ar", l)
	require.Contains(t, got, `value="&#34;&gt;"`)
	require.Contains(t, got, `<option value="held" selected>Held</option>`)
	require.Contains(t, got, `<input type="hidden" name="sort" value="who">`)
	require.Contains(t, got, `formaction="/shops/s1/lists/tasks/done"`)
	require.Contains(t, got, `name="id" value="r1"`)
	require.Contains(t, got, `rel="next" href="/next"`)
	require.Contains(t, got, `href="/as-csv"`)
	require.Equal(t, strings.Count(got, "<form"), strings.Count(got, "</form>"))
}

// A list that is empty teaches; one in which nothing matches leads back.
func TestAnEmptyList(t *testing.T) {
	none := listed(t, "en", List{Name: "list", Here: "/here", Empty: "/begin"})
	require.Contains(t, none, "list_empty", "the list's own words")
	require.Contains(t, none, `href="/begin"`)
	nothing := listed(t, "en", List{Name: "list", Here: "/here", Empty: "/begin", Chosen: true})
	require.Contains(t, nothing, Say("en", "list_nothing", nil))
	require.Contains(t, nothing, `href="/here"`)
	require.NotContains(t, nothing, "/begin")
}
