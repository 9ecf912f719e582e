package server_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/billing"
	"flywheel/commerce"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// plan is a framed app whose shops have plans, opened once.
func plan(t *testing.T, s *store.Store) *framed {
	t.Helper()
	f := frame(t, s)
	api := httptest.NewServer(f.shopify.Handler())
	t.Cleanup(api.Close)
	plans, err := billing.ParsePlans(templates.Plans())
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	client := shopify.New(shopify.Options{Key: "key", Secrets: []string{"new"}, URL: api.URL})
	f.handler, err = server.New(server.Options{
		Store: s, Queue: &hints{}, Log: log, Now: storetest.ClockOf(s).Now, BaseURL: "https://flywheel.example",
		ShopifyKey: "key", ShopifySecrets: []string{"new"}, Install: &install.Desk{Store: s, Shopify: client, Log: log},
		Plans: plans, AppHandle: "flywheel",
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, f.opens("/admin").Code)
	return f
}

// has says what the shop may have and how many orders it had today, as a worker found out just now.
func (f *framed) has(e commerce.Entitlement, used int64) {
	f.t.Helper()
	now := f.store.Now()
	c, err := f.store.ConnectionByAccount(f.t.Context(), commerce.Shopify, arabicDomain, true)
	require.NoError(f.t, err)
	e.CheckedAt, e.NextAt, e.Epoch = now, now.Add(time.Hour), c.Epoch
	storetest.Do(f.t, f.store, func(tx *store.Tx) error {
		before, err := tx.Usage(f.shop().ID, now, now.Add(24*time.Hour))
		if err != nil {
			return err
		}
		if err := tx.AddUsage(f.shop().ID, []store.UsageDay{{Day: now.DayOf(), Paid: used - before}}); err != nil {
			return err
		}
		return tx.SaveEntitlement(f.shop().ID, e)
	})
}

// The page in each state a plan may be in.
func TestPlanPage(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	f := plan(t, s)
	now := s.Now()
	cycle := func(e commerce.Entitlement) commerce.Entitlement {
		e.PeriodFrom, e.PeriodUntil = now.Add(-24*time.Hour), now.Add(29*24*time.Hour)
		return e
	}
	type e = commerce.Entitlement
	for name, c := range map[string]struct {
		has  e
		used int64
		says []string
	}{
		"free":                   {e{State: commerce.PlanNone}, 3, []string{"You are on the free plan", "3 of 50 orders", "Room left"}},
		"nearly full":            {e{State: commerce.PlanNone}, 40, []string{"40 of 50 orders", "Nearly full", `value="80"`}},
		"over":                   {e{State: commerce.PlanNone, HoldsFrom: now.Add(time.Hour)}, 60, []string{"60 of 50 orders", "Over the plan", `value="100"`, "For seven days everything goes out"}},
		"held":                   {e{State: commerce.PlanNone, HoldsFrom: now}, 60, []string{"Requests wait", "Thanks and mails about orders go out as ever"}},
		"no longer over":         {e{State: commerce.PlanNone, HoldsFrom: now}, 5, []string{"Room left"}},
		"trial":                  {e{State: commerce.PlanTrial, Plan: "start", TrialEndsAt: now.Add(72 * time.Hour)}, 60, []string{"You are trying Start", "60 of 500 orders", now.Add(72 * time.Hour).Time().Format(time.RFC3339)}},
		"active":                 {cycle(e{State: commerce.PlanActive, Plan: "grow"}), 60, []string{"You are on Grow", "60 of 2,500 orders"}},
		"active, without bound":  {cycle(e{State: commerce.PlanActive, Plan: "scale"}), 9000, []string{"You are on Scale", "9,000 orders"}},
		"a plan we do not know":  {cycle(e{State: commerce.PlanActive, Plan: "gold"}), 60, []string{"You are on gold", "60 orders"}},
		"cancelling":             {cycle(e{State: commerce.PlanCancelling, Plan: "grow"}), 60, []string{"You have cancelled Grow", now.Add(29 * 24 * time.Hour).Time().Format(time.RFC3339)}},
		"a first choice":         {e{State: commerce.PlanPending, PendingPlan: "grow"}, 60, []string{"Grow has been chosen", "60 of 50 orders"}},
		"a change to come":       {cycle(e{State: commerce.PlanPending, Plan: "grow", PendingPlan: "start"}), 600, []string{"Start has been chosen", "600 of 2,500 orders"}},
		"declined":               {e{State: commerce.PlanDeclined, PendingPlan: "grow"}, 3, []string{"Grow was not approved", "Nothing was charged", "3 of 50 orders"}},
		"frozen":                 {e{State: commerce.PlanFrozen, Plan: "grow"}, 60, []string{"Grow is on hold", "60 of 50 orders", "Over the plan"}},
		"cancelled":              {e{State: commerce.PlanCancelled, Plan: "grow"}, 60, []string{"Grow has ended", "60 of 50 orders"}},
		"downgraded, over quota": {cycle(e{State: commerce.PlanActive, Plan: "start", HoldsFrom: now.Add(48 * time.Hour)}), 600, []string{"You are on Start", "600 of 500 orders", "Over the plan", now.Add(48 * time.Hour).Time().Format(time.RFC3339)}},
	} {
		f.has(c.has, c.used)
		got := f.opens("/admin/plan", "locale", "en")
		require.Equal(t, http.StatusOK, got.Code, name)
		page := got.Body.String()
		for _, says := range append(c.says, `href="https://admin.shopify.com/store/layla/charges/flywheel/pricing_plans" target="_top"`, "We never ask for a card", "customers can always opt out") {
			require.Contains(t, page, says, name)
		}
		require.Contains(t, got.Header().Get("Content-Security-Policy"), ancestors)
		require.NotContains(t, strings.ToLower(page), "stripe", "a plan is paid for at Shopify and nowhere else")
		known := c.has.Plan != "gold"
		require.Equal(t, known, strings.Count(page, `<tr aria-current="true">`) == 1, name)
	}
}

func TestPlanPageInTheMerchantsLanguage(t *testing.T) {
	f := plan(t, storetest.Open(t, "sqlite"))
	f.has(commerce.Entitlement{State: commerce.PlanActive, Plan: "grow"}, 3)
	for lang, says := range map[string]string{"ar": "أنت على باقة النمو", "fa": "شما طرح رشد را دارید"} {
		page := f.opens("/admin/plan", "locale", lang).Body.String()
		require.Contains(t, page, `<html lang="`+lang+`" dir="rtl">`)
		require.Contains(t, page, says)
	}
}

// Who comes from choosing a plan sees what Shopify says now, as soon as a worker has asked; else what was known.
func TestThePlanPageHasShopifyAsked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := plan(t, s)
		page := func() (body string, took time.Duration) {
			began := time.Now()
			body = f.opens("/admin/plan", "locale", "en").Body.String()
			return body, time.Since(began)
		}
		told, quick := "", time.Duration(0)
		for tries := 0; tries < 10 && !strings.Contains(told, "You are on Grow"); tries++ { // the page waits 3 s: a machine may stand still that long
			f.has(commerce.Entitlement{State: commerce.PlanNone}, 3)
			storetest.ClockOf(s).Advance(time.Minute)
			asked := make(chan error, 1)
			go func() { // the worker
				for ; ; <-time.After(time.Millisecond) {
					due, err := s.EntitlementsDue(t.Context(), 1)
					if err == nil && len(due) > 0 {
						err = s.Transact(t.Context(), func(tx *store.Tx) error {
							return tx.SaveEntitlement(due[0].Shop, commerce.Entitlement{State: commerce.PlanActive, Plan: "grow", CheckedAt: s.Now(), NextAt: s.Now() + 1000, Epoch: due[0].Epoch})
						})
					}
					if err != nil || len(due) > 0 {
						asked <- err
						return
					}
				}
			}()
			told, quick = page()
			require.NoError(t, <-asked)
		}
		require.Contains(t, told, "You are on Grow")

		storetest.ClockOf(s).Advance(2 * time.Minute)
		told, alone := page()
		require.Contains(t, told, "You are on Grow", "no worker answers: what was known")
		require.Less(t, alone, time.Minute)
		require.Less(t, quick, alone, "as soon as it is known")
	})
}

func TestWithoutPlansThereIsNoPlanPage(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	require.Equal(t, http.StatusNotFound, f.opens("/admin/plan").Code)
	require.NotContains(t, f.opens("/admin").Body.String()+f.opens("/admin/settings").Body.String(), "/admin/plan")
}
