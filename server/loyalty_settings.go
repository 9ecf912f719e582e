package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/templates"
)

// showLoyaltySettings shows how points behave, whichever rule gave them.
func (s *Server) showLoyaltySettings(c echo.Context, v visit) error {
	p, err := s.programOf(c, v)
	if err != nil {
		return s.toBegin(c, v, err)
	}
	return s.loyaltySettingsPage(c, v, p, http.StatusOK, nil)
}

func (s *Server) loyaltySettingsPage(c echo.Context, v visit, p store.Program, code int, no *unsaved) error {
	f := &programForm{visit: v}
	page := templates.LoyaltySettings{Admin: s.frameFor(c, v, "loyalty"), Rev: p.Rev, Form: templates.LoyaltyForm{Do: "save"}}
	if no != nil {
		f.typed, f.wrong, page.Form.Wrong = c.Request().PostForm, no.wrong, no.whole
	}
	settingsFields(f, p.Program)
	page.Form.Groups = f.groups
	return s.adminPage(c, code, "loyalty_settings", v.lang, page)
}

func settingsFields(f *programForm, p loyalty.Program) {
	f.head("counts")
	f.check("counts.tax", p.Counts.Tax)
	f.check("counts.shipping", p.Counts.Shipping)
	f.check("counts.gift_cards", p.Counts.GiftCards)
	f.check("counts.discounts", p.Counts.Discounts)
	f.head("window")
	f.number("return_days", int64(p.ReturnDays))
	f.check("floor", p.Floor)
	f.head("expiry")
	f.number("points_months", int64(p.Months))
	f.check("rolling", p.Rolling)
	f.number("notice_days", int64(p.Notice))
	f.head("joining")
	f.field("pick", "join", string(p.Join), f.words("club_join", string(loyalty.AtCheckout), string(loyalty.BySignUp), string(loyalty.Automatic))...)
	f.number("claim_days", int64(p.Claim()))
	f.head("budget")
	f.money("budget", max(0, p.Budget))
	f.check("unbounded", p.Budget < 0)
	f.head("referral")
	f.check("referral.on", p.Referral.On)
	f.field("pick", "referral.friend", p.Referral.Friend, f.rewardChoices(p, "club_no_reward", p.Referral.Friend)...)
	f.field("pick", "referral.advocate", p.Referral.Advocate, f.rewardChoices(p, "club_by_rule", p.Referral.Advocate)...)
	f.number("referral.touch_days", int64(p.Referral.TouchDays))
	f.money("referral.min_spend", p.Referral.MinSpend)
	f.number("referral.burst", int64(p.Referral.Burst))
	f.head("points_name")
	f.texts("points_name", p.Name)
}

// saveLoyaltySettings keeps them as the program's next version.
func (s *Server) saveLoyaltySettings(c echo.Context, v visit) error {
	now, err := s.programOf(c, v)
	if err != nil {
		return err
	}
	no, err := s.changeProgram(c, v, func(p *loyalty.Program, t *typing) error {
		if err := readSettings(p, t); err != nil || now.State != store.ProgramLive {
			return err
		}
		return s.hearFirst(c.Request().Context(), v, *p)
	})
	if err != nil {
		return err
	}
	if no == nil {
		return s.done(c, v, "/loyalty/settings", "club_saved")
	}
	p, err := s.programOf(c, v)
	if err != nil {
		return err
	}
	return s.loyaltySettingsPage(c, v, p, http.StatusUnprocessableEntity, no)
}

func readSettings(p *loyalty.Program, t *typing) error {
	p.Counts = loyalty.Counts{Tax: t.check("counts.tax"), Shipping: t.check("counts.shipping"), GiftCards: t.check("counts.gift_cards"), Discounts: t.check("counts.discounts")}
	p.ReturnDays, p.Floor = int(t.number("return_days", 0, 365)), t.check("floor")
	p.Months, p.Rolling, p.Notice = int(t.number("points_months", 0, 120)), t.check("rolling"), int(t.number("notice_days", 0, 90))
	if p.Rolling && p.Months == 0 {
		t.refuse("points_months", "rolling", nil)
	}
	p.Join = loyalty.Joining(t.pick("join", string(loyalty.AtCheckout), string(loyalty.BySignUp), string(loyalty.Automatic)))
	p.ClaimDays = int(t.number("claim_days", 0, 365))
	if p.Budget = t.money("budget", 0); t.check("unbounded") {
		p.Budget = -1
	}
	p.Referral.On, p.Referral.Friend, p.Referral.Advocate = t.check("referral.on"), t.form.Get("referral.friend"), t.form.Get("referral.advocate")
	for field, id := range map[string]string{"referral.friend": p.Referral.Friend, "referral.advocate": p.Referral.Advocate} {
		if _, there := rewardOf(*p, id); id != "" && !there {
			t.refuse(field, "pick", nil)
		}
	}
	p.Referral.TouchDays, p.Referral.MinSpend, p.Referral.Burst = int(t.number("referral.touch_days", 0, 365)), t.money("referral.min_spend", 0), int(t.number("referral.burst", 0, 1000))
	p.Name = t.texts("points_name")
	return nil
}
