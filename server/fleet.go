package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// maxBulk is on how many shops one press acts.
const maxBulk = 200

// showFleet lists somebody's shops, what needs them first. Who has one shop is led there.
func (s *Server) showFleet(c echo.Context, u account.User) error {
	ctx, lang := c.Request().Context(), s.langOf(c, u)
	all, err := s.Store.Fleet(ctx, u.ID)
	if err != nil {
		return err
	}
	if len(all) == 1 && len(c.QueryParams()) == 0 {
		return c.Redirect(http.StatusSeeOther, "/shops/"+url.PathEscape(string(all[0].Shop)))
	}
	page := templates.Fleet{Admin: s.frameOfUser(c, u), Query: c.QueryParam("q"), Count: int64(len(all)), Plans: len(s.Plans) > 0}
	page.Admin.Fleet = true
	wrong, of := c.QueryParam("wrong"), c.QueryParam("account")
	found, ships := map[account.Harm]bool{}, []account.Ship(nil)
	for _, ship := range account.Sorted(all, s.Store.Now()) {
		for _, w := range ship.Wrongs {
			found[w.Harm] = true
		}
		if len(ship.Wrongs) > 0 {
			page.Wrong++
		}
		if fitsFleet(ship, page.Query, wrong, of) {
			ships = append(ships, ship)
		}
	}
	page.Chosen = page.Query != "" || wrong != "" || of != ""
	for _, h := range account.AllHarms() {
		if found[h] {
			page.Harms = append(page.Harms, templates.Choice{Value: string(h), Name: templates.Say(lang, "harmkind_"+string(h), nil), On: string(h) == wrong})
		}
	}
	if page.Accounts, err = s.fleetAccounts(ctx, u.ID, of); err != nil {
		return err
	}
	if len(all) > 0 {
		page.Country, page.Zone = all[0].Country, all[0].Timezone
	}
	if err := s.fillFleet(c, u, ships, &page); err != nil {
		return err
	}
	return s.alonePage(c, http.StatusOK, "fleet", lang, page)
}

// fleetAccounts are the accounts that somebody belongs to, but for those of one shop, which is in the list.
func (s *Server) fleetAccounts(ctx context.Context, user commerce.UserID, of string) (out []templates.MeAccount, err error) {
	memberships, err := s.Store.Memberships(ctx, user)
	for _, m := range memberships {
		if m.Kind != store.MerchantAccount {
			out = append(out, templates.MeAccount{ID: string(m.ID), Name: m.Name, Kind: m.Kind, Role: string(m.Role), On: string(m.ID) == of})
		}
	}
	return out, err
}

// fitsFleet reports whether a shop is among those that were asked for.
func fitsFleet(ship account.Ship, query, wrong, of string) bool {
	if of != "" && string(ship.Account) != of || !strings.Contains(strings.ToLower(ship.Name), strings.ToLower(strings.TrimSpace(query))) {
		return false
	}
	return wrong == "" || slices.ContainsFunc(ship.Wrongs, func(w account.Wrong) bool { return string(w.Harm) == wrong })
}

func toneOf(h account.Harm) string {
	switch h {
	case account.HarmPaused:
		return "off"
	case account.HarmUnknown, account.HarmQuarantined, account.HarmOver, account.HarmBackfill:
		return "wait"
	}
	return "bad"
}

// pauseFleet pauses the shops that were ticked, resumeFleet lets them go on.
func (s *Server) pauseFleet(c echo.Context, u account.User) error {
	return s.bulk(c, u, "/pause", commerce.ShopPaused, "fleet_paused")
}

func (s *Server) resumeFleet(c echo.Context, u account.User) error {
	return s.bulk(c, u, "/resume", commerce.ShopActive, "fleet_resumed")
}

// bulk does the same to several shops, each as if it were done there: whoever
// may not do it there does not do it here, and each shop's audit says so.
func (s *Server) bulk(c echo.Context, u account.User, act string, state commerce.ShopState, said string) error {
	ids := slices.Compact(slices.Sorted(slices.Values(c.Request().PostForm["id"])))
	if len(ids) > maxBulk {
		return fault.New(fault.Invalid, "tick at most %d shops at once", maxBulk)
	}
	done := int64(0)
	for _, id := range ids {
		did, err := s.bulkOne(c.Request().Context(), u, commerce.ShopID(id), act, state)
		if err != nil {
			return err
		}
		if did {
			done++
		}
	}
	return c.Redirect(http.StatusSeeOther, "/shops?said="+said+"&number="+itoa(done))
}

func (s *Server) bulkOne(ctx context.Context, u account.User, shop commerce.ShopID, act string, state commerce.ShopState) (bool, error) {
	role, by, err := s.People.Access(ctx, u.ID, shop)
	if fault.Is(err, fault.NotFound) || err == nil && !role.Allows(commerce.RolePublisher) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now, err := s.Store.Shop(ctx, shop)
	if err != nil || now.State == state || now.State == commerce.ShopClosed {
		return false, err
	}
	id, err := s.Store.BeginAudit(ctx, shop, store.Audit{User: u.ID, Account: by, Who: cmp.Or(u.Name, u.Email), Via: commerce.ViaWeb, Act: act})
	if err != nil {
		return false, err
	}
	err = s.Store.SetShopState(ctx, shop, state)
	if ended := s.Store.EndAudit(context.WithoutCancel(ctx), shop, id, err == nil); ended != nil {
		s.Log.Error("the end of a change was not written down", "shop", shop, "act", act, "error", ended)
	}
	return err == nil, err
}

// toShops leads on to the list of shops.
func (s *Server) toShops(c echo.Context, _ account.User) error {
	return c.Redirect(http.StatusSeeOther, "/shops")
}
