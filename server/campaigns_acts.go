package server

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/templates"
)

// numberOf reads a number in any digits; 0 where it is none.
func numberOf(text string) int {
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(templates.Western(text)), ",", ""))
	if err != nil {
		return 0
	}
	return n
}

// fromHome reports whether a form stands on the home, which has them go back there.
func fromHome(c echo.Context) bool { return c.FormValue("back") != "campaign" }

// pauseCampaign holds one campaign, resumeCampaign lets it go on.
func (s *Server) pauseCampaign(c echo.Context, v visit) error {
	if fromHome(c) {
		return s.pauseOne(c, v)
	}
	id := campaign.CampaignID(c.Param("campaign"))
	if err := s.desk().Pause(c.Request().Context(), v.Shop.ID, id); err != nil {
		return err
	}
	return s.done(c, v, campaignPath(id, ""), "campaign_paused")
}

// rehearseCampaign plays one to the team.
func (s *Server) rehearseCampaign(c echo.Context, v visit) error {
	id := campaign.CampaignID(c.Param("campaign"))
	if err := s.desk().Rehearse(c.Request().Context(), v.Shop.ID, id); err != nil {
		return err
	}
	return s.done(c, v, campaignPath(id, ""), "campaign_rehearsed")
}

// archiveCampaign puts one away.
func (s *Server) archiveCampaign(c echo.Context, v visit) error {
	id := campaign.CampaignID(c.Param("campaign"))
	if err := s.desk().Archive(c.Request().Context(), v.Shop.ID, id); err != nil {
		return err
	}
	return s.done(c, v, "/campaigns", "campaign_archived")
}

// moveCampaign gives those the present version who can go on in it.
func (s *Server) moveCampaign(c echo.Context, v visit) error {
	id := campaign.CampaignID(c.Param("campaign"))
	moved, err := s.desk().Move(c.Request().Context(), v.Shop.ID, id)
	if err != nil {
		return err
	}
	return s.done(c, v, campaignPath(id, ""), "campaign_moved", moved.Moved)
}

// renameCampaign gives one another title in the reader's language.
func (s *Server) renameCampaign(c echo.Context, v visit) error {
	id, words := campaign.CampaignID(c.Param("campaign")), speakerOf(v)
	title := templates.Clean(c.FormValue("title"), maxTitle)
	if title == "" {
		return s.campaignPage(c, v, statusUnprocessable, c.FormValue("title"), words.say("campaigns_title_missing"))
	}
	ctx := c.Request().Context()
	if err := s.mayReach(c, v, id); err != nil {
		return err
	}
	if _, err := s.desk().Rename(ctx, v.Shop.ID, id, words.lang, title, noteOf(c, v)); err != nil {
		if fault.Is(err, fault.Invalid) {
			return s.campaignPage(c, v, statusUnprocessable, title, words.refusal(err))
		}
		return err
	}
	return s.done(c, v, campaignPath(id, ""), "campaign_renamed")
}

// mayReach refuses a new version of a live campaign to who may not reach
// customers: it counts for whoever enters from then on.
func (s *Server) mayReach(c echo.Context, v visit, id campaign.CampaignID) error {
	one, err := s.desk().Campaign(c.Request().Context(), v.Shop.ID, id)
	if err != nil {
		return err
	}
	if one.State == campaign.Live && !v.Who.Role.Allows(publisherRole) {
		return fault.New(fault.Forbidden, "%s is live: a new version reaches customers, which needs the role publisher. Ask somebody who has it to save yours", id)
	}
	return nil
}
