package sender

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/dnsfake"
	"flywheel/integrations/mail/mailfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a desk over a real store, a DNS server and a mail server.
type world struct {
	*Desk
	t    *testing.T
	dns  *dnsfake.Server
	sink *mailfake.Sink
	shop commerce.ShopID
}

// each tells a story on every engine.
func each(t *testing.T, story func(t *testing.T, w *world)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { story(t, open(t, s)) })
}

func open(t *testing.T, s *store.Store, change ...func(*Options)) *world {
	t.Helper()
	dns, err := dnsfake.Start()
	require.NoError(t, err)
	t.Cleanup(dns.Stop)
	sink, err := mailfake.Start(mailfake.Options{Now: storetest.ClockOf(s).Now})
	require.NoError(t, err)
	t.Cleanup(sink.Stop)
	out, err := mail.Open(sink.URL(), mail.Options{})
	require.NoError(t, err)
	t.Cleanup(out.Close)
	o := Options{
		Store: s, Domain: "mail.flywheel.example", Mail: out, Refs: mail.NewRefs([][]byte{[]byte("key")}), Resolver: dns.Resolver(),
		BaseURL: "https://app.flywheel.example", Account: mail.Options{AllowPrivate: true},
	}
	for _, c := range change {
		c(&o)
	}
	d := New(o)
	t.Cleanup(d.Close)
	return &world{d, t, dns, sink, storetest.Shop(t, s)}
}

// publish puts what the shop's page lists into DNS, but for what is left out.
func (w *world) publish(leave ...string) {
	w.t.Helper()
	v, err := w.Show(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	for _, r := range v.Records {
		skip := false
		for _, kind := range leave {
			skip = skip || r.Kind == kind
		}
		if r.Key != "" && !skip {
			w.dns.TXT(r.Name, r.Value)
		}
	}
}

// withdraw takes every record of the shop's keys out of DNS.
func (w *world) withdraw() {
	w.t.Helper()
	v, err := w.Show(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	for _, r := range v.Records {
		w.dns.TXT(r.Name)
	}
}

func (w *world) way() Way {
	w.t.Helper()
	way, err := w.Of(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	return way
}

// told lists the kinds of notices, the newest first.
func (w *world) told() (kinds []store.NoticeKind) {
	w.t.Helper()
	all, err := w.Store.LastNotices(w.t.Context(), w.shop, 50)
	require.NoError(w.t, err)
	for _, n := range all {
		kinds = append(kinds, n.Kind)
	}
	return kinds
}

func (w *world) advance(d time.Duration) { storetest.ClockOf(w.Store).Advance(d) }

// ownDomain has the shop write from hello@nour.example, with its records in DNS.
func (w *world) ownDomain() {
	w.t.Helper()
	require.NoError(w.t, w.UseDomain(w.t.Context(), w.shop, Writer{Address: "hello@nour.example", Name: "Nour"}))
	w.publish()
	require.NoError(w.t, w.Check(w.t.Context(), w.shop))
	require.Equal(w.t, Domain, w.way().Kind)
}

// anAccount is one at a mail server of its own.
func anAccount(w *world, sink *mailfake.Sink) Account {
	w.t.Helper()
	u, err := url.Parse(sink.URL())
	require.NoError(w.t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(w.t, err)
	return Account{
		Writer: Writer{Address: "hello@nour.example"}, Provider: mail.Other, Host: u.Hostname(), Port: port, User: sink.User, Password: sink.Password,
	}
}

// complain has people complain about mails of a shop.
func complain(w *world, shop commerce.ShopID, times int) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		for range times {
			if _, err := tx.AddBounce(shop, store.Bounce{Key: store.NewID(), Kind: gate.Complaint, AddressHash: store.NewID(), Source: "arf", At: w.Store.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
}
