package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"flywheel/commerce"
)

// metrics are the door's figures; no label names a shop.
type metrics struct {
	webhooks  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	api       *prometheus.CounterVec
	drift     prometheus.Counter
	mail      *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		webhooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flywheel_webhooks_total",
			Help: "Deliveries by platform and what became of them.",
		}, []string{"platform", "result"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "flywheel_webhook_duration_seconds",
			Help: "Time from the first byte read to the answer.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}, []string{"platform"}),
		api: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flywheel_api_requests_total",
			Help: "Requests to /api/v1 by path and answer.",
		}, []string{"path", "answer"}),
		mail: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flywheel_mail_webhooks_total",
			Help: "Deliveries of mail providers' events and what became of them.",
		}, []string{"provider", "result"}),
		drift: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "flywheel_stripe_version_drift_total",
			Help: "Events of Stripe in an API version whose shapes are not known.",
		}),
	}
	if r != nil {
		r.MustRegister(m.webhooks, m.durations, m.api, m.drift, m.mail)
	}
	return m
}

func (m *metrics) delivered(p commerce.Platform, result string, began time.Time) {
	m.webhooks.WithLabelValues(string(p), result).Inc()
	m.durations.WithLabelValues(string(p)).Observe(time.Since(began).Seconds())
}
