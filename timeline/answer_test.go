package timeline

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

// noon is a Monday in London.
var noon = commerce.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

// teller knows one campaign and the orders a and b.
func teller(change ...func(*campaign.Campaign)) *Teller {
	c := campaign.Campaign{ID: "review", State: campaign.Live, Definition: campaign.Definition{
		Title: campaign.Texts{"en": "Review request"}, Trigger: campaign.Trigger{Kind: campaign.OnOrderArrived},
		Steps: []campaign.Step{
			{ID: "fork", Kind: campaign.If, Then: []campaign.Step{{ID: "call", Kind: campaign.CallTask}}},
			{ID: "wait", Kind: campaign.WaitForEvent, Else: []campaign.Step{{ID: "tell", Kind: campaign.Webhook}, {ID: "tag", Kind: campaign.TagCustomer}}},
			{ID: "ab", Kind: campaign.Split, Arms: []campaign.Arm{{Name: "short", Steps: []campaign.Step{{ID: "ask", Kind: campaign.SendEmail}}}}},
		},
	}}
	for _, f := range change {
		f(&c)
	}
	order := func(id commerce.OrderID, name string) *store.StoredOrder {
		return &store.StoredOrder{Order: commerce.Order{ID: id, Detail: commerce.Detail{Name: name}, Keys: []commerce.SourceKey{{ID: string(id)}}}}
	}
	return NewTeller(commerce.Shop{Timezone: "Europe/London"}, []*store.StoredOrder{order("a", "#1001"), order("b", "#1002")}, []campaign.Campaign{c})
}

// at puts records of order a into the campaign, a minute after one another.
func at(records ...store.Entry) []store.Entry {
	for i := range records {
		e := &records[i]
		e.At, e.Campaign = noon.Add(time.Duration(i-10)*time.Minute), "review"
		if e.Order == "" {
			e.Order = "a"
		}
	}
	return records
}

func entered(until commerce.Instant) store.Entry {
	return store.Entry{Kind: "enrollment", What: "active", Until: until}
}

func ended(r gate.Reason) store.Entry {
	return store.Entry{Kind: "enrollment", What: "ended", Reason: string(r)}
}

func decided(a gate.Answer, r gate.Reason, step, detail string, until commerce.Instant) store.Entry {
	return store.Entry{Kind: "decision", What: string(a), Reason: string(r), Step: step, Detail: detail, Until: until}
}

func effect(state store.EffectState, step string) store.Entry {
	return store.Entry{Kind: "effect", What: string(state), Step: step}
}

