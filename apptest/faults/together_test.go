package faults

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// Two doors and two workers on one PostgreSQL and one Redis step on nobody's toes.
func TestTwoDoorsAndTwoWorkers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "postgres")
	doors := []*part{s.run("serve"), s.run("serve")}
	s.run("work")
	s.run("work")
	l := s.post(400, 8, 0, doors...)
	for id := range int64(400) { // what Shopify sends besides, to the other door
		o := order(id + 1)
		door := doors[id%2]
		require.Equal(t, http.StatusOK, s.deliver(door, "orders/create", o.Body()))
		if id%4 == 0 {
			require.Equal(t, http.StatusOK, s.deliver(door, "orders/updated", o.Body()))
			require.Equal(t, http.StatusOK, s.deliver(doors[(id+1)%2], "orders/paid", o.Body(), shopifyfake.WebhookID(webhook(o.ID))))
		}
	}
	l.finish()
	s.settled()
	require.Equal(t, tally{sent: 400}, s.balance(l.orders()))
}

// One webhook five times at the same moment is one delivery and one mail.
func TestSameWebhookFiveTimesAtOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, engine)
			var doors []*part
			if engine == "sqlite" {
				doors = []*part{s.run("all")}
			} else {
				doors = []*part{s.run("serve"), s.run("serve")}
				s.run("work")
			}
			var orders []int64
			for id := range int64(20) {
				body := order(id + 1).Body()
				var posts sync.WaitGroup
				for n := range 5 {
					posts.Go(func() {
						status := s.deliver(doors[n%len(doors)], "orders/paid", body, shopifyfake.WebhookID(webhook(id+1)))
						if status != http.StatusOK {
							t.Errorf("order %d was answered with %d", id+1, status)
						}
					})
				}
				posts.Wait()
				orders = append(orders, id+1)
			}
			s.settled()
			require.Equal(t, tally{sent: 20}, s.balance(orders))
			accepted, duplicate := 0, 0
			for _, d := range doors {
				accepted += d.log.count("msg", "webhook", "result", "accepted")
				duplicate += d.log.count("msg", "webhook", "result", "duplicate")
			}
			require.Equal(t, []int{20, 80}, []int{accepted, duplicate}, "accepted and duplicate")
		})
	}
}
