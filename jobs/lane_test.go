package jobs

import (
	"context"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
	"flywheel/sender"
	"flywheel/store"
	"flywheel/store/storetest"
)

// ownAccount has a shop write by its own account at a server, which it returns.
func (w *world) ownAccount(shop commerce.ShopID) *mailfake.Sink {
	w.t.Helper()
	server, err := mailfake.Start(mailfake.Options{Now: storetest.ClockOf(w.Store).Now, User: "nour", Password: "s3cret"})
	require.NoError(w.t, err)
	w.t.Cleanup(server.Stop)
	u, err := url.Parse(server.URL())
	require.NoError(w.t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(w.t, err)
	require.NoError(w.t, w.Senders.UseAccount(w.t.Context(), shop, sender.Account{
		Writer: sender.Writer{Address: "hello@nour.example"}, Provider: mail.Other, Host: u.Hostname(), Port: port, User: "nour", Password: "s3cret",
	}))
	return server
}

// stands has a server answer nobody any more until the test lets it go.
func stands(t *testing.T, server *mailfake.Sink) (letGo func()) {
	hold := make(chan struct{})
	letGo = sync.OnceFunc(func() { close(hold) })
	t.Cleanup(letGo)
	server.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "rcpt", Code: 451, Hold: hold} })
	return letGo
}

// soon waits until something is so.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	require.Eventually(t, so, patience, 5*time.Millisecond, what)
}

// A shop's own server that stands still holds its own connections, and no place of anybody else's.
func TestASlowAccountHoldsItself(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.shares()
	server := w.ownAccount(w.shop)
	letGo := stands(t, server)
	var bodies [][]byte
	for i := range 40 {
		bodies = append(bodies, w.order(int64(i+1)).Body())
	}
	runs := w.claim(w.tell("orders/paid", bodies...))
	require.Len(t, runs, 40)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var doing sync.WaitGroup
	doing.Go(func() { w.reachOut(ctx, w.shop, runs[:32]) })
	soon(t, "both connections wait", func() bool { return server.Sessions() >= 3 }) // one tried the account
	require.True(t, w.sends.TryAcquire(int64(2*w.Connections)), "nothing of SMTP_URL is taken")
	w.sends.Release(int64(2 * w.Connections))

	w.reachOut(ctx, w.shop, runs[32:])
	require.Equal(t, 8, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'withdrawn'`), "what finds no room waits for nobody")
	require.Equal(t, 1, w.count(`SELECT COUNT(DISTINCT reason) FROM decisions WHERE answer = 'defer' AND reason = $1`, string(gate.SendingLimit)))
	now := int64(w.Store.Now())
	require.Equal(t, 8, w.count(`SELECT COUNT(DISTINCT due_at) FROM enrollments WHERE due_at > $1 AND due_at < $2`, now+10_000, now+11_000), "one after the other")

	cancel()
	letGo()
	doing.Wait()
	server.Trouble(nil)
	w.pass(12, time.Minute)
	require.Len(t, server.Mails(), 40)
	require.Equal(t, 40, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'sent'`))
}

// Slots of shops with their own accounts are other slots.
func TestOwnAccountsHaveSlotsOfTheirOwn(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.shares()
	other := storetest.Shop(t, w.Store)
	w.ownAccount(w.shop)
	require.True(t, w.apart.TryAcquire(2*laneAll*decideChunk))
	_, ok := w.takeSlots(t.Context(), w.shop, 1)
	require.False(t, ok)
	release, ok := w.takeSlots(t.Context(), other, 1)
	require.True(t, ok)
	release()
	w.apart.Release(2 * laneAll * decideChunk)
	release, ok = w.takeSlots(t.Context(), w.shop, 1)
	require.True(t, ok)
	release()
}

