package gate

import (
	"cmp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

// shopOf is one in a country that wants something of its customers.
func shopOf(country string, c commerce.Consent) *commerce.Shop {
	return &commerce.Shop{Country: country, Settings: commerce.Settings{Consent: c}}
}

// Whatever a shop chooses, nobody is asked for less than the law of their country wants.
func TestAShopIsNeverLaxerThanTheLaw(t *testing.T) {
	p := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		wish := rapid.SampledFrom([]commerce.Wish{commerce.WishLaw, commerce.WishYes, commerce.WishConfirmed, "nonsense"})
		shop := shopOf(rapid.SampledFrom([]string{"", "DE", "US", "SA", "GB"}).Draw(t, "shop"), commerce.Consent{Marketing: wish.Draw(t, "marketing"), Service: wish.Draw(t, "service"), KnownOnly: rapid.Bool().Draw(t, "known")})
		channel := rapid.SampledFrom([]commerce.Channel{commerce.ByMail, commerce.ByCall}).Draw(t, "channel")
		class := rapid.SampledFrom([]Class{Transactional, Service, Marketing}).Draw(t, "class")
		own := rapid.SampledFrom([]string{"", "DE", "US", "CA", "SA", "BR", "?"}).Draw(t, "own")
		law, got := p.For(channel, class, cmp.Or(own, shop.Country)), p.Of(shop, channel, class, own)
		require.False(t, law.stricter(got), "law %v, shop %v", law, got)
		if class == Transactional || shop.Settings.Consent == (commerce.Consent{}) {
			require.Equal(t, law, got, "what is part of a purchase, or not chosen, is as the law has it")
		}
	})
}

func TestAShopMayBeStricter(t *testing.T) {
	p := shipped(t)
	everything := commerce.Consent{Marketing: commerce.WishConfirmed, Service: commerce.WishYes, KnownOnly: true}
	for _, c := range []struct {
		wish      commerce.Consent
		channel   commerce.Channel
		class     Class
		shop, own string
		want      Need
	}{
		{commerce.Consent{}, commerce.ByMail, Marketing, "US", "US", NeedOptOut},
		{commerce.Consent{Marketing: commerce.WishYes}, commerce.ByMail, Marketing, "US", "US", NeedOptIn},
		{commerce.Consent{Marketing: commerce.WishYes}, commerce.ByMail, Marketing, "US", "CA", NeedOptIn},
		{commerce.Consent{Marketing: commerce.WishYes}, commerce.ByMail, Marketing, "US", "DE", NeedDouble},
		{commerce.Consent{Marketing: commerce.WishYes}, commerce.ByMail, Service, "US", "US", NeedOptOut},
		{commerce.Consent{Service: commerce.WishYes}, commerce.ByMail, Service, "US", "US", NeedOptIn},
		{everything, commerce.ByMail, Marketing, "US", "US", NeedDouble},
		{everything, commerce.ByCall, Marketing, "US", "US", NeedOptIn}, // no call is confirmed by a mail
		{everything, commerce.ByMail, Service, "US", "", NeedNever},
		{everything, commerce.ByMail, Transactional, "US", "", NeedNothing},
		{commerce.Consent{}, commerce.ByMail, Service, "US", "", NeedOptOut}, // the shop's own country counts
	} {
		require.Equal(t, c.want, p.Of(shopOf(c.shop, c.wish), c.channel, c.class, c.own).Need, "%+v", c)
	}
}

// What a shop wants decides about messages: who has only said yes waits for the
// mail that confirms it, and whoever lives nobody knows where is left alone.
func TestAStricterShopHoldsMore(t *testing.T) {
	p := shipped(t)
	yes := commerce.ConsentChange{Channel: commerce.ByMail, Class: string(Marketing), State: commerce.Subscribed, At: after(-1), Source: "checkout"}
	double := yes
	double.Double = true
	decide := func(wish commerce.Consent, own string, class Class, said ...commerce.ConsentChange) Answer {
		return Decide(facts(of(class), func(f *Facts) {
			f.Shop.Country, f.Shop.Settings.Consent, f.Consents = "US", wish, said
			f.Rule = p.Of(&f.Shop, commerce.ByMail, class, own)
		}), after(5)).Answer
	}
	confirmed := commerce.Consent{Marketing: commerce.WishConfirmed}
	require.Equal(t, Send, decide(commerce.Consent{}, "US", Marketing, yes))
	require.Equal(t, Hold, decide(confirmed, "US", Marketing, yes))
	require.Equal(t, Send, decide(confirmed, "US", Marketing, double))
	require.Equal(t, Hold, decide(commerce.Consent{Service: commerce.WishYes}, "US", Service))
	require.Equal(t, Send, decide(commerce.Consent{Service: commerce.WishYes}, "US", Service, yes), "a yes to news covers it")
	known := commerce.Consent{KnownOnly: true}
	require.Equal(t, Hold, decide(known, "", Marketing, double))
	require.Equal(t, Send, decide(known, "US", Marketing, double))
	require.Equal(t, Send, decide(known, "", Transactional))

	rule := p.Of(shopOf("US", confirmed), commerce.ByMail, Marketing, "US")
	require.True(t, rule.MustConfirm(nil, yes), "who says yes now is asked to confirm it")
	require.False(t, rule.Given(commerce.ByMail, Marketing, []commerce.ConsentChange{yes}, nil, &commerce.Settings{}, after(5)))
	require.True(t, rule.Given(commerce.ByMail, Marketing, []commerce.ConsentChange{double}, nil, &commerce.Settings{}, after(5)))
}
