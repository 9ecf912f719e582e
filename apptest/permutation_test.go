package apptest

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/demo"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
)

// delivered is one webhook of a purchase, ready to be posted to any shop.
type delivered struct {
	name string
	post func(a *App, shop int)
}

// shopifyLife is a whole life of an order: placed unpaid, paid, shipped, brought,
// partly refunded, disputed and won. Each body is as it was at its moment.
func shopifyLife(a *App) []delivered {
	at := a.Clock.Now()
	step := func() { at = at.Add(time.Minute) }
	o := a.Order(820982911946).Unpaid("bank_transfer")
	var life []delivered
	tell := func(topic string, body []byte) {
		when := at
		life = append(life, delivered{topic, func(a *App, shop int) {
			a.Send(topic, body, shopifyfake.From(domainOf(shop)), shopifyfake.TriggeredAt(when), shopifyfake.WebhookID(topic+when.String()))
		}})
		step()
	}
	tell("orders/create", o.Body())
	tell("orders/paid", o.Pay(at).Body())
	tell("customers/update", o.Touch(at).CustomerBody())
	f := o.Fulfil(at)
	tell("fulfillments/create", f.Body())
	tell("orders/fulfilled", o.Body())
	tell("fulfillment_events/create", f.Deliver(at))
	tell("orders/edited", o.Removed(at, 1, 1))
	tell("orders/updated", o.Body())
	r := o.Refund(at, 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1})
	tell("refunds/create", r.Body())
	opened := at
	tell("disputes/create", o.Dispute("needs_response", opened, time.Time{}))
	tell("disputes/update", o.Dispute("won", opened, at))
	return life
}

func stripeLife(a *App) []delivered {
	p := a.Pays("1")
	p.SubscriptionID = "sub_1"
	at := a.Clock.Now()
	var life []delivered
	tell := func(kind string, o stripefake.Object) {
		when := at
		life = append(life, delivered{kind, func(a *App, shop int) {
			a.StripeEvent(stripefake.Event{Type: kind, Created: when, Account: accountOf(shop), Object: o})
		}})
		at = at.Add(time.Second)
	}
	tell("charge.succeeded", p.Charge(0))
	tell("payment_intent.succeeded", p.PaymentIntent())
	tell("invoice.paid", p.Invoice("subscription_create"))
	tell("checkout.session.completed", p.Session())
	tell("charge.refunded", p.Charge(1000))
	tell("charge.dispute.created", p.Dispute("dp_1", "needs_response", at))
	tell("charge.dispute.closed", p.Dispute("dp_1", "won", at))
	return life
}

func domainOf(shop int) string  { return fmt.Sprintf("shop-%d.myshopify.com", shop) }
func accountOf(shop int) string { return fmt.Sprintf("acct_%d", shop) }

// unasked leaves no key to ask Stripe with.
func unasked(o *demo.WorldOptions) {
	settle := o.Change
	o.Change = func(c *app.Config) {
		settle(c)
		c.StripeKeys = stripe.Keys{}
	}
}

// Whatever order the deliveries of a purchase come in, and however often, the
// facts, the events, the unsent steps and the mails are those of the usual order.
// Where Stripe is asked as well, all of it but the traces of the question.
func TestEveryOrderOfDeliveriesEndsAlike(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue { // a play takes a tenth of a second, mostly of waiting
		require.NoError(t, flag.Set("rapid.checks", "40"))
	}
	twins := func(a *App) []delivered { return append(shopifyLife(a), twinLife(a)...) }
	for name, c := range map[string]struct {
		life            func(*App) []delivered
		shopify, stripe bool
		asked           bool
	}{
		"shopify":       {shopifyLife, true, false, false},
		"stripe":        {stripeLife, false, true, false},
		"stripe, asked": {stripeLife, false, true, true},
		"twins":         {twins, true, true, false},
		"twins, asked":  {twins, true, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options := []Option{}
			if !c.asked {
				options = append(options, unasked)
			}
			a := Start(t, Noon, options...)
			told := c.life(a)
			shops := 0
			play := func(order []delivered, settleAfter ...int) outcome {
				shops++
				a.play(shops, order, settleAfter, c.shopify, c.stripe)
				return a.outcome(c.asked)
			}
			want := play(told, upTo(len(told))...)
			require.NotEmpty(t, want.Events)
			rapid.Check(t, func(r *rapid.T) {
				order := rapid.Permutation(told).Draw(r, "order")
				again := rapid.SliceOfN(rapid.SampledFrom(told), 0, 3).Draw(r, "again")
				order = append(slices.Clone(order), again...)
				settleAfter := rapid.SliceOfN(rapid.IntRange(0, len(order)-1), 0, 3).Draw(r, "settle after")
				if diff := gocmp.Diff(want, play(order, settleAfter...)); diff != "" {
					var names []string
					for _, d := range order {
						names = append(names, d.name)
					}
					r.Fatalf("%s, settled after %v: %s", strings.Join(names, ", "), settleAfter, diff)
				}
			})
		})
	}
}

