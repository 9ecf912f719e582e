package server_test

import (
	"bytes"
	"encoding/csv"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// sheet reads a list as a file.
func (b *bought) sheet(g *guest, path string) [][]string {
	b.t.Helper()
	rec := g.get(b.base + path)
	require.Equal(b.t, http.StatusOK, rec.Code, path)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(read(b.t, rec), "\uFEFF"))).ReadAll()
	require.NoError(b.t, err)
	return rows
}

// Every list is there for who looks, empty and filled, in every language, and as a file.
func TestListsAreShown(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		for _, path := range []string{"messages", "unknown", "webhooks", "findings", "suppression", "tasks"} {
			rec := b.viewer.get(b.base + "/lists/" + path)
			require.Equal(t, http.StatusOK, rec.Code, path)
			require.Contains(t, read(t, rec), "<main id=\"main\"", path)
			require.Equal(t, http.StatusOK, b.viewer.get(b.base+"/lists/"+path+"?after=%27nonsense&state=nonsense&q=nonsense&kind=%27").Code, path)
		}
	})
}

func TestTheListOfMessages(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		page := read(t, b.viewer.get(b.base+"/lists/messages"))
		require.Contains(t, page, "أحمدي")
		require.Contains(t, page, b.base+"/messages/thank_you/")
		require.Contains(t, page, "#order-"+string(b.order.ID))
		require.Contains(t, page, "about to be written")
		require.NotContains(t, page, "fatima@nour")
		require.Contains(t, read(t, b.viewer.get(b.base+"/lists/messages?state=sent")), "Nothing matches")
		require.Contains(t, read(t, b.viewer.get(b.base+"/lists/messages?state=claimed&campaign=thank_you")), "أحمدي")
		require.NotContains(t, read(t, b.viewer.get(b.base+"/lists/messages?campaign=other")), "أحمدي")
		rows := b.sheet(b.viewer, "/lists/messages?as=csv")
		require.Len(t, rows, 2)
		require.Equal(t, "f•••@nour.example", rows[1][7])
		require.Equal(t, "#1001", rows[1][8])
		require.Equal(t, "fatima@nour.example", b.sheet(b.builder, "/lists/messages?as=csv")[1][7])
	})
}

func TestUncertainMessagesAreSettled(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		b.park()
		page := read(t, b.publisher.get(b.base+"/lists/unknown"))
		require.Contains(t, page, "451 later")
		require.Contains(t, page, `name="id" value="`+string(b.effect)+`"`)
		require.NotContains(t, read(t, b.viewer.get(b.base+"/lists/unknown")), "/unknown/resend")
		require.Equal(t, http.StatusForbidden, b.builder.post(b.base+"/lists/unknown/resend", "id", string(b.effect)).Code)
		rec := b.publisher.post(b.base+"/lists/unknown/resend", "id", string(b.effect), "id", "another")
		require.Equal(t, b.base+"/lists/unknown?said=lists_resent&number=1", rec.Header().Get("Location"))
		o, err := b.store.Outward(t.Context(), b.shop, b.effect)
		require.NoError(t, err)
		require.Equal(t, store.Withdrawn, o.State)
		b.park()
		require.Contains(t, read(t, b.publisher.get(b.publisher.post(b.base+"/lists/unknown/sent", "id", string(b.effect)).Header().Get("Location"))), "1 message is treated as sent")
		many := make([]string, 0, 500)
		for i := range 201 {
			many = append(many, "id", strings.Repeat("x", i+1))
		}
		require.Equal(t, http.StatusBadRequest, b.publisher.post(b.base+"/lists/unknown/sent", many...).Code)
	})
}

