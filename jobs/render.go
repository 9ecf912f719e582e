package jobs

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/message"
	"flywheel/sender"
	"flywheel/store"
)

// render makes the messages of runs. One that cannot be rendered has failed:
// trying again would not help.
func (w *Worker) render(ctx context.Context, shop commerce.Shop, way sender.Way, runs []*run) (ready []*run, messages []mail.Message, failed []store.EffectResult) {
	for _, r := range runs {
		m, err := w.message(ctx, shop, way, r)
		if err != nil {
			w.Log.Error("message not rendered", "shop", shop.ID, "effect", r.effect.ID, "campaign", r.Campaign, "step", r.effect.StepID, "error", err)
			failed = append(failed, store.EffectResult{
				ID: r.effect.ID, Dispatch: r.effect.Dispatch, State: store.Failed, Tries: r.effect.Tries, Note: "the message cannot be rendered",
			})
			if r.move.Ended {
				r.move.Reason = string(gate.MessageBroken)
			}
			w.metrics.effects.WithLabelValues(string(r.effect.Kind), string(store.Failed)).Inc()
			continue
		}
		ready, messages = append(ready, r), append(messages, m)
	}
	return ready, messages, failed
}

// message renders one. A text that makes the renderer panic fails alone.
func (w *Worker) message(ctx context.Context, shop commerce.Shop, way sender.Way, r *run) (out mail.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Permanent, "rendering panicked: %T", p)
		}
	}()
	f := w.messageFacts(shop, way, r)
	if err := w.addTogether(ctx, r, &f); err != nil {
		return out, err
	}
	if err := w.addLoyalty(ctx, r, &f); err != nil {
		return out, err
	}
	lang := message.Language(f)
	f.From = way.Writer(shop, lang)
	var m message.Message
	switch r.effect.Kind {
	case campaign.SendEmail:
		m, err = r.version.messages[r.effect.StepID].Render(f)
		if r.Rehearsal && err == nil {
			m = message.Rehearse(m, shop)
		}
	default:
		var said message.Said
		if said, err = r.version.notes[r.effect.StepID].Say(f); err == nil {
			r.said, lang = &said, said.Lang
			m, err = message.ToTeam(shop, said, string(r.effect.ID))
		}
	}
	return writes(way, shop, m, lang, string(r.effect.ID)), err
}

// messageFacts are what a message or note about a run reads.
func (w *Worker) messageFacts(shop commerce.Shop, way sender.Way, r *run) message.Facts {
	f := message.Facts{
		Shop: shop, Person: r.person, Order: r.facts(), Class: r.effect.Class, Topic: r.effect.Topic, EffectID: string(r.effect.ID),
		IDHost: way.Host(), LinkHosts: way.LinkHosts, Now: w.Store.Now().Time(),
	}
	f.Track, f.Pixel = w.tracking(shop, r.effect.ID)
	if r.link != "" {
		f.UnsubscribeURL = w.BaseURL + "/u/" + r.link
	}
	if r.confirm != "" {
		f.ConfirmURL = w.BaseURL + "/confirm/" + r.confirm
	}
	return f
}

// addTogether adds the orders that are asked about along with the run's own,
// and the product that its cause is about.
func (w *Worker) addTogether(ctx context.Context, r *run, f *message.Facts) error {
	if ids := r.version.Together(r.rules); len(ids) > 1 {
		orders, err := w.Store.Orders(ctx, f.Shop.ID, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if o := orders[id]; o != nil && id != r.Order && gate.Standing(&o.Order, f.Shop.Settings).Answer == gate.Send {
				f.Together = append(f.Together, &o.Order)
			}
		}
	}
	if r.rules.Cause.Kind != commerce.ProductPublished {
		return nil
	}
	products, err := w.Store.Products(ctx, f.Shop.ID, []string{r.rules.Cause.Subject})
	if p, known := products[r.rules.Cause.Subject]; known {
		f.Product = &p
	}
	return err
}
