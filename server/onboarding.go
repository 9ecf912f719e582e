package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

// setupSteps are the questions of setting up, in order. Each may be passed by
// and taken up again; nothing of it needs DNS.
var setupSteps = []string{"mail", "who", "thanks", "review", "first"}

// setupCampaigns are those that a step lets go live.
var setupCampaigns = map[string]campaign.CampaignID{"thanks": "thank_you", "review": "review_request"}

// showSetup leads to the first question that is open.
func (s *Server) showSetup(c echo.Context, v visit) error {
	states, err := s.Store.Setup(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, s.frameOf(c, v).Link(setupPath(nextStep(states, ""))))
}

// nextStep is the first open question behind one; the last where none is open.
func nextStep(states map[string]store.SetupState, after string) string {
	for _, step := range setupSteps[slices.Index(setupSteps, after)+1:] {
		if states[step] == "" {
			return step
		}
	}
	return setupSteps[len(setupSteps)-1]
}

func setupPath(step string) string { return "/setup/" + step }

// showSetupStep asks one question.
func (s *Server) showSetupStep(c echo.Context, v visit) error {
	return s.setupPage(c, v, http.StatusOK, templates.Refusal{}, nil)
}

func (s *Server) setupPage(c echo.Context, v visit, code int, wrong templates.Refusal, typed []templates.SetupJob) error {
	ctx, step := c.Request().Context(), c.Param("step")
	if !slices.Contains(setupSteps, step) {
		return fault.New(fault.NotFound, "there is no such step")
	}
	states, err := s.Store.Setup(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	page := templates.SetupPage{Admin: s.frameOf(c, v), Step: step, Wrong: wrong, Jobs: typed, Past: states["first"] == store.SetupDone}
	page.Here = "home"
	for _, name := range setupSteps {
		page.Steps = append(page.Steps, templates.SetupStep{Name: name, State: string(states[name]), Now: name == step})
	}
	fill := map[string]func(context.Context, visit, *templates.SetupPage) error{"mail": s.fillSetupMail, "who": s.fillSetupJobs, "first": s.fillSetupFirst}[step]
	if fill == nil {
		fill = s.fillSetupCampaign
	}
	if err := fill(ctx, v, &page); err != nil {
		return err
	}
	return s.adminPage(c, code, "setup", v.lang, page)
}

// saveSetupStep takes the answer to one question and goes on to the next.
func (s *Server) saveSetupStep(c echo.Context, v visit) error {
	ctx, step := c.Request().Context(), c.Param("step")
	if !slices.Contains(setupSteps, step) {
		return fault.New(fault.NotFound, "there is no such step")
	}
	state, err := store.SetupDone, error(nil)
	switch do := c.FormValue("do"); {
	case do == "skip":
		state = store.SetupSkipped
	case do == "ask":
		if err := s.askReplay(ctx, v, setupCampaigns[step]); err != nil {
			return err
		}
		return s.done(c, v, setupPath(step), "setup_asked")
	case step == "mail":
		_, err = s.sendOwn(ctx, v)
	case step == "who":
		err = s.saveJobs(c, v)
	case setupCampaigns[step] != "" && !v.Who.Role.Allows(commerce.RolePublisher):
		return errNeeds(v, commerce.RolePublisher)
	case setupCampaigns[step] != "":
		err = s.setupLive(ctx, v, setupCampaigns[step])
	}
	if wrong, ok := refusalOf(err, v.lang); ok {
		wrong.Form = step
		return s.setupPage(c, v, http.StatusUnprocessableEntity, wrong, jobsOf(c))
	}
	if err != nil {
		return err
	}
	if err := s.Store.SaveSetup(ctx, v.Shop.ID, step, state); err != nil {
		return err
	}
	if step == "first" {
		return s.done(c, v, "", "setup_over")
	}
	states, err := s.Store.Setup(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	said := "setup_" + step
	if state == store.SetupSkipped {
		said = "setup_skipped"
	}
	return s.done(c, v, setupPath(nextStep(states, step)), said)
}

// sendOwn sends the shop's own thank-you to whoever is setting up.
func (s *Server) sendOwn(ctx context.Context, v visit) (bool, error) {
	sample, err := s.byItsSender(ctx, v.Shop, manage.Sample{Campaign: "thank_you"})
	if err != nil {
		return false, err
	}
	return s.desk().SendTrial(ctx, v.Shop.ID, sample, "")
}

// setupLive lets a campaign go live; one that is live already stays.
func (s *Server) setupLive(ctx context.Context, v visit, id campaign.CampaignID) error {
	desk := s.desk()
	present, err := desk.Campaign(ctx, v.Shop.ID, id)
	if err != nil || present.State == campaign.Live {
		return err
	}
	return desk.GoLive(ctx, v.Shop.ID, id, false)
}

// fillSetupMail says what mail is offered, and where it would go.
func (s *Server) fillSetupMail(ctx context.Context, v visit, page *templates.SetupPage) error {
	last, err := s.Store.LastOrders(ctx, v.Shop.ID, 1)
	if err != nil {
		return err
	}
	page.MadeUp = len(last) == 0
	page.Preview = page.Link("/messages/thank_you")
	page.To = teamOf(v.Shop)
	home := templates.Home{}
	err = s.fillBackfill(ctx, v, &home)
	page.Backfill = home.Backfill
	return err
}

// fillSetupFirst says what is live, and which order came first since.
func (s *Server) fillSetupFirst(ctx context.Context, v visit, page *templates.SetupPage) error {
	all, err := s.Store.ListCampaigns(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	since := commerce.Instant(0)
	for _, c := range all {
		if c.State == campaign.Live {
			page.Live = append(page.Live, inLanguage(c.Title, v.lang))
			if since == 0 || c.LiveAt < since {
				since = c.LiveAt
			}
		}
	}
	if since == 0 {
		return nil
	}
	last, err := s.Store.LastMessages(ctx, v.Shop.ID, homeMessages)
	if err != nil || len(last) == 0 {
		return err
	}
	first := last[len(last)-1]
	people, err := s.Store.Persons(ctx, v.Shop.ID, []commerce.PersonID{first.Person})
	if err != nil {
		return err
	}
	names, err := s.Store.OrderNames(ctx, v.Shop.ID, []commerce.OrderID{first.Order})
	if err != nil {
		return err
	}
	page.First = &templates.SetupFirst{At: first.At.Time(), Name: names[first.Order], Who: called(people[first.Person])}
	if _, there := s.opens["/customers/:person"]; there {
		page.First.Href = page.Link("/customers/" + url.PathEscape(string(first.Person)))
	}
	return nil
}

// fillSetup names the next open question of setting up, for the home.
func (s *Server) fillSetup(ctx context.Context, v visit, h *templates.Home) error {
	states, err := s.Store.Setup(ctx, v.Shop.ID)
	if err != nil || states["first"] == store.SetupDone {
		return err
	}
	h.Setup = nextStep(states, "")
	return nil
}

// fillSetupCampaign shows what a campaign would have done, and whether it may go live.
func (s *Server) fillSetupCampaign(ctx context.Context, v visit, page *templates.SetupPage) error {
	id := setupCampaigns[page.Step]
	present, err := s.desk().Campaign(ctx, v.Shop.ID, id)
	if fault.Is(err, fault.NotFound) {
		page.State = "missing"
		return nil
	}
	if err != nil {
		return err
	}
	page.Campaign, page.Title, page.Goal, page.State = string(id), inLanguage(present.Title, v.lang), inLanguage(present.Goal, v.lang), string(present.State)
	page.Preview = page.Link("/messages/" + string(id))
	page.Replay, err = s.replayOf(ctx, v, present)
	return err
}