func TestWhyNot(t *testing.T) {
	later := noon.Add(20 * time.Hour)
	for name, tt := range map[string]struct {
		records []store.Entry
		want    string
	}{
		"nothing": {nil, "Review request has not begun: what starts it (Order delivered) has not happened to this customer since it went live."},
		"kept out": {
			at(decided(gate.Skip, gate.BeforeLive, "", "", 0)),
			"Review request for order #1001 never began: it happened before somebody pressed Go live.",
		},
		"a condition": {
			at(decided(gate.Skip, gate.ConditionNotMet, "", "", 0)),
			"Review request for order #1001 never began: the campaign's condition does not fit.",
		},
		"a part of a condition": {
			at(decided(gate.Skip, gate.ConditionNotMet, "", "order.total > 100.0 · order.total is 42.00", 0)),
			"Review request for order #1001 never began: the campaign's condition does not fit (it wants order.total > 100.0, and order.total is 42.00).",
		},
		"a part that reads nothing": {
			at(decided(gate.Skip, gate.ConditionNotMet, "", "false", 0)),
			"Review request for order #1001 never began: the campaign's condition does not fit (false).",
		},
		"waiting": {at(entered(later)), "Review request for order #1001 waits for its moment: Tue 3 Mar 2026, 08:00."},
		"an event": {
			at(entered(commerce.At(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)))),
			"Review request for order #1001 waits for something to happen.",
		},
		"quiet": {
			at(entered(later), decided(gate.Defer, gate.QuietHours, "ask", "Europe/London, known", later)),
			"Review request for order #1001 waits: it is a quiet hour where the customer lives (Europe/London, known), until Tue 3 Mar 2026, 08:00. It goes by itself afterwards.",
		},
		"no consent": {
			at(entered(later), decided(gate.Hold, gate.NoConsent, "ask", "needs opt_in", later)),
			"Review request for order #1001 waits: where this customer lives a message of this kind needs their consent (needs opt_in), " +
				"at the latest until Tue 3 Mar 2026, 08:00. It goes when the customer says yes.",
		},
		"quiet is over": {
			at(entered(noon-1), decided(gate.Defer, gate.QuietHours, "ask", "", noon-1)),
			"Review request for order #1001 is due, and is being looked at.",
		},
		"capped too long": {
			at(ended(gate.TooLate), decided(gate.Defer, gate.Capped, "ask", "2 in 7 days", later), decided(gate.Skip, gate.TooLate, "ask", "frequency_cap (2 in 7 days) until after the latest useful time", 0)),
			"Review request for order #1001 is not coming: it came too late to be of use, and late mail is worse than none " +
				"(frequency_cap (2 in 7 days) until after the latest useful time).",
		},
		"stopped": {at(ended(gate.StoppedByHand)), "Review request for order #1001 is not coming: somebody stopped it."},
		"sent":    {at(ended(gate.SequenceComplete), effect(store.Sent, "ask")), "Mail sent on Mon 2 Mar 2026, 11:51: Review request for order #1001."},
		"sent, then refunded": {
			at(ended(gate.Refunded), effect(store.Sent, "call")),
			"Call for staff put on the list on Mon 2 Mar 2026, 11:51: Review request for order #1001. What would follow is not coming: everything was refunded.",
		},
		"sent, and more to come": {
			at(entered(later), decided(gate.Defer, gate.QuietHours, "ask", "", later), effect(store.Sent, "ask")),
			"Mail sent on Mon 2 Mar 2026, 11:52: Review request for order #1001. What would follow waits for its moment: Tue 3 Mar 2026, 08:00.",
		},
		"unknown": {
			at(entered(later), effect(store.Unknown, "ask")),
			"Review request for order #1001 may have been sent: nobody knows whether the mail arrived, and nobody is mailed twice on a guess. " +
				"Somebody has to decide: flywheel unknown resend, or flywheel unknown sent.",
		},
		"a receiver that does not answer": {
			at(entered(noon.Add(time.Hour)), decided(gate.Send, gate.OK, "tell", "", 0), func() store.Entry {
				e := effect(store.Retry, "tell")
				e.Detail, e.Until = "0  the receiver refuses connections", later
				return e
			}()),
			"Review request for order #1001 waits: the receiver of the webhook has not taken it (the receiver refuses connections). " +
				"It is tried again on Mon 2 Mar 2026, 13:00, until Tue 3 Mar 2026, 08:00 at the latest.",
		},
		"tags that Shopify does not take": {
			at(entered(noon.Add(time.Hour)), func() store.Entry {
				e := effect(store.Retry, "tag")
				e.Detail, e.Until = "the shop is throttled", later
				return e
			}()),
			"Review request for order #1001 waits: Shopify has not taken it (the shop is throttled). " +
				"It is tried again on Mon 2 Mar 2026, 13:00, until Tue 3 Mar 2026, 08:00 at the latest.",
		},
		"consent that could not be read": {
			at(entered(noon.Add(time.Hour)), decided(gate.Defer, gate.ConsentUnread, "ask", "", noon.Add(time.Hour))),
			"Review request for order #1001 waits: Shopify could not be asked what the customer has said about such messages, until Mon 2 Mar 2026, 13:00. " +
				"It goes by itself when Shopify answers.",
		},
		"a mail server that is busy": {
			at(entered(noon.Add(time.Hour)), func() store.Entry {
				e := effect(store.Retry, "ask")
				e.Detail = "451 4.7.1 try later"
				return e
			}()),
			"Review request for order #1001 waits: the mail server has not taken it (451 4.7.1 try later). It is tried again on Mon 2 Mar 2026, 13:00.",
		},
		"tried in vain, and quiet hours since": {
			at(entered(later), effect(store.Retry, "ask"), decided(gate.Defer, gate.QuietHours, "ask", "", later)),
			"Review request for order #1001 waits: it is a quiet hour where the customer lives, until Tue 3 Mar 2026, 08:00. It goes by itself afterwards.",
		},
		"the order that came last": {
			at(ended(gate.SequenceComplete), effect(store.Sent, "ask"), store.Entry{Kind: "decision", What: "skip", Reason: string(gate.CoolingOff), Order: "b"}),
			"Review request for order #1002 never began: an order shortly before it is asked about together with this one. The other order's message speaks of this one too.",
		},
		"a rehearsal": {
			at(ended(gate.SequenceComplete), store.Entry{Kind: "effect", What: "sent", Reason: "rehearsal", Step: "ask"}),
			"Mail sent on Mon 2 Mar 2026, 11:51, in a rehearsal and to the team only: Review request for order #1001.",
		},
		"a rehearsal before": {
			at(ended(gate.RehearsalOver), store.Entry{Kind: "effect", What: "sent", Reason: "rehearsal", Step: "ask"}, entered(later)),
			"Review request for order #1001 waits for its moment: Tue 3 Mar 2026, 08:00.",
		},
	} {
		require.Equal(t, tt.want, teller().Answer(tt.records, "review", "", noon), name)
	}
}

// Asked about one order, the other's story does not count.
func TestWhyNotOfOneOrder(t *testing.T) {
	records := at(ended(gate.Refunded), store.Entry{Kind: "enrollment", What: "active", Order: "b", Until: noon.Add(time.Hour)})
	require.Contains(t, teller().Answer(records, "review", "a", noon), "everything was refunded")
	require.Contains(t, teller().Answer(records, "review", "b", noon), "waits for its moment")
	require.Contains(t, teller().Answer(records, "review", "", noon), "#1002")
}

