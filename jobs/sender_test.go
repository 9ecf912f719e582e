package jobs

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
	"flywheel/sender"
	"flywheel/store"
	"flywheel/store/storetest"
)

// shares gives the world a shared sender.
func (w *world) shares() {
	w.Senders = sender.New(sender.Options{
		Store: w.Store, Domain: "mail.flywheel.example", Mail: w.Mail, Refs: mail.NewRefs([][]byte{[]byte("key")}), BaseURL: w.BaseURL,
		Account: mail.Options{AllowPrivate: true}, Rates: sender.NewRates(w.Queue.Redis()),
	})
	w.t.Cleanup(w.Senders.Close)
}

// fills takes up what the shared sender's day has, but for so many.
func (w *world) fills(but int64) {
	w.t.Helper()
	way, err := w.way(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	_, err = w.Store.TakeSending(w.t.Context(), w.shop, way.Counted, way.Day, way.DailyLimit-but, way.DailyLimit)
	require.NoError(w.t, err)
}

func (w *world) taken() int {
	return w.count(`SELECT COALESCE(SUM(taken), 0) FROM sender_days WHERE shop_id = $1`, string(w.shop))
}

// By the shared sender a mail is from us and the shop, answers go to the shop,
// and servers report to an address that says which mail it was.
func TestAMailByTheSharedSender(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shares()
		runs := w.claim(w.tell("orders/paid", w.order(1).Body()))
		w.reachOut(t.Context(), w.shop, runs)
		require.Len(t, w.sink.Mails(), 1)
		sent := w.sink.Mails()[0]
		m, err := sent.Read()
		require.NoError(t, err)
		require.Contains(t, m.Get("From"), "<shops@mail.flywheel.example>")
		require.Contains(t, m.Get("From"), "via Flywheel")
		require.Contains(t, m.Get("Reply-To"), "hello@shop.example")
		require.Contains(t, m.Get("Message-ID"), "@mail.flywheel.example")
		ref, err := w.Senders.Refs.Decode(sent.From)
		require.NoError(t, err)
		require.Equal(t, string(runs[0].effect.ID), ref.Effect)
		require.Equal(t, string(w.shop), ref.Shop)
		require.Equal(t, 1, w.taken())
	})
}

// Without a shared domain nothing is counted, nothing stands in the mail, and From is the shop.
func TestAMailAsTheShopItself(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.reachOut(t.Context(), w.shop, w.claim(w.tell("orders/paid", w.order(1).Body())))
	require.Len(t, w.sink.Mails(), 1)
	require.Equal(t, "hello@shop.example", w.sink.Mails()[0].From)
	require.NotContains(t, string(w.sink.Mails()[0].Raw), mail.RefHeader)
	require.Zero(t, w.taken())
}

// What a day has no room for goes the next morning, with its reason, under the same id.
func TestADaysLimitPutsOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shares()
		w.fills(1)
		before := w.taken()
		runs := w.claim(w.tell("orders/paid", w.order(1).Body(), w.order(2).Body(), w.order(3).Body()))
		require.Len(t, runs, 3)
		w.reachOut(t.Context(), w.shop, runs)
		require.Len(t, w.sink.Mails(), 1)
		require.Equal(t, before+1, w.taken(), "what did not go is not counted")
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM decisions WHERE answer = 'defer' AND reason = $1`, string(gate.SendingLimit)))
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'withdrawn'`))
		tomorrow := store.SendingDay(w.Store.Now()).Add(24 * time.Hour)
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM enrollments WHERE state = 'active' AND due_at > $1 AND due_at < $2`, int64(tomorrow), int64(tomorrow.Add(5*time.Hour))))
		require.Empty(t, w.due())

		storetest.ClockOf(w.Store).Advance(tomorrow.Add(6 * time.Hour).Time().Sub(w.now()))
		w.settle()
		require.Len(t, w.sink.Mails(), 3)
		require.Equal(t, 3, w.count(`SELECT COUNT(*) FROM effects`), "none was claimed twice")
	})
}

// A mail that its server does not take at the moment gives its place back.
func TestARetryTakesNoRoom(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.shares()
	w.sink.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "rcpt", Code: 451} })
	w.reachOut(t.Context(), w.shop, w.claim(w.tell("orders/paid", w.order(1).Body())))
	require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'retry'`))
	require.Zero(t, w.taken())
}

