package message

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/templates"
)

// OfferWords says what a reward gives, as in "10% off your order", for a line of
// its own or behind a colon: in the language of a tag, its prices as the shop
// shows them. Until when it can be used stands elsewhere.
func OfferWords(o loyalty.Offer, lang string, shop commerce.Shop) string {
	return newReader(templates.Tag(lang), shop).offer(o)
}

func (r reader) offer(o loyalty.Offer) string {
	key, pairs := "offer_"+string(o.Kind), []string{}
	switch o.Kind {
	case loyalty.PercentOff:
		pairs = append(pairs, "Percent", templates.IsolateLTR(r.lang, r.style.Percent(o.Percent)))
	case loyalty.AmountOff:
		pairs = append(pairs, "Amount", r.money(o.Amount))
	case loyalty.FreeProduct:
		base := templates.Language(r.lang)
		if name := r.name(cmp.Or(o.Name[r.lang], o.Name[base]), maxTitle); name != "" {
			key, pairs = key+"_named", append(pairs, "Name", name)
		}
	}
	if o.MinSpend.Amount > 0 {
		key, pairs = key+"_from", append(pairs, "Least", r.money(o.MinSpend))
	}
	return r.say(key, pairs...)
}
