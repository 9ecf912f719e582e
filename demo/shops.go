package demo

import (
	"context"
	"sync"
	"time"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
)

// The domains of the demo's shops, for those who post to them themselves.
const (
	EnglishDomain = "harbour.myshopify.com"
	ArabicDomain  = "nakheel.myshopify.com"
)

// courier is the gateway of parcels that are paid at the door.
const courier = "Cash on Delivery (COD)"

// stand is a shop of the scenario.
type stand struct {
	Shop    commerce.Shop
	Domain  string // at Shopify
	Account string // at Stripe; "" = none
	start   time.Time
	orders  int64 // before its first order id
	goods   []shopifyfake.Line
	tales   []*tale
	acts    []act // that belong to no purchase
}

// bothShops are the demo's, with all that happens in their month.
func bothShops(start time.Time) []*stand {
	english, arabic := harbour(start), nakheel(start)
	english.script()
	english.stripeScript()
	arabic.arabicScript()
	return []*stand{english, arabic}
}

// open registers the shop as an operator does: its playbooks are live at once.
func (s *stand) open(ctx context.Context, w *World) error {
	shop, err := w.AddShop(ctx, s.Shop, commerce.Connection{Platform: commerce.Shopify, ExternalID: s.Domain, Live: true, Token: "shpat_demo"})
	if err != nil {
		return err
	}
	if s.Account != "" {
		w.Stripe.Put(s.Account)
		if _, err := app.Connect(ctx, w.App.Store, shop.ID, commerce.Connection{Platform: commerce.Stripe, ExternalID: s.Account, Live: true}); err != nil {
			return err
		}
	}
	s.Shop, err = w.App.Store.Shop(ctx, shop.ID)
	return err
}

func harbour(start time.Time) *stand {
	return &stand{
		Shop: commerce.Shop{
			Name: "Harbour & Pine", Email: "hello@harbourandpine.example", Locale: "en", Timezone: "Europe/London", Country: "GB", Currency: "GBP",
			Settings: commerce.Settings{
				PayOnDelivery: []string{courier}, ReviewURL: "https://harbourandpine.example/reviews",
				PostalAddress: "Harbour & Pine, 4 Quay Street, Falmouth TR11 3HH, United Kingdom",
			},
		},
		Domain: EnglishDomain, Account: "acct_harbour", start: start, orders: 5_510_000_000_000,
		goods: []shopifyfake.Line{
			{Title: "Merino scarf", Variant: "Moss green", SKU: "SCARF-MOSS", Quantity: 1, Price: 4900},
			{Title: "Beeswax candle", Variant: "Large", SKU: "CANDLE-L", Quantity: 2, Price: 1450},
		},
	}
}

func nakheel(start time.Time) *stand {
	return &stand{
		Shop: commerce.Shop{
			Name: "متجر النخيل", Email: "salam@nakheel.example", Locale: "ar", Timezone: "Asia/Riyadh", Country: "SA", Currency: "SAR",
			Settings: commerce.Settings{PayOnDelivery: []string{courier}, PostalAddress: "متجر النخيل، شارع التحلية، الرياض 12241، المملكة العربية السعودية"},
		},
		Domain: ArabicDomain, start: start, orders: 5_720_000_000_000,
		goods: []shopifyfake.Line{
			{Title: "تمر سكري فاخر", Variant: "كيلوغرام", SKU: "DATE-1", Quantity: 2, Price: 8500},
			{Title: "قهوة عربية بالهيل", SKU: "QAHWA-250", Quantity: 1, Price: 4200},
		},
	}
}

// The customers whose mail goes wrong.
const (
	busyAddress = "grace@example.com"  // her server is busy at first
	goneAddress = "nobody@example.org" // his does not know him
)

// mailTrouble is how mail goes wrong in the scenario.
func mailTrouble() func(to string) *mailfake.Trouble {
	var mu sync.Mutex
	tries := map[string]int{}
	return func(to string) *mailfake.Trouble {
		mu.Lock()
		defer mu.Unlock()
		tries[to]++
		switch {
		case to == busyAddress && tries[to] <= 2:
			return &mailfake.Trouble{At: "rcpt", Code: 451}
		case to == goneAddress:
			return &mailfake.Trouble{At: "rcpt", Code: 550}
		}
		return nil
	}
}
