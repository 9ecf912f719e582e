package jobs

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the worker's figures; no label names a shop.
type metrics struct {
	effects   *prometheus.CounterVec
	decisions *prometheus.CounterVec
	parts     *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		effects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flywheel_effects_total",
			Help: "Outward acts by kind and result.",
		}, []string{"kind", "result"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flywheel_decisions_total",
			Help: "Answers of the gate and of campaigns by reason.",
		}, []string{"answer", "reason"}),
		parts: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "flywheel_step_duration_seconds",
			Help: "How long the parts of the work take.", Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 12),
		}, []string{"part"}),
	}
	if r != nil {
		r.MustRegister(m.effects, m.decisions, m.parts)
	}
	return m
}

// took records the time since began under a part's name.
func (m *metrics) took(part string, began time.Time) {
	m.parts.WithLabelValues(part).Observe(time.Since(began).Seconds())
}
