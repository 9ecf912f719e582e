package stripe

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

func TestEvents(t *testing.T) {
	p := stripefake.Purchase{Customer: "cus_1"}
	sale := stripefake.Event{Type: "charge.succeeded", Created: noon, Object: p.Charge(0)}.Body()
	refund := stripefake.Event{Type: "refund.created", Created: noon.Add(-time.Hour), Object: p.Refund("re_1", 5, "succeeded", noon), Version: "2025-03-31.basil"}.Body()
	test := stripefake.Event{ID: "evt_test", Type: "charge.succeeded", Created: noon, Test: true, Object: p.Charge(0)}.Body()
	other := stripefake.Event{ID: "evt_other", Type: "charge.succeeded", Created: noon, Account: "acct_2", Object: p.Charge(0)}.Body()
	client, calls := answering(t, func(asked) (int, any) {
		return http.StatusOK, rows(true, json.RawMessage(sale), json.RawMessage(refund), json.RawMessage(test), json.RawMessage(other),
			stripefake.Object{"id": "evt_half", "object": "event"})
	})
	page, err := client.Events(t.Context(), as("acct_1"), EventQuery{
		Types: []string{"charge.succeeded", "refund.created"}, After: 1772366400_700, Until: 1772370000_100, Undelivered: true, Cursor: "evt_0",
	})
	require.NoError(t, err)
	require.Equal(t, "evt_half", page.Next, "the list goes on after what cannot be read")
	require.Equal(t, 3, page.Bad, "test data, another's, half an event")
	require.Len(t, page.Events, 2)
	want, _, _, err := Read(jsonOf(t, json.RawMessage(sale)))
	require.NoError(t, err)
	require.Equal(t, want, page.Events[0], "as if it had come by the door")
	require.Equal(t, "pi_1", page.Events[1].OrderRef)
	c, err := Decode(page.Events[1])
	require.NoError(t, err)
	require.True(t, c.Order.Reread)

	form := (*calls)[0].form
	require.Equal(t, "/v1/events", (*calls)[0].path)
	require.Equal(t, map[string][]string{
		"types[]": {"charge.succeeded", "refund.created"}, "created[gte]": {"1772366400"}, "created[lte]": {"1772370000"},
		"delivery_success": {"false"}, "limit": {"100"}, "starting_after": {"evt_0"},
	}, map[string][]string(form))
}

func TestEventsOfAll(t *testing.T) {
	client, calls := answering(t, func(asked) (int, any) { return http.StatusOK, rows(false) })
	page, err := client.Events(t.Context(), as("acct_1"), EventQuery{})
	require.NoError(t, err)
	require.Zero(t, page)
	require.Equal(t, map[string][]string{"limit": {"100"}}, map[string][]string((*calls)[0].form))

	_, err = client.Events(t.Context(), as("acct_1"), EventQuery{Types: make([]string, 21)})
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	_, err = client.Events(t.Context(), Access{Key: "pk_live_1"}, EventQuery{})
	require.Equal(t, fault.Invalid, fault.KindOf(err), "a key of no mode")

	client, _ = answering(t, func(asked) (int, any) { return http.StatusOK, rows(true, stripefake.Object{"object": "event"}) })
	_, err = client.Events(t.Context(), as("acct_1"), EventQuery{})
	require.Equal(t, fault.Permanent, fault.KindOf(err), "a list that cannot be followed is not taken for a whole one")
	client, _ = answering(t, func(asked) (int, any) { return noAccess() })
	_, err = client.Events(t.Context(), as("acct_1"), EventQuery{})
	require.ErrorIs(t, err, ErrNoAccess)
}

func TestEventTypes(t *testing.T) {
	var all []string
	for _, list := range EventTypes() {
		require.NotEmpty(t, list)
		require.LessOrEqual(t, len(list), maxTypes)
		all = append(all, list...)
	}
	require.True(t, slices.IsSorted(all), "the same lists every time: a cursor names one by its place")
	require.Equal(t, all, slices.Compact(slices.Clone(all)))
	for topic := range decoders {
		// What is ignored whatever it holds need not be asked for.
		c, err := Decode(commerce.Delivery{Body: stripefake.Event{Type: topic, Created: noon, Object: stripefake.Object{}}.Body()})
		ignored := err == nil && c.Ignored != "" && topic != "invoice_payment.paid" && topic != "invoice.payment_failed"
		app := strings.HasPrefix(topic, "account.application.")
		require.Equal(t, !ignored && !app, slices.Contains(all, topic), topic)
	}
}
