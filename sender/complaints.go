package sender

import (
	"context"
	"strconv"
	"time"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/templates"
)

// complaintsWindow is how far back complaints count.
const complaintsWindow = 30 * 24 * time.Hour

// WeighComplaints stops the shared sender for a shop, and for no other, where
// too many of those it wrote to have complained. It is called after a complaint.
func (d *Desk) WeighComplaints(ctx context.Context, shop commerce.ShopID) error {
	if d.Domain == "" {
		return nil
	}
	row, err := d.Store.Sender(ctx, shop)
	if err != nil || row.StoppedReason != "" || row.State == store.SenderReady && row.Kind != store.SenderShared {
		return err // a complaint about mails by the shop's own sender is its own matter
	}
	now := d.Store.Now()
	since := max(now.Add(-complaintsWindow), row.ReadySince)
	sent, complaints, err := d.Store.Complaints(ctx, shop, sharedCounter, since)
	if err != nil || !TooManyComplaints(sent, complaints) {
		return err
	}
	lang, err := d.language(ctx, shop)
	if err != nil {
		return err
	}
	stopped := false
	err = d.Store.Transact(ctx, func(tx *store.Tx) error {
		row, err := tx.Sender(shop)
		if stopped = false; err != nil || row.StoppedReason != "" {
			return err
		}
		row.StoppedReason = strconv.FormatInt(complaints, 10) + " complaints of " + strconv.FormatInt(sent, 10) + " sent"
		if row.Kind == store.SenderShared {
			row.State = store.SenderStopped
		}
		if err := tx.SaveSender(shop, row); err != nil {
			return err
		}
		if err := tx.TouchShop(shop); err != nil { // what was decided before is decided anew
			return err
		}
		stopped = true
		detail := templates.Say(lang, "sender_complaints", map[string]string{"Complaints": strconv.FormatInt(complaints, 10), "Sent": strconv.FormatInt(sent, 10)})
		return tx.AddNotice(shop, store.NoticeSenderStopped, sharedCounter+" "+now.Time().UTC().Format(time.RFC3339), map[string]string{
			"Sender": sharedBox + "@" + d.Domain, "Detail": detail,
		})
	})
	d.forget(shop)
	if stopped {
		d.Log.Warn("shared sender stopped for a shop", "shop", shop, "complaints", complaints, "sent", sent)
	}
	return err
}

// sharedSince is from when on complaints count once the shared sender takes over
// from what a row says.
func sharedSince(row store.Sender, now commerce.Instant) commerce.Instant {
	switch {
	case row.Kind == store.SenderShared || row.State != store.SenderReady:
		return row.ReadySince // it was in use all the while
	case row.ReadySince.Add(complaintsWindow) <= now:
		return now // all that counts was about its own sender
	}
	return 0 // else going to and fro would have complaints forgotten
}

// Resume lets the shared sender take mails of a shop again; what was complained
// of before does not count any more. It is the operator's act.
func (d *Desk) Resume(ctx context.Context, shop commerce.ShopID) error {
	return d.change(ctx, shop, func(_ *store.Tx, row *store.Sender) error {
		row.StoppedReason = ""
		if row.Kind == store.SenderShared {
			row.State = store.SenderReady
		}
		if row.Kind == store.SenderShared || row.State != store.SenderReady { // the shared sender is in use
			row.ReadySince = d.Store.Now()
		}
		return nil
	})
}