func TestWebhooksAreReadAndReplayed(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		good := storetest.AddDelivery(t, b.store, b.conn, func(d *commerce.Delivery) { d.Body = []byte(`{"note":"</pre><script>alert(2)</script>"}`) })
		bad := storetest.AddDelivery(t, b.store, b.conn, func(d *commerce.Delivery) { d.Topic = "orders/updated" })
		storetest.Do(t, b.store, func(tx *store.Tx) error {
			return tx.FinishInbox(b.shop, []store.InboxResult{{ID: good.ID}, {ID: bad.ID, Quarantined: true, Note: "line 3: <b>no"}})
		})
		page := read(t, b.viewer.get(b.base+"/lists/webhooks"))
		require.Contains(t, page, "line 3: &lt;b&gt;no")
		require.NotContains(t, page, "/webhooks/replay")
		held := read(t, b.publisher.get(b.base+"/lists/webhooks?state=quarantined"))
		require.Contains(t, held, "orders/updated")
		require.NotContains(t, held, string(good.ID))
		require.Contains(t, held, "/webhooks/replay")
		require.NotContains(t, read(t, b.viewer.get(b.base+"/lists/webhooks?topic=orders/paid")), string(bad.ID))
		require.Len(t, b.sheet(b.viewer, "/lists/webhooks?as=csv&state=done"), 2)

		one := b.base + "/lists/webhooks/" + string(good.ID)
		require.NotContains(t, read(t, b.viewer.get(one)), "alert(2)")
		for _, guest := range []*guest{b.viewer, b.builder, b.publisher} {
			require.Equal(t, http.StatusForbidden, guest.get(one+"/body").Code, "a body is a customer's data")
		}
		body := read(t, b.owner.get(one+"/body"))
		require.Contains(t, body, "&lt;/pre&gt;&lt;script&gt;alert(2)")
		lines, err := b.store.AuditLines(t.Context(), b.shop, store.AuditFilter{Act: "/lists/webhooks/:delivery/body"}, 10)
		require.NoError(t, err)
		require.Len(t, lines, 1)
		require.Contains(t, lines[0].Subject, string(good.ID), "who looked at which")

		require.Equal(t, http.StatusForbidden, b.builder.post(b.base+"/lists/webhooks/replay", "id", string(bad.ID)).Code)
		require.Equal(t, http.StatusNotFound, b.publisher.post(one+"/replay").Code, "it was read")
		require.Equal(t, http.StatusSeeOther, b.publisher.post(b.base+"/lists/webhooks/"+string(bad.ID)+"/replay").Code)
		waiting, err := b.store.NextInbox(t.Context(), b.shop, 10)
		require.NoError(t, err)
		require.Len(t, waiting, 1)
		other := storetest.AddDelivery(t, b.store, storetest.Connection(t, b.store, storetest.Shop(t, b.store)))
		require.Equal(t, http.StatusNotFound, b.owner.get(b.base+"/lists/webhooks/"+string(other.ID)).Code)
	})
}

func TestFindings(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		storetest.Do(t, b.store, func(tx *store.Tx) error {
			_ = tx.AddFinding(b.shop, "order_missed", string(b.order.ID), "no webhook <i>told")
			return tx.AddFinding(b.shop, "strange", "x", "y")
		})
		page := read(t, b.viewer.get(b.base+"/lists/findings"))
		require.Contains(t, page, "No webhook told of an order")
		require.Contains(t, page, "no webhook &lt;i&gt;told")
		require.Contains(t, page, b.customer(b.sara)+"?to=order-")
		require.Contains(t, page, "strange", "a kind without words stands as it is")
		require.NotContains(t, read(t, b.viewer.get(b.base+"/lists/findings?kind=strange")), "&lt;i&gt;")
		require.Len(t, b.sheet(b.viewer, "/lists/findings?as=csv"), 3)
	})
}

func TestTheSuppressionList(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		at := b.base + "/lists/suppression"
		require.Equal(t, http.StatusForbidden, b.builder.post(at+"/add", "address", "x@y.example", "scope", "all").Code)
		wrong := b.publisher.post(at+"/add", "address", "nobody", "scope", "all")
		require.Equal(t, http.StatusUnprocessableEntity, wrong.Code)
		require.Contains(t, read(t, wrong), `value="nobody"`)
		require.Equal(t, http.StatusSeeOther, b.publisher.post(at+"/add", "address", "Stranger@Nour.example", "scope", "all", "until", "2099-12-31").Code)
		hash, err := b.store.AddressHash(t.Context(), b.shop, b.sara.Email)
		require.NoError(t, err)
		storetest.Do(t, b.store, func(tx *store.Tx) error {
			return tx.SuppressBy(b.shop, hash, gate.TopicScope("reviews"), "unsubscribed", b.effect)
		})
		page := read(t, b.builder.get(at))
		require.Contains(t, page, "stranger@nour.example")
		require.Contains(t, page, "أحمدي", "whose link was used")
		require.Contains(t, page, "they unsubscribed")
		require.NotContains(t, read(t, b.viewer.get(at)), "stranger@nour")
		found := read(t, b.builder.get(at+"?q=STRANGER@nour.example"))
		require.Contains(t, found, "stranger@nour.example")
		require.NotContains(t, found, "أحمدي")
		require.Contains(t, read(t, b.builder.get(at+"?q=else@nour.example")), "Nothing matches")

		require.Equal(t, http.StatusForbidden, b.publisher.get(at+"/file").Code)
		require.Contains(t, read(t, b.owner.get(at+"/file")), "stranger@nour.example,all,")
		rec := b.publisher.post(at+"/drop", "id", hash+" topic:reviews", "id", "nothing all")
		require.Equal(t, at+"?said=lists_lifted&number=1", rec.Header().Get("Location"))
		require.NotContains(t, read(t, b.builder.get(at)), "أحمدي")
	})
}