func TestLanes(t *testing.T) {
	l, ctx := newLanes(), t.Context()
	one, two := sender.Way{Account: "one", Lines: 2, Rate: 2}, sender.Way{Account: "two", Lines: 2}
	for range 20 { // SMTP_URL is bounded elsewhere
		_, ok := l.enter(ctx, sender.Way{})
		require.True(t, ok)
	}
	leave, ok := l.enter(ctx, one)
	require.True(t, ok)
	_, ok = l.enter(ctx, one)
	require.True(t, ok)
	_, ok = l.enter(ctx, one)
	require.False(t, ok)
	leave()
	_, ok = l.enter(ctx, one)
	require.True(t, ok)
	for i := range laneAll - 2 {
		_, ok = l.enter(ctx, sender.Way{Account: strconv.Itoa(i), Lines: 2})
		require.True(t, ok)
		_, again := l.enter(ctx, sender.Way{Account: strconv.Itoa(i), Lines: 2})
		require.False(t, again && l.all > laneAll/2, "a second line only while half are free")
		if again {
			l.leave(strconv.Itoa(i), 0)
		}
	}
	_, ok = l.enter(ctx, two)
	require.False(t, ok, "all of them together are bounded too")
	leave()
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, ok = l.enter(over, two)
	require.False(t, ok, "no time is left")

	now := commerce.Instant(1_000_000)
	require.Equal(t, now.Add(10500*time.Millisecond), l.later(one, now))
	require.Equal(t, now.Add(11*time.Second), l.later(one, now))
	require.Equal(t, now.Add(10100*time.Millisecond), l.later(two, now), "each for itself")
	require.Equal(t, now.Add(12*time.Second).Add(10500*time.Millisecond), l.later(one, now.Add(12*time.Second)), "the row was over")
}

// However many accounts are slow, one that is not finds a lane.
func TestSlowAccountsLeaveRoom(t *testing.T) {
	l, ctx := newLanes(), t.Context()
	way := func(account string) sender.Way { return sender.Way{Account: account, Lines: 2} }
	for i := range 3 * laneAll {
		if _, ok := l.enter(ctx, way(strconv.Itoa(i))); ok {
			l.leave(strconv.Itoa(i), time.Minute)
		}
	}
	inside := 0
	for i := range 3 * laneAll { // all of them come back at once
		for range 2 {
			if _, ok := l.enter(ctx, way(strconv.Itoa(i))); ok {
				inside++
			}
		}
	}
	require.Equal(t, laneAll*3/4, inside, "one line each, and a quarter is left")
	leave, ok := l.enter(ctx, way("quick"))
	require.True(t, ok)
	leave()
	l.leave("0", time.Second)
	require.False(t, l.slow["0"], "who is quick again counts as quick")
}

// Mails by an own account keep to its provider's rate: what it does not take is put off.
func TestAnAccountsRatePutsOff(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.shares()
	w.Senders.Rate = 1
	w.ownAccount(w.shop)
	runs := w.claim(w.tell("orders/paid", w.order(1).Body(), w.order(2).Body(), w.order(3).Body()))
	ctx, cancel := context.WithTimeout(t.Context(), 900*time.Millisecond) // the next is let go a second after the first
	defer cancel()
	room, err := w.admit(ctx, w.shop, must(w.way(t.Context(), w.shop)), runs)
	require.NoError(t, err)
	require.Len(t, room.going, 1)
	require.Len(t, room.held, 2)
	require.Equal(t, gate.SendingLimit, room.decisions[0].Reason)
}

