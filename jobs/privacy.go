package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"flywheel/commerce"
	"flywheel/privacy"
	"flywheel/store"
)

// privacyDays is how long a merchant has to answer a request for data.
const privacyDays = 30

// requestsAtOnce is how many requests for data are answered in one go.
const requestsAtOnce = 50

// apart splits a batch so that a request about a customer stands alone, in the
// place where it was made: whom it means is looked for before its transaction,
// an erasure locks all their orders first, and what comes after must see that
// they are gone.
func apart(batch []decoded) (parts [][]decoded) {
	began := 0
	for i, d := range batch {
		if e := d.change.Erase; e == nil || e.Kind == commerce.EraseShop {
			continue
		}
		if i > began {
			parts = append(parts, batch[began:i])
		}
		parts, began = append(parts, batch[i:i+1]), i+1
	}
	if began < len(batch) {
		parts = append(parts, batch[began:])
	}
	return parts
}

// seek looks for whom a request means, if the batch is one about a customer.
func (w *Worker) seek(ctx context.Context, shop commerce.ShopID, batch []decoded) (store.Whom, error) {
	for _, d := range batch {
		if e := d.change.Erase; e != nil && e.Kind != commerce.EraseShop {
			return w.Store.Seek(ctx, shop, whomOf(d, *e))
		}
	}
	return store.Whom{}, nil
}

// obey does what the law asks through the platform. What takes long waits for the commit.
func (m *merge) obey(d decoded, e commerce.Erasure) {
	request := store.PrivacyRequest{
		Kind: e.Kind, Platform: d.delivery.Platform, Subject: e.CustomerID, RequestID: e.RequestID, DueAt: m.tx.Now().Add(privacyDays * 24 * time.Hour),
	}
	m.later = append(m.later, func() error {
		switch e.Kind {
		case commerce.ReportData:
			persons, err := m.tx.WhoIsMeant(m.shop.ID, m.whom)
			if err != nil {
				return err
			}
			request.Persons = persons
		case commerce.EraseCustomer:
			erased, err := m.tx.Erase(m.shop.ID, m.whom)
			if err != nil {
				return err
			}
			// The request itself names them, and is kept without.
			request.Subject, request.DoneAt, request.Report = "", m.tx.Now(), erased.Report
			if err := m.tx.DropDeliveries(m.shop.ID, []commerce.DeliveryID{d.delivery.ID}); err != nil {
				return err
			}
		case commerce.EraseShop:
			request.ReceivedAt = cmp.Or(d.delivery.TriggeredAt, d.delivery.ReceivedAt) // a return after that counts
		}
		kept, err := m.tx.AddPrivacyRequest(m.shop.ID, request)
		m.requests = append(m.requests, kept)
		return err
	})
}

func whomOf(d decoded, e commerce.Erasure) store.Whom {
	var w store.Whom
	if e.Email != "" {
		w.Emails = []string{e.Email}
	}
	if e.CustomerID != "" {
		w.Customers = []commerce.Identity{{Kind: commerce.IdentityKind(d.delivery.Platform), Value: e.CustomerID}}
	}
	for _, id := range e.Orders {
		w.Orders = append(w.Orders, commerce.SourceKey{Platform: d.delivery.Platform, Kind: "order", ID: id})
	}
	return w
}

// obeyed carries out what had to wait for the commit: answers to who asks for
// their data, and the end of a shop.
func (w *Worker) obeyed(ctx context.Context, m *merge) error {
	for _, p := range m.requests {
		switch p.Kind {
		case commerce.ReportData:
			if err := w.answer(ctx, p); err != nil {
				w.Log.Warn("request for data not answered yet", "shop", p.Shop, "request", p.ID, "error", err)
			}
		case commerce.EraseShop:
			if err := w.eraseShop(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// eraseShop carries out that a platform wants a shop erased. Where another
// platform's connection is open, the request stays open until that one closes,
// and what is the asking platform's alone goes now.
func (w *Worker) eraseShop(ctx context.Context, p store.PrivacyRequest) error {
	fate, err := w.Store.EraseShop(ctx, p.Shop, p.Platform, p.ReceivedAt)
	switch {
	case err != nil:
		return err
	case fate == store.ShopReturned:
		return w.Store.FinishRequest(ctx, p.Shop, p.ID, store.Report{Note: "the shop is connected, or was connected again since"})
	case fate == store.ShopWaits:
		gone, err := w.Store.ForgetPlatform(ctx, p.Shop, p.Platform)
		if gone > 0 {
			w.Log.Info("shop not erased yet: another platform is connected", "shop", p.Shop, "rows", gone)
		}
		return err
	case fate == store.ShopErased:
		w.Log.Info("shop erased", "shop", p.Shop)
	}
	return nil
}

// answer gathers what is kept of whom a request names. It begins anew after a crash.
func (w *Worker) answer(ctx context.Context, p store.PrivacyRequest) error {
	export, err := privacy.Gather(ctx, w.Store, p)
	if err != nil {
		return err
	}
	body, err := json.Marshal(export)
	if err != nil {
		return err
	}
	saved, err := w.Store.SaveExport(ctx, p, body)
	if saved {
		w.Log.Info("request for data answered", "shop", p.Shop, "request", p.ID, "sections", len(export.Sections))
	}
	return err
}

// upkeep answers requests that were left over, finishes shops whose erasure was
// interrupted, erases those that waited for their last connection to close, and writes the file of erasures beside the backup.
func (w *Worker) upkeep(ctx context.Context) error {
	half, err := w.Store.HalfErased(ctx)
	for _, shop := range half {
		_, e := w.Store.EraseShop(ctx, shop, "", 0)
		err = errors.Join(err, e)
	}
	waiting, e := w.Store.OpenShopRequests(ctx)
	err = errors.Join(err, e)
	for _, p := range waiting {
		err = errors.Join(err, w.eraseShop(ctx, p))
	}
	open, e := w.Store.OpenRequests(ctx, requestsAtOnce)
	err = errors.Join(err, e)
	for _, p := range open {
		err = errors.Join(err, w.answer(ctx, p))
	}
	if w.Erasures == "" {
		return err
	}
	lacking, e := privacy.SaveFile(ctx, w.Store, w.Erasures)
	if lacking > 0 {
		w.Log.Error("the file of erasures holds some that the database lacks: after a restore run flywheel privacy reapply", "file", w.Erasures, "erasures", lacking)
	}
	return errors.Join(err, e)
}
