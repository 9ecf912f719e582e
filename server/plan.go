package server

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/billing"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/templates"
)

const (
	// planAge is how old the platform's word about a plan may be on the plan page.
	planAge = time.Minute
	// planPatience is how long the page waits for a newer one. Merchants come
	// here straight from choosing a plan.
	planPatience = 3 * time.Second
)

// showPlan shows what the shop has, how far it has filled it, and leads to the
// page at Shopify where that is changed.
func (s *Server) showPlan(c echo.Context, v visit) error {
	if len(s.Plans) == 0 {
		return fault.New(fault.NotFound, "plans are switched off")
	}
	ctx := c.Request().Context()
	e, err := s.freshEntitlement(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	now := s.Store.Now()
	from, until := billing.Period(e, now)
	used, err := s.Store.Usage(ctx, v.Shop.ID, from, until)
	if err != nil {
		return err
	}
	e = s.Plans.Weigh(e, used, now)
	page := s.planPage(e, s.Plans.Quota(e, used, now), v.lang)
	page.Admin, page.From, page.To = s.frameOf(c, v), from.Time(), until.Time()
	page.Here = "settings"
	if page.Days, err = s.planChart(ctx, v, from, until, now, page.Quota); err != nil {
		return err
	}
	page.Choose = shopify.PlanPage(v.Connection.ExternalID, s.AppHandle)
	return s.adminPage(c, http.StatusOK, "plan", v.lang, page)
}

// freshEntitlement returns what the shop may have, at most planAge old if the
// platform answers in time; else what was known.
func (s *Server) freshEntitlement(ctx context.Context, shop commerce.ShopID) (commerce.Entitlement, error) {
	e, err := s.Store.Entitlement(ctx, shop)
	if err != nil || e.CheckedAt.Add(planAge) > s.Store.Now() {
		return e, err
	}
	if err := s.Store.AskEntitlement(ctx, shop); err != nil {
		return e, err
	}
	end, look := time.After(planPatience), time.NewTicker(50*time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return e, ctx.Err()
		case <-end:
			return e, nil
		case <-look.C:
		}
		if e, err = s.Store.Entitlement(ctx, shop); err != nil || e.NextAt > s.Store.Now() { // a worker has asked
			return e, err
		}
	}
}

func (s *Server) planPage(e commerce.Entitlement, q billing.Quota, lang string) templates.Plan {
	lang = templates.Language(lang)
	page := templates.Plan{
		State: string(e.State), Name: s.planName(e.Plan, lang), Pending: s.planName(e.PendingPlan, lang),
		Level: string(q.Level), Used: q.Used, Quota: q.Limit, HoldsFrom: e.HoldsFrom.Time(), CheckedAt: e.CheckedAt.Time(),
	}
	switch e.State {
	case commerce.PlanTrial:
		page.Until = e.TrialEndsAt.Time()
	case commerce.PlanCancelling:
		page.Until = max(e.PeriodUntil, e.TrialEndsAt).Time()
	}
	if q.Limit > 0 {
		page.Percent = int(min(100, 100*q.Used/q.Limit))
	}
	current := s.Plans.Of(e).Handle
	for _, p := range s.Plans {
		page.Plans = append(page.Plans, templates.PlanRow{Name: p.Called(lang), Orders: p.Orders, Trial: int64(p.Trial), Current: p.Handle == current})
	}
	return page
}

func (s *Server) planName(handle, lang string) string {
	if handle == "" {
		return ""
	}
	p, _ := s.Plans.By(handle)
	return p.Called(lang)
}
