package server_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/delight/measure"
	"flywheel/delight/replay"
	"flywheel/store"
	"flywheel/store/storetest"
)

// answers has what is asked of a kind counted, as a worker would.
func (f *framed) answers(kind store.EstimateKind, answer any) {
	f.t.Helper()
	data, err := json.Marshal(answer)
	require.NoError(f.t, err)
	for {
		e, found, err := f.store.NextEstimate(f.t.Context())
		require.NoError(f.t, err)
		if !found {
			return
		}
		if e.State, e.Seen, e.Expected = store.EstimateDone, 9, 9; e.Kind == kind {
			e.Answer = data
		}
		require.NoError(f.t, f.store.SaveEstimate(f.t.Context(), e.Shop, e, ""))
	}
}

// A merchant answers one question after the other, passes one by, comes back, and is live in the end.
func TestSettingUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := frame(t, s)
		require.Contains(t, f.opens("/admin", "locale", "en").Body.String(), "Next: Your first mail")
		first := f.opens("/admin/setup")
		require.Equal(t, http.StatusSeeOther, first.Code)
		require.Contains(t, first.Header().Get("Location"), "/admin/setup/mail?")

		page := f.opens("/admin/setup/mail", "locale", "en").Body.String()
		require.Contains(t, page, "hello@layla.example", "it says where the mail goes")
		require.Contains(t, page, "No order is known yet")
		page = f.acts("/admin/setup/mail?locale=en", "do", "send")
		require.Contains(t, page, "on its way to you")
		require.Contains(t, page, "Who does what for your customers?", "and asks the next question")

		page = f.acts("/admin/setup/who?locale=en", "owner_review_ask", "other", "tool_review_ask", "Judge.me", "owner_thanks", "flywheel", "owner_survey", "nobody")
		require.Contains(t, page, "Thank everybody who buys")
		require.Equal(t, commerce.Owner("Judge.me"), f.shop().Settings.OwnerOf(commerce.JobReviewAsk))
		require.Equal(t, commerce.OwnerNobody, f.shop().Settings.OwnerOf(commerce.JobSurvey))

		require.Contains(t, page, "being looked through", "what it would have done is counted meanwhile")
		f.answers(store.EstimateReplay, replay.Answer{Would: 214, Not: []replay.ReasonCount{{Reason: gate.NoConsent, Count: 30}, {Reason: gate.Refunded, Count: 1}}, Later: 1})
		page = f.opens("/admin/setup/thanks", "locale", "en").Body.String()
		require.Contains(t, page, "In the last 60 days: 214 orders would have got it. 31 would not.")
		require.Contains(t, page, "For one its time has not come.")
		require.Contains(t, page, "is asked when a message is due", "no consent here may be one at Shopify")
		require.Contains(t, f.opens("/admin/setup/thanks", "locale", "ar").Body.String(), "كانت ستصل إلى أصحاب")

		page = f.acts("/admin/setup/thanks?locale=en", "do", "skip")
		require.Contains(t, page, "Ask for a review at the right time")
		require.Contains(t, f.acts("/admin/setup/thanks?locale=en", "do", "live"), "The thank-you is live")
		require.Equal(t, campaign.Live, f.state("thank_you"))

		refused := f.sends(http.MethodPost, "/admin/setup/review?locale=en", nil)
		require.Equal(t, http.StatusUnprocessableEntity, refused.Code, "another tool asks for reviews")
		require.Contains(t, refused.Body.String(), "Judge.me")
		require.Equal(t, campaign.Draft, f.state("review_request"))
		f.acts("/admin/setup/review?locale=en", "do", "skip")

		page = f.opens("/admin/setup/first", "locale", "en").Body.String()
		require.Contains(t, page, "No order has come since")
		require.Contains(t, f.acts("/admin/setup/first?locale=en", "do", "over"), "Your wheel")
		require.NotContains(t, f.opens("/admin", "locale", "en").Body.String(), "not through with setting up")
	})
}

func TestAStepThatIsNone(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	f.opens("/admin")
	require.Equal(t, http.StatusNotFound, f.opens("/admin/setup/nothing").Code)
	require.Equal(t, http.StatusNotFound, f.sends(http.MethodPost, "/admin/setup/nothing", nil).Code)
}

// The home shows what is measured and says of the rest that it is not.
func TestTheWheelOnTheHome(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := frame(t, s)
		page := f.opens("/admin", "locale", "en").Body.String()
		require.Contains(t, page, "The wheel is being measured")
		require.Contains(t, page, "Nobody has bought yet")

		w := measure.Wheel{Now: measure.Stages{New: 40, Once: 100, Back: 60}, Before: measure.Stages{New: 30, Once: 100, Back: 50}, Sent: 90, Lost: []measure.Count{{Reason: gate.NoConsent, Count: 10}}}
		day := commerce.Instant(86_400_000)
		for range 30 {
			w.Delivery.Add(0, 3*day, 100*day)
			w.Second.Add(0, 0, 100*day)
		}
		f.answers(store.EstimateWheel, w)
		page = f.opens("/admin", "locale", "en").Body.String()
		require.Contains(t, page, "turns faster than a month ago")
		require.Contains(t, page, "3 days")
		require.Contains(t, page, "It has not come to half of them yet.")
		require.Contains(t, page, "Too few orders to tell yet.")
		require.Contains(t, page, "Not measured here.")
		require.Contains(t, page, "10%")
		require.Contains(t, f.opens("/admin", "locale", "fa").Body.String(), "۶۰", "in the reader's digits")
		next, found, err := s.NextEstimate(t.Context())
		require.NoError(t, err)
		require.False(t, found && next.Kind == store.EstimateWheel, "what is fresh is not measured again")

		storetest.ClockOf(s).Advance(7 * time.Hour)
		page = f.opens("/admin", "locale", "en").Body.String()
		require.Contains(t, page, "The wheel is being measured", "what is shown is old by now")
		require.Contains(t, page, "3 days", "and better than nothing")
	})
}
