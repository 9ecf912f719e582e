package server

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/templates"
)

// written is one message of a campaign.
type written struct {
	in   campaign.Campaign
	step *campaign.Step
}

// key is its place in the list.
func (w written) key() string { return string(w.in.ID) + " " + w.step.ID }

// langs are the languages it stands in.
func (w written) langs() (out []string) {
	for _, tag := range slices.Concat(slices.Collect(maps.Keys(w.step.Email)), slices.Collect(maps.Keys(w.step.Note))) {
		if !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	slices.Sort(out)
	return out
}

// showMessages lists what the campaigns of a shop write.
func (s *Server) showMessages(c echo.Context, v visit) error {
	all, err := s.Store.ListCampaigns(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	page, words := s.frameFor(c, v, "messages"), speakerOf(v)
	p := pagerOf(c, page, "/messages", "q", "state")
	rows := words.messages(all, campaign.State(p.asked.Get("state")), commerce.SearchWords(p.asked.Get("q")))
	at := slices.IndexFunc(rows, func(w written) bool { return w.key() == p.after }) + 1
	next := ""
	if rows = rows[at:]; len(rows) > listRows {
		rows = rows[:listRows]
		next = rows[listRows-1].key()
	}
	l := p.list("blocks_list", next, column("blocks_message"), column("blocks_campaign"), column("campaigns_state"), column("blocks_languages"), column("blocks_kind"))
	l.CSV = ""
	var states []templates.Choice
	for _, state := range campaignStates {
		states = append(states, templates.Choice{Value: string(state), Name: words.say("campaign_" + string(state))})
	}
	l.Filters = []templates.Filter{{Name: "q", Key: "blocks_search", Value: p.asked.Get("q")}, p.choose(v.lang, "state", "campaigns_state", states...)}
	if v.Who.Role.Allows(commerce.RoleBuilder) {
		l.Empty = page.Link("/campaigns/new")
	}
	for _, w := range rows {
		l.Rows = append(l.Rows, s.messageRow(v, page, w))
	}
	return s.listPage(c, v, page, l)
}

// messages are those that are looked for; archived campaigns only by their state.
func (s speaker) messages(all []campaign.Campaign, state campaign.State, words []string) (out []written) {
	slices.SortStableFunc(all, func(a, b campaign.Campaign) int {
		return cmp.Or(cmp.Compare(slices.Index(campaignStates, a.State), slices.Index(campaignStates, b.State)), cmp.Compare(a.ID, b.ID))
	})
	for _, one := range all {
		if state == "" && one.State == campaign.Archived || state != "" && state != one.State {
			continue
		}
		for step := range one.AllSteps() {
			if step.Kind != campaign.SendEmail && step.Kind != campaign.NotifyTeam && step.Kind != campaign.CallTask {
				continue
			}
			if w := (written{one, step}); s.matches(w, words) {
				out = append(out, w)
			}
		}
	}
	return out
}

// matches reports whether each word begins one of a message's.
func (s speaker) matches(w written, words []string) bool {
	hay := commerce.SearchWords(strings.Join([]string{s.of(w.in.Title), string(w.in.ID), w.step.ID, s.writes(w.step)}, " "))
	for _, word := range words {
		if !slices.ContainsFunc(hay, func(h string) bool { return strings.HasPrefix(h, word) }) {
			return false
		}
	}
	return true
}

func (s *Server) messageRow(v visit, page templates.Admin, w written) templates.Row {
	words := speakerOf(v)
	kind := "blocks_kind_" + string(w.step.Kind)
	for _, e := range w.step.Email {
		if len(e.Blocks) > 0 {
			kind = "blocks_kind_blocks"
		}
	}
	var names, lacks []string
	for _, tag := range w.langs() {
		names = append(names, templates.Isolated(words.language(tag)))
	}
	if w.step.Kind == campaign.SendEmail {
		for _, tag := range lacking(w.langs(), shopLanguages(v)) {
			lacks = append(lacks, templates.Isolated(words.language(tag)))
		}
	}
	langs := templates.Cell{Text: strings.Join(names, words.say("condition_join_list"))}
	if len(lacks) > 0 {
		langs.Sub = words.say("blocks_lacks", "Languages", strings.Join(lacks, words.say("condition_join_list")))
	}
	return templates.Row{ID: w.key(), Cells: []templates.Cell{
		{Text: cmp.Or(inShort(words.writes(w.step)), words.say("blocks_no_subject")), Href: page.Link(opensAt(v, w)), Sub: w.step.ID},
		{Text: cmp.Or(words.of(w.in.Title), string(w.in.ID)), Href: page.Link(campaignPath(w.in.ID, ""))},
		{Text: words.say("campaign_" + string(w.in.State)), Tone: stateTone[w.in.State]},
		langs,
		{Text: words.say(kind)},
	}}
}

// outputs are what is filled in when a mail is made.
var outputs = regexp.MustCompile(`\s*(\{\{.*?\}\}|\{%.*?%\})\s*`)

// inShort is a subject to be read in a list: what is filled in later is left open.
func inShort(subject string) string {
	return templates.Clean(outputs.ReplaceAllString(subject, " … "), 200)
}

// opensAt is where a message opens: where it is written for who may, else where it is seen.
func opensAt(v visit, w written) string {
	builds := v.Who.Role.Allows(commerce.RoleBuilder)
	switch {
	case builds && w.step.Kind == campaign.SendEmail:
		return messagePath(w.in.ID, w.step.ID) + writePath
	case builds:
		return flowPath(w.in.ID, w.step.ID)
	case w.step.Kind == campaign.CallTask: // which is a script, and no message that arrives
		return campaignPath(w.in.ID, "")
	}
	return messagePath(w.in.ID, w.step.ID)
}

// lacking are languages that are wanted and not there.
func lacking(has, wanted []string) (out []string) {
	for _, tag := range wanted {
		if !slices.ContainsFunc(has, func(h string) bool { return templates.Base(h) == templates.Base(tag) }) {
			out = append(out, tag)
		}
	}
	return out
}
