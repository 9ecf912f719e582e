package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

func (s *Server) desk() manage.Desk { return manage.Desk{Store: s.Store} }

// note says who saves a version.
func noteOf(c echo.Context, v visit) manage.Note {
	return manage.Note{By: v.Who.Name, Why: templates.Clean(c.FormValue("why"), 200)}
}

// campaignPath is the path of a campaign's pages below the shop's.
func campaignPath(id campaign.CampaignID, more string) string {
	return "/campaigns/" + url.PathEscape(string(id)) + more
}

// frameHere is the frame of a page that belongs to the campaigns.
func (s *Server) frameHere(c echo.Context, v visit) templates.Admin {
	a := s.frameOf(c, v)
	a.Here = "campaigns"
	return a
}

// states are those of a campaign, what reaches customers first.
var campaignStates = []campaign.State{campaign.Live, campaign.Paused, campaign.Rehearsal, campaign.Draft, campaign.Archived}

// showCampaigns lists the shop's campaigns.
func (s *Server) showCampaigns(c echo.Context, v visit) error {
	ctx, words := c.Request().Context(), speakerOf(v)
	all, err := s.Store.ListCampaigns(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	pulses, newest, at, err := s.pulses(ctx, v)
	if err != nil {
		return err
	}
	drafts, err := s.Store.Drafts(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	misfits, err := s.desk().Misfits(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	page := templates.Campaigns{Admin: s.frameHere(c, v), State: c.QueryParam("state"), Days: store.PulseDays, Newest: newest, At: moment(at)}
	for _, state := range campaignStates {
		if slices.ContainsFunc(all, func(one campaign.Campaign) bool { return one.State == state }) {
			page.States = append(page.States, templates.Choice{Value: string(state), Name: words.say("campaign_" + string(state)), On: page.State == string(state)})
		}
	}
	slices.SortStableFunc(all, func(a, b campaign.Campaign) int {
		return cmp.Or(cmp.Compare(slices.Index(campaignStates, a.State), slices.Index(campaignStates, b.State)), cmp.Compare(b.Priority, a.Priority))
	})
	for _, one := range all {
		if page.State == "" && one.State == campaign.Archived || page.State != "" && page.State != string(one.State) {
			continue
		}
		row := words.campaignRow(one, pulses[one.ID])
		row.Draft = drafts[one.ID]
		for _, m := range misfits {
			if m.Campaign == one.ID {
				row.Misfit = m.Why
			}
		}
		page.Rows = append(page.Rows, row)
	}
	return s.adminPage(c, http.StatusOK, "campaigns", v.lang, page)
}

// pulses are the figures of the list. Of a shop with very much they are as a
// worker has counted them, which says when; until one has, of the newest alone.
func (s *Server) pulses(ctx context.Context, v visit) (out map[campaign.CampaignID]store.Pulse, newest int64, at commerce.Instant, err error) {
	out, many, err := s.Store.Pulses(ctx, v.Shop.ID)
	if err != nil || !many {
		return out, 0, 0, err
	}
	d, err := s.days(ctx, v, "", store.PulseDays)
	if err != nil || len(d.known) < store.PulseDays {
		return out, store.PulseRows, 0, err
	}
	counted, err := s.Store.CountedPulses(ctx, v.Shop.ID, d.from, d.until)
	for id, p := range out {
		c := counted[id]
		c.Active = p.Active
		counted[id] = c
	}
	return counted, 0, d.at, err
}

func (s speaker) campaignRow(c campaign.Campaign, p store.Pulse) templates.CampaignRow {
	return templates.CampaignRow{
		ID: string(c.ID), Title: cmp.Or(s.of(c.Title), string(c.ID)), Goal: s.of(c.Goal), State: string(c.State), Tone: stateTone[c.State], PausedBy: pausedBy(c),
		Class: s.say("campaigns_class_" + string(c.Class)), Topic: s.topic(c.Topic), Trigger: s.trigger(c.Trigger.Kind),
		Entered: p.Entered, Active: min(p.Active, store.WaitingMost), ActiveMore: p.Active > store.WaitingMost, Sent: p.Sent, Held: p.Held,
	}
}

// showCampaign is how one campaign goes.
func (s *Server) showCampaign(c echo.Context, v visit) error {
	return s.campaignPage(c, v, http.StatusOK, "", "")
}

// campaignPage shows one campaign; name is another title that was not taken, and wrong says why.
func (s *Server) campaignPage(c echo.Context, v visit, code int, name, wrong string) error {
	ctx, words, desk := c.Request().Context(), speakerOf(v), s.desk()
	one, err := desk.Campaign(ctx, v.Shop.ID, campaign.CampaignID(c.Param("campaign")))
	if err != nil {
		return err
	}
	page := templates.CampaignPage{
		Admin: s.frameHere(c, v), ID: string(one.ID), Title: cmp.Or(words.of(one.Title), string(one.ID)), Goal: words.of(one.Goal), State: string(one.State),
		Tone: stateTone[one.State], PausedBy: pausedBy(one), Version: int64(one.Version), Acts: actsOn(one, v.Who.Role), NameWrong: wrong,
	}
	if page.Name = cmp.Or(name, page.Title); one.LiveAt != 0 && one.State == campaign.Live {
		page.LiveAt = one.LiveAt.Time()
	}
	draft, err := s.Store.Draft(ctx, v.Shop.ID, one.ID)
	if err != nil {
		return err
	}
	page.Draft = draft.Lock != 0
	if page.Days, err = s.campaignDays(ctx, v, page.Admin, one.ID, c.QueryParam("days") == strconv.Itoa(daysFar)); err != nil {
		return err
	}
	for _, fill := range []func(echo.Context, visit, campaign.Campaign, *templates.CampaignPage) error{s.fillFlow, s.fillOlder, s.fillSplits} {
		if err := fill(c, v, one, &page); err != nil {
			return err
		}
	}
	return s.adminPage(c, code, "campaigns_one", v.lang, page)
}

// actsOn are what may be done to a campaign by somebody, what is meant to come next first.
func actsOn(c campaign.Campaign, role commerce.Role) (out []string) {
	acts := map[campaign.State][]string{
		campaign.Draft: {"live", "rehearse", "archive"}, campaign.Rehearsal: {"live", "pause", "archive"},
		campaign.Live: {"pause"}, campaign.Paused: {"resume", "archive"}, campaign.Archived: {"live"},
	}
	for _, act := range acts[c.State] {
		needs := commerce.RolePublisher
		if act == "rehearse" {
			needs = commerce.RoleBuilder
		}
		if role.Allows(needs) {
			out = append(out, act)
		}
	}
	return out
}

// fillFlow draws the flow with its figures and the linter's findings.
func (s *Server) fillFlow(c echo.Context, v visit, one campaign.Campaign, page *templates.CampaignPage) error {
	ctx, desk := c.Request().Context(), s.desk()
	figures, err := desk.FiguresNow(ctx, v.Shop.ID, one.ID)
	if err != nil {
		return err
	}
	remarks, err := desk.Inspect(ctx, v.Shop, one.Definition)
	if err != nil {
		return err
	}
	draw := speakerOf(v).cards(one.ID, remarks)
	draw.count(figures.Steps)
	page.Start, page.Cards, page.Loose = draw.start(one.Definition), draw.list(one.Steps, false), draw.loose()
	page.Rehearsal, page.Entered, page.Active = figures.Rehearsal, figures.Entered, figures.Active
	if figures.Newest {
		page.Newest = store.WalksCounted
	}
	page.Ended, page.KeptOut = draw.shares(figures.Ended), draw.shares(figures.KeptOut)
	for _, f := range figures.Steps {
		page.Sent, page.Held = page.Sent+f.Sent, page.Held+f.Held
		if manage.Step(&one.Definition, f.Step) == nil {
			page.Gone = append(page.Gone, templates.FlowCard{ID: f.Step, Name: f.Step, Figures: draw.figures[f.Step]})
		}
	}
	if one.State != campaign.Live {
		return nil
	}
	misfits, err := desk.Misfits(ctx, v.Shop.ID)
	for _, m := range misfits {
		if m.Campaign == one.ID {
			page.Misfit = m.Why
		}
	}
	return err
}

// fillOlder says who is in older versions.
func (s *Server) fillOlder(c echo.Context, v visit, one campaign.Campaign, page *templates.CampaignPage) error {
	_, waiting, err := s.desk().PreviewNow(c.Request().Context(), v.Shop.ID, one.ID)
	for _, w := range waiting {
		if w.Version == one.Version {
			continue
		}
		if w.Moves {
			page.Moves, page.MovesMore = page.Moves+w.Count, page.MovesMore || w.More
		}
		page.Older = append(page.Older, waitingOf(w))
	}
	return err
}

func waitingOf(w manage.Waiting) templates.CampaignWaiting {
	return templates.CampaignWaiting{Version: int64(w.Version), Count: w.Count, More: w.More, Step: w.Step, Passed: w.Passed, Moves: w.Moves}
}

// fillSplits reads the campaign's splits, where it has any.
func (s *Server) fillSplits(c echo.Context, v visit, one campaign.Campaign, page *templates.CampaignPage) error {
	words, has := speakerOf(v), false
	for step := range one.AllSteps() {
		has = has || step.Kind == campaign.Split
	}
	if !has {
		return nil
	}
	splits, err := s.desk().Splits(c.Request().Context(), v.Shop.ID, one.ID)
	for _, sp := range splits {
		out := templates.CampaignSplit{Step: sp.Step, Goal: words.goal(sp.Goal), Sample: int64(sp.Sample), Enough: sp.Enough}
		if step := manage.Step(&one.Definition, sp.Step); step != nil && step.Within > 0 {
			out.Within = words.span(step.Within)
		}
		for _, a := range sp.Arms {
			arm := templates.CampaignArm{Name: a.Name, Entered: a.Entered, Converted: a.Converted}
			if a.Entered > 0 {
				arm.Share, arm.Low, arm.High = words.percent(float64(a.Converted)/float64(a.Entered)), words.percent(a.Low), words.percent(a.High)
			}
			out.Arms = append(out.Arms, arm)
		}
		if sp.Enough {
			out.Chart = words.splitChart(sp)
		}
		page.Splits = append(page.Splits, out)
	}
	return err
}

// saveCampaignFile hands a version out as the file that can be read again.
func (s *Server) saveCampaignFile(c echo.Context, v visit) error {
	ctx := c.Request().Context()
	one, err := s.desk().Campaign(ctx, v.Shop.ID, campaign.CampaignID(c.Param("campaign")))
	if err != nil {
		return err
	}
	d := one.Definition
	if n := numberOf(c.QueryParam("version")); n > 0 {
		if d, err = s.Store.CampaignVersion(ctx, v.Shop.ID, one.ID, n); err != nil {
			return err
		}
	}
	text, err := manage.WriteDefinition(d)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="`+strings.Trim(string(one.ID), `"\`)+`.yaml"`)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "application/yaml; charset=utf-8", []byte(text))
}
