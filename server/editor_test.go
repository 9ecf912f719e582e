package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
)

// editor is the editor of one campaign, used without JavaScript.
type editor struct {
	*framed
	id   campaign.CampaignID
	page string
}

func edits(t *testing.T, s *store.Store, id campaign.CampaignID) *editor {
	t.Helper()
	e := &editor{campaigns(t, s), id, ""}
	e.open("")
	return e
}

func (e *editor) path(more string) string { return "/admin/campaigns/" + string(e.id) + more }

func (e *editor) open(query string) {
	e.t.Helper()
	e.page = e.sees(e.path("/edit") + query)
}

var lockOf = regexp.MustCompile(`data-lock="(\d+)"`)

func (e *editor) lock() string { return lockOf.FindStringSubmatch(e.page)[1] }

// does sends a form with the lock of the page that is seen.
func (e *editor) does(do string, pairs ...string) {
	e.t.Helper()
	e.page = e.goes(e.path("/edit?locale=en"), e.form(do, pairs...))
}

func (e *editor) form(do string, pairs ...string) url.Values {
	form := url.Values{"do": {do}, "lock": {e.lock()}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// refused sends a form that must not be taken, and sees what is said instead.
func (e *editor) refused(do string, pairs ...string) string {
	e.t.Helper()
	got := e.posts(e.path("/edit?locale=en"), e.form(do, pairs...))
	require.Equal(e.t, http.StatusUnprocessableEntity, got.Code, got.Body.String())
	return got.Body.String()
}

func (e *editor) draft() store.Draft {
	e.t.Helper()
	d, err := e.store.Draft(e.t.Context(), e.shop().ID, e.id)
	require.NoError(e.t, err)
	return d
}

// steps are the ids of the flow as it stands.
func (e *editor) steps() string {
	var ids []string
	d := e.draft().Definition
	for s := range d.AllSteps() {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, " ")
}

// added is the id of the card that the page shows, which was just added.
func (e *editor) added() string {
	e.t.Helper()
	m := regexp.MustCompile(`class="flow-card[^"]* on" id="card-([a-z0-9_]+)"`).FindStringSubmatch(e.page)
	require.NotNil(e.t, m, "no card is chosen")
	return m[1]
}

// The whole walk by plain forms: add, fill, branch, move, undo, redo, save.
func TestTheEditorWithoutJavaScript(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		e := edits(t, s, "review_request")
		require.Contains(t, e.page, "Nothing was changed yet")
		require.Zero(t, e.draft().Lock, "looking writes nothing")
		e.open("?add=%7Csettle")
		require.Contains(t, e.page, `name="kind" value="if"`)
		form := inputs(t, e.page, `name="kind"`)
		require.Equal(t, []string{"", "settle"}, []string{form.Get("branch"), form.Get("after")})

		e.does("add", "kind", "if", "branch", "", "after", "settle")
		fork := e.added()
		require.Equal(t, "settle "+fork+" ask", e.steps())
		require.Contains(t, e.page, "Still missing: Condition")
		e.does("condition", "of", fork, "card", fork, "more", "or")
		e.does("condition", "of", fork, "card", fork, "row_0_field", "order.total", "row_0_op", "at_least", "row_0_value", "١٬٢٠٠٫٥", "row_0_group", "0")
		require.Equal(t, "1200.5", manage.Step(ptr(e.draft().Definition), fork).Rows[0].Value, "Arabic digits are read")
		require.NotContains(t, e.page, "Still missing: Condition")

		e.does("add", "kind", "wait", "branch", fork+":then", "after", "")
		wait := e.added()
		e.does("set", "card", wait, "for", "۳", "for_unit", "days")
		require.Contains(t, e.page, "Wait 3 days.")
		e.does("up", "card", "ask")
		require.Equal(t, "settle ask "+fork+" "+wait, e.steps())
		e.does("down", "card", "ask")
		e.does("out", "card", wait)
		require.Equal(t, "settle "+fork+" "+wait+" ask", e.steps())
		e.does("in", "card", wait)
		e.does("move", "card", wait, "to", "|")
		require.Equal(t, wait+" settle "+fork+" ask", e.steps())
		e.does("undo")
		require.Equal(t, "settle "+fork+" "+wait+" ask", e.steps())
		e.does("redo")
		e.does("duplicate", "card", wait)
		require.Len(t, strings.Fields(e.steps()), 5)
		e.does("remove", "card", e.added())
		require.Equal(t, wait+" settle "+fork+" ask", e.steps())

		page := e.goes(e.path("/save"), url.Values{"lock": {e.lock()}, "why": {"a fork"}})
		require.Contains(t, page, "Kept as version 2")
		require.Zero(t, e.draft().Lock)
		diff := e.sees(e.path("/versions"))
		require.Contains(t, diff, "a fork")
		require.Contains(t, diff, "Added")
	})
}

