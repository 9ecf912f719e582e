package message_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/message"
)

func TestOffersInWords(t *testing.T) {
	money := func(amount int64, currency string) commerce.Money {
		return commerce.Money{Amount: amount, Currency: currency}
	}
	berlin, riyadh, kuwait, tehran, tokyo := commerce.Shop{Country: "DE"}, commerce.Shop{Country: "SA"}, commerce.Shop{Country: "KW"}, commerce.Shop{Country: "IR"}, commerce.Shop{Country: "JP"}
	tehran.Settings.Toman = true
	tenth := loyalty.Offer{Kind: loyalty.PercentOff, Percent: 1000}
	mug := loyalty.Offer{Kind: loyalty.FreeProduct, Product: "gid://9", Name: map[string]string{"en": "Blue mug", "ar": "كوب أزرق", "fa": "لیوان آبی"}}
	for _, c := range []struct {
		offer loyalty.Offer
		lang  string
		shop  commerce.Shop
		want  string
	}{
		{tenth, "en", berlin, "10% off your order"},
		{loyalty.Offer{Kind: loyalty.PercentOff, Percent: 1250, MinSpend: money(5000, "EUR")}, "en-GB", berlin, "12.5% off an order of €50.00 or more"},
		{loyalty.Offer{Kind: loyalty.AmountOff, Amount: money(500, "EUR")}, "en", berlin, "€5.00 off your order"},
		{loyalty.Offer{Kind: loyalty.AmountOff, Amount: money(500, "JPY"), MinSpend: money(4000, "JPY")}, "en", tokyo, "¥500 off an order of ¥4,000 or more"},
		{loyalty.Offer{Kind: loyalty.FreeShipping}, "en", berlin, "Free shipping on your order"},
		{mug, "en", berlin, "Blue mug, free with your order"},
		{loyalty.Offer{Kind: loyalty.FreeProduct, Product: "9"}, "en", berlin, "A free product with your order"},
		{tenth, "ar", riyadh, "خصم ١٠٪ على طلبك"},
		{mug, "ar", riyadh, "كوب أزرق مجانًا مع طلبك"},
		{loyalty.Offer{Kind: loyalty.AmountOff, Amount: money(1500, "KWD")}, "ar", kuwait, "خصم ١٫٥٠٠ د.ك. من قيمة طلبك"},
		{loyalty.Offer{Kind: loyalty.AmountOff, Amount: money(50_000_000, "IRR"), MinSpend: money(200_000_000, "IRR")}, "fa", tehran, "۵۰٬۰۰۰ تومان تخفیف برای سفارشی به مبلغ ۲۰۰٬۰۰۰ تومان یا بیشتر"},
		{mug, "fa", tehran, "لیوان آبی، رایگان همراه سفارش شما"},
		{tenth, "de", berlin, "10% off your order"},
	} {
		got := message.OfferWords(c.offer, c.lang, c.shop)
		require.Equal(t, c.want, bare(got), c.lang)
	}
	require.Contains(t, message.OfferWords(tenth, "ar", riyadh), "\u2066١٠٪\u2069", "a number with its sign is one piece")
}

// bare leaves out what only keeps the order of reading.
func bare(s string) string {
	return strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "", "\u200f", "", "\u200e", "", "\u00a0", " ").Replace(s)
}
