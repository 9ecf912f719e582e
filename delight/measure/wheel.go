package measure

import (
	"cmp"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

const (
	month = commerce.Instant(30 * 24 * time.Hour / time.Millisecond)
	year  = commerce.Instant(365 * 24 * time.Hour / time.Millisecond)
)

// Stages are the customers of the last year by where they stand on the wheel.
type Stages struct {
	New  int64 `json:"new"`  // Attract: they bought for the first time, in the last 30 days
	Once int64 `json:"once"` // Engage: they bought once, longer ago
	Back int64 `json:"back"` // Delight: they came back
}

// All is how many there are.
func (s Stages) All() int64 { return s.New + s.Once + s.Back }

// Wheel is what is measured of a shop's wheel.
type Wheel struct {
	At     commerce.Instant `json:"at"`
	Now    Stages           `json:"now"`
	Before Stages           `json:"before"` // 30 days earlier
	// Earned is what the purchases of the last 30 days brought, in minor units of the
	// reporting currency, less what went back; FromBack is the part of it by customers who came back.
	Earned   int64 `json:"earned"`
	FromBack int64 `json:"from_back"`
	Unpriced int64 `json:"unpriced"` // purchases without a known rate, which are not in it

	Second   Curve `json:"second"`   // from the first purchase to the second
	Delivery Curve `json:"delivery"` // from the payment to the delivery, of the last 90 days
	First    Curve `json:"first"`    // from the payment to our first message about it, of the last 90 days

	Sent int64   `json:"sent"` // messages of the last 30 days
	Lost []Count `json:"lost"` // that were not sent, by reason, the greatest first
}

// Count is how often something was the reason.
type Count struct {
	Reason gate.Reason `json:"reason"`
	Count  int64       `json:"count"`
}

// Purchase is one order as the wheel sees it.
type Purchase struct {
	commerce.Purchase
	DeliveredAt commerce.Instant // 0 = nobody told
	ToldAt      commerce.Instant // when our first message about it went out; 0 = none did
}

// Add counts one customer by their purchases, in any order.
func (w *Wheel) Add(all []Purchase) {
	all = slices.DeleteFunc(slices.Clone(all), func(p Purchase) bool { return !p.Counts || p.At > w.At })
	slices.SortFunc(all, func(a, b Purchase) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Order, b.Order)) })
	if len(all) == 0 {
		return
	}
	w.Now.add(all, w.At)
	w.Before.add(all, w.At-month)
	second := commerce.Instant(0)
	if len(all) > 1 {
		second = all[1].At
	}
	if all[0].At > w.At-year {
		w.Second.Add(all[0].At, second, w.At)
	}
	for i, p := range all {
		if p.At > w.At-3*month {
			w.Delivery.Add(p.At, p.DeliveredAt, w.At)
			w.First.Add(p.At, p.ToldAt, w.At)
		}
		switch {
		case p.At <= w.At-month:
		case !p.Known:
			w.Unpriced++
		default:
			w.Earned += p.Amount
			if i > 0 {
				w.FromBack += p.Amount
			}
		}
	}
}

// add counts a customer as they stood at an instant.
func (s *Stages) add(all []Purchase, at commerce.Instant) {
	n, last := 0, commerce.Instant(0)
	for _, p := range all {
		if p.At <= at {
			n, last = n+1, p.At
		}
	}
	switch {
	case n == 0 || last <= at-year:
	case n > 1:
		s.Back++
	case last > at-month:
		s.New++
	default:
		s.Once++
	}
}

// Friction is the share of all that was due which was lost to each reason, the
// greatest first; false = nothing was due.
func (w Wheel) Friction() (lost []Part, known bool) {
	all := w.Sent
	for _, c := range w.Lost {
		all += c.Count
	}
	if all == 0 {
		return nil, false
	}
	for _, c := range w.Lost {
		lost = append(lost, Part{c.Reason, float64(c.Count) / float64(all)})
	}
	return lost, true
}

// Part is a share of a whole, 0 to 1.
type Part struct {
	Reason gate.Reason
	Share  float64
}