// A stop counts until the last moment and holds; taken up again, the mail goes out.
func TestAStoppedSenderHolds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shares()
		runs := w.claim(w.tell("orders/paid", w.order(1).Body()))
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			return tx.SaveSender(w.shop, store.Sender{Kind: store.SenderShared, State: store.SenderStopped, StoppedReason: "complaints"})
		})
		w.shares() // read anew
		w.reachOut(t.Context(), w.shop, runs)
		w.settle()
		require.Empty(t, w.sink.Mails())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM decisions WHERE answer = 'hold' AND reason = $1`, string(gate.SenderStopped)))

		require.NoError(t, w.Senders.Resume(t.Context(), w.shop))
		for more := true; more; {
			var err error
			more, err = w.Store.TouchMore(t.Context())
			require.NoError(t, err)
		}
		w.settle()
		require.Len(t, w.sink.Mails(), 1)
	})
}

// Only who has an order here is written to by an address that all shops share.
func TestTheSharedSenderWritesToBuyers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		buyer, stranger := storetest.Person(t, w.Store, w.shop), storetest.Person(t, w.Store, w.shop)
		storetest.Order(t, w.Store, w.shop, buyer.ID)
		shop, err := w.Store.Shop(t.Context(), w.shop)
		require.NoError(t, err)
		for _, only := range []bool{true, false} {
			f := &gateFacts{shop: shop, way: sender.Way{OnlyBuyers: only}}
			storetest.Do(t, w.Store, func(tx *store.Tx) error { return f.loadBuyers(tx, []*run{{person: buyer}, {person: stranger}}) })
			said := func(p commerce.Person, o *store.StoredOrder) gate.Sender {
				return f.about(p, o, gate.Service, commerce.ByMail, w.Policy).Sender
			}
			require.Equal(t, gate.Sender{OnlyBuyers: only, Bought: only}, said(buyer, nil), "nobody is looked up without need")
			require.Equal(t, gate.Sender{OnlyBuyers: only}, said(stranger, nil))
			require.True(t, said(stranger, &store.StoredOrder{Order: commerce.Order{Keys: []commerce.SourceKey{{Platform: commerce.Shopify}}}}).Bought, "the message is about an order")
		}
	})
}

// What a provider does not take within reason waits a minute.
func TestTheRateOfAProviderPutsOff(t *testing.T) {
	w := newWorld(t, "sqlite")
	runs := w.claim(w.tell("orders/paid", w.order(1).Body(), w.order(2).Body()))
	var r room
	r.putOff(w.Store.Now(), runs[1:], func(*run) commerce.Instant { return w.Store.Now().Add(time.Minute) })
	require.Len(t, r.decisions, 1)
	require.Equal(t, gate.SendingLimit, r.decisions[0].Decision.Reason)
	require.Equal(t, store.Withdrawn, r.results[0].State)
	require.True(t, strings.Contains(r.results[0].Note, "no more at the moment"))
	require.Equal(t, w.Store.Now().Add(time.Minute), runs[1].move.DueAt)
}

func TestRoomIsGivenBackWhereNothingWent(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.shares()
	runs := w.claim(w.tell("orders/paid", w.order(1).Body(), w.order(2).Body()))
	require.NoError(t, w.sends.Acquire(t.Context(), int64(2*w.Connections))) // a slow server holds all
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	w.reachOut(ctx, w.shop, runs)
	w.sends.Release(int64(2 * w.Connections))
	require.Empty(t, w.sink.Mails())
	require.Zero(t, w.taken(), "reserved although nothing went")
}
