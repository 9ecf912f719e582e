package app

import "github.com/prometheus/client_golang/prometheus"

// driftAlarm counts Shopify's answers in another API version than ours, for an
// alert on any increase (docs/operations.md): the pinned version has died, and
// fields may be missing. Shops are no label, since there may be thousands.
func driftAlarm(r prometheus.Registerer) func(shop, seen string) {
	answers := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "flywheel_shopify_version_drift_total", Help: "Answers of Shopify in another API version than the pinned one.",
	})
	r.MustRegister(answers)
	return func(_, _ string) { answers.Inc() }
}
