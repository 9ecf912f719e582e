package apptest

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/integrations/shopify/shopifyfake"
)

// buyer is one of many, each with an order of their own.
func buyer(a *App, n int) (email string, o *shopifyfake.Order) {
	email = fmt.Sprintf("buyer%d@example.com", n)
	return email, a.Order(int64(n)).For(shopifyfake.Customer{ID: int64(10_000 + n), Email: email, FirstName: "Bo"}, "GB")
}

// rush lets n people buy, several at a time.
func rush(a *App, n int) {
	var doors sync.WaitGroup
	for door := range 8 {
		doors.Go(func() {
			for i := door; i < n; i += 8 {
				_, o := buyer(a, i+1)
				a.Send("orders/paid", o.Body())
			}
		})
	}
	doors.Wait()
}

// wantOneEach demands that each of n buyers was thanked exactly once.
func wantOneEach(a *App, n int) {
	a.t.Helper()
	got := map[string]int{}
	for _, m := range a.Mail.Mails() {
		got[m.To]++
	}
	for i := range n {
		email, _ := buyer(a, i+1)
		require.Equal(a.t, 1, got[email], "mails to %s", email)
	}
	require.Len(a.t, got, n)
}

func TestQueueOnARedisServer(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			a := WithShop(t, On(t, engine), WithRedis(RedisURL(t)))
			shipped(a, 1)
			a.After(untilAsked)
			a.WantMails(Ada, "Thank you", "What do you think")
		})
	}
}

// Redis forgets everything, again and again, in the middle of the work.
func TestRedisIsFlushed(t *testing.T) {
	t.Parallel()
	address := RedisURL(t)
	a := WithShop(t, On(t, "postgres"), WithRedis(address))
	r := Redis(t, address)
	var flushing sync.WaitGroup
	flushing.Go(func() {
		for range 20 {
			_ = r.FlushDB(a.Ctx).Err()
			time.Sleep(10 * time.Millisecond) // a pace, not a wait
		}
	})
	rush(a, 60)
	flushing.Wait()
	a.Wait()
	wantOneEach(a, 60)
}

// A drain's TaskID is taken for good, by a task that was archived or by one
// that does not come on: the shop gets another.
func TestDrainWhoseIDIsTaken(t *testing.T) {
	for name, in := range map[string]asynq.Option{
		"archived":       asynq.MaxRetry(0), // nobody handles its type
		"never comes on": asynq.ProcessIn(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := RedisURL(t)
			a := WithShop(t, WithRedis(address))
			opt, err := asynq.ParseRedisURI(address)
			require.NoError(t, err)
			client, look := asynq.NewClient(opt), asynq.NewInspector(opt)
			defer client.Close()
			defer look.Close()
			id := fmt.Sprintf("drain:%s:1", a.Shop.ID)
			_, err = client.Enqueue(asynq.NewTask("nobody", nil), asynq.TaskID(id), asynq.Queue("inbox"), in)
			require.NoError(t, err)
			require.Eventually(t, func() bool {
				info, err := look.GetTaskInfo("inbox", id)
				return err == nil && (info.State == asynq.TaskStateArchived || info.State == asynq.TaskStateScheduled)
			}, 10*time.Second, 10*time.Millisecond)
			a.Send("orders/paid", a.Order(1).Body())
			a.Wait()
			a.WantMails(Ada, "Thank you")
		})
	}
}

// second starts another worker on the same database and queue.
func second(a *App) *app.App {
	c := a.App.Config
	c.Listener = nil
	other, err := app.Start(a.Ctx, c, app.Parts{Work: true}, slog.New(slog.DiscardHandler))
	require.NoError(a.t, err)
	return other
}

func TestTwoWorkersNeverSendTwice(t *testing.T) {
	t.Parallel()
	a := WithShop(t, On(t, "postgres"), WithRedis(RedisURL(t)))
	other := second(a)
	defer func() { require.NoError(t, other.Stop()) }()
	rush(a, 150)
	a.Wait()
	wantOneEach(a, 150)
	require.Equal(t, 150, a.Count(`SELECT COUNT(*) FROM effects WHERE state = 'sent'`))
}

// A worker that is told to stop finishes what it sends and leaves the rest to the next.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	a := WithShop(t, On(t, "postgres"), WithRedis(RedisURL(t)))
	rush(a, 80)
	a.App.Worker.Stop()
	require.Zero(t, a.Count(`SELECT COUNT(*) FROM effects WHERE state IN ('sending', 'unknown')`), "nothing is left half sent")
	other := second(a)
	defer func() { require.NoError(t, other.Stop()) }()
	a.Wait()
	wantOneEach(a, 80)
}
