package manage

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"flywheel/commerce"
	"flywheel/fault"
)

// Bounds of settings that are lists or texts, and of days.
const (
	maxList     = 1000
	maxTransit  = 60
	maxCapDays  = 90
	maxCapLimit = 100
	maxText     = 500
)

// wrongs gathers what is wrong with settings, each with its field.
type wrongs []string

func (w *wrongs) note(bad bool, field, format string, args ...any) {
	if bad {
		*w = append(*w, field+": "+fmt.Sprintf(format, args...))
	}
}

// CheckSettings names every field with a value that makes no sense, as fault.Invalid.
func CheckSettings(s commerce.Settings) error {
	var w wrongs
	w.page("review_url", s.ReviewURL)
	w.page("store_url", s.StoreURL)
	w.text("postal_address", s.PostalAddress)
	w.list("pay_on_delivery", s.PayOnDelivery)
	w.note(!days(s.AssumedDeliveryDays), "assumed_delivery_days", "%d is not a number of days from 0 to %d", s.AssumedDeliveryDays, maxTransit)
	w.transit(s.Transit)
	w.languages(s.Languages)
	w.list("team", s.Team)
	for _, a := range s.Team {
		w.note(commerce.NormalEmail(a) == "", "team", "%q is not an address", a)
	}
	if err := s.Calendar.Check(); err != nil {
		w.note(true, "calendar", "%s", fault.Sentence(err))
	}
	w.cap("caps.asks", s.Caps.Asks)
	w.cap("caps.marketing", s.Caps.Marketing)
	w.consent(s.Consent)
	w.exclude(s.Exclude)
	w.owners(s.Owners)
	w.brand(s)
	w.contact(s.Contact, s.Social)
	if len(w) > 0 {
		return fault.New(fault.Invalid, "%s", strings.Join(w, "\n"))
	}
	return nil
}

func days(n int) bool { return n >= 0 && n <= maxTransit }

// page wants an https address without anything secret in it.
func (w *wrongs) page(field, address string) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	w.note(err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(address) > maxText,
		field, "%q is not an address such as https://shop.example/", address)
}

func (w *wrongs) text(field, text string) {
	w.note(len(text) > maxText, field, "it is longer than %d bytes", maxText)
	w.note(strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }), field, "it holds control characters")
}

func (w *wrongs) list(field string, entries []string) {
	w.note(len(entries) > maxList, field, "there are more than %d", maxList)
	for _, e := range entries {
		w.text(field, e)
		w.note(strings.TrimSpace(e) == "", field, "one of them is empty")
	}
}

func (w *wrongs) transit(list []commerce.Transit) {
	seen := map[[2]string]bool{}
	w.note(len(list) > maxList, "transit", "there are more than %d", maxList)
	for _, t := range list {
		w.text("transit", t.Method)
		w.note(!days(t.Days), "transit", "%d is not a number of days from 0 to %d", t.Days, maxTransit)
		if t.Country != "" {
			r, err := language.ParseRegion(t.Country)
			w.note(err != nil || !r.IsCountry() || r.String() != t.Country, "transit", "%q is not a country such as SA", t.Country)
		}
		key := [2]string{t.Country, strings.ToLower(t.Method)}
		w.note(seen[key], "transit", "country %q with method %q stands there twice", t.Country, t.Method)
		seen[key] = true
	}
}

func (w *wrongs) languages(tags []string) {
	seen := map[string]bool{}
	for _, tag := range tags {
		_, err := language.Parse(tag)
		w.note(err != nil, "languages", "%q is not a language tag such as en or ar-SA", tag)
		w.note(seen[tag], "languages", "%s stands there twice", tag)
		seen[tag] = true
	}
}

func (w *wrongs) cap(field string, c commerce.Cap) {
	switch {
	case c == commerce.Cap{}: // the default
	case c.Limit < 0: // lifted
	default:
		w.note(c.Limit > maxCapLimit, field, "limit %d is more than %d; a negative one lifts the cap", c.Limit, maxCapLimit)
		w.note(c.Days < 1 || c.Days > maxCapDays, field, "%d is not a number of days from 1 to %d", c.Days, maxCapDays)
	}
}

func (w *wrongs) consent(c commerce.Consent) {
	w.note(!slices.Contains([]commerce.Wish{commerce.WishLaw, commerce.WishYes, commerce.WishConfirmed}, c.Marketing), "consent.marketing", "%q is not one of yes, confirmed", c.Marketing)
	w.note(!slices.Contains([]commerce.Wish{commerce.WishLaw, commerce.WishYes}, c.Service), "consent.service", "%q is not yes", c.Service)
}

func (w *wrongs) exclude(e commerce.Exclude) {
	w.list("exclude.tags", e.Tags)
	w.list("exclude.products", e.Products)
	w.list("exclude.customers", e.Customers)
	w.list("exclude.staff", e.Staff)
}

func (w *wrongs) owners(owners map[commerce.Job]commerce.Owner) {
	for _, job := range slices.Sorted(maps.Keys(owners)) {
		w.note(!slices.Contains(commerce.Jobs(), job), "owners", "there is no job %q; there are %s", job, jobNames())
		w.text("owners."+string(job), string(owners[job]))
		w.note(strings.TrimSpace(string(owners[job])) == "", "owners."+string(job), "say flywheel, nobody, or the name of the tool")
	}
}

func jobNames() string {
	names := make([]string, 0, len(commerce.Jobs()))
	for _, j := range commerce.Jobs() {
		names = append(names, string(j))
	}
	return strings.Join(names, ", ")
}
