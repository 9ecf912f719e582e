package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/integrations/stripe"
	"flywheel/store"
	"flywheel/store/storetest"
)

// victim is what a process needs to know that reads a shop's past until it is killed.
type victim struct {
	Database, Shopify, Stripe string // where they are; of the platforms one
	Shop                      commerce.ShopID
	Connection                commerce.ConnectionID
}

// victimEnv holds a victim as JSON, for this program run again.
const victimEnv = "JOBS_TEST_VICTIM"

// read goes on with the past, turn after turn.
func (v victim) read(ctx context.Context) error {
	keys, err := store.ParseKeyring(storetest.SecretKey)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, v.Database, store.Options{Keys: keys, Now: func() time.Time { return storetest.Noon }})
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	q, err := OpenQueue("", s, log)
	if err != nil {
		return err
	}
	client := shopify.New(shopify.Options{Key: "key", Secrets: []string{"secret"}, URL: v.Shopify})
	w := New(Options{
		Store: s, Queue: q, Log: log, Shopify: client, Install: &install.Desk{Store: s, Shopify: client, Log: log},
		Accounts: accountsAt(s, v.Stripe, stripe.Keys{Live: liveKey}),
	})
	if _, err := s.RecoverLeases(ctx, w.id); err != nil {
		return err
	}
	for {
		if err := w.backfill(ctx, v.Shop, v.Connection); err != nil {
			return err
		}
		b, err := s.Backfill(ctx, v.Shop, v.Connection)
		if err != nil || !b.State.Open() {
			return errors.Join(err, q.Close(), s.Close())
		}
		time.Sleep(10 * time.Millisecond) // a process of its own has nothing to wait on
	}
}

func (v victim) from(told string) error {
	if err := json.Unmarshal([]byte(told), &v); err != nil {
		return err
	}
	return v.read(context.Background())
}

// asVictim is what this program does where it was started as a victim.
func asVictim(told string) int {
	if err := (victim{}).from(told); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A process is killed (SIGKILL) in the middle of the past, again and again: what
// is kept of it and where it goes on always agree.
func TestBackfillSurvivesKill(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const orders = 2500
		fake := w.platform()
		w.ask(fake, orders)
		w.turn(w.Worker)
		w.killAgainAndAgain(victim{Database: w.db, Shopify: w.Shopify.URL, Shop: w.shop, Connection: w.conn.ID}, orders)
		b := w.readAll(w.Worker, 3)
		require.Equal(t, []int64{orders, orders, 0, b.Size}, []int64{b.Orders, b.Expected, b.Refused, b.Position})
		require.Equal(t, orders, w.count(`SELECT COUNT(*) FROM orders`))
		require.Equal(t, orders, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'order_paid'`))
		require.Equal(t, 400, w.count(`SELECT COUNT(*) FROM persons`))
	})
}

// The same where Stripe is asked for page after page.
func TestBackfillOfChargesSurvivesKill(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const charges = 1000
		w.askCharges(w.stripe(), charges)
		w.killAgainAndAgain(victim{Database: w.db, Stripe: w.stripeAt, Shop: w.shop, Connection: w.conn.ID}, charges)
		b := w.readAll(w.Worker, 3)
		require.Equal(t, []int64{charges, 0}, []int64{b.Orders, b.Refused})
		require.Equal(t, charges, w.count(`SELECT COUNT(*) FROM orders`))
		require.Equal(t, charges, w.count(`SELECT COUNT(*) FROM order_keys WHERE kind = 'charge'`))
		require.Equal(t, charges, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'order_paid'`))
		require.Equal(t, 40, w.count(`SELECT COUNT(*) FROM persons`))
	})
}

// killAgainAndAgain has processes read so many orders, each of which is killed
// somewhere, and leaves the rest: a quarter at least, so that none is done before
// it is killed.
func (w *world) killAgainAndAgain(v victim, orders int64) {
	w.t.Helper()
	told, err := json.Marshal(v)
	require.NoError(w.t, err)
	self, err := os.Executable()
	require.NoError(w.t, err)
	killed := 0
	for last := int64(0); killed < 4; killed++ {
		w.exec(`UPDATE backfills SET next_at = 1 WHERE next_at > 0`)
		cmd := exec.CommandContext(w.t.Context(), self)
		cmd.Env = append(os.Environ(), victimEnv+"="+string(told))
		cmd.Stderr = os.Stderr
		require.NoError(w.t, cmd.Start())
		until := last + rand.Int64N(orders/4)
		require.Eventually(w.t, func() bool { return w.backfilled().Orders > until }, patience, 5*time.Millisecond)
		require.NoError(w.t, cmd.Process.Kill())
		require.Error(w.t, cmd.Wait(), "it was done before it was killed")
		require.Zero(w.t, w.count(`SELECT b.orders - (SELECT COUNT(*) FROM orders) FROM backfills b`), "after %d kills", killed+1)
		last = w.backfilled().Orders
		w.t.Logf("killed after %d orders", last)
		if last > orders/2 {
			break
		}
	}
	_, err = w.Store.RecoverLeases(w.t.Context(), w.id)
	require.NoError(w.t, err)
}
