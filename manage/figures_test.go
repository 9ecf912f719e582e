package manage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
)

// decide keeps an answer of the gate for a walk's step.
func (d desk) decide(e campaign.Enrollment, step string, answer gate.Answer, reason gate.Reason) {
	d.t.Helper()
	storetest.Do(d.t, d.Store, func(tx *store.Tx) error {
		return tx.SaveDecisions(d.shop, []store.Decided{{
			Campaign: e.Campaign, EntryKey: e.EntryKey, StepID: step, Person: e.Person, Decision: gate.Decision{Answer: answer, Reason: reason},
		}})
	})
}

// effect claims a step's effect and brings it to a state.
func (d desk) effect(c commerce.Connection, e campaign.Enrollment, step string, state store.EffectState) {
	d.t.Helper()
	storetest.Do(d.t, d.Store, func(tx *store.Tx) error {
		got, err := tx.ClaimEffects(d.shop, []store.Effect{storetest.Effect(e, c, "hash "+string(e.ID), func(f *store.Effect) { f.StepID = step })})
		if err != nil || state == store.Claimed {
			return err
		}
		return tx.FinishEffects(d.shop, []store.EffectResult{{ID: got[e.ID].ID, State: state}})
	})
}

// Of every step the outcomes of all that was due add up to the whole, each walk
// counted once by its last word.
func TestFiguresAddUp(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "review_request"))
		c := storetest.Connection(t, d.Store, d.shop)
		for range 2 {
			sent := d.walk(id, 1, "after:ask")
			d.decide(sent, "ask", gate.Defer, gate.QuietHours) // and went in the morning
			d.effect(c, sent, "ask", store.Sent)
		}
		held := d.walk(id, 1, "ask")
		d.decide(held, "ask", gate.Defer, gate.QuietHours)
		d.later(week)
		d.decide(held, "ask", gate.Hold, gate.NoConsent) // the last word
		late := d.walk(id, 1, "ask")
		d.effect(c, late, "ask", store.Retry)
		d.decide(late, "ask", gate.Skip, gate.TooLate)
		require.NoError(t, d.Stop(t.Context(), d.shop, late.ID))
		refunded := d.walk(id, 1, "after:settle")
		require.NoError(t, d.Stop(t.Context(), d.shop, refunded.ID))
		d.walk(id, 1, "") // not due yet
		d.walk(id, 1, "after:ask", func(e *campaign.Enrollment) { e.Rehearsal = true })
		kept := d.walk("thank_you", 1, "")
		d.decide(campaign.Enrollment{Campaign: id, EntryKey: kept.EntryKey, Person: kept.Person}, "", gate.Skip, gate.BeforeLive)

		f, err := d.Figures(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.Equal(t, int64(6), f.Entered)
		require.Equal(t, int64(4), f.Active)
		require.Equal(t, []manage.Share{{What: "ended", Reason: gate.StoppedByHand, Count: 2, Tenths: 1000}}, f.Ended)
		require.Equal(t, []manage.Share{{What: "refused", Reason: gate.BeforeLive, Count: 1, Tenths: 1000}}, f.KeptOut)
		require.Len(t, f.Steps, 1)
		step := f.Steps[0]
		require.Equal(t, []manage.Share{
			{What: "sent", Count: 2, Tenths: 500},
			{What: "hold", Reason: gate.NoConsent, Count: 1, Tenths: 250},
			{What: "skip", Reason: gate.TooLate, Count: 1, Tenths: 250},
		}, step.Shares)
		require.Equal(t, []int64{4, 2, 1, 1, 1}, []int64{step.Due, step.Sent, step.Held, step.Not, step.Waiting})
	})
}

// A split says nothing before every arm has the sample that was stated.
func TestASplitWaitsForItsSample(t *testing.T) {
	split := campaign.Step{
		ID: "which", Kind: campaign.Split, Sample: 50, Goal: "orders", Within: campaign.Duration(2 * week),
		Arms: []campaign.Arm{{Name: "short", Weight: 1}, {Name: "long", Weight: 1}},
	}
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "review_request", func(def *campaign.Definition) {
			def.Steps = append([]campaign.Step{split}, def.Steps...)
		}))
		pass := func(arm string, buys bool) {
			e := d.walk(id, 1, "ask")
			storetest.Do(t, d.Store, func(tx *store.Tx) error {
				return tx.AddPasses(d.shop, []store.Pass{{
					Enrollment: e.ID, StepID: "which", Campaign: id, Version: 1, Branch: arm, Person: e.Person, Order: e.Order, At: d.Store.Now(),
				}})
			})
			if buys {
				d.later(time.Hour)
				storetest.Order(t, d.Store, d.shop, e.Person, func(o *store.StoredOrder) {
					o.Purchase = &commerce.Purchase{At: d.Store.Now(), Counts: true}
				})
			}
		}
		for i := range 50 {
			pass("short", i < 20)
		}
		for range 49 {
			pass("long", false)
		}
		splits, err := d.Splits(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.Len(t, splits, 1)
		require.False(t, splits[0].Enough)
		require.Equal(t, int64(49), splits[0].Arms[1].Entered)

		pass("long", true)
		splits, err = d.Splits(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.True(t, splits[0].Enough)
		short, long := splits[0].Arms[0], splits[0].Arms[1]
		require.Equal(t, []int64{50, 20, 50, 1}, []int64{short.Entered, short.Converted, long.Entered, long.Converted})
		require.Equal(t, "0.28 0.54 0.00 0.10", fmt.Sprintf("%.2f %.2f %.2f %.2f", short.Low, short.High, long.Low, long.High))
		_, err = d.Splits(t.Context(), d.shop, d.live(playbook(t, "thank_you")))
		require.ErrorContains(t, err, "has no split")
	})
}
