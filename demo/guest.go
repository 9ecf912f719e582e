package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
)

// GuestDomain is the shop that comes and goes before the month begins.
const GuestDomain = "atlas.myshopify.com"

// guestStay is how much business time the guest's life takes.
const guestStay = 21 * 24 * time.Hour

// guest is a shop's whole life with the app: it installs, its past is read, it
// goes live, sells, leaves, comes back, leaves for good and is forgotten.
type guest struct {
	*World
	ctx   context.Context
	shop  commerce.ShopID
	mails int
	told  int // deliveries that were accepted, and went with the shop
}

// buyerOf is the guest's one customer.
var buyerOf = shopifyfake.Customer{ID: 901, Email: "amina@example.com", FirstName: "Amina", LastName: "Belkacem"}

// liveGuest plays the life of the guest and returns what there was of it; an
// error says where it did not go as it must.
func (w *World) liveGuest(ctx context.Context) (guest, error) {
	g := guest{World: w, ctx: ctx}
	for _, scene := range []struct {
		name string
		play func() error
	}{
		{"installing", g.installs},
		{"going live", g.goesLive},
		{"selling", func() error { return g.sells(2) }},
		{"leaving and coming back", g.comesBack},
		{"selling again", func() error { return g.sells(3) }},
		{"being forgotten", g.isForgotten},
	} {
		if err := scene.play(); err != nil {
			return g, fmt.Errorf("%s, %s: %w", GuestDomain, scene.name, err)
		}
	}
	w.Mail.Clear()
	return g, nil
}

func (g *guest) installs() error {
	past := shopifyfake.NewOrder(1, g.Clock.Now().Add(-40*24*time.Hour)).For(buyerOf, "MA")
	g.Shopify.PutOrder(GuestDomain, past)
	shop, err := g.Install(g.ctx, GuestDomain, shopifyfake.ShopInfo{
		Name: "Atlas Ceramics", Email: "owner@atlas.example", ContactEmail: "salam@atlas.example", Zone: "Africa/Casablanca", Currency: "MAD", Country: "MA",
		Locales: []string{"ar", "fr"},
	})
	if err != nil {
		return err
	}
	g.shop = shop.ID
	return g.pastIsRead()
}

// pastIsRead waits until the order from before the install is known; nobody is mailed about it.
func (g *guest) pastIsRead() error {
	err := g.await(g.ctx, "its past was read", func(ctx context.Context) (bool, error) {
		b, err := g.App.Store.Backfill(ctx, g.shop, g.connection())
		if err == nil && !b.State.Open() && b.Orders != 1 {
			err = fault.New(fault.Conflict, "%d past orders were read, not 1: %s", b.Orders, b.Note)
		}
		return !b.State.Open(), err
	})
	return errors.Join(err, g.expectMails(0))
}

func (g *guest) connection() commerce.ConnectionID {
	c, err := g.App.Store.ConnectionByAccount(g.ctx, commerce.Shopify, GuestDomain, true)
	if err != nil {
		return ""
	}
	return c.ID
}

func (g *guest) goesLive() error {
	for _, path := range []string{"/admin/campaigns/thank_you/live", "/admin/campaigns/review_request/live"} {
		if err := g.Press(g.ctx, GuestDomain, path); err != nil {
			return err
		}
	}
	return g.passes(time.Hour)
}

// sells brings one order, which is thanked for once.
func (g *guest) sells(id int64) error {
	o := shopifyfake.NewOrder(id, g.Clock.Now()).For(buyerOf, "MA")
	if err := g.tells("orders/paid", o.Body()); err != nil {
		return err
	}
	if err := g.passes(time.Hour); err != nil {
		return err
	}
	return g.expectMails(g.mails + 1)
}

// comesBack leaves and installs again: the same shop, with its campaigns as they were.
func (g *guest) comesBack() error {
	left := g.Clock.Now()
	if err := g.leaves(); err != nil {
		return err
	}
	if err := g.passes(2 * time.Hour); err != nil {
		return err
	}
	again, err := g.Install(g.ctx, GuestDomain, shopifyfake.ShopInfo{})
	if err != nil {
		return err
	}
	if again.ID != g.shop {
		return fault.New(fault.Conflict, "it came back as another shop")
	}
	// Late news of the first uninstall, and the redaction it would have led to.
	if err := g.tells("app/uninstalled", g.Shopify.Uninstalled(GuestDomain), shopifyfake.TriggeredAt(left)); err != nil {
		return err
	}
	if err := g.tells("shop/redact", shopifyfake.RedactShop(GuestDomain)); err != nil {
		return err
	}
	return g.passes(time.Hour)
}

func (g *guest) leaves() error {
	g.told++
	return g.Uninstall(g.ctx, GuestDomain)
}

// isForgotten leaves for good; 48 hours later Shopify has everything erased.
func (g *guest) isForgotten() error {
	if err := g.leaves(); err != nil {
		return err
	}
	if err := g.passes(48 * time.Hour); err != nil {
		return err
	}
	if err := g.tells("shop/redact", shopifyfake.RedactShop(GuestDomain)); err != nil {
		return err
	}
	err := g.await(g.ctx, "it was erased", func(ctx context.Context) (bool, error) {
		_, err := g.App.Store.Shop(ctx, g.shop)
		if fault.Is(err, fault.NotFound) {
			return true, nil
		}
		return false, err
	})
	return errors.Join(err, g.expectMails(2))
}

func (g *guest) tells(topic string, body []byte, opts ...shopifyfake.SendOption) error {
	g.told++
	return g.deliver(g.ctx, GuestDomain, topic, body, opts...)
}

func (g *guest) passes(d time.Duration) error { return g.Advance(g.ctx, d) }

// expectMails demands that its customer has got exactly n mails so far.
func (g *guest) expectMails(n int) error {
	g.mails = len(g.Mail.Mails())
	if g.mails != n {
		return fault.New(fault.Conflict, "%d mails went out, not %d", g.mails, n)
	}
	return nil
}