// What was decided for one sender goes by no other: it is decided anew.
func TestAMailGoesByTheSenderItWasDecidedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shares()
		server := w.ownAccount(w.shop)
		runs := w.claim(w.tell("orders/paid", w.order(1).Body()))
		require.Equal(t, sender.SMTP, runs[0].way.Kind)
		require.NoError(t, w.Senders.UseShared(t.Context(), w.shop, ""))
		room, err := w.admit(t.Context(), w.shop, must(w.way(t.Context(), w.shop)), runs)
		require.NoError(t, err)
		require.Empty(t, room.going)
		require.Equal(t, store.Withdrawn, room.results[0].State)
		w.reachOut(t.Context(), w.shop, runs)
		require.Empty(t, w.sink.Mails())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'withdrawn'`))
		w.settle()
		require.Empty(t, server.Mails())
		require.Len(t, w.sink.Mails(), 1, "a buyer is written to by the shared sender too")
		require.Contains(t, string(w.sink.Mails()[0].Raw), "shops@mail.flywheel.example")
	})
}

// Between the last look and the first byte the sender may change too: the claim does not hold any more.
func TestASenderThatChangesWithdrawsClaims(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shares()
		w.ownAccount(w.shop)
		runs := w.claim(w.tell("orders/paid", w.order(1).Body()))
		old := must(w.way(t.Context(), w.shop))
		require.NoError(t, w.Senders.UseShared(t.Context(), w.shop, ""))
		results, err := w.give(t.Context(), w.shop, old, runs, []mail.Message{{To: ada}})
		require.NoError(t, err)
		require.Empty(t, results)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE state = 'withdrawn'`))
	})
}

// Mails to the team go by whatever sender there is.
func TestANoteGoesByAnySender(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.shares()
	r := &run{way: sender.Way{Kind: sender.SMTP}, effect: store.Effect{Kind: campaign.NotifyTeam}}
	room, err := w.admit(t.Context(), w.shop, must(w.way(t.Context(), w.shop)), []*run{r})
	require.NoError(t, err)
	require.Len(t, room.going, 1)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// noticeTo has another shop's team told something, later than all others so far.
func (w *world) noticeTo(shop commerce.ShopID, subject string) {
	w.t.Helper()
	storetest.ClockOf(w.Store).Advance(time.Second)
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error { return tx.AddNotice(shop, store.NoticeTest, subject, nil) })
}

// A team whose server stands still is told late; the others are not, and it is not
// told two things at once.
func TestASlowAccountDelaysNoOtherTeam(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.shares()
	server := w.ownAccount(w.shop)
	letGo := stands(t, server)
	for _, subject := range []string{"a", "b", "c"} {
		w.notice(subject)
	}
	for range noticesSide + 1 {
		w.noticeTo(storetest.Shop(t, w.Store), "test")
	}
	var telling sync.WaitGroup
	telling.Go(func() { _ = w.handleNotices(context.Background(), asynq.NewTask(taskNotice, nil)) })
	soon(t, "the others are told", func() bool { return w.sink.Count() == noticesSide+1 })
	require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM notices WHERE shop_id = $1 AND state = 'sending'`, string(w.shop)))
	require.Zero(t, server.Count())
	letGo()
	telling.Wait()
	require.Equal(t, 3, w.count(`SELECT COUNT(*) FROM notices WHERE shop_id = $1 AND state = 'due' AND tries = 1`, string(w.shop)), "it is tried again")
}

// Notices are mails too, which providers count.
func TestNoticesAreMetered(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.shares()
	w.Senders.Rate = 1
	way := must(w.way(t.Context(), w.shop))
	began := time.Now()
	require.Equal(t, 1, way.Take(t.Context(), 1, time.Second))
	w.notice("a")
	w.tellAll()
	require.Equal(t, 1, w.sink.Count())
	require.Greater(t, time.Since(began), 300*time.Millisecond, "it waits for its turn")
}

// That access is refused is told while it is so.
func TestRefusedAccessIsToldWhileItIs(t *testing.T) {
	w := newWorld(t, "sqlite")
	for _, again := range []bool{true, false} {
		c := must(w.Store.ConnectionByID(t.Context(), w.conn.ID))
		require.True(t, must(w.Store.RevokeGrant(t.Context(), c)))
		if again {
			require.True(t, must(w.Store.RegainGrant(t.Context(), must(w.Store.ConnectionByID(t.Context(), c.ID)))))
		}
		storetest.ClockOf(w.Store).Advance(time.Hour)
		w.tellAll()
		require.Equal(t, again, w.sink.Count() == 0)
	}
	require.Contains(t, string(w.sink.Mails()[0].Raw), "Shopify does not let us in")
}
