package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/templates"
)

// fuseWindow is how far back the figures of the fuse go.
const fuseWindow = 14 * 24 * time.Hour

// fusePause is how long a shop is left alone once its campaigns were weighed:
// that counts all they sent in two weeks.
const fusePause = 5 * time.Second

// hintFuses has the campaigns of shops weighed where something went wrong: a
// permanent failure, a bounce, a complaint, an unsubscribe, a refund.
func (s *sweep) hintFuses(ctx context.Context) error {
	if !s.looking {
		return nil
	}
	asked, err := s.Store.FuseAsked(ctx, s.fuses, 50)
	if err != nil {
		return err
	}
	if s.fuses = ""; len(asked) == 50 {
		s.fuses = asked[49].Shop
	}
	for shop, at := range s.weighed {
		if time.Since(at) > fusePause {
			delete(s.weighed, shop)
		}
	}
	for _, a := range asked {
		if _, rests := s.weighed[a.Shop]; rests {
			continue
		}
		id := "fuse:" + string(a.Shop)
		switch err := s.Queue.enqueue(ctx, taskFuse, id, FusePayload{a.Shop}); {
		case isConflict(err):
			s.Queue.lost(id) // frees the id if a killed worker left it archived
		case err != nil:
			return err
		default:
			s.weighed[a.Shop] = time.Now()
		}
	}
	return nil
}

func (w *Worker) handleFuse(ctx context.Context, t *asynq.Task) error {
	var p FusePayload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return fmt.Errorf("fuse payload: %w: %w", err, asynq.RevokeTask)
	}
	if err := w.weigh(ctx, p.Shop); err != nil {
		w.Log.Warn("campaigns not weighed", "shop", p.Shop, "error", err)
	}
	return nil // the shop stays asked for, and the sweep looks there
}

// weigh looks at a shop's live campaigns. What goes wrong meanwhile asks anew.
func (w *Worker) weigh(ctx context.Context, id commerce.ShopID) error {
	asked, err := w.Store.FuseAskedOf(ctx, id)
	if err != nil || asked.Times == 0 {
		return err
	}
	campaigns, err := w.campaigns.ofShop(ctx, id)
	if err != nil {
		return err
	}
	for _, c := range campaigns.live {
		if c.State != campaign.Live || c.Class == gate.Transactional { // order mails ask for nothing
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
	return w.Store.FuseSeen(ctx, asked)
}

// blow pauses a campaign and says so: in its state, among the findings, in the
// log, and to the team. Of several workers one does.
func (w *Worker) blow(ctx context.Context, id commerce.ShopID, c live, cause, detail string) error {
	shop, err := w.Store.Shop(ctx, id)
	if err != nil {
		return err
	}
	title := c.Title[templates.Language(shop.Locale)]
	if title == "" {
		title = string(c.ID)
	}
	won := false
	err = w.Store.Transact(ctx, func(tx *store.Tx) (err error) {
		if won, err = tx.BlowFuse(id, c.ID); err != nil || !won {
			return err
		}
		return errors.Join(
			tx.AddFinding(id, "fuse_"+cause, string(c.ID), detail),
			tx.AddNotice(id, store.NoticeFuse, fmt.Sprintf("%s %d", c.ID, tx.Now()), map[string]string{"Campaign": title, "Cause": cause, "Detail": detail}),
		)
	})
	if err != nil || !won {
		return err
	}
	w.Log.Warn("campaign paused by its fuse", "shop", id, "campaign", c.ID, "cause", cause, "detail", detail)
	w.metrics.decisions.WithLabelValues(string(gate.Hold), string(gate.Fuse)).Inc()
	return nil
}
