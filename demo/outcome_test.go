package demo

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

func TestOutcomeOf(t *testing.T) {
	line := func(kind, what, reason string, at, until commerce.Instant) store.Entry {
		return store.Entry{Kind: kind, What: what, Reason: reason, At: at, Until: until, Order: "o1", Campaign: "thank_you", Effect: "e1"}
	}
	for name, c := range map[string]struct {
		timeline []store.Entry
		want     outcome
	}{
		"nothing":          {nil, outcome{State: notBegun}},
		"another order":    {[]store.Entry{{Kind: "effect", What: "sent", Order: "o2", Campaign: "thank_you"}}, outcome{State: notBegun}},
		"another playbook": {[]store.Entry{{Kind: "effect", What: "sent", Order: "o1", Campaign: "review_request"}}, outcome{State: notBegun}},
		"sent":             {[]store.Entry{line("enrollment", "ended", "complete", 1, 2), line("effect", "sent", "", 3, 0)}, outcome{State: mailed, At: 3, Effect: "e1"}},
		"sent, then disputed": {
			[]store.Entry{line("enrollment", "ended", "complete", 1, 2), line("effect", "sent", "", 3, 0), line("decision", "hold", "dispute_open", 4, 0)},
			outcome{State: mailed, At: 3, Effect: "e1"},
		},
		"waits":            {[]store.Entry{line("enrollment", "active", "", 1, 9)}, outcome{State: waiting, Until: 9}},
		"held at its step": {[]store.Entry{line("enrollment", "active", "", 1, 9), line("decision", "hold", "no_consent", 2, 8)}, outcome{State: held, Reason: gate.NoConsent, At: 2, Until: 8}},
		"no longer held":   {[]store.Entry{line("enrollment", "active", "", 1, 20), line("decision", "hold", "no_consent", 2, 8)}, outcome{State: waiting, Until: 20}},
		"tried again":      {[]store.Entry{line("enrollment", "active", "", 1, 20), line("effect", "retry", "", 2, 0)}, outcome{State: held, Reason: gate.Retrying, At: 2, Until: 20}},
		"held at the door": {[]store.Entry{line("decision", "hold", "order_unpaid", 2, 0)}, outcome{State: held, Reason: gate.Unpaid, At: 2}},
		"never began":      {[]store.Entry{line("decision", "hold", "order_unpaid", 2, 0), line("decision", "skip", "order_cancelled", 3, 0)}, outcome{State: stopped, Reason: gate.Cancelled, At: 3}},
		"ended":            {[]store.Entry{line("enrollment", "ended", "refunded", 1, 2), line("decision", "skip", "refunded", 5, 0)}, outcome{State: stopped, Reason: gate.Refunded, At: 5}},
		"refused":          {[]store.Entry{line("enrollment", "ended", "mail_refused", 1, 2), line("effect", "failed", "", 5, 0)}, outcome{State: stopped, Reason: gate.DeliveryRefused, At: 5}},
	} {
		require.Equal(t, c.want, outcomeOf(c.timeline, "o1", "thank_you"), name)
	}
}

func TestPages(t *testing.T) {
	for query, want := range map[string][4]int{
		"":        {0, 100, 0, 2},
		"page=2":  {100, 200, 1, 3},
		"page=3":  {200, 250, 2, 0},
		"page=4":  {0, 100, 0, 2},
		"page=-1": {0, 100, 0, 2},
		"page=x":  {0, 100, 0, 2},
	} {
		from, to, before, after := pageOf(httptest.NewRequest("GET", "/?"+query, nil), 250)
		require.Equal(t, want, [4]int{from, to, before, after}, query)
	}
	from, to, before, after := pageOf(httptest.NewRequest("GET", "/", nil), 0)
	require.Equal(t, [4]int{0, 0, 0, 0}, [4]int{from, to, before, after})
}
