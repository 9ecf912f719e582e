package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
)

// All that somebody changes in a draft, one change after the other, is one line; saving it is another.
func TestAnEditorFillsTheAuditWithOneLine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		e := edits(t, s, "review_request")
		for range 3 {
			e.does("duplicate", "card", "settle")
		}
		e.does("undo")
		e.refused("remove", "card", "nothing")
		lines, err := s.AuditLines(t.Context(), e.shop().ID, store.AuditFilter{}, 9)
		require.NoError(t, err)
		require.Len(t, lines, 1)
		require.EqualValues(t, 4, lines[0].Times, "what was refused does not count")
		require.True(t, lines[0].Done)
		page := e.sees("/admin/audit")
		require.Contains(t, page, "Changed a draft")
		require.Contains(t, page, "4 changes one after the other")
		e.does("discard")
		require.Contains(t, e.sees("/admin/audit"), "the draft was discarded", "that is one of its own")
	})
}

// Why something was forced stands in the audit; what else was typed does not.
func TestTheAuditSaysWhySomethingWasForced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := campaigns(t, s)
		require.NoError(t, manage.Desk{Store: s}.GoLive(t.Context(), f.shop().ID, "thank_you", false))
		text := f.calls(http.MethodGet, "/admin/campaigns/thank_you/file").Body.String()
		f.goes("/admin/campaigns/file", url.Values{"text": {strings.Replace(text, "name: thank_you", "name: thanks", 1)}, "why": {"a secret"}})
		f.goes("/admin/campaigns/thanks/live", url.Values{"back": {"campaign"}, "force": {"yes"}, "why": {"one is for <companies>"}})
		page := f.sees("/admin/audit")
		require.Contains(t, page, "in spite of the warning")
		require.Contains(t, page, "one is for &lt;companies&gt;")
		require.NotContains(t, page, "a secret")
	})
}

// An empty campaign becomes a draft in the editor, whatever its name is written in.
func TestABlankCampaignOpensInTheEditor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := campaigns(t, s)
		page := f.sees("/admin/campaigns/new")
		require.Contains(t, page, `action="/admin/campaigns/blank`)
		require.Contains(t, page, `<option value="order_paid" selected>`)
		blank := func(title string) url.Values {
			return url.Values{"title": {title}, "trigger": {"order_arrived"}, "class": {"service"}}
		}
		empty := f.posts("/admin/campaigns/blank?locale=en", blank(" "))
		require.Equal(t, http.StatusUnprocessableEntity, empty.Code)
		require.Contains(t, empty.Body.String(), `aria-describedby="blank-wrong"`)
		require.Contains(t, empty.Body.String(), `<option value="order_arrived" selected>`, "what was chosen stays")
		require.Equal(t, http.StatusBadRequest, f.posts("/admin/campaigns/blank?locale=en", url.Values{"title": {"x"}, "trigger": {"nothing"}, "class": {"service"}}).Code)

		got := f.posts("/admin/campaigns/blank", blank("تخفيضات"))
		require.Equal(t, http.StatusSeeOther, got.Code)
		require.Contains(t, got.Header().Get("Location"), "/campaigns/campaign/edit")
		require.Contains(t, f.sees(got.Header().Get("Location")), "Add its first step")
		require.Equal(t, campaign.Draft, f.state("campaign"))
		f.goes("/admin/campaigns/blank", blank("New"))
		require.Equal(t, campaign.Draft, f.state("new_2"), "new is a page")
		f.goes("/admin/campaigns/blank", blank("New"))
		require.Equal(t, campaign.Draft, f.state("new_3"))
	})
}
