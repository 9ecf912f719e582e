package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/billing"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/privacy"
	"flywheel/store"
	"flywheel/templates"
)

const (
	// allOrders is the optional scope that shows orders older than 60 days.
	allOrders    = "read_all_orders"
	homeRequests = 10
	// parkedShown is up to where messages of an uncertain end are counted.
	parkedShown = 100
)

// fillState tells of everything beside campaigns and messages, and what of it
// waits for the merchant.
func (s *Server) fillState(ctx context.Context, v visit, h *templates.Home) error {
	for _, fill := range []func(context.Context, visit, *templates.Home) error{
		s.fillRequests, s.fillParked, s.fillPlan, s.fillBackfill, s.fillStripe, s.fillConsent, s.fillRewardNeeds,
	} {
		if err := fill(ctx, v, h); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) fillBackfill(ctx context.Context, v visit, h *templates.Home) error {
	b, err := s.Store.Backfill(ctx, v.Shop.ID, v.Connection.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	h.Backfill = &templates.HomeBackfill{
		State: string(b.State), Done: b.Orders, All: b.Expected, Refused: b.Refused, Note: b.Note,
		Moving: b.State.Open(), MayRetry: b.State == store.BackfillFailed,
		MayAsk: b.State == store.BackfillDone && !slices.Contains(v.Connection.Scopes, allOrders),
	}
	if b.Size > 0 {
		h.Backfill.Percent = int(min(100, 100*b.Position/b.Size))
	}
	if b.State == store.BackfillFailed {
		h.Needs = append(h.Needs, templates.HomeNeed{Key: "backfill"})
	}
	return err
}

// backfillAgain asks for a past of the shop's once more after it has failed.
func (s *Server) backfillAgain(c echo.Context, v visit) error {
	connection, err := s.pastConnection(c, v)
	if err != nil {
		return err
	}
	if err := s.Store.RetryBackfill(c.Request().Context(), v.Shop.ID, connection); err != nil {
		return err
	}
	back := ""
	if connection.Platform == commerce.Stripe {
		back = integrationsPath
	}
	return s.done(c, v, back, "backfill")
}

// scopesGranted takes up an optional scope that the merchant has just granted:
// new tokens tell of it, and the past is read again where all of it may be seen.
func (s *Server) scopesGranted(c echo.Context, v visit) error {
	if v.Base != adminPath {
		return fault.New(fault.Conflict, "Shopify asks for this inside its admin alone: open the app there")
	}
	opened, err := s.Install.Renew(c.Request().Context(), v.session)
	if err != nil {
		return err
	}
	v.Opened = opened
	if slices.Contains(opened.Connection.Scopes, allOrders) {
		if err := s.Store.RetryBackfill(c.Request().Context(), v.Shop.ID, opened.Connection); err != nil {
			return err
		}
	}
	return s.done(c, v, "", "done")
}

func (s *Server) fillPlan(ctx context.Context, v visit, h *templates.Home) error {
	if len(s.Plans) == 0 {
		return nil
	}
	e, err := s.Store.Entitlement(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	now := s.Store.Now()
	from, until := billing.Period(e, now)
	used, err := s.Store.Usage(ctx, v.Shop.ID, from, until)
	if err != nil {
		return err
	}
	q := s.Plans.Quota(e, used, now)
	country := v.Shop.Country
	need := templates.HomeNeed{Href: "/plan", Data: map[string]string{
		"Used": templates.Number(v.lang, country, q.Used), "Quota": templates.Number(v.lang, country, q.Limit),
	}}
	switch {
	case e.State == commerce.PlanFrozen:
		need.Key = "plan_frozen"
	case q.Level == billing.Near:
		need.Key = "plan_near"
	case q.Level == billing.Over, q.Level == billing.Held:
		need.Key = "plan_over"
	default:
		return nil
	}
	h.Needs = append(h.Needs, need)
	return nil
}

// fillParked counts messages of which nobody knows whether they arrived.
func (s *Server) fillParked(ctx context.Context, v visit, h *templates.Home) error {
	parked, err := s.Store.ParkedEffects(ctx, v.Shop.ID, "", parkedShown)
	if n := int64(len(parked)); n > 0 {
		count := templates.Number(v.lang, v.Shop.Country, n)
		if n == parkedShown {
			count += "+"
		}
		h.Needs = append(h.Needs, templates.HomeNeed{Key: "unknown", Href: s.where("/lists/unknown"), Data: map[string]string{"Count": count}})
	}
	return err
}

// fillRequests says whether a customer's data waits to be handed over.
func (s *Server) fillRequests(ctx context.Context, v visit, h *templates.Home) error {
	all, err := s.requests(ctx, v)
	if slices.ContainsFunc(all, func(r templates.HomeRequest) bool { return r.Export != "" }) {
		h.Needs = append(h.Needs, templates.HomeNeed{Key: "requests", Href: "/settings/data"})
	}
	return err
}

// requests lists what customers asked for by law. A report waits for the
// merchant until its export is past.
func (s *Server) requests(ctx context.Context, v visit) (out []templates.HomeRequest, err error) {
	all, err := s.Store.PrivacyRequests(ctx, v.Shop.ID, homeRequests)
	for _, p := range all {
		kind := map[commerce.ErasureKind]string{commerce.ReportData: "report", commerce.EraseCustomer: "customer", commerce.EraseShop: "shop"}[p.Kind]
		out = append(out, templates.HomeRequest{Kind: kind, At: p.ReceivedAt.Time(), Until: p.DueAt.Time(), Done: p.DoneAt != 0, Export: p.Export})
	}
	return out, err
}

// where is a page's path; "" where there is no such page.
func (s *Server) where(path string) string {
	if _, there := s.opens[path]; there {
		return path
	}
	return ""
}

// saveExport hands a customer's data to the merchant, for machines or, with
// ?as=html, for people.
func (s *Server) saveExport(c echo.Context, v visit) error {
	body, err := s.Store.Export(c.Request().Context(), v.Shop.ID, c.Param("export"))
	if err != nil {
		return err
	}
	kind, name := "application/json", "customer-data.json"
	if c.QueryParam("as") == "html" {
		kind, name = "text/html; charset=utf-8", "customer-data.html"
		if body, err = privacy.Page(body, v.lang); err != nil {
			return err
		}
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, kind, body)
}

// until is when what was put off is looked at again; the zero time is never.
func until(m store.Message) time.Time {
	if m.Until <= 0 || m.Effect != "" || m.Until.Time().Year() > 9000 {
		return time.Time{}
	}
	return m.Until.Time()
}
