package jobs

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/mail"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

// fuseWindow is how far back the figures of the fuse go.
const fuseWindow = 14 * 24 * time.Hour

// fuseEvery is how often the sweep looks for campaigns that did harm.
const fuseEvery = 5 * time.Second

// checkFuses looks at the campaigns of shops where something went wrong since
// the last time: a permanent failure, an unsubscribe, a refund.
func (s *sweep) checkFuses(ctx context.Context) error {
	if time.Since(s.fused) < fuseEvery {
		return nil
	}
	s.fused = time.Now()
	shops, err := s.Store.FuseAsked(ctx, 50)
	if err != nil {
		return err
	}
	for _, shop := range shops {
		if err := s.checkFusesOf(ctx, shop); err != nil {
			return err
		}
	}
	return nil
}

func (w *Worker) checkFusesOf(ctx context.Context, id commerce.ShopID) error {
	if err := w.Store.FuseSeen(ctx, id); err != nil { // what comes from here on asks anew
		return err
	}
	campaigns, err := w.campaigns.ofShop(ctx, id)
	if err != nil {
		return err
	}
	for _, c := range campaigns.live {
		if c.State != campaign.Live {
			continue
		}
		since := max(w.Store.Now().Add(-fuseWindow), c.LiveAt) // what came before somebody took it up again was weighed already
		figures, err := w.Store.FuseFigures(ctx, id, c.ID, since)
		if err != nil {
			return err
		}
		if blown, cause, detail := gate.FuseBlows(figures); blown {
			if err := w.blow(ctx, id, c, cause, detail); err != nil {
				return err
			}
		}
	}
	return nil
}

// blow pauses a campaign and says so: in its state, among the findings, in the
// log, and to the team. Of several workers one does.
func (w *Worker) blow(ctx context.Context, id commerce.ShopID, c live, cause, detail string) error {
	won := false
	err := w.Store.Transact(ctx, func(tx *store.Tx) (err error) {
		if won, err = tx.BlowFuse(id, c.ID); err != nil || !won {
			return err
		}
		return tx.AddFinding(id, "fuse_"+cause, string(c.ID), detail)
	})
	if err != nil || !won {
		return err
	}
	w.Log.Warn("campaign paused by its fuse", "shop", id, "campaign", c.ID, "cause", cause, "detail", detail)
	w.metrics.decisions.WithLabelValues(string(gate.Hold), string(gate.Fuse)).Inc()
	shop, err := w.Store.Shop(ctx, id)
	if err != nil {
		return err
	}
	return w.tellTeam(ctx, shop, c, cause, detail)
}

// tellTeam writes to the team once; a mail server that is away at this moment
// leaves the finding and the campaign's state to tell of it.
func (w *Worker) tellTeam(ctx context.Context, shop commerce.Shop, c live, cause, detail string) error {
	lang := templates.Language(shop.Locale)
	title := c.Title[lang]
	if title == "" {
		title = string(c.ID)
	}
	say := func(key string) string {
		return templates.Say(lang, key, map[string]string{"Campaign": title, "Detail": detail})
	}
	m, err := message.ToTeam(shop, message.Said{Lang: lang, Title: say("fuse_title"), Body: []string{say("fuse_" + cause), say("fuse_mend")}}, store.NewID())
	if err != nil {
		return err
	}
	for _, o := range w.Mail.Send(ctx, []mail.Message{mail.Message(m)}, nil) {
		if o.State != mail.Sent {
			w.Log.Warn("team not told of the fuse", "shop", shop.ID, "campaign", c.ID, "answer", o.Detail)
		}
	}
	return nil
}
