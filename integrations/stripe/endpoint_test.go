package stripe

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

// hook is a Webhook Endpoint as Stripe shows it.
func hook(id string) stripefake.Object {
	return stripefake.Object{
		"id": id, "object": "webhook_endpoint", "api_version": APIVersion, "application": nil, "created": noon.Unix(), "description": nil,
		"enabled_events": EndpointEvents(false), "livemode": true, "metadata": stripefake.Object{}, "status": "enabled", "url": "https://fly.example/webhooks/stripe",
	}
}

func TestCreateEndpoint(t *testing.T) {
	for name, connect := range map[string]bool{"own": false, "of connected accounts": true} {
		t.Run(name, func(t *testing.T) {
			client, calls := answering(t, func(asked) (int, any) {
				o := hook("we_1").With("secret", "whsec_1", "enabled_events", EndpointEvents(connect))
				if connect {
					o = o.With("metadata", stripefake.Object{connectMark: "true"})
				}
				return http.StatusOK, o
			})
			got, err := client.CreateEndpoint(t.Context(), as("acct_1"), EndpointWish{
				URL: "https://fly.example/webhooks/stripe", Connect: connect, Description: "Flywheel",
			})
			require.NoError(t, err)
			require.Equal(t, Endpoint{
				ID: "we_1", URL: "https://fly.example/webhooks/stripe", Version: "2023-10-16", Status: "enabled", Secret: "whsec_1",
				Connect: connect, Live: true, Events: EndpointEvents(connect),
			}, got)
			require.Empty(t, got.Lacks())
			call := (*calls)[0]
			require.Equal(t, []string{"POST", "/v1/webhook_endpoints"}, []string{call.method, call.path})
			require.Equal(t, "2023-10-16", call.form.Get("api_version"))
			require.Equal(t, "https://fly.example/webhooks/stripe", call.form.Get("url"))
			require.Equal(t, EndpointEvents(connect), call.form["enabled_events[]"])
			require.Equal(t, connect, call.form.Get("connect") == "true")
		})
	}
	client, _ := answering(t, func(asked) (int, any) { return http.StatusOK, hook("we_1") })
	_, err := client.CreateEndpoint(t.Context(), as("acct_1"), EndpointWish{URL: "https://fly.example"})
	require.Equal(t, fault.Permanent, fault.KindOf(err), "without its secret it is of no use")
	client, _ = answering(t, func(asked) (int, any) {
		return http.StatusBadRequest, stripefake.Object{"error": stripefake.Object{"type": "invalid_request_error", "message": "Invalid URL"}}
	})
	_, err = client.CreateEndpoint(t.Context(), as("acct_1"), EndpointWish{URL: "http://localhost"})
	require.Equal(t, fault.Permanent, fault.KindOf(err))
}

func TestEndpoints(t *testing.T) {
	pages := map[string]stripefake.Object{
		"":     rows(true, hook("we_1"), hook("we_2").With("application", "ca_1")),
		"we_2": rows(false, hook("we_3").With("api_version", nil, "status", "disabled", "enabled_events", []string{"charge.succeeded"})),
	}
	client, _ := answering(t, func(a asked) (int, any) { return http.StatusOK, pages[a.form.Get("starting_after")] })
	all, err := client.Endpoints(t.Context(), as("acct_1"))
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Empty(t, all[0].Lacks())
	require.Equal(t, []string{"account.application.authorized", "account.application.deauthorized"}, all[1].Lacks(), "one of Connect")
	require.Equal(t, Endpoint{ID: "we_3", URL: all[0].URL, Status: "disabled", Live: true, Events: []string{"charge.succeeded"}}, all[2])
	require.Contains(t, all[2].Lacks(), "refund.failed")
	require.Empty(t, Endpoint{Events: []string{"*"}}.Lacks())
}

func TestEndpointEvents(t *testing.T) {
	for _, list := range EventTypes() {
		for _, topic := range list {
			if topic != "invoice_payment.paid" { // not of our version
				require.Contains(t, EndpointEvents(false), topic)
			}
		}
	}
	require.NotContains(t, EndpointEvents(true), "invoice_payment.paid")
	require.Subset(t, EndpointEvents(true), EndpointEvents(false))
	require.Len(t, EndpointEvents(true), len(EndpointEvents(false))+2)
}

func TestDeleteEndpoint(t *testing.T) {
	client, calls := answering(t, func(a asked) (int, any) {
		if a.path == "/v1/webhook_endpoints/we_1" {
			return http.StatusOK, stripefake.Object{"id": "we_1", "object": "webhook_endpoint", "deleted": true}
		}
		return http.StatusNotFound, stripefake.Object{"error": stripefake.Object{"type": "invalid_request_error", "code": "resource_missing"}}
	})
	require.NoError(t, client.DeleteEndpoint(t.Context(), as("acct_1"), "we_1"))
	require.Equal(t, http.MethodDelete, (*calls)[0].method)
	require.Equal(t, fault.NotFound, fault.KindOf(client.DeleteEndpoint(t.Context(), as("acct_1"), "we_2")))
	require.Equal(t, fault.Invalid, fault.KindOf(client.DeleteEndpoint(t.Context(), as("acct_1"), "")))
}
