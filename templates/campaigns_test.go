package templates

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fullFlow is a flow in which everything that a card may hold is there.
func fullFlow() []FlowCard {
	remark := FlowRemark{Level: "error", Tone: "bad", Text: "<b>not so</b>", Mend: "Mend it.", Code: "a-rule", Detail: "in English", Excerpt: "a == b\n  ^", Line: 1, Column: 3}
	figures := &FlowFigures{Waiting: 3, Due: 10, Sent: 7, Held: 2, Not: 1, SentPart: 70, HeldPart: 20, Shares: []FlowShare{
		{What: "sent", Count: 7, Share: "70%"}, {What: "hold", Reason: "no_consent", Count: 2, Share: "20%"}, {What: "skip", Reason: "refunded", Count: 1, Share: "10%"},
	}}
	return []FlowCard{
		{ID: "settle", Kind: "wait", Name: "Wait", Icon: "clock", Sentence: "Wait 2 days.", Thin: true, First: true},
		{ID: "fork", Kind: "if", Name: "Condition", Icon: "campaign", On: true, MayBranch: true, Branches: []FlowBranch{
			{Key: "fork:then", Name: "If so", Cards: []FlowCard{{ID: "ask", Kind: "send_email", Name: "Email", Icon: "mail", Text: "<script>alert(1)</script>", Figures: figures, Remarks: []FlowRemark{remark}, Messages: "/messages/c/ask", Inner: true}}},
			{Key: "fork:else", Name: "Otherwise"},
		}},
	}
}

func campaignAdmin() Admin {
	a := admin()
	a.Base, a.Embedded, a.Role = "/admin", true, "owner"
	return a
}

func fullEditor() Editor {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	fields := []EditorField{
		{Name: "for", Label: "How long", Kind: "duration", Value: "2", Unit: "days", Required: true, Problem: "not so", Hint: "a hint"},
		{Name: "weekday", Label: "Day", Kind: "choice", Options: []Choice{{Value: "a", Name: "A", On: true}}},
		{Name: "body", Label: "Text", Kind: "lines", Value: "</textarea><script>", Dir: "rtl", Lang: "ar", Full: true},
		{Name: "n", Label: "Number", Kind: "number"},
		{Name: "at", Label: "At", Kind: "time"},
		{Name: "from", Label: "From", Kind: "date"},
		{Name: "median", Label: "Tick", Kind: "tick", Value: "yes"},
		{Name: "related", Label: "Ticks", Kind: "ticks", Options: []Choice{{Value: "tag", Name: "Tag"}}},
		{Name: "arms", Label: "Ways", Kind: "arms", Arms: []EditorArm{{"a", "50"}, {"b", "50"}}},
		{Name: "topic", Label: "Topic", Kind: "text", Latin: true},
	}
	return Editor{
		Admin: campaignAdmin(), ID: "c", Title: "A <b>campaign</b>", State: "live", Tone: "good", Version: 3, Base: 2, Lock: 7, Undo: true, Changed: true, Newer: true, Publishes: true,
		Did: "add", By: "Sara", At: at, Wrongs: 1, Errors: 2, Hints: 3, Start: FlowCard{ID: "start", Name: "Order paid", Icon: "play"}, Cards: fullFlow(), Edits: true,
		Loose: []FlowRemark{{Tone: "wait", Text: "loose"}}, Panel: "step", Said: "It was not so.", Note: "why",
		Form: &EditorForm{Do: "set", Card: "fork", Title: "Condition", Fields: fields, Tabs: []Choice{{Value: "ar", Name: "العربية", On: true}}, Lang: "ar", Blocks: true, Messages: "/messages/c/ask", Moves: []Choice{{Value: "|", Name: "first"}}, Step: &FlowCard{Beside: true, Inner: true}},
		Conditions: &Conditions{
			Card: "fork", Rowable: true, Text: "a > 1", Words: "A is more than 1", Fields: []ConditionScope{{"order", []Choice{{Value: "order.total", Name: "Total"}}}},
			Groups: []ConditionGroup{{0, []ConditionRow{{N: 0, Field: "order.total", Type: "money", Value: "1", Wrong: "not so"}, {N: 1, Field: "order.gift", Options: []Choice{{Value: "yes", Name: "Yes"}}}}}, {1, []ConditionRow{{N: 2, None: true}, {N: 3, Many: true}}}},
			Count:  &ConditionCount{About: "orders", N: 1240, Of: 8900, Low: 1150, Up: 1330, Newest: true, Failed: true}, Exact: &ConditionExact{State: "running", Seen: 3, Expected: 9},
		},
		Conflict: &EditorConflict{By: "Ali <b>", Did: "remove", Count: 2, At: at, Mine: "set", Keep: []Choice{{Value: "title", Name: `"><script>`}}},
	}
}

