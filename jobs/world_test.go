package jobs

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

func TestMain(m *testing.M) {
	if told := os.Getenv(victimEnv); told != "" {
		os.Exit(asVictim(told))
	}
	goleak.VerifyTestMain(m)
}

const ada = "ada@example.com"

// patience is how long a test waits for what certainly comes: it ends a hang, it promises nothing.
const patience = 3 * time.Minute

// world is a worker whose parts a test runs by hand, one after the other, over
// a real store and a real mail server. Nothing runs by itself.
type world struct {
	*Worker
	t    *testing.T
	shop commerce.ShopID
	conn commerce.Connection
	sink *mailfake.Sink
	db   string

	stripeAt string // where Stripe is; "" = nowhere
}

// each tells a story on every engine.
func each(t *testing.T, story func(t *testing.T, w *world)) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			story(t, newWorld(t, engine))
		})
	}
}

func newWorld(t *testing.T, engine string) *world {
	w := &world{t: t, db: storetest.Prepared(t, engine)}
	s := storetest.OpenURL(t, w.db)
	w.shop = storetest.Shop(t, s, func(s *commerce.Shop) { s.Country = "GB" })
	w.conn = storetest.Connection(t, s, w.shop)
	for _, name := range templates.DefaultPlaybooks() {
		data, err := templates.Playbook(name)
		require.NoError(t, err)
		d, err := campaign.Parse(data)
		require.NoError(t, err)
		_, err = s.SaveCampaign(t.Context(), w.shop, campaign.CampaignID(name), d, campaign.Live)
		require.NoError(t, err)
	}
	var err error
	w.sink, err = mailfake.Start(mailfake.Options{Now: storetest.ClockOf(s).Now})
	require.NoError(t, err)
	t.Cleanup(w.sink.Stop)
	w.Worker = w.worker(s)
	return w
}

// worker makes one more worker over a store; it is not started.
func (w *world) worker(s *store.Store) *Worker {
	w.t.Helper()
	sender, err := mail.Open(w.sink.URL(), mail.Options{Now: storetest.ClockOf(s).Now})
	require.NoError(w.t, err)
	w.t.Cleanup(sender.Close)
	policy, err := gate.ParsePolicy(templates.ConsentPolicy())
	require.NoError(w.t, err)
	log := slog.New(slog.DiscardHandler)
	q, err := OpenQueue("", s, log)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, q.Close()) })
	return New(Options{Store: s, Queue: q, Mail: sender, Policy: policy, Log: log, BaseURL: "http://flywheel.example"})
}

func (w *world) now() time.Time { return storetest.ClockOf(w.Store).Now() }

// order is a paid order of Ada's.
func (w *world) order(id int64) *shopifyfake.Order {
	return shopifyfake.NewOrder(id, w.now()).For(shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada"}, "GB")
}

// tell merges what a delivery of Shopify says, as a drain would, and returns
// what is due at once, leased to this worker and not yet run.
func (w *world) tell(topic string, bodies ...[]byte) []campaign.Enrollment {
	w.t.Helper()
	return w.merge(w.decode(topic, bodies...))
}

// decode reads deliveries of Shopify.
func (w *world) decode(topic string, bodies ...[]byte) (batch []decoded) {
	w.t.Helper()
	for _, body := range bodies {
		d := commerce.Delivery{ShopID: w.shop, ConnectionID: w.conn.ID, Platform: commerce.Shopify, Topic: topic, TriggeredAt: w.Store.Now(), ReceivedAt: w.Store.Now(), Body: body}
		change, err := shopify.Decode(d)
		require.NoError(w.t, err)
		batch = append(batch, decoded{delivery: d, change: change})
	}
	return batch
}

// merge applies a batch as a drain would.
func (w *world) merge(batch []decoded) []campaign.Enrollment {
	w.t.Helper()
	lease, ok, err := w.Store.LeaseInbox(w.t.Context(), w.shop, store.NewID())
	require.NoError(w.t, err)
	require.True(w.t, ok)
	campaigns, err := w.campaigns.ofShop(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	m, err := w.apply(w.t.Context(), lease, campaigns, batch)
	require.NoError(w.t, err)
	require.NoError(w.t, w.Store.ReleaseInbox(w.t.Context(), lease))
	return m.due
}

// claim takes rows up to where the mail would be sent.
func (w *world) claim(es []campaign.Enrollment) []*run {
	w.t.Helper()
	runs, err := w.prepare(w.t.Context(), w.shop, es)
	require.NoError(w.t, err)
	require.NoError(w.t, w.decide(w.t.Context(), w.shop, runs))
	return claimed(runs)
}

// due queues what is due and returns it as the task's worker reads it.
func (w *world) due() []campaign.Enrollment {
	w.t.Helper()
	chunks, err := w.Store.QueueDue(w.t.Context(), []commerce.ShopID{w.shop})
	require.NoError(w.t, err)
	var out []campaign.Enrollment
	for _, c := range chunks {
		es, err := w.Store.EnrollmentsForRun(w.t.Context(), w.shop, c.Runs)
		require.NoError(w.t, err)
		out = append(out, es...)
	}
	return out
}

// settle runs what is due until nothing is.
func (w *world) settle() {
	w.t.Helper()
	for range 20 {
		es := w.due()
		if len(es) == 0 {
			return
		}
		w.runStep(w.t.Context(), w.shop, w.work(w.shop, es))
	}
	w.t.Fatal("the work does not come to an end")
}

func (w *world) count(text string, args ...any) int {
	w.t.Helper()
	var n int
	require.NoError(w.t, storetest.DB(w.t, w.db).QueryRowContext(w.t.Context(), text, args...).Scan(&n))
	return n
}
