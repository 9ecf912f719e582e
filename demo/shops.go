package demo

import (
	"context"
	"strings"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/delight/loyalty"
	"flywheel/integrations/api"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store"
	"flywheel/templates"
)

// The domains of the demo's shops, for those who post to them themselves.
const (
	EnglishDomain = "harbour.myshopify.com"
	ArabicDomain  = "nakheel.myshopify.com"
)

// courier is the gateway of parcels that are paid at the door.
const courier = "Cash on Delivery (COD)"

// team reads what the English shop rehearses.
const team = "team@harbourandpine.example"

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

	live   []string // campaigns beside the two that every shop has
	drafts []string
	words  map[string]string // by language: how to begin with the goods, which a playbook asks the shop for
	plan   string            // chosen at Shopify; "" = the free one
	hook   string            // name of the endpoint at the other system; "" = none
	token  string            // of the other tool that tells what it sends; set by open

	doors map[string]string // by buyer: where their parcels go
	club  loyalty.Program   // live from the first day on; without rules none

	writes string    // the address of its own that it wants to write from; "" = the shared sender's
	since  time.Time // from when on it does; set by its act
	slack  bool      // the team reads a channel there

	// What must have become of mails after they went out, by address: what came of
	// one, what is not sent any more and why, and the last word about offers.
	back  map[string]gate.BounceKind
	stops map[string]string
	news  map[string]string
	told  map[string]int // the team, by "kind channel"

	sent      map[string]int // outward acts of each campaign that there must have been
	rehearsed map[string]int // and to the team alone
}

// bothShops are the demo's, with all that happens in their month.
func bothShops(start time.Time) []*stand {
	english, arabic := harbour(start), nakheel(start)
	english.script()
	english.stripeScript()
	english.careScript()
	english.mailScript()
	english.clubScript()
	arabic.arabicScript()
	arabic.arabicMailScript()
	arabic.arabicClubScript()
	return []*stand{english, arabic}
}

// open installs the app in the shop as its merchant does, with its campaigns
// and the other systems it works with.
func (s *stand) open(ctx context.Context, w *World) error {
	if s.plan != "" {
		w.Shopify.SetSubscription(s.Domain, &shopifyfake.Subscription{Handle: s.plan, CycleFrom: s.start.Add(day(2, 0)), CycleTo: s.start.Add(day(2, 0) + length)})
	}
	shop, err := w.Install(ctx, s.Domain, shopifyfake.ShopInfo{
		Name: s.Shop.Name, Email: s.Shop.Email, ContactEmail: s.Shop.Email, Zone: s.Shop.Timezone, Currency: s.Shop.Currency, Country: s.Shop.Country,
		Locales: []string{s.Shop.Locale},
	})
	if err != nil {
		return err
	}
	if err := w.App.Store.SaveSettings(ctx, shop.ID, s.Shop.Settings); err != nil {
		return err
	}
	for _, name := range templates.DefaultPlaybooks() {
		if err := w.Press(ctx, s.Domain, "/admin/campaigns/"+name+"/live"); err != nil {
			return err
		}
	}
	if s.Account != "" {
		facts := stripefake.AccountInfo{Name: s.Shop.Name, Email: s.Shop.Email, Timezone: s.Shop.Timezone, Country: s.Shop.Country, Currency: strings.ToLower(s.Shop.Currency), Created: s.start.AddDate(-2, 0, 0)}
		if err := w.ConnectStripe(ctx, s.Domain, s.Account, facts); err != nil {
			return err
		}
	}
	if s.Shop, err = w.App.Store.Shop(ctx, shop.ID); err != nil {
		return err
	}
	if s.hook != "" {
		if err := w.App.Store.AddEndpoint(ctx, shop.ID, s.hook, w.HookURL, w.HookSecret); err != nil {
			return err
		}
	}
	if s.slack {
		if err := w.App.Store.SetTeamChannel(ctx, shop.ID, store.NoticeSlack, w.SlackURL); err != nil {
			return err
		}
	}
	if err := s.opensClub(ctx, w); err != nil {
		return err
	}
	if err := s.wantsDomain(ctx, w); err != nil {
		return err
	}
	token, hash := api.NewToken()
	if _, err := w.App.Store.AddToken(ctx, shop.ID, "newsletter tool", store.Builder, hash); err != nil {
		return err
	}
	s.token = token
	return s.openCampaigns(ctx, w)
}

func harbour(start time.Time) *stand {
	return &stand{
		Shop: commerce.Shop{
			Name: "Harbour & Pine", Email: "hello@harbourandpine.example", Locale: "en", Timezone: "Europe/London", Country: "GB", Currency: "GBP",
			Settings: commerce.Settings{
				PayOnDelivery: []string{courier}, ReviewURL: "https://harbourandpine.example/reviews",
				PostalAddress: "Harbour & Pine, 4 Quay Street, Falmouth TR11 3HH, United Kingdom",
				StoreURL:      "https://harbourandpine.example", Team: []string{team},
			},
		},
		live: []string{
			"delivery_check_in", "care_tips", "refund_care", "refund_care_partial", "payment_failed", "delivery_delayed", "big_order_call", "packing_note", "win_back", "trial_ending",
			"confirm_subscription", "reward_ready",
		},
		club:   harbourClub(),
		writes: "hello@harbourandpine.example", slack: true,
		told: map[string]int{"sender_ready mail": 1, "sender_ready slack": 1, "note slack": 1},
		back: map[string]gate.BounceKind{}, stops: map[string]string{}, news: map[string]string{},
		drafts: []string{"how_to"}, hook: "warehouse", plan: "start",
		doors: map[string]string{},
		words: map[string]string{
			"en": "Air wool overnight before you wash it, wash it cold, and dry it lying flat. Let a candle burn until its whole top is soft.",
			"ar": "يكفي الصوفَ أن يُعرَّض للهواء ليلة، وإن غُسل فبماء بارد ويُجفف مبسوطًا. أما الشمعة فتُترك حتى يلين سطحها كله.",
			"fa": "پشم را پیش از شستن یک شب هوا بدهید، با آب سرد بشویید و صاف روی زمین خشک کنید. شمع را بگذارید بسوزد تا تمام سطحش نرم شود.",
		},
		sent: map[string]int{"care_tips": 13, "delivery_check_in": 23, "win_back": 3, "trial_ending": 1}, rehearsed: map[string]int{"how_to": 1},
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
			Settings: commerce.Settings{
				PayOnDelivery: []string{courier}, PostalAddress: "متجر النخيل، شارع التحلية، الرياض 12241، المملكة العربية السعودية",
				Calendar: commerce.CalendarSettings{
					Quiet:   commerce.Window{From: "22:00", To: "10:00"},
					Special: map[string]commerce.SpecialDay{"ramadan": {Send: &commerce.Window{From: "21:00", To: "23:30"}}},
				},
			},
		},
		live:  []string{"how_to", "delivery_check_in", "refund_care", "cancel_care", "delivery_delayed", "big_order_call", "reward_ready"},
		club:  nakheelClub(),
		doors: map[string]string{},
		sent:  map[string]int{"how_to": 8, "delivery_check_in": 7},
		back:  map[string]gate.BounceKind{}, stops: map[string]string{}, news: map[string]string{},
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