var unsaid = regexp.MustCompile(`>[^<>]*\b(editor|campaigns|condition|campaign)_[a-z_]+[^<>]*<|(aria-label|title|placeholder|data-[a-z]+)="(editor|campaigns|condition)_`)

// Every page has its words in each language, nothing of a stranger's becomes
// markup, and there is no style or script in it.
func TestCampaignPagesInEveryLanguage(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	flow := fullFlow()
	picker, head, byHand := fullEditor(), fullEditor(), fullEditor()
	picker.Panel, picker.Picker = "picker", &EditorPicker{Kinds: []EditorKind{{"wait", "Wait", "It waits.", "clock"}}}
	head.Panel, head.Publishes, head.Newer, head.Conflict = "head", false, false, &EditorConflict{Gone: true}
	byHand.Conditions.ByHand, byHand.Conditions.Wrong = true, &FlowRemark{Text: "not so", Column: 4, Excerpt: "^"}
	byHand.Conditions.Count = &ConditionCount{About: "persons", Exact: true}
	pages := map[string]any{
		"campaigns 1": Campaigns{Admin: campaignAdmin(), Days: 30, Newest: 3000, States: []Choice{{Value: "live", Name: "Live", On: true}}, Rows: []CampaignRow{
			{ID: "c", Title: "<script>alert(1)</script>", State: "paused", Tone: "bad", PausedBy: "fuse", Class: "Service", Topic: "t", Draft: true, Misfit: "why <b>", Entered: 4},
		}},
		"campaigns 2": Campaigns{Admin: campaignAdmin()},
		"campaigns 3": Campaigns{Admin: campaignAdmin(), State: "live"},
		"campaigns_new 1": CampaignsNew{
			Admin: campaignAdmin(), Text: "</textarea><script>alert(1)", Said: "no", Over: "c", Errors: []CampaignError{{3, 4, "<b>"}, {0, 0, "x"}},
			Books: []CampaignBook{{Name: "a", Title: "A", Steps: 3, Missing: []FlowRemark{{Text: "m"}}, Owner: "nobody"}, {Name: "b", Taken: "live", Owner: "Klaviyo"}},
		},
		"campaigns_one 1": CampaignPage{
			Admin: campaignAdmin(), ID: "c", Title: "A", Goal: "G", State: "live", Tone: "good", PausedBy: "fuse", Version: 3, LiveAt: at, Draft: true, Acts: []string{"live", "resume", "pause", "rehearse", "archive"},
			Misfit: "m", Newest: 3000, Rehearsal: true, Start: FlowCard{ID: "start", Icon: "play"}, Cards: flow, Gone: flow[:1], Older: []CampaignWaiting{{Version: 1, Count: 2, Step: "ask", Moves: true}, {Version: 1, Count: 3}, {Step: "x", Passed: true}}, Moves: 2,
			Ended: []FlowShare{{Reason: "complete", Count: 3, Share: "100%"}}, KeptOut: []FlowShare{{Reason: "historic", Count: 1}}, NameWrong: "no",
			Splits: []CampaignSplit{{Step: "s", Goal: "orders", Within: "2 days", Sample: 50, Arms: []CampaignArm{{"a", 4, 2, "50%", "10%", "90%"}}}, {Step: "s", Enough: true, Chart: &Chart{ID: "split-s", Kind: "ranges", Title: "<script>alert(1)</script>", Level: "h3", Said: []ChartSaid{{"a", "/x"}, {"b", ""}}, Series: []ChartSeries{{Name: "<b>"}, {Name: "limit", Limit: true}}, Rows: []ChartRow{{Label: "<i>", Cells: []ChartCell{{"1.5", "2", "1", "3"}, {}}}}, At: at, Anew: true, More: []Choice{{Value: "/x", Name: "28", On: true}}}}},
		},
		"campaigns_versions 1": CampaignVersions{
			Admin: campaignAdmin(), ID: "c", Title: "A", From: 1, To: 2, Loads: true, Said: "no", Rows: []CampaignVersion{{2, at, "Sara", "note", true}, {1, at, "", "", false}},
			Diff: []CampaignChange{{Kind: "added", Tone: "good", Name: "Wait", ID: "w", Moved: true, Fields: []CampaignField{{"For", "for", "<b>", "<i>"}}}, {Kind: "removed"}, {Kind: "changed"}, {Kind: "moved"}},
		},
		"campaigns_versions 2": CampaignVersions{Admin: campaignAdmin(), ID: "c", Loads: true},
		"campaigns_versions 3": CampaignVersions{Admin: campaignAdmin(), ID: "c"},
		"campaigns_live 1": CampaignLive{
			Admin: campaignAdmin(), ID: "c", Title: "A", State: "draft", Mode: "once", Code: "a > 1", Past: true, Inside: 3, Older: []CampaignWaiting{{Version: 1, Count: 1}}, Refusals: []FlowRemark{{Text: "r"}}, Hints: []FlowRemark{{Text: "h"}},
			Owner: "Klaviyo", Job: "reviews", Rivals: []Choice{{Value: "d", Name: "D"}}, Force: true, Why: `"><b>`, Wrong: "no",
			Replay: &Replay{Days: 60, Would: 214, None: 31, Later: 3, Why: []FlowShare{{Reason: "no_consent", Count: 31}}, Older: true, At: at},
		},
		"campaigns_live 2": CampaignLive{Admin: campaignAdmin(), ID: "c", State: "paused", Mode: "per_order", Free: true, Unconfirmed: true, Condition: "A", Owner: "nobody", Replay: &Replay{Days: 60, Working: true}},
		"campaigns_live 3": CampaignLive{Admin: campaignAdmin(), ID: "c", State: "live", Mode: "every_time", Replay: &Replay{Days: 60, Failed: "no"}},
		"editor 1":         fullEditor(), "editor 2": picker, "editor 3": head, "editor 4": byHand,
	}
	for _, lang := range languages {
		for name, data := range pages {
			page, _, _ := strings.Cut(name, " ")
			got := adminPage(t, page, lang, data)
			require.Empty(t, unsaid.FindAllString(got, -1), "%s in %s: a string is missing", name, lang)
			require.NotRegexp(t, `<[^>]+\s(style|on[a-z]+)=`, got, name)
			require.NotContains(t, got, "<script>alert", name)
			require.NotContains(t, got, `""`+`>`+"<script>", name)
			require.NotContains(t, got, "</textarea><script>", name)
		}
	}
}

// What was done to a draft has words for each act.
func TestEveryChangeOfADraftHasWords(t *testing.T) {
	for _, did := range []string{"add", "remove", "up", "down", "in", "out", "move", "duplicate", "set", "start", "head", "condition", "undo", "redo", "discard"} {
		require.True(t, Known("editor_did_"+did), did)
	}
}

func TestTimesInWords(t *testing.T) {
	for want, d := range map[string]time.Duration{"14 days": 336 * time.Hour, "one day": 24 * time.Hour, "36 hours": 36 * time.Hour, "90 minutes": 90 * time.Minute, "one minute": time.Minute, "90 seconds": 90 * time.Second} {
		require.Equal(t, want, Span("en", "", d))
	}
	require.Equal(t, "يومين", Span("ar", "AE", 48*time.Hour))
	require.Equal(t, "۳ روز", Span("fa", "IR", 72*time.Hour))
}
