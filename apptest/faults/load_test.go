package faults

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"flywheel/integrations/shopify/shopifyfake"
)

// load posts paid orders, each until a door has taken it, as Shopify does.
type load struct {
	site    *site
	doors   []*part
	workers int
	pace    time.Duration // between two orders of one worker; 0 = none
	last    int64         // the last order; 0 = goes on until stopped

	cancel context.CancelFunc
	done   sync.WaitGroup

	mu      sync.Mutex
	next    int64
	took    []int64 // orders answered with 200
	answers map[int]int
	times   []time.Duration // of answers with 200
}

// post starts a load that ends with the order last; 0 goes on until it is stopped.
func (s *site) post(last int64, workers int, pace time.Duration, doors ...*part) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{site: s, doors: doors, workers: workers, pace: pace, last: last, cancel: cancel, answers: map[int]int{}}
	for n := range workers {
		l.done.Add(1)
		go func() {
			defer l.done.Done()
			l.work(ctx, n)
		}()
	}
	s.t.Cleanup(l.stop)
	return l
}

func (l *load) work(ctx context.Context, n int) {
	for ctx.Err() == nil {
		l.mu.Lock()
		l.next++
		id := l.next
		l.mu.Unlock()
		if l.last != 0 && id > l.last {
			return
		}
		for door := n; !l.try(id, l.doors[door%len(l.doors)]) && ctx.Err() == nil; door++ {
			pause(ctx, 50*time.Millisecond)
		}
		pause(ctx, l.pace)
	}
}

// pause waits between two deliveries.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// try delivers an order once and reports whether it was taken. An answer is
// awaited even when the load is stopped meanwhile: what was taken is known.
func (l *load) try(id int64, door *part) bool {
	began := time.Now()
	status := l.site.deliver(door, "orders/paid", order(id).Body(), shopifyfake.WebhookID(webhook(id)))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[status]++
	if status == http.StatusOK {
		l.took = append(l.took, id)
		l.times = append(l.times, time.Since(began))
	}
	return status == http.StatusOK
}

// stop ends the load and waits for the answers under way.
func (l *load) stop() {
	l.cancel()
	l.done.Wait()
}

// finish waits until the last order was taken.
func (l *load) finish() { l.done.Wait() }

// taken is how many orders the doors have answered with 200.
func (l *load) taken() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.took)
}

// orders are those that the doors have answered with 200.
func (l *load) orders() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.took)
}

// answered is how often doors gave an answer; 0 = nobody was there.
func (l *load) answered(status int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers[status]
}

// p90 is the time that 99 of 100 of the answers from, from+1 ... to-1 did not exceed.
func (l *load) p90(from, to int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	times := slices.Sorted(slices.Values(l.times[from:to]))
	return times[len(times)*90/100]
}

// order is a paid order with a customer of its own.
func order(id int64) *shopifyfake.Order {
	o := shopifyfake.NewOrder(id, time.Now().Truncate(time.Second))
	o.Customer.Email = address(id)
	return o
}

func address(id int64) string { return fmt.Sprintf("customer%d@example.com", id) }
func webhook(id int64) string { return fmt.Sprintf("order-%d", id) }

// deliver posts a signed webhook of the site's shop and returns the status, 0 if nobody answered.
func (s *site) deliver(door *part, topic string, body []byte, opts ...shopifyfake.SendOption) int {
	opts = append([]shopifyfake.SendOption{shopifyfake.From(domain), shopifyfake.TriggeredAt(time.Now())}, opts...)
	req, err := s.shopify.Request(context.Background(), door.url(), topic, body, opts...)
	if err != nil {
		return 0
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
