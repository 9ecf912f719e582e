package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"flywheel/bounces"
	smtp "flywheel/integrations/mail"
	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/events/eventsfake"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
)

// told is a server that listens to a provider.
type told struct {
	*world
	provider *eventsfake.Provider
	metrics  *prometheus.Registry
}

func listening(t *testing.T, s *store.Store, provider string) *told {
	t.Helper()
	w := &told{world: serve(t, s), provider: eventsfake.New(provider, storetest.ClockOf(s).Now), metrics: prometheus.NewRegistry()}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	e, err := server.New(server.Options{
		Store: s, Queue: w.queue, Log: log, Now: w.clock.Now, Metrics: w.metrics,
		Feedback: &bounces.Desk{
			Store: s, Refs: smtp.NewRefs([][]byte{[]byte("key")}), Door: &events.Door{Now: w.clock.Now, Get: w.provider.Get},
			Provider: provider, Secret: w.provider.Secret, Log: log,
		},
	})
	require.NoError(t, err)
	w.handler = e
	return w
}

func (w *told) post(path string, d eventsfake.Delivery) int {
	w.t.Helper()
	return w.do(serverSide(d.Request("http://flywheel.example" + path))).Code
}

// What a shop's own provider tells is kept before the answer, once, and named in no log.
func TestMailDoor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := listening(t, s, events.Postmark)
		shop := w.shopify.ShopID
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.SaveSender(shop, store.Sender{
				Kind: store.SenderSMTP, State: store.SenderReady, Address: "hello@shop.example", Domain: "shop.example", Provider: events.Postmark, Endpoint: "theirs",
				Account: store.Account{Host: "smtp.example", Port: 587, Secret: w.provider.Secret},
			})
		})
		d := w.provider.Tell(eventsfake.What{Kind: events.Complaint, To: "ada@example.com"})
		for range 2 {
			require.Equal(t, 200, w.post("/webhooks/mail/postmark/theirs", d))
		}
		hash, err := s.AddressHash(t.Context(), shop, "ada@example.com")
		require.NoError(t, err)
		stops, err := s.Suppressions(t.Context(), shop, hash)
		require.NoError(t, err)
		require.Len(t, stops, 1)
		require.Equal(t, "complained", stops[0].Reason)
		all, err := s.Bounces(t.Context(), shop, hash, 10)
		require.NoError(t, err)
		require.Len(t, all, 1)

		require.Equal(t, 200, w.post("/webhooks/mail/postmark", d), "a mail without our reference is nobody's")
		require.Equal(t, 200, w.post("/webhooks/mail/postmark/theirs", w.provider.Sign([]byte(`{"RecordType":"Open"}`))), "what is unknown is none of ours")
		bad := eventsfake.New(events.Postmark, w.clock.Now).Tell(eventsfake.What{Kind: events.Hard, To: "ada@example.com"})
		for path, want := range map[string]int{
			"/webhooks/mail/postmark": 401, "/webhooks/mail/postmark/theirs": 401, "/webhooks/mail/postmark/nobody": 404,
			"/webhooks/mail/ses": 404, "/webhooks/mail/gmail": 404, "/webhooks/mail/resend/theirs": 404,
		} {
			require.Equal(t, want, w.post(path, bad), path)
		}
		require.Equal(t, 400, w.post("/webhooks/mail/postmark/theirs", w.provider.Sign([]byte(`{`))))
		require.Equal(t, 413, w.post("/webhooks/mail/postmark/theirs", w.provider.Sign(bytes.Repeat([]byte(" "), 1<<20+1))))
		require.Equal(t, 405, w.do(httptest.NewRequest(http.MethodGet, "/webhooks/mail/postmark", nil)).Code)
		require.NotContains(t, w.log.String(), "ada@")
		require.NotContains(t, w.log.String(), w.provider.Secret)

		figures, err := w.metrics.Gather()
		require.NoError(t, err)
		for _, f := range figures {
			if f.GetName() == "flywheel_mail_webhooks_total" {
				require.Len(t, f.GetMetric(), 7, "no label for each name that strangers make up")
			}
		}
	})
}

// What cannot be saved is not acknowledged; the provider tells it again.
func TestMailDoorWithoutDatabase(t *testing.T) {
	w := listening(t, storetest.Open(t, "sqlite"), events.Postmark)
	require.NoError(t, w.store.Close())
	ref := smtp.NewRefs([][]byte{[]byte("key")}).Encode(smtp.Ref{Shop: store.NewID(), Effect: store.NewID()})
	code := w.post("/webhooks/mail/postmark", w.provider.Tell(eventsfake.What{Kind: events.Hard, To: "ada@example.com", Ref: ref}))
	require.GreaterOrEqual(t, code, 500)
}

func TestNoMailDoorWhereNobodyListens(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	require.Equal(t, 404, w.do(httptest.NewRequest(http.MethodPost, "/webhooks/mail/ses", http.NoBody)).Code)
}