// A file, or what is pasted, with a report of what became of its lines.
func TestAListIsImported(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		at := b.base + "/lists/suppression/import"
		send := func(g *guest, content string) *httptest.ResponseRecorder {
			var body bytes.Buffer
			w := multipart.NewWriter(&body)
			part, err := w.CreateFormFile("file", "list.csv")
			require.NoError(t, err)
			_, _ = part.Write([]byte(content))
			require.NoError(t, w.Close())
			return g.do(http.MethodPost, at, nil, func(r *http.Request) {
				*r = *httptest.NewRequest(http.MethodPost, "https://flywheel.example"+at, &body)
				r.Header.Set("Content-Type", w.FormDataContentType())
				r.Header.Set("Sec-Fetch-Site", "same-origin")
				for name, value := range g.cookies {
					r.AddCookie(&http.Cookie{Name: name, Value: value})
				}
			})
		}
		require.Equal(t, http.StatusForbidden, send(b.builder, "address\na@b.example\n").Code)
		report := read(t, send(b.publisher, "address,scope\na@b.example,all\nb@b.example,\n<script>x</script>,all\n"))
		require.Contains(t, report, "The list was read")
		require.Contains(t, report, "line 4")
		require.NotContains(t, report, "<script>x")
		require.Contains(t, read(t, b.builder.get(b.base+"/lists/suppression")), "a@b.example")
		require.Equal(t, http.StatusUnprocessableEntity, send(b.publisher, "name\nx\n").Code)
		require.Equal(t, http.StatusUnprocessableEntity, b.publisher.post(at, "lines", " ").Code)
		require.Contains(t, read(t, b.publisher.post(at, "lines", "address\nc@b.example\n")), "The list was read")
		large := send(b.publisher, "address\n"+strings.Repeat("x@b.example\n", 100_000))
		require.GreaterOrEqual(t, large.Code, 400)
	})
}

func TestCallsAreMade(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		storetest.Do(t, b.store, func(tx *store.Tx) error {
			return tx.AddTask(b.shop, store.Task{ID: "f1", Person: b.sara.ID, Order: b.order.ID, Campaign: "thank_you", Title: "Call " + hostile, Script: "Say\n<b>hello", DueAt: b.store.Now()})
		})
		require.Contains(t, read(t, b.viewer.get(b.base+"/lists/tasks")), "Call &lt;script&gt;")
		one := b.base + "/lists/tasks/f1"
		page := read(t, b.publisher.get(one))
		require.Contains(t, page, `href="tel:&#43;966501234567"`)
		require.Contains(t, page, "&lt;b&gt;hello")
		require.Contains(t, page, "Asia/Riyadh", "and how late it is there")
		require.Regexp(t, `\b(15|3):00`, page, "noon in London")
		viewer := read(t, b.viewer.get(one))
		require.NotContains(t, viewer, "tel:")
		require.NotContains(t, viewer, "/done")
		require.Equal(t, http.StatusForbidden, b.builder.post(one+"/done", "outcome", "reached").Code)
		require.Equal(t, http.StatusUnprocessableEntity, b.publisher.post(one+"/done").Code)
		require.Equal(t, http.StatusSeeOther, b.publisher.post(one+"/done", "outcome", "reached", "note", "fine <i>").Code)
		require.Equal(t, http.StatusConflict, b.publisher.post(one+"/done", "outcome", "reached").Code, "somebody was faster")
		require.Contains(t, read(t, b.viewer.get(one)), "fine &lt;i&gt;")
		require.Contains(t, read(t, b.viewer.get(b.base+"/lists/tasks?state=done")), "reached")
		require.Len(t, b.sheet(b.viewer, "/lists/tasks?as=csv&state=done"), 2)
		require.Equal(t, http.StatusSeeOther, b.publisher.post(one+"/reopen").Code)
		require.Equal(t, http.StatusNotFound, b.viewer.get(b.base+"/lists/tasks/nothing").Code)
	})
}
