package stripe

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

func TestRead(t *testing.T) {
	p := stripefake.Purchase{N: "7", Customer: "cus_7", Email: "Ada@Example.COM"}
	sub := stripefake.Purchase{N: "8", Customer: "cus_8", SubscriptionID: "sub_8"}
	guest := stripefake.Purchase{N: "9", Email: "-"}

	for name, c := range map[string]struct {
		object               stripefake.Object
		order, person, email string
	}{
		"session":              {p.Session(), "pi_7", "cus_7", "ada@example.com"},
		"subscription session": {sub.Session(), "in_8", "cus_8", "customer8@example.com"},
		"free session":         {p.Session().With("payment_intent", nil, "customer", nil), "cs_live_7", "", "ada@example.com"},
		"session, expanded":    {p.Session().With("payment_intent", p.PaymentIntent(), "customer", p.CustomerObject()), "pi_7", "cus_7", "ada@example.com"},
		"customer_email":       {guest.Session().With("customer_email", "bo@example.com"), "pi_9", "", "bo@example.com"},
		"intent":               {p.PaymentIntent(), "pi_7", "cus_7", ""},
		"receipt first":        {p.Charge(0).With("receipt_email", "receipt@example.com"), "pi_7", "cus_7", "receipt@example.com"},
		"charge":               {p.Charge(0), "pi_7", "cus_7", "ada@example.com"},
		"charge alone":         {p.Charge(0).With("payment_intent", nil), "ch_7", "cus_7", "ada@example.com"},
		"invoice":              {sub.Invoice("manual"), "pi_8", "cus_8", "customer8@example.com"},
		"invoice, no payment":  {sub.Invoice("manual").With("payment_intent", nil), "in_8", "cus_8", "customer8@example.com"},
		"refund":               {p.Refund("re_1", 1, "succeeded", noon), "pi_7", "", ""},
		"refund of a charge":   {p.Refund("re_1", 1, "succeeded", noon).Without("payment_intent"), "ch_7", "", ""},
		"dispute":              {p.Dispute("dp_1", "won", noon), "pi_7", "", ""},
		"customer":             {p.CustomerObject(), "", "cus_7", "ada@example.com"},
		"something else":       {stripefake.Object{"id": "prod_1", "object": "product"}, "", "", ""},
		"no address":           {guest.Session().With("customer_email", "not an address"), "pi_9", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			body := stripefake.Event{ID: "evt_1", Type: "some.topic", Created: noon, Account: "acct_1", Object: c.object}.Body()
			d, account, live, err := Read(body)
			require.NoError(t, err)
			require.Equal(t, commerce.Delivery{
				Platform: commerce.Stripe, Topic: "some.topic", ExternalID: "evt_1", TriggeredAt: commerce.At(noon),
				OrderRef: c.order, CustomerRef: c.person, Email: c.email, Body: body,
			}, d)
			require.Equal(t, "acct_1", account)
			require.True(t, live)
		})
	}

	t.Run("test event of the own account", func(t *testing.T) {
		_, account, live, err := Read(stripefake.Event{Type: "x", Created: noon, Test: true, Object: p.Session()}.Body())
		require.NoError(t, err)
		require.Empty(t, account)
		require.False(t, live)
	})

	t.Run("newer shapes", func(t *testing.T) {
		d, account, _, err := Read(fixture(t, "basil/session_completed.json"))
		require.NoError(t, err)
		require.Equal(t, "acct_shop", account)
		require.Equal(t, "pi_b1", d.OrderRef)
		require.Equal(t, "abdullah@example.sa", d.Email)
		d, _, _, err = Read(fixture(t, "basil/renewal_invoice_paid.json"))
		require.NoError(t, err)
		require.Equal(t, "pi_b2", d.OrderRef)
		d, _, _, err = Read(fixture(t, "basil/invoice_payment_paid.json"))
		require.NoError(t, err)
		require.Equal(t, "pi_b2", d.OrderRef)
	})
}

func TestReadRefuses(t *testing.T) {
	event := func(id, topic, created, object string) string {
		return fmt.Sprintf(`{"id":%s,"object":"event","type":%s,"created":%s,"livemode":true,"data":{"object":%s}}`, id, topic, created, object)
	}
	ok := event(`"evt_1"`, `"a.b"`, `1772366400`, `{}`)
	_, _, _, err := Read([]byte(ok))
	require.NoError(t, err)
	thin := "this is a thin event; the endpoint must be set to send snapshot events"
	shape := "the body is not a Stripe event with its id, type and object"
	when := "the event does not say when it was created"

	for name, c := range map[string]struct{ body, want string }{
		"empty":             {"", "the body is not JSON"},
		"half":              {ok[:40], "the body is not JSON"},
		"a list":            {"[" + ok + "]", shape},
		"null":              {"null", shape},
		"thin by object":    {`{"id":"evt_1","object":"v2.core.event","type":"x","created":"2026-03-01T12:00:00Z"}`, thin},
		"thin by v1 prefix": {event(`"evt_1"`, `"v1.charge.refunded"`, `1772366400`, `{}`), thin},
		"thin by v2 prefix": {event(`"evt_1"`, `"v2.core.account.updated"`, `1772366400`, `{}`), thin},
		"other object":      {strings.Replace(ok, `"event"`, `"charge"`, 1), shape},
		"no object":         {event(`"evt_1"`, `"a"`, `1772366400`, `null`), shape},
		"no id":             {event(`null`, `"a"`, `1772366400`, `{}`), shape},
		"id no text":        {event(`7`, `"a"`, `1772366400`, `{}`), shape},
		"no type":           {event(`"evt_1"`, `""`, `1772366400`, `{}`), shape},
		"created text":      {event(`"evt_1"`, `"a"`, `"1772366400"`, `{}`), when},
		"created 1e400":     {event(`"evt_1"`, `"a"`, `1e400`, `{}`), when},
		"created negative":  {event(`"evt_1"`, `"a"`, `-1`, `{}`), when},
		"created 10000":     {event(`"evt_1"`, `"a"`, `253402300800`, `{}`), when},
		"NUL in id":         {event(`"evt_\u0000"`, `"a"`, `1772366400`, `{}`), "the event's id is not plain text of at most 255 characters"},
		"line break":        {event(`"evt_\r\n"`, `"a"`, `1772366400`, `{}`), "the event's id is not plain text of at most 255 characters"},
		"long id":           {event(`"`+strings.Repeat("e", 256)+`"`, `"a"`, `1772366400`, `{}`), "the event's id is not plain text of at most 255 characters"},
		"Arabic type":       {event(`"evt_1"`, `"دفع"`, `1772366400`, `{}`), "the event's type is not plain text of at most 255 characters"},
		"payment id":        {event(`"evt_1"`, `"a"`, `1772366400`, `{"payment_intent":"p i"}`), "the event's payment is not plain text of at most 255 characters"},
		"customer id":       {event(`"evt_1"`, `"a"`, `1772366400`, `{"customer":"cüs"}`), "the event's customer is not plain text of at most 255 characters"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := Read([]byte(c.body))
			require.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
			require.Equal(t, c.want, fault.Sentence(err))
		})
	}

	t.Run("8 MiB of brackets", func(t *testing.T) { // ended the process with gjson.ValidBytes alone
		for _, part := range []string{"[", `{"a":`} {
			_, _, _, err := Read(bytes.Repeat([]byte(part), 8<<20/len(part)))
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		}
		deep := event(`"evt_1"`, `"a"`, `1772366400`, `{"payment_intent":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+`}`)
		_, _, _, err := Read([]byte(deep))
		require.NoError(t, err)
	})
}