func ptr[T any](v T) *T { return &v }

// Two people work on one draft: the later is told what the other did, and chooses.
func TestTwoEditorsDoNotOverwriteEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		e := edits(t, s, "thank_you")
		late := e.lock()
		e.does("head", "text_lang", "en", "title", "Hers")
		form := url.Values{"do": {"head"}, "lock": {late}, "text_lang": {"en"}, "title": {"Mine <b>"}}
		got := e.posts(e.path("/edit?locale=en"), form)
		require.Equal(t, http.StatusUnprocessableEntity, got.Code)
		require.Contains(t, got.Body.String(), "the campaign itself was changed")
		require.Contains(t, got.Body.String(), "Mine &lt;b&gt;", "what was typed is kept")
		require.Equal(t, "Hers", e.draft().Definition.Title["en"])
		again := inputs(t, got.Body.String(), "Do mine on top of it")
		require.Equal(t, fmt.Sprint(e.draft().Lock), again.Get("lock"))
		e.page = e.goes(e.path("/edit"), again)
		require.Equal(t, "Mine <b>", e.draft().Definition.Title["en"])

		seen := e.lock()
		e.does("undo")
		for _, do := range []string{"discard", "undo", "redo", "remove"} {
			got = e.posts(e.path("/edit"), url.Values{"do": {do}, "lock": {seen}, "card": {"thanks"}})
			require.Equal(t, http.StatusUnprocessableEntity, got.Code, do)
		}
		require.Equal(t, http.StatusUnprocessableEntity, e.posts(e.path("/save"), url.Values{"lock": {seen}}).Code)
		require.Equal(t, "Hers", e.draft().Definition.Title["en"])
		require.Contains(t, e.goes(e.path("/edit"), e.form("discard")), "The draft was discarded")
	})
}

// What is typed wrong comes back as it was typed, with the sentence beside the field.
func TestWrongFieldsComeBack(t *testing.T) {
	e := edits(t, storetest.Open(t, "sqlite"), "review_request")
	page := e.refused("set", "card", "settle", "for", "soon", "for_unit", "days")
	require.Contains(t, page, `value="soon"`)
	require.Contains(t, page, `aria-invalid="true"`)
	require.Contains(t, page, "A whole number from 0 to 3,650")
	require.Zero(t, e.draft().Lock, "nothing was kept")
	require.Contains(t, e.refused("set", "card", "settle", "for", "4000", "for_unit", "days"), `value="4000"`)
	require.Contains(t, e.refused("head", "priority", "-3"), "A whole number")
	require.Contains(t, e.refused("start", "card", "start", "kind", "order_arrived", "mode", "", "from", "soon"), "A day, such as")
	require.Contains(t, e.refused("up", "card", "settle"), "cannot go further")
	require.Contains(t, e.refused("undo"), "nothing further", "there is no draft to undo")
}

