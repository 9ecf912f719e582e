package shopify

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"flywheel/commerce"
)

// refAttribute is the note attribute by which a theme tells whose link led to the
// shop; refParameter stands in the address that the link leads to.
const (
	refAttribute = "flywheel_ref"
	refParameter = "ref"
)

// maxRef is far longer than any code of ours.
const maxRef = 40

// origin is what the order says of where it came from, in words.
func (b *orderBody) origin() (o commerce.Origin) {
	if u, err := url.Parse(b.LandingSite); err == nil {
		o.Ref = refOf(u.Query().Get(refParameter))
	}
	for _, a := range b.Attributes {
		if told, isText := a.Value.(string); isText && a.Name == refAttribute && refOf(told) != "" {
			o.Ref = refOf(told)
		}
	}
	o.Door = b.Shipping.door()
	if ip, err := netip.ParseAddr(strings.TrimSpace(b.BrowserIP)); err == nil {
		o.Net = commerce.NetOf(ip)
	}
	return o
}

func refOf(told string) string {
	if told = text(told); len(told) > maxRef {
		return ""
	}
	return strings.ToUpper(told)
}

// door is a postal address to compare: its letters and digits, whatever case,
// spaces and stops it is written with. "" where street or code are not told.
func (a *addressBody) door() string {
	if a == nil || a.Street == "" || a.Zip == "" {
		return ""
	}
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, cases.Fold().String(norm.NFKC.String(s)))
	}
	return strings.Join([]string{plain(a.Country), plain(a.Zip), plain(a.Street + a.More)}, "|")
}
