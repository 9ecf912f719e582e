// Package loyalty is the pure part of points: what an order or another cause
// earns by the rules of its day, which rows bring a ledger to that, and what a
// ledger's rows come to. Nothing here reads a clock or a store.
//
// An award is what one rule gives for one cause. Its target is a function of
// the facts as they are and of the terms that were frozen when it was made, so
// refunds, edits and disputes, in whatever order and however often they are
// heard of, end at the same points; the rows are only the way there.
package loyalty

import (
	"time"

	"flywheel/commerce"
)

// Kind says what a row of the ledger does.
type Kind string

// Kinds of rows. Pending points wait, as for the end of the return window.
const (
	Pending  Kind = "pending"  // points that wait
	Earn     Kind = "earn"     // points to spend at once
	Release  Kind = "release"  // from waiting to spendable
	Redeem   Kind = "redeem"   // spent on a reward
	Expire   Kind = "expire"   // a lot's time has ended, or nobody claimed what waited
	Clawback Kind = "clawback" // the cause is worth less than was given for it
	Adjust   Kind = "adjust"   // by hand, or a redemption taken back
)

// CauseKind says what a row is about.
type CauseKind string

// Kinds of causes.
const (
	OfOrder  CauseKind = "order"  // ID is the order's
	OfEvent  CauseKind = "event"  // ID is the event's subject: a sign-up, a birthday's year, a review
	OfReward CauseKind = "reward" // ID is the issued reward's
	OfLot    CauseKind = "lot"    // ID is the row's that made the lot
	OfStaff  CauseKind = "staff"  // ID names the act, so that one sent twice counts once
)

// Cause is what a row is about.
type Cause struct {
	Kind CauseKind `json:"kind"`
	ID   string    `json:"id"`
}

// Row is one line of a person's ledger. It is never changed: what was wrong is
// put right by another.
type Row struct {
	ID    string
	Kind  Kind
	Cause Cause
	Rule  string // the earn rule's id; "" = none
	// Pending and Points are what the row adds to the points that wait and to those to spend.
	Pending, Points int64
	// Forgiven is what a clawback did not take because the balance may not fall below zero;
	// negative where it is made good before an award is given again.
	Forgiven int64
	// Terms are an award's, frozen in its first row; nil in all others.
	Terms *Terms
	At    commerce.Instant
	// ExpiresAt is when the lot ends that the row's points make; 0 = never.
	ExpiresAt commerce.Instant
	By, Note  string // who did it by hand, and why
}

// Policy is how a shop's points behave whichever rule gave them.
type Policy struct {
	// ReturnDays is the return window: points of an order wait that long after it has arrived.
	ReturnDays int `json:"return_days"`
	// Months is how long points live; 0 = for ever. Rolling: whatever somebody earns or spends begins it anew for all of theirs.
	Months  int  `json:"months,omitempty"`
	Rolling bool `json:"rolling,omitempty"`
	// Floor keeps balances from falling below zero: what a refund would take beyond that is forgiven.
	Floor bool `json:"floor,omitempty"`
	// ClaimDays is how long points of somebody who is no member wait to be claimed; 0 = 90.
	ClaimDays int `json:"claim_days,omitempty"`
	// Notice is how many days before points or a reward end their owner is told; 0 = 14.
	Notice int `json:"notice_days,omitempty"`
}

// NoticeBy is when somebody is told that something of theirs ends.
func (p Policy) NoticeBy(end commerce.Instant) commerce.Instant {
	days := p.Notice
	if days == 0 {
		days = 14
	}
	return end.Add(-time.Duration(days) * 24 * time.Hour)
}

// Claim is how long a guest's points wait, in days.
func (p Policy) Claim() int {
	if p.ClaimDays == 0 {
		return 90
	}
	return p.ClaimDays
}

// ClaimBy is until when what a guest earned by a sale may be claimed.
func (p Policy) ClaimBy(sale commerce.Instant) commerce.Instant {
	if sale == 0 {
		return 0
	}
	return sale.Add(time.Duration(p.Claim()) * 24 * time.Hour)
}