// Texts are kept by language; what nobody wrote is no language.
func TestTextsOfAStep(t *testing.T) {
	e := edits(t, storetest.Open(t, "sqlite"), "review_request")
	e.open("?card=ask&lang=fa")
	require.Contains(t, e.page, `dir="rtl"`)
	e.does("set", "card", "ask", "lang", "de", "text_lang", "de", "useful", "5", "useful_unit", "days",
		"subject", "Wie war es?", "body", "Erstens.\r\n\r\nZweitens.", "closing", "Danke\nLayla")
	ask := manage.Step(ptr(e.draft().Definition), "ask")
	require.Equal(t, []string{"Erstens.", "Zweitens."}, ask.Email["de"].Body)
	require.Equal(t, []string{"Danke", "Layla"}, ask.Email["de"].Closing)
	require.NotEmpty(t, ask.Email["ar"].Subject, "the others stay")
	require.EqualValues(t, 5*24*3600e9, ask.Useful)
	e.does("set", "card", "ask", "text_lang", "de", "subject", "", "body", "", "closing", "")
	require.NotContains(t, manage.Step(ptr(e.draft().Definition), "ask").Email, "de")
	e.does("set", "card", "ask", "text_lang", "en", "subject", "Hello {{ order.", "body", "x")
	require.Contains(t, e.page, "cannot be read")
	got := e.posts(e.path("/save?locale=en"), url.Values{"lock": {e.lock()}})
	require.Equal(t, http.StatusUnprocessableEntity, got.Code)
	require.Contains(t, got.Body.String(), "It was not saved")
}

// Every kind of step can be added, shown and filled; every kind of trigger chosen.
func TestEveryKindHasAForm(t *testing.T) {
	e := edits(t, storetest.Open(t, "sqlite"), "review_request")
	for _, spec := range campaign.StepKinds() {
		e.does("add", "kind", string(spec.Kind), "branch", "", "after", "ask")
		id := e.added()
		for _, p := range spec.Params {
			if p.Name == "then" || p.Name == "else" || p.Name == "rows" || p.Name == "condition" || p.Name == "working" {
				continue
			}
			name := map[string]string{"email": "subject", "note": "note_title", "arms": "weight_a"}[p.Name]
			if name == "" {
				name = p.Name
			}
			require.Contains(t, e.page, `name="`+name+`"`, "%s has no field %s", spec.Kind, p.Name)
		}
		if spec.Kind == campaign.Split {
			e.does("set", "card", id, "weight_a", "30", "weight_b", "70", "arm_add", "yes")
			require.Equal(t, []campaign.Arm{{Name: "a", Weight: 30}, {Name: "b", Weight: 70}, {Name: "c", Weight: 30}}, manage.Step(ptr(e.draft().Definition), id).Arms)
			e.does("set", "card", id, "arm_drop", "c")
			require.Contains(t, e.refused("set", "card", id, "arm_drop", "b"), "two ways at least")
		}
		e.does("remove", "card", id)
	}
	for _, spec := range campaign.Triggers() {
		e.does("start", "kind", string(spec.Kind), "card", "start")
		for _, p := range spec.Params {
			require.Contains(t, e.page, `name="`+p.Name+`"`, "%s has no field %s", spec.Kind, p.Name)
		}
	}
	e.does("start", "kind", "lapsed", "card", "start")
	e.does("start", "kind", "lapsed", "after", "90", "after_unit", "days", "median", "yes", "mode", "once", "cooling_off", "2", "cooling_off_unit", "hours", "from", "2026-03-01", "card", "start")
	d := e.draft().Definition
	require.Equal(t, campaign.Trigger{Kind: "lapsed", After: campaign.Duration(90 * 24 * 3600e9), Median: true}, d.Trigger)
	require.Equal(t, campaign.EntryRule{Mode: campaign.OnceEver, CoolingOff: campaign.Duration(2 * 3600e9), From: "2026-03-01T00:00:00+03:00"}, d.Entry)
	require.Contains(t, e.page, `value="2026-03-01"`)
}

