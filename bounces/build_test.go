package bounces_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/bounces"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/events/eventsfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// each tells a story on both engines.
func each(t *testing.T, provider string, story func(t *testing.T, w *world)) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Prepared(t, engine)
			w := open(t, storetest.OpenURL(t, address), provider)
			w.db = storetest.DB(t, address)
			story(t, w)
		})
	}
}

// world is a shop whose mails are told of.
type world struct {
	*bounces.Desk
	t          *testing.T
	db         *sql.DB
	shop       commerce.ShopID
	connection commerce.Connection
	person     commerce.Person
	hash       string
	provider   *eventsfake.Provider
	weighed    []commerce.ShopID
	log        bytes.Buffer
}

func open(t *testing.T, s *store.Store, provider string) *world {
	t.Helper()
	clock := storetest.ClockOf(s).Now
	w := &world{t: t, shop: storetest.Shop(t, s), provider: eventsfake.New(provider, clock)}
	w.Desk = &bounces.Desk{
		Store: s, Refs: mail.NewRefs([][]byte{[]byte("key")}), Door: &events.Door{Now: clock, Get: w.provider.Get},
		Provider: provider, Secret: w.provider.Secret, Log: slog.New(slog.NewJSONHandler(&w.log, nil)),
		Weigh: func(_ context.Context, shop commerce.ShopID) error {
			w.weighed = append(w.weighed, shop)
			return nil
		},
	}
	w.connection = storetest.Connection(t, s, w.shop)
	w.person = storetest.Person(t, s, w.shop)
	var err error
	w.hash, err = s.AddressHash(t.Context(), w.shop, w.person.Email)
	require.NoError(t, err)
	return w
}

// beside is another shop at the same desk, whose customer has the same address.
func (w *world) beside() *world {
	o := &world{t: w.t, db: w.db, Desk: w.Desk, shop: storetest.Shop(w.t, w.Store), provider: w.provider}
	o.connection = storetest.Connection(w.t, w.Store, o.shop)
	o.person = storetest.Person(w.t, w.Store, o.shop, func(p *commerce.Person) { p.Email = w.person.Email })
	var err error
	o.hash, err = w.Store.AddressHash(w.t.Context(), o.shop, o.person.Email)
	require.NoError(w.t, err)
	return o
}

// sent is a mail to the person that a server has taken.
func (w *world) sent(change ...func(*store.Effect)) store.EffectID {
	w.t.Helper()
	order := storetest.Order(w.t, w.Store, w.shop, w.person.ID)
	f := storetest.Effect(storetest.Enroll(w.t, w.Store, w.shop, order), w.connection, w.hash, append([]func(*store.Effect){func(f *store.Effect) {
		f.Class = gate.Service
	}}, change...)...)
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		claimed, err := tx.ClaimEffects(w.shop, []store.Effect{f})
		f.ID = claimed[f.Enrollment].ID
		return err
	})
	w.exec(`UPDATE effects SET state = 'sent', sending_at = claimed_at, done_at = $2 WHERE id = $1`, string(f.ID), int64(w.Store.Now()))
	return f.ID
}

func (w *world) exec(text string, args ...any) {
	w.t.Helper()
	_, err := w.db.ExecContext(w.t.Context(), text, args...)
	require.NoError(w.t, err)
}

// count is a query's number.
func (w *world) count(text string, args ...any) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.QueryRowContext(w.t.Context(), text, args...).Scan(&n))
	return n
}

// ref is how a mail names itself.
func (w *world) ref(id store.EffectID) string {
	return w.Refs.Encode(mail.Ref{Shop: string(w.shop), Effect: string(id)})
}

// tell has the provider tell of a mail.
func (w *world) tell(kind events.Kind, id store.EffectID) bounces.Taken {
	w.t.Helper()
	n, err := w.hear("", w.provider.Tell(eventsfake.What{Kind: kind, To: w.person.Email, Ref: w.ref(id)}))
	require.NoError(w.t, err)
	return n
}

func (w *world) hear(endpoint string, d eventsfake.Delivery) (bounces.Taken, error) {
	return w.Hear(w.t.Context(), w.provider.Name, endpoint, d.Header, d.Body)
}

// stops are the reasons for which the address gets nothing any more.
func (w *world) stops() (out []string) {
	w.t.Helper()
	all, err := w.Store.Suppressions(w.t.Context(), w.shop, w.hash)
	require.NoError(w.t, err)
	for _, s := range all {
		require.Equal(w.t, gate.ScopeAll, s.Scope)
		out = append(out, s.Reason)
	}
	return out
}

func (w *world) bounces() []store.Bounce {
	w.t.Helper()
	all, err := w.Store.Bounces(w.t.Context(), w.shop, w.hash, 100)
	require.NoError(w.t, err)
	return all
}

// dsn is a report of a server as it comes to a mail's return path.
func dsn(code, words string) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf(`Date: Mon, 2 Nov 2026 12:00:00 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; somebody-else@example.com
Action: failed
Status: %s
Diagnostic-Code: smtp; %s

--x--
`, code, words), "\n", "\r\n"))
}

// after lets time pass.
func (w *world) after(d time.Duration) { storetest.ClockOf(w.Store).Advance(d) }