func TestACampaignThatIsNotLive(t *testing.T) {
	draft := teller(func(c *campaign.Campaign) { c.State = campaign.Draft })
	require.Equal(t, "Review request is a draft: nobody gets anything of it before it goes live.", draft.Answer(nil, "review", "", noon))
	rehearsed := teller(func(c *campaign.Campaign) { c.State = campaign.Rehearsal })
	require.Contains(t, rehearsed.Answer(nil, "review", "", noon), "to this customer since its rehearsal began.")
	paused := teller(func(c *campaign.Campaign) { c.State = campaign.Paused })
	require.Equal(t, "Review request for order #1001 waits: this campaign is paused. It goes on when the campaign is resumed.",
		paused.Answer(at(entered(noon.Add(time.Hour))), "review", "", noon))
	blown := teller(func(c *campaign.Campaign) { c.State, c.PausedReason = campaign.Paused, string(gate.Fuse) })
	require.Contains(t, blown.Answer(at(entered(noon.Add(time.Hour))), "review", "", noon), "this campaign has stopped itself")
	require.Equal(t, "The shop has no campaign points.", draft.Answer(nil, "points", "", noon))
}

// Campaigns are told apart by their titles, in whatever language they have one.
func TestTitles(t *testing.T) {
	named := func(id campaign.CampaignID, title campaign.Texts) campaign.Campaign {
		return campaign.Campaign{ID: id, Definition: campaign.Definition{Title: title}}
	}
	teller := NewTeller(commerce.Shop{Locale: "de-AT"}, nil, []campaign.Campaign{
		named("one", campaign.Texts{"en": "Thanks"}), named("two", campaign.Texts{"en": "Thanks"}), named("review", campaign.Texts{"en": "Review"}),
		named("three", campaign.Texts{"fr": "Merci", "de": "Danke"}), named("four", campaign.Texts{"fr": "Merci"}), named("five", nil),
	})
	for id, want := range map[string]string{
		"one": "Thanks (one)", "two": "Thanks (two)", "review": "Review", "three": "Danke", "four": "Merci", "five": "five", "gone": "gone",
	} {
		require.Equal(t, want, teller.Title(id), id)
	}
}

func TestLinesWithoutAnOrderAndWithoutACode(t *testing.T) {
	sent := effect(store.Sent, "ask")
	sent.Detail = "0  written to a file"
	lines := teller().Lines(at(
		store.Entry{Kind: "event", What: "subscription_renewed", Order: "none"}, store.Entry{Kind: "event", What: "subscription_renewed"},
		store.Entry{Kind: "event", What: "subscription_payment_failed", Order: "none"}, sent,
	))
	var got []string
	for _, l := range lines {
		got = append(got, l.Sentence+" ["+l.Code+"]")
	}
	require.Equal(t, []string{
		"A subscription was renewed [subscription_renewed]",
		"Order #1001 renewed a subscription [subscription_renewed]",
		"A subscription could not be charged [subscription_payment_failed]",
		"Mail sent: Review request for order #1001 [sent · written to a file]",
	}, got)
}

func TestLinesOfEveryKind(t *testing.T) {
	records := at(
		store.Entry{Kind: "pass", What: campaign.BranchThen, Step: "fork"},
		store.Entry{Kind: "pass", What: campaign.BranchElse, Step: "wait", Reason: "rehearsal"},
		store.Entry{Kind: "pass", What: "short", Step: "ab"},
		store.Entry{Kind: "pass", What: campaign.BranchSkipped, Step: "ask"},
		effect(store.Sent, "tell"),
		effect(store.Sent, "tag"),
		store.Entry{Kind: "task", What: string(store.TaskDone), Step: "call", Detail: "Call Ada", Reason: "reached"},
		store.Entry{Kind: "touch", What: "marketing", Detail: "klaviyo: Welcome"},
		store.Entry{Kind: "event", What: "custom:quiz_done"},
		entered(noon.Add(time.Hour)),
	)
	var got []string
	for _, l := range teller().Lines(records) {
		got = append(got, l.Sentence+" ["+l.Code+"]")
	}
	require.Equal(t, []string{
		"Review request for order #1001. Its condition fitted, at fork [fork · then]",
		"Review request for order #1001. What it waited for did not come in time, at wait (a rehearsal, to the team only) [wait · else]",
		"Review request for order #1001. It went the way short, at ab [ab · short]",
		"Review request for order #1001. Somebody chose to leave out the step ask [ask · skipped]",
		"Webhook sent: Review request for order #1001 [sent]",
		"Tags at Shopify changed: Review request for order #1001 [sent]",
		"Staff made a call: Call Ada [done · reached]",
		"Another tool sent a message: klaviyo: Welcome [marketing]",
		"Another system told of an event: quiz_done [custom:quiz_done]",
		"Entered Review request for order #1001. Its next moment is Mon 2 Mar 2026, 13:00 []",
	}, got)
}
