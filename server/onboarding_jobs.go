package server

import (
	"context"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/templates"
)

// setupJobs are the jobs that setting up asks about: those that the shop's
// platforms and the usual tools do as well.
var setupJobs = []commerce.Job{commerce.JobThanks, commerce.JobReviewAsk, commerce.JobSurvey, commerce.JobWinBack, commerce.JobRefundNotice, commerce.JobDunning}

// ownMails are the mails that a platform sends anyway, which we do not repeat: each is the string setup_own_KEY.
var ownMails = map[commerce.Platform][]string{
	commerce.Shopify: {"shopify_order", "shopify_shipping", "shopify_delivery", "shopify_refund"},
	commerce.Stripe:  {"stripe_receipt", "stripe_refund", "stripe_failed"},
}

// fillSetupJobs says who does what.
func (s *Server) fillSetupJobs(_ context.Context, v visit, page *templates.SetupPage) error {
	for _, p := range v.Shop.Platforms {
		page.Own = append(page.Own, ownMails[p]...)
	}
	if page.Jobs != nil { // as typed
		return nil
	}
	for _, j := range setupJobs {
		page.Jobs = append(page.Jobs, templates.SetupJob{Job: string(j), Owner: string(v.Shop.Settings.OwnerOf(j))})
	}
	return nil
}

// jobsOf are the answers as they were typed: of each job who does it, and the
// name of the tool where it is another.
func jobsOf(c echo.Context) []templates.SetupJob {
	var out []templates.SetupJob
	for _, j := range setupJobs {
		owner := c.FormValue("owner_" + string(j))
		if owner == "other" {
			owner = templates.Clean(c.FormValue("tool_"+string(j)), 60)
		}
		if owner != "" {
			out = append(out, templates.SetupJob{Job: string(j), Owner: owner})
		}
	}
	return out
}

// saveJobs keeps who does what, and has the past asked what the campaigns would
// have done with it: the next screens show that.
func (s *Server) saveJobs(c echo.Context, v visit) error {
	ctx := c.Request().Context()
	_, err := manage.ChangeSettings(ctx, s.Store, v.Shop.ID, func(settings *commerce.Settings) error {
		if settings.Owners == nil {
			settings.Owners = map[commerce.Job]commerce.Owner{}
		}
		for _, j := range jobsOf(c) {
			settings.Owners[commerce.Job(j.Job)] = commerce.Owner(j.Owner)
			if commerce.Owner(j.Owner) == commerce.OwnerFlywheel {
				delete(settings.Owners, commerce.Job(j.Job)) // as it is by itself
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range setupCampaigns {
		if err := s.askReplay(ctx, v, id); err != nil && !fault.Is(err, fault.NotFound) { // one may have been removed
			return err
		}
	}
	return nil
}

// teamOf is where mails to the shop's own people go.
func teamOf(shop commerce.Shop) string {
	first, _ := message.Team(shop)
	return first
}