// The builder goes from rows to text and back; what rows cannot say stays a text.
func TestTheConditionBuilder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		e := edits(t, s, "thank_you")
		for n := range 3 {
			p := storetest.Person(t, s, e.shop().ID)
			storetest.Order(t, s, e.shop().ID, p.ID, func(o *store.StoredOrder) {
				o.Detail.Total = commerce.Money{Amount: int64(n+1) * 10000, Currency: "SAR"}
				o.Reporting = commerce.Reporting{}
			})
		}
		e.does("condition", "card", "start", "as", "text", "condition", "order.total >= 200 || order.gift")
		require.Contains(t, e.page, `name="row_1_field"`, "rows can say it")
		require.Contains(t, e.page, "; or Gift for somebody else: yes")
		require.Contains(t, e.page, "2 of 3 orders")
		e.open("?card=start&as=text")
		require.Contains(t, e.page, "order.total &gt;= 200 || order.gift")
		e.does("condition", "card", "start", "row_0_field", "order.total", "row_0_op", "at_least", "row_0_value", "300", "row_0_group", "0",
			"row_1_field", "order.country", "row_1_op", "at_least", "row_1_value", "sa", "row_1_group", "1", "more", "1")
		rows := e.draft().Definition.Rows
		require.Len(t, rows, 3)
		require.Equal(t, campaign.Row{Group: 1, Field: "order.country", Op: "is", Value: "sa"}, rows[1], "a comparison that another field has not")
		require.Contains(t, e.page, "needs a value", "the new row")
		e.does("condition", "card", "start", "row_0_field", "order.total", "row_0_op", "at_least", "row_0_value", "300", "row_0_group", "0", "drop", "0")
		require.Empty(t, e.draft().Definition.Rows)

		e.does("condition", "card", "start", "as", "text", "condition", "size(order.lines) > 1 && order.totl > 1")
		require.Contains(t, e.page, "Column")
		require.Contains(t, e.page, "order.totl")
		require.NotContains(t, e.page, `name="row_0_field"`)
		require.Contains(t, e.refused("condition", "card", "start", "row_0_field", "order.nothing", "row_0_op", "is"), "no such variable")
		require.Equal(t, http.StatusBadRequest, e.posts(e.path("/count"), url.Values{"card": {""}}).Code, "it cannot be counted")
		e.does("condition", "card", "start", "as", "text", "condition", "order.gift")
		require.Contains(t, e.goes(e.path("/count"), url.Values{"card": {""}}), "It is being worked out")
	})
}

// Whatever is sent, nothing breaks and nothing is kept that was not meant.
func TestTheEditorTakesNoHarm(t *testing.T) {
	e := edits(t, storetest.Open(t, "sqlite"), "review_request")
	for name, one := range map[string]struct {
		form url.Values
		code int
	}{
		"unknown step":        {e.form("remove", "card", "nothing"), 422},
		"unknown kind":        {e.form("add", "kind", "rm -rf"), 422},
		"unknown place":       {e.form("add", "kind", "wait", "branch", "a:b", "after", "c"), 422},
		"unknown act":         {e.form("drop table"), 400},
		"no lock":             {url.Values{"do": {"undo"}}, 400},
		"a lock of letters":   {url.Values{"do": {"undo"}, "lock": {"x"}}, 400},
		"a text of 1 MB":      {e.form("set", "card", "ask", "text_lang", "en", "subject", "x", "body", strings.Repeat("long ", 210_000)), 413},
		"a text of 900 KB":    {e.form("set", "card", "ask", "text_lang", "en", "subject", "x", "body", strings.Repeat("long ", 180_000)), 422},
		"into its own":        {e.form("move", "card", "ask", "to", "ask:then|"), 422},
		"a trigger of none":   {e.form("start", "kind", "never"), 422},
		"a condition too big": {e.form("condition", "as", "text", "condition", strings.Repeat("(", 30_000)), 422},
	} {
		got := e.posts(e.path("/edit"), one.form)
		require.Equal(t, one.code, got.Code, "%s: %s", name, got.Body.String()[:min(300, got.Body.Len())])
	}
	require.Zero(t, e.draft().Lock)
	e.does("head", "text_lang", "en", "title", `"><script>alert(1)</script>`, "topic", `<img src=x>`, "class", "none", "job", "x")
	require.NotContains(t, e.page, "<script>alert")
	require.NotContains(t, e.page, "<img src=x>")
	require.Equal(t, []any{"service", "review_ask"}, []any{string(e.draft().Definition.Class), string(e.draft().Definition.Job)}, "what there is not is not taken")

	deep := ""
	for range 7 {
		e.does("add", "kind", "if", "branch", deep, "after", "")
		deep = e.added() + ":then"
	}
	e.does("add", "kind", "wait", "branch", deep, "after", "")
	e.does("remove", "card", e.added())
	e.does("add", "kind", "if", "branch", deep, "after", "")
	require.Contains(t, e.refused("add", "kind", "wait", "branch", e.added()+":then", "after", ""), "8 deep at most")
}
