package app

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"flywheel/commerce"
	"flywheel/jobs"
	"flywheel/store"
)

// gauges read the open work from SQL whenever somebody looks.
type gauges struct {
	store *store.Store
	queue *jobs.Queue
}

func newGauges(s *store.Store, q *jobs.Queue) *gauges { return &gauges{s, q} }

var (
	inboxRows   = prometheus.NewDesc("flywheel_inbox_rows", "Deliveries not processed yet.", nil, nil)
	inboxAge    = prometheus.NewDesc("flywheel_inbox_age_seconds", "Age of the oldest delivery not processed yet.", nil, nil)
	quarantined = prometheus.NewDesc("flywheel_quarantined_rows", "Deliveries that could not be read.", nil, nil)
	dueLag      = prometheus.NewDesc("flywheel_due_lag_seconds", "How long the longest waiting step has been due.", nil, nil)
	windowRows  = prometheus.NewDesc("flywheel_window_rows", "Steps queued in Redis.", nil, nil)
	effects     = prometheus.NewDesc("flywheel_effects", "Outward acts that wait in a state for a person.", []string{"state"}, nil)
	paused      = prometheus.NewDesc("flywheel_paused", "1 while everything is paused.", nil, nil)
	redisUp     = prometheus.NewDesc("flywheel_redis_up", "1 if Redis answers.", nil, nil)
)

// Describe is prometheus.Collector.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{inboxRows, inboxAge, quarantined, dueLag, windowRows, effects, paused, redisUp} {
		ch <- d
	}
}

// Collect is prometheus.Collector.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(redisUp, flag(g.queue.Ping() == nil))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	st, err := g.store.Stats(ctx, false)
	if err != nil {
		return // absent figures are the sign; the alerts look for them
	}
	now := g.store.Now()
	gauge(inboxRows, float64(st.InboxNew))
	gauge(inboxAge, since(st.OldestInbox, now))
	gauge(quarantined, float64(st.InboxQuarantined))
	gauge(dueLag, since(st.OldestDue, now))
	gauge(windowRows, float64(st.Window))
	gauge(paused, flag(st.PausedAll))
	gauge(effects, float64(st.Parked), string(store.Unknown)) // the other states are counted by flywheel_effects_total, not in the table
}

func since(i, now commerce.Instant) float64 {
	if i == 0 {
		return 0
	}
	return now.Time().Sub(i.Time()).Seconds()
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// Ops is the handler of OPS_ADDR, never on the public listener.
func (a *App) Ops() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.Metrics, promhttp.HandlerOpts{}))
	return mux
}
