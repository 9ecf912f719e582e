package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

const (
	homeMessages  = 50
	homeCampaigns = 20
)

// showHome is what a merchant opens: what is so, what to do, what happened last.
func (s *Server) showHome(c echo.Context, v visit) error { return s.home(c, v, false) }

// showNow is the main part of the home anew, for a page that is up.
func (s *Server) showNow(c echo.Context, v visit) error { return s.home(c, v, true) }

func (s *Server) home(c echo.Context, v visit, part bool) error {
	ctx := c.Request().Context()
	shop, err := s.Store.Shop(ctx, v.Shop.ID) // what a button did is to be seen
	if err != nil {
		return err
	}
	v.Shop = shop
	h := templates.Home{
		Admin: s.frameOf(c, v), Support: s.Support,
	}
	h.Part, h.Here = part, "home"
	for _, fill := range []func(context.Context, visit, *templates.Home) error{s.fillSetup, s.fillWheel, s.fillDays, s.fillCampaigns, s.fillMessages, s.fillState} {
		if err := fill(ctx, v, &h); err != nil {
			return err
		}
	}
	return s.adminPage(c, http.StatusOK, "home", v.lang, h)
}

// fillCampaigns lists the shop's campaigns with what may be done to each.
func (s *Server) fillCampaigns(ctx context.Context, v visit, h *templates.Home) error {
	all, err := s.Store.ListCampaigns(ctx, v.Shop.ID)
	drafts, live := 0, 0
	for _, c := range all {
		if c.State == campaign.Archived || len(h.More) == homeCampaigns {
			continue
		}
		list := &h.More
		if slices.Contains(templates.DefaultPlaybooks(), string(c.ID)) {
			list = &h.Campaigns
		}
		*list = append(*list, templates.HomeCampaign{
			ID: string(c.ID), Title: inLanguage(c.Title, v.lang), Goal: inLanguage(c.Goal, v.lang), State: string(c.State),
			Messages: h.Link("/messages/" + url.PathEscape(string(c.ID))), PausedBy: pausedBy(c), Act: map[campaign.State]string{
				campaign.Draft: "live", campaign.Rehearsal: "live", campaign.Live: "pause", campaign.Paused: "resume",
			}[c.State],
		})
		switch c.State {
		case campaign.Draft:
			drafts++
		case campaign.Live:
			live++
		}
	}
	slices.SortFunc(h.Campaigns, func(a, b templates.HomeCampaign) int { return first(a.ID) - first(b.ID) })
	if drafts > 0 && live == 0 {
		h.Needs = append(h.Needs, templates.HomeNeed{Key: "drafts"})
	}
	return err
}

// first is the place of a campaign among those that every shop begins with.
func first(id string) int { return slices.Index(templates.DefaultPlaybooks(), id) }

// pausedBy is the reason a campaign gives for having paused itself.
func pausedBy(c campaign.Campaign) string {
	if c.State == campaign.Paused && c.PausedReason != "" {
		return string(gate.Fuse)
	}
	return ""
}

func inLanguage(texts campaign.Texts, lang string) string {
	return cmp.Or(texts[templates.Language(lang)], texts["en"])
}

// fillMessages lists what happened last, by name and in words.
func (s *Server) fillMessages(ctx context.Context, v visit, h *templates.Home) error {
	last, err := s.Store.LastMessages(ctx, v.Shop.ID, homeMessages)
	if err != nil {
		return err
	}
	var persons []commerce.PersonID
	var orders []commerce.OrderID
	for _, m := range last {
		persons, orders = append(persons, m.Person), append(orders, m.Order)
	}
	people, err := s.Store.Persons(ctx, v.Shop.ID, persons)
	if err != nil {
		return err
	}
	names, err := s.Store.OrderNames(ctx, v.Shop.ID, orders)
	if err != nil {
		return err
	}
	titles := map[string]string{}
	for _, c := range slices.Concat(h.Campaigns, h.More) {
		titles[c.ID] = c.Title
	}
	for _, m := range last {
		h.Messages = append(h.Messages, templates.HomeMessage{
			At: m.At.Time(), Who: called(people[m.Person]), Order: names[m.Order], Campaign: cmp.Or(titles[string(m.Campaign)], string(m.Campaign)),
			State: m.What, Reason: m.Reason, Until: until(m),
		})
		tally(&h.Counts, m)
	}
	return nil
}

func tally(n *templates.HomeCounts, m store.Message) {
	n.All++
	switch m.What {
	case string(store.Sent):
		n.Sent++
	case string(gate.Skip), string(store.Failed), string(store.Expired):
		n.Not++
	default:
		n.Waiting++
	}
}

// called is how the shop knows a person.
func called(p commerce.Person) string {
	return cmp.Or(strings.TrimSpace(p.FirstName+" "+p.LastName), p.Email)
}

// goLive, pauseOne and resumeOne act on one campaign and go back to the home.
func (s *Server) goLive(c echo.Context, v visit) error {
	return s.act(c, v, "campaign_live", func(ctx context.Context, d manage.Desk, id campaign.CampaignID) error {
		return d.GoLive(ctx, v.Shop.ID, id, false)
	})
}

func (s *Server) pauseOne(c echo.Context, v visit) error {
	return s.act(c, v, "campaign_paused", func(ctx context.Context, d manage.Desk, id campaign.CampaignID) error {
		return d.Pause(ctx, v.Shop.ID, id)
	})
}

func (s *Server) resumeOne(c echo.Context, v visit) error {
	return s.act(c, v, "campaign_resumed", func(ctx context.Context, d manage.Desk, id campaign.CampaignID) error {
		return d.Resume(ctx, v.Shop.ID, id, false)
	})
}

func (s *Server) act(c echo.Context, v visit, said string, do func(context.Context, manage.Desk, campaign.CampaignID) error) error {
	id := campaign.CampaignID(c.Param("campaign"))
	if err := do(c.Request().Context(), s.desk(), id); err != nil {
		return err
	}
	s.Log.Info("campaign changed", "shop", v.Shop.ID, "campaign", id, "path", c.Path(), "user", v.Who.Name)
	return s.done(c, v, "", said)
}

// pauseAll stops every outward act of the shop, resumeAll lets them go on. A
// plan never stands in the way of either.
func (s *Server) pauseAll(c echo.Context, v visit) error {
	return s.setState(c, v, commerce.ShopPaused, "paused")
}

func (s *Server) resumeAll(c echo.Context, v visit) error {
	return s.setState(c, v, commerce.ShopActive, "resumed")
}

func (s *Server) setState(c echo.Context, v visit, state commerce.ShopState, said string) error {
	if err := s.Store.SetShopState(c.Request().Context(), v.Shop.ID, state); err != nil {
		return err
	}
	s.Log.Info("shop set", "shop", v.Shop.ID, "state", state, "user", v.Who.Name)
	return s.done(c, v, "", said)
}
