package message

import (
	"cmp"
	"maps"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/message/liquid"
	"flywheel/templates"
)

// filters are those that speak the reader's language or know a shop's pictures;
// package liquid has the usual ones.
var filters = map[string]liquid.Filter{
	"money":                  {Max: 1, Do: money(reader.money)},
	"money_without_currency": {Max: 1, Do: money(reader.amount)},
	"money_with_currency":    {Max: 1, Do: money(reader.moneyWithCode)},
	"number": {Do: func(env *liquid.Env, v any, _ []any) any {
		return env.Reader.(*filling).reader.number(int64(math.Round(liquid.Number(v))))
	}},
	"date":      {Max: 1, Do: date},
	"t":         {Max: -1, Named: true, Check: knownKey, Do: translated},
	"translate": {Max: -1, Named: true, Check: knownKey, Do: translated},
	"img_url":   {Max: 1, Do: func(_ *liquid.Env, v any, args []any) any { return imgURL(liquid.Words(v), args) }},
	"image_url": {Max: -1, Named: true, Do: func(_ *liquid.Env, v any, args []any) any { return sized(liquid.Words(v), pairs(args)) }},
}

// withRaw adds the filter that only rich texts have. It lets the few elements
// through that those may have, but no links: a value is a stranger's words.
func withRaw() map[string]liquid.Filter {
	all := maps.Clone(filters)
	all["raw"] = liquid.Filter{Do: func(env *liquid.Env, v any, _ []any) any {
		if env.Escape == nil {
			return liquid.StripHTML(liquid.Words(v))
		}
		return liquid.Safe(balanced(visible(strangers().Sanitize(liquid.Words(v)))))
	}}
	return all
}

// money makes a filter of a way to write an amount. The value is in whole units
// (49.5), in the currency of what the mail is about or in the one named.
func money(write func(reader, commerce.Money) string) func(*liquid.Env, any, []any) any {
	return func(env *liquid.Env, v any, args []any) any {
		f := env.Reader.(*filling)
		currency := f.currency
		if len(args) > 0 {
			currency = strings.ToUpper(liquid.Bare(liquid.Words(args[0])))
		}
		shown := liquid.Words(v)
		n := liquid.Number(v)
		if shown == "" || n == 0 && strings.Trim(liquid.Bare(shown), "0.") != "" { // no number: it may be written already
			return shown
		}
		minor := math.Round(n * math.Pow10(commerce.Exponent(currency)))
		if math.Abs(minor) > 1<<53 || !code(currency) {
			return shown
		}
		return write(f.reader, commerce.Money{Amount: int64(minor), Currency: currency})
	}
}

// code reports whether a currency is three letters, as ISO 4217 has them.
func code(currency string) bool {
	return len(currency) == 3 && strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// date writes a moment: {{ order.date | date: "long" }}, or a pattern of strftime.
func date(env *liquid.Env, v any, args []any) any {
	f := env.Reader.(*filling)
	at, ok := moment(v, f.today)
	if !ok {
		return liquid.Words(v)
	}
	format := "medium"
	if len(args) > 0 {
		format = cmp.Or(liquid.Words(args[0]), format)
	}
	if len(format) > 100 {
		return ""
	}
	return f.reader.date(at, format)
}

// moment reads a time, a date as text, or "now".
func moment(v any, today time.Time) (time.Time, bool) {
	if shown, ok := v.(liquid.Shown); ok {
		v = shown.Raw
	}
	if at, ok := v.(time.Time); ok {
		return at, !at.IsZero()
	}
	text := strings.TrimSpace(liquid.Words(v))
	if text == "now" || text == "today" {
		return today, !today.IsZero()
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly, time.DateTime} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// translated says a fixed string in the reader's language, with values for its
// places: {{ 'order_heading' | t: Order: order.name }}. One named count picks the
// plural form.
func translated(env *liquid.Env, v any, args []any) any {
	r := env.Reader.(*filling).reader
	key, data := liquid.Words(v), map[string]string{}
	var count *int64
	for i := 0; i+1 < len(args); i += 2 {
		name := liquid.Words(args[i])
		if name == "count" {
			n := int64(liquid.Number(args[i+1]))
			count = &n
			continue
		}
		data[name] = liquid.Words(args[i+1])
	}
	switch {
	case knownKey(key) != "":
		return ""
	case templates.Counts(key):
		if count == nil {
			count = new(int64)
		}
		return r.style.Count(key, *count, data)
	}
	if count != nil {
		data["Number"] = r.number(*count)
	}
	return r.style.Say(key, data)
}

func knownKey(v any) string {
	if key, ok := v.(string); ok && !templates.Known(key) && !templates.Counts(key) {
		return "there is no text " + strconv.Quote(key) + " in the catalogue"
	}
	return ""
}

// Sizes that Shopify's img_url knows by name, in pixels of width and height.
var sizes = map[string]string{
	"pico": "16", "icon": "32", "thumb": "50", "small": "100", "compact": "160", "medium": "240", "large": "480", "grande": "600", "original": "1024", "master": "",
}

// imgURL is the address of a picture in a size such as 200x200, 200x, x200 or
// small, as Shopify's img_url writes it; without one it is small.
func imgURL(address string, args []any) string {
	size := "small"
	if len(args) > 0 {
		size = liquid.Words(args[0])
	}
	width, height, both := strings.Cut(size, "x")
	if named, ok := sizes[size]; ok {
		width, height, both = named, named, true
	}
	if !both {
		return address
	}
	return sized(address, map[string]string{"width": width, "height": height})
}

// sized asks Shopify's CDN for a width and a height; other hosts' addresses stay
// as they are, since what they would do with them is not known.
func sized(address string, want map[string]string) string {
	u, err := url.Parse(liquid.Bare(address))
	if err != nil || u.Hostname() != "cdn.shopify.com" && !strings.HasPrefix(u.Path, "/cdn/shop/") {
		return address
	}
	q := u.Query()
	for _, side := range []string{"width", "height"} {
		if n, err := strconv.Atoi(want[side]); err == nil && n > 0 && n <= 5760 {
			q.Set(side, want[side])
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func pairs(args []any) map[string]string {
	out := map[string]string{}
	for i := 0; i+1 < len(args); i += 2 {
		out[liquid.Words(args[i])] = liquid.Words(args[i+1])
	}
	return out
}
