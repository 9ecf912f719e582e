package server

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/delight/calendar"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/templates"
)

const (
	// fleetRows is how many shops a page of the fleet has.
	fleetRows = 50
	// sparkDays is how far back the small charts of the fleet go.
	sparkDays = 14
	// fleetAge is how old the figures of a shop in the fleet may be before they are counted anew.
	fleetAge = time.Hour
)

// fillFleet fills one page of shops, which begins behind the one that the field after names.
func (s *Server) fillFleet(c echo.Context, u account.User, ships []account.Ship, page *templates.Fleet) error {
	after, open := commerce.ShopID(c.QueryParam("after")), commerce.ShopID(c.QueryParam("open"))
	if at := slices.IndexFunc(ships, func(ship account.Ship) bool { return ship.Shop == after }); after != "" && at >= 0 {
		ships, page.First = ships[at+1:], fleetLink(c, "after", "", "open", "")
	}
	if len(ships) > fleetRows {
		ships = ships[:fleetRows]
		page.Next = fleetLink(c, "after", string(ships[fleetRows-1].Shop), "open", "")
	}
	ctx, lang := c.Request().Context(), s.langOf(c, u)
	days, err := s.fleetDays(ctx, ships)
	if err != nil {
		return err
	}
	for _, ship := range ships {
		row := s.shipOf(ship, lang, days[ship.Shop])
		row.Look = fleetLink(c, "open", row.ID) + "#shop-" + row.ID
		if ship.Shop == open {
			row.Look = fleetLink(c, "open", "") + "#shop-" + row.ID
			if row.Glance, err = s.glance(c, u, ship, lang); err != nil {
				return err
			}
		}
		page.Shops = append(page.Shops, row)
	}
	return nil
}

// fleetLink is the address of this page with some of its fields changed; "" takes one away.
func fleetLink(c echo.Context, pairs ...string) string {
	q := url.Values{}
	for _, name := range []string{"q", "wrong", "account", "after", "open"} {
		if value := c.QueryParam(name); value != "" && len(value) <= 200 {
			q.Set(name, value)
		}
	}
	for i := 1; i < len(pairs); i += 2 {
		if q.Del(pairs[i-1]); pairs[i] != "" {
			q.Set(pairs[i-1], pairs[i])
		}
	}
	if len(q) == 0 {
		q.Set("q", "") // who has one shop stays here
	}
	return "/shops?" + q.Encode()
}

// fleetDays reads the last days of shops at once, each by its own clocks, and has
// those counted that are old.
func (s *Server) fleetDays(ctx context.Context, ships []account.Ship) (map[commerce.ShopID][]store.Day, error) {
	now := s.Store.Now()
	var ids, old []commerce.ShopID
	for _, ship := range ships {
		ids = append(ids, ship.Shop)
	}
	today := int64(calendar.DayOf("", now)) // no clock is further than a day from it
	all, err := s.Store.FleetDays(ctx, ids, today-sparkDays, today+2)
	if err != nil {
		return nil, err
	}
	for _, ship := range ships {
		if days := all[ship.Shop]; len(days) == 0 || days[len(days)-1].CountedAt.Add(fleetAge) < now {
			old = append(old, ship.Shop)
		}
	}
	return all, s.Store.AskDays(ctx, old)
}

func (s *Server) shipOf(ship account.Ship, lang string, days []store.Day) templates.FleetShop {
	out := templates.FleetShop{
		ID: string(ship.Shop), Name: cmp.Or(ship.Name, string(ship.Shop)), Country: ship.Country, Zone: ship.Timezone, Account: ship.AccountName, Role: string(ship.Role),
		Last: timeOr(ship.LastDelivery), Tone: "good", Paused: ship.State == commerce.ShopPaused,
	}
	if len(s.Plans) > 0 {
		out.Plan = s.Plans.Of(ship.Entitlement).Called(lang)
	}
	if out.Account == out.Name { // the shop's own
		out.Account = ""
	}
	for i, w := range ship.Wrongs {
		out.Wrongs = append(out.Wrongs, templates.FleetWrong{Harm: string(w.Harm), N: w.N, Href: "/shops/" + url.PathEscape(out.ID) + harmPages[w.Harm]})
		if i == 0 {
			out.Tone = toneOf(w.Harm)
		}
	}
	s.spark(&out, days, lang)
	return out
}

// harmPages are where in a shop what is wrong is seen and mended.
var harmPages = map[account.Harm]string{
	account.HarmRevoked: "/settings/integrations", account.HarmStopped: "/sender", account.HarmFrozen: "/plan", account.HarmFuse: "/campaigns?state=paused", account.HarmBroken: "/sender",
	account.HarmUnknown: "/lists/unknown", account.HarmQuarantined: "/lists/webhooks?state=quarantined", account.HarmOver: "/plan",
}

// spark draws the last days of a shop, and sums the last seven up.
func (s *Server) spark(out *templates.FleetShop, days []store.Day, lang string) {
	if len(days) == 0 {
		return
	}
	today := int64(calendar.DayOf(out.Zone, s.Store.Now()))
	sent, held := make([]int64, sparkDays), make([]int64, sparkDays)
	var allSent, allHeld, most int64
	for _, d := range days {
		at := int(d.Day - (today - sparkDays + 1))
		if at < 0 || at >= sparkDays {
			continue
		}
		sent[at], held[at] = d.Sent, d.Held
		allSent, allHeld, most = allSent+d.Sent, allHeld+d.Held, max(most, d.Sent)
		if at >= sparkDays-7 {
			out.Sent, out.Held = out.Sent+d.Sent, out.Held+d.Held
		}
		out.Counted = d.CountedAt.Time()
	}
	number := func(n int64) string { return templates.Number(lang, out.Country, n) }
	out.Days = templates.Sparks(templates.Say(lang, "spark_words", map[string]string{
		"Days": number(sparkDays), "Sent": number(allSent), "Most": number(most), "Held": number(allHeld),
	}), sent, held)
}

// glance is what needs somebody in one shop, and its main figures, as its own home says them.
func (s *Server) glance(c echo.Context, u account.User, ship account.Ship, lang string) (*templates.FleetGlance, error) {
	ctx := c.Request().Context()
	v := visit{Who: actorOf(u), Base: "/shops/" + url.PathEscape(string(ship.Shop)), lang: lang}
	v.Who.Role, v.Who.Account = ship.Role, ship.Account
	var err error
	if v.Shop, err = s.Store.Shop(ctx, ship.Shop); err != nil {
		return nil, err
	}
	if v.Connection, err = s.leading(c, v.Shop); err != nil {
		return nil, err
	}
	out := &templates.FleetGlance{Home: templates.Home{Admin: s.frameOf(c, v)}}
	for _, fill := range []func(context.Context, visit, *templates.Home) error{s.fillDays, s.fillCampaigns, s.fillState} {
		if err := fill(ctx, v, &out.Home); err != nil {
			return nil, err
		}
	}
	for _, one := range slices.Concat(out.Home.Campaigns, out.Home.More) {
		if one.State == string(campaign.Live) {
			out.Live++
		}
	}
	if days := out.Home.Days; days != nil {
		out.Figures, out.At = days.Said, days.At
	}
	return out, nil
}
