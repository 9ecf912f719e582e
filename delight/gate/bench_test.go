package gate

import (
	"testing"

	"flywheel/commerce"
)

// full are facts as a busy person has them: a yes, two uses, three rivals that
// go first of which two would, an order with a refund.
func full() Facts {
	return facts(capped(5, 7), told(refunded(500, commerce.RefundSucceeded)), func(f *Facts) {
		f.Rule.Need = NeedOptIn
		f.Consents = []commerce.ConsentChange{said(Marketing, commerce.Subscribed, noon), said(Service, commerce.Subscribed, after(1))}
		f.Suppressions = []Suppression{{Scope: TopicScope("news"), Reason: "asked"}}
		f.Used = []Use{{after(8), Service}, {after(9), Marketing}}
		f.Rivals = []Rival{
			rival("How was it?", after(11)), rival("Again?", after(12)),
			rival("Held", after(12), func(f *Facts) { f.OpenCase = true }),
		}
	})
}

// A decision with full facts takes at most 3 us.
func BenchmarkDecide(b *testing.B) {
	f := full()
	if d := Decide(f, after(10)); d.Answer != Send {
		b.Fatal(d)
	}
	b.ReportAllocs()
	for b.Loop() {
		Decide(f, after(10))
	}
}
