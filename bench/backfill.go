package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"sync"
	"time"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

const (
	pastOrders = 50_000
	pastBuyers = 20_000
	rawOrders  = 10_000 // of the reference
	pastToken  = "shpat_bench"
)

// backfill measures how long a shop's past takes, from asking for it until all
// is merged, the platform's own work included: the fake writes the export while
// it is asked about it. The reference is as many of the same orders as deliveries
// that wait in the inbox: what merging costs without a file.
func backfill(ctx context.Context, where string, _ int, bound float64) ([]figure, error) {
	raw, err := rawMerging(ctx, where)
	if err != nil {
		return nil, fmt.Errorf("the reference: %w", err)
	}
	export, took, err := readPast(ctx, where)
	if err != nil {
		return nil, err
	}
	whole := figure{Name: "backfill_" + where, Unit: "s", Goal: atMost(bound), Values: []float64{took.Seconds()}, Exact: true}
	whole.Note = fmt.Sprintf("%d orders of %d customers; the export was there after %.1f s, then came %.0f orders a second, of %.0f merged a second from the inbox",
		pastOrders, pastBuyers, export.Seconds(), perSecond(pastOrders, took-export), perSecond(rawOrders, raw))
	fmt.Printf("# %s: %s\n", whole.Name, whole.Note)
	return []figure{whole}, nil
}

// past is an order from before the install.
func past(i int, installed time.Time) *shopifyfake.Order {
	o := shopifyfake.NewOrder(6_000_000_000+int64(i), installed.Add(-time.Duration(i+1)*time.Minute))
	buyer := i * 7919 % pastBuyers
	o.Customer.ID, o.Customer.Email = 7_000_000_000+int64(buyer), email(buyer)
	return o
}

// readPast has a shop's past read through the fake, and tells when the export was there.
func readPast(ctx context.Context, where string) (export, took time.Duration, err error) {
	fake := shopifyfake.New(secret)
	api := httptest.NewServer(fake.Handler())
	defer api.Close()
	fake.SetBase(api.URL)
	fake.AddShop(domain, pastToken)
	p, err := newPlace(ctx, where)
	if err != nil {
		return 0, 0, err
	}
	p.shopifyURL = api.URL
	s, err := p.site(ctx, app.Parts{Web: true, Work: true})
	if err != nil {
		return 0, 0, err
	}
	conn, err := app.Connect(ctx, s.Store, s.shop, commerce.Connection{Platform: commerce.Shopify, ExternalID: domain, Live: true, Token: pastToken})
	if err != nil {
		return 0, 0, joinClose(err, s)
	}
	installed := conn.InstalledAt.Time()
	fake.PutOrders(domain, pastOrders, func(i int) *shopifyfake.Order { return past(i, installed) })
	began := time.Now()
	if err := s.Store.AskBackfill(ctx, s.shop, conn); err != nil {
		return 0, 0, joinClose(err, s)
	}
	var b store.Backfill
	for b.State = store.BackfillAsked; b.State.Open() && err == nil; {
		time.Sleep(50 * time.Millisecond)
		if b, err = s.Store.Backfill(ctx, s.shop, conn.ID); b.State == store.BackfillReading && export == 0 {
			export = time.Since(began)
		}
	}
	took = time.Since(began)
	if err == nil && (b.State != store.BackfillDone || b.Orders != pastOrders) {
		err = fmt.Errorf("%d of %d orders were read: %s", b.Orders, pastOrders, b.Note)
	}
	return export, took, joinClose(err, s)
}

// rawMerging drains an inbox full of the past's first orders.
func rawMerging(ctx context.Context, where string) (took time.Duration, err error) {
	p, err := newPlace(ctx, where)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	if err := errors.Join(p.migrate(ctx), p.fillInbox(ctx)); err != nil {
		return 0, err
	}
	c, err := p.config("smtp://127.0.0.1:9") // nobody is mailed
	if err != nil {
		return 0, err
	}
	began := time.Now()
	a, err := app.Start(ctx, c, app.Parts{Work: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, err
	}
	for busy := true; busy && err == nil; {
		time.Sleep(5 * time.Millisecond)
		busy, err = a.Store.Busy(ctx)
	}
	return time.Since(began), errors.Join(err, a.Stop())
}

func (p place) fillInbox(ctx context.Context) error {
	c, err := p.config("")
	if err != nil {
		return err
	}
	st, err := app.OpenStore(ctx, c)
	if err != nil {
		return err
	}
	shop, conn, err := app.AddShop(ctx, st, usualShop(), commerce.Connection{Platform: commerce.Shopify, ExternalID: domain, Live: true})
	if err != nil {
		return errors.Join(err, st.Close())
	}
	var wg sync.WaitGroup
	errs := make([]error, 32)
	for k := range errs { // from many sides at once, so that they are committed in groups
		wg.Go(func() {
			for i := k; i < rawOrders && errs[k] == nil; i += len(errs) {
				_, errs[k] = st.AddInbox(ctx, shop, commerce.Delivery{
					ShopID: shop, ConnectionID: conn.ID, Platform: commerce.Shopify, Topic: "orders/updated", ExternalID: fmt.Sprint(i),
					TriggeredAt: st.Now(), ReceivedAt: st.Now(), Body: past(i, conn.InstalledAt.Time()).Body(),
				})
			}
		})
	}
	wg.Wait()
	return errors.Join(errors.Join(errs...), st.Close())
}
