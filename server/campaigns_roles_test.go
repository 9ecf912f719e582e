package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/manage"
)

// Who looks sees no buttons and may press none; who prepares reaches no customer.
func TestRolesInCampaigns(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("owner@example.com")
		desk := manage.Desk{Store: h.store}
		for _, name := range []string{"thank_you", "review_request"} {
			_, err := desk.TakeUp(t.Context(), shop, name, manage.Note{})
			require.NoError(t, err)
		}
		require.NoError(t, desk.GoLive(t.Context(), shop, "review_request", true))
		base := "/shops/" + string(shop)
		as := func(role commerce.Role) *guest {
			email := string(role) + "@example.com"
			h.belongs(h.known(email), shop, role)
			return h.browser().enter(email)
		}
		viewer, builder, publisher := as(commerce.RoleViewer), as(commerce.RoleBuilder), as(commerce.RolePublisher)

		for _, path := range []string{"/campaigns", "/campaigns/thank_you", "/campaigns/thank_you/versions", "/campaigns/thank_you/live", "/campaigns/thank_you/file"} {
			page := viewer.get(base + path)
			require.Equal(t, http.StatusOK, page.Code, path)
			require.NotContains(t, page.Body.String(), "/rename", path)
			require.NotRegexp(t, `method="post" action="`+base+`/campaigns[^"]*/(save|edit|move|archive|rehearse|replay)"`, page.Body.String())
			require.NotContains(t, page.Body.String(), "/campaigns/new")
		}
		for _, path := range []string{"/campaigns/new", "/campaigns/thank_you/edit"} {
			require.Equal(t, http.StatusForbidden, viewer.get(base+path).Code, path)
			require.Equal(t, http.StatusOK, builder.get(base+path).Code, path)
		}
		for _, path := range []string{"/new", "/file", "/thank_you/rename", "/thank_you/versions", "/thank_you/edit", "/thank_you/save", "/thank_you/count", "/thank_you/replay", "/thank_you/rehearse"} {
			require.Equal(t, http.StatusForbidden, viewer.post(base+"/campaigns"+path).Code, path)
		}
		for _, path := range []string{"/live", "/pause", "/resume", "/move", "/archive"} {
			require.Equal(t, http.StatusForbidden, builder.post(base+"/campaigns/thank_you"+path, "back", "campaign").Code, path)
		}

		rename := func(b *guest, id string) int {
			return b.post(base+"/campaigns/"+id+"/rename", "title", "Another").Code
		}
		require.Equal(t, http.StatusSeeOther, rename(builder, "thank_you"))
		require.Equal(t, http.StatusForbidden, rename(builder, "review_request"), "a new version of a live campaign reaches customers")
		require.Equal(t, http.StatusSeeOther, rename(publisher, "review_request"))
		require.Equal(t, http.StatusSeeOther, builder.post(base+"/campaigns/review_request/edit", "do", "head", "lock", "0", "priority", "7").Code)
		d, err := h.store.Draft(t.Context(), shop, "review_request")
		require.NoError(t, err)
		require.Equal(t, 7, d.Definition.Priority, "a draft of it may be prepared")
		require.Equal(t, http.StatusForbidden, builder.post(base+"/campaigns/review_request/save", "lock", "1").Code)
		require.Equal(t, http.StatusSeeOther, publisher.post(base+"/campaigns/thank_you/live", "back", "campaign").Code)
		c, err := desk.Campaign(t.Context(), shop, "thank_you")
		require.NoError(t, err)
		require.Equal(t, campaign.Live, c.State)
	})
}
