package apptest

import (
	"net/http/httptest"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/integrations/hook/hookfake"
)

// hookSecret is what the fake receiver of webhooks knows.
const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// Hook starts a receiver of outgoing webhooks, the usual shop's endpoint "crm".
func (a *App) Hook() *hookfake.Receiver {
	a.t.Helper()
	r, err := hookfake.New(hookSecret)
	require.NoError(a.t, err)
	r.Now = a.Clock.Now
	server := httptest.NewServer(r)
	a.t.Cleanup(server.Close)
	require.NoError(a.t, a.App.Store.AddEndpoint(a.Ctx, a.Shop.ID, "crm", server.URL, hookSecret))
	return r
}

// Post is a step that tells the endpoint "crm".
func Post(id string) campaign.Step {
	return campaign.Step{ID: id, Kind: campaign.Webhook, Hook: "crm", Useful: campaign.Duration(14 * Day)}
}
