package server

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/templates"
)

// showLive says who is affected by going live, before anybody presses it.
func (s *Server) showLive(c echo.Context, v visit) error {
	return s.livePage(c, v, http.StatusOK, "", nil)
}

func (s *Server) livePage(c echo.Context, v visit, code int, why string, wrong error) error {
	ctx, words := c.Request().Context(), speakerOf(v)
	a, err := s.desk().Affects(ctx, v.Shop.ID, campaign.CampaignID(c.Param("campaign")))
	if err != nil {
		return err
	}
	one := a.Campaign
	page := templates.CampaignLive{
		Admin: s.frameHere(c, v), ID: string(one.ID), Title: cmp.Or(words.of(one.Title), string(one.ID)), State: string(one.State), Trigger: words.trigger(one.Trigger.Kind),
		Says: words.triggers(one.Definition), Mode: string(entryMode(one.Definition)), Past: a.Past, Unconfirmed: a.Unconfirmed, Inside: a.Inside, More: a.More,
		Owner: string(a.Owner), Job: words.job(one.Job), Free: a.May, Force: a.Force, Why: why,
	}
	if _, ok := rowsOf(one.Condition, one.Rows); ok {
		page.Condition = words.condition(one.Condition, one.Rows)
	} else {
		page.Code = one.Condition
	}
	for _, w := range a.Older {
		page.Older = append(page.Older, waitingOf(w))
	}
	for _, r := range a.Remarks {
		if r.Level == manage.Hint {
			page.Hints = append(page.Hints, words.remark(r))
		} else {
			page.Refusals = append(page.Refusals, words.remark(r))
		}
	}
	for _, r := range a.Rivals {
		page.Rivals = append(page.Rivals, templates.Choice{Value: string(r.ID), Name: cmp.Or(words.of(r.Title), string(r.ID))})
	}
	if wrong != nil {
		page.Wrong = words.refusal(wrong)
	}
	if page.Replay, err = s.replayOf(ctx, v, one); err != nil {
		return err
	}
	return s.adminPage(c, code, "campaigns_live", v.lang, page)
}

// askCampaignReplay has it worked out who would have got a campaign in the last days.
func (s *Server) askCampaignReplay(c echo.Context, v visit) error {
	id := campaign.CampaignID(c.Param("campaign"))
	if err := s.askReplay(c.Request().Context(), v, id); err != nil {
		return err
	}
	return s.done(c, v, campaignPath(id, "/live"), "campaign_asked")
}

// startCampaign goes live, or lets a paused campaign go on. What refuses it
// stands on the page that says who is affected.
func (s *Server) startCampaign(c echo.Context, v visit) error {
	if fromHome(c) {
		return s.goLive(c, v)
	}
	return s.startIt(c, v)
}

// resumeCampaign lets a paused campaign go on.
func (s *Server) resumeCampaign(c echo.Context, v visit) error {
	if fromHome(c) {
		return s.resumeOne(c, v)
	}
	return s.startIt(c, v)
}

func (s *Server) startIt(c echo.Context, v visit) error {
	id, why := campaign.CampaignID(c.Param("campaign")), templates.Clean(c.FormValue("why"), 200)
	err := s.desk().Start(c.Request().Context(), v.Shop.ID, id, c.FormValue("force") == "yes", why)
	switch {
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.Conflict):
		return s.livePage(c, v, statusUnprocessable, why, err)
	case err != nil:
		return err
	}
	s.Log.Info("campaign live", "shop", v.Shop.ID, "campaign", id, "user", v.Who.Name, "why", why)
	said := "campaign_live"
	if strings.HasSuffix(c.Path(), "/resume") {
		said = "campaign_resumed"
	}
	return s.done(c, v, campaignPath(id, ""), said)
}
