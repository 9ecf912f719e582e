package jobs

import (
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/message"
	"flywheel/store"
)

// render makes the messages of runs. One that cannot be rendered has failed:
// trying again would not help.
func (w *Worker) render(shop commerce.Shop, runs []*run) (ready []*run, messages []mail.Message, failed []store.EffectResult) {
	for _, r := range runs {
		m, err := w.message(shop, r)
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
func (w *Worker) message(shop commerce.Shop, r *run) (out mail.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Permanent, "rendering panicked: %T", p)
		}
	}()
	m, err := r.version.messages[r.effect.StepID].Render(message.Facts{
		Shop: shop, Person: r.person, Order: r.facts(), Class: r.effect.Class, Topic: r.effect.Topic,
		EffectID: string(r.effect.ID), UnsubscribeURL: w.BaseURL + "/u/" + r.link,
	})
	return mail.Message(m), err
}
