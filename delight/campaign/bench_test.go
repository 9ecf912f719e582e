package campaign

import (
	"fmt"
	"testing"

	"flywheel/commerce"
)

// A straight campaign of five steps, for an order with a part refunded.
func BenchmarkNext(b *testing.B) {
	d := tree(wait("w1", 1), mail("one", 3), wait("w2", 2), mail("two", 3), mail("three", 3))
	f := flow(b, d)
	for name, p := range map[string]Position{"begin": {}, "middle": After("one", after(1))} {
		b.Run(name, func(b *testing.B) {
			w := walkAt(p, facts(sound()), noon)
			b.ReportAllocs()
			for b.Loop() {
				f.Next(w)
			}
		})
	}
}

// What an event costs with many campaigns on the shop of which few read it.
func BenchmarkIndex(b *testing.B) {
	for _, others := range []int{0, 100, 1000} {
		b.Run(fmt.Sprint(others, "others"), func(b *testing.B) {
			campaigns := []Campaign{live(OnOrderPaid), live(OnFirstOrder)}
			for i := range others {
				campaigns = append(campaigns, triggered(Trigger{Kind: OnCustomEvent, Name: fmt.Sprint("event", i)}))
			}
			x, known := NewIndex(campaigns), facts(sound())
			event := known.Order.Events(shop)[1]
			if event.Kind != commerce.OrderPaid {
				b.Fatal(event.Kind)
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, i := range x.For(event.Kind, event.Name) {
					Enroll(campaigns[i], event, known, everybody)
				}
			}
		})
	}
}