// upTo counts up to n: the usual order settles after each delivery.
func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// twinLife is the same purchase as Stripe tells it.
func twinLife(a *App) []delivered {
	p := a.Pays("1")
	p.Amount, p.Currency, p.Metadata = a.Order(1).Total(), "eur", map[string]string{"order_id": "820982911946"}
	when := a.Clock.Now().Add(time.Minute)
	var life []delivered
	for _, e := range []stripefake.Event{
		{Type: "payment_intent.succeeded", Object: p.PaymentIntent()}, {Type: "checkout.session.completed", Object: p.Session()},
	} {
		life = append(life, delivered{e.Type, func(a *App, shop int) {
			a.StripeEvent(stripefake.Event{Type: e.Type, Created: when, Account: accountOf(shop), Object: e.Object})
		}})
	}
	return life
}

// outcome is what a purchase ended in, without the ids that our side made up.
type outcome struct {
	Facts  string
	Events []string
	Steps  []string
	Person string
}

// play registers a shop, paused so that no step is sent meanwhile, posts the
// deliveries in order.
func (a *App) play(n int, order []delivered, settleAfter []int, shopify, stripe bool) {
	shop := commerce.Shop{Name: "Nour & Co", Email: "hello@nour.example", Locale: "en", Country: "GB", Currency: "EUR"}
	connections := []commerce.Connection{}
	if shopify {
		connections = append(connections, commerce.Connection{Platform: commerce.Shopify, ExternalID: domainOf(n), Live: true})
	}
	if stripe {
		connections = append(connections, commerce.Connection{Platform: commerce.Stripe, ExternalID: accountOf(n), Live: true})
	}
	a.Shop = a.Add(shop, connections[0])
	for _, c := range connections[1:] {
		a.connect(c)
	}
	require.NoError(a.t, a.App.Store.SetShopState(a.Ctx, a.Shop.ID, commerce.ShopPaused))
	for i, d := range order {
		d.post(a, n)
		if slices.Contains(settleAfter, i) {
			a.Wait()
		}
	}
	a.Wait()
}

// outcome is what the purchase of the present shop ended in; asked leaves out
// by which telling the same is known, and as of when.
func (a *App) outcome(asked bool) outcome {
	person := a.Person(Ada)
	o := a.Purchase(Ada)
	out := outcome{Person: fmt.Sprintf("%s %s, %s %s", person.FirstName, person.LastName, person.Language, person.Country)}
	facts := o.Order
	id := facts.ID
	facts.ID, facts.PersonID = "", ""
	facts.Origin.Door, facts.Origin.Net = "", "" // hashed by the key of each shop
	if asked {
		facts.Detail.UpdatedAt, facts.Detail.Hash = 0, 0
		facts.Payment.PaidSeen, facts.Payment.Processed = 0, 0
		for id, charge := range facts.Charge {
			charge.AsOf = 0
			facts.Charge[id] = charge
		}
	}
	text, err := json.MarshalIndent(facts, "", " ")
	require.NoError(a.t, err)
	out.Facts = string(text)
	for _, line := range a.Timeline(Ada) {
		switch {
		case line.Kind == "event":
			out.Events = append(out.Events, fmt.Sprintf("%s %s %d", line.What, strings.TrimPrefix(line.Detail, string(id)), line.At))
		case line.Kind == "enrollment" && line.What == "active":
			out.Steps = append(out.Steps, fmt.Sprintf("%s %s due %d", line.Campaign, line.Step, line.Until))
		}
	}
	slices.SortFunc(out.Events, cmp.Compare[string])
	slices.SortFunc(out.Steps, cmp.Compare[string])
	return out
}
