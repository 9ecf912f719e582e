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

// apart splits a batch so that whoever is to be erased is erased alone, in the
// place where that was asked: it locks all their orders first, and what comes
// after must see that they are gone.
func apart(batch []decoded) (parts [][]decoded) {
	began := 0
	for i, d := range batch {
		if e := d.change.Erase; e == nil || e.Kind != commerce.EraseCustomer {
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

// obey does what the law asks through the platform. What takes long waits for the commit.
func (m *merge) obey(d decoded, e commerce.Erasure) {
	request := store.PrivacyRequest{Kind: e.Kind, Subject: e.CustomerID, RequestID: e.RequestID, DueAt: m.tx.Now().Add(privacyDays * 24 * time.Hour)}
	m.later = append(m.later, func() error {
		switch e.Kind {
		case commerce.ReportData:
			persons, err := m.tx.WhoIsMeant(m.shop.ID, whomOf(d, e))
			if err != nil {
				return err
			}
			request.Persons = persons
		case commerce.EraseCustomer:
			erased, err := m.tx.Erase(m.shop.ID, whomOf(d, e))
			if err != nil {
				return err
			}
			// The request itself names them, and is kept without.
			request.Subject, request.DoneAt, request.Report = "", m.tx.Now(), erased.Report
			if err := m.tx.DropDeliveries(m.shop.ID, []commerce.DeliveryID{d.delivery.ID}); err != nil {
				return err
			}
		case commerce.EraseShop:
			m.shopAsked = cmp.Or(d.delivery.TriggeredAt, d.delivery.ReceivedAt) // a return after that counts
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
			erased, err := w.Store.EraseShop(ctx, p.Shop, m.shopAsked)
			if err != nil {
				return err
			}
			if !erased {
				return w.Store.FinishRequest(ctx, p.Shop, p.ID, store.Report{Note: "the shop is connected, or was connected again since"})
			}
			w.Log.Info("shop erased", "shop", p.Shop)
		}
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
// interrupted, and writes the file of erasures beside the backup.
func (w *Worker) upkeep(ctx context.Context) error {
	half, err := w.Store.HalfErased(ctx)
	for _, shop := range half {
		_, e := w.Store.EraseShop(ctx, shop, 0)
		err = errors.Join(err, e)
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
