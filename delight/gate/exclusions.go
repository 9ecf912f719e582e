package gate

import (
	"slices"
	"strings"

	"flywheel/commerce"
)

// leftAlone names whom and what the shop leaves alone: kinds of orders, then
// persons. All of it holds for thanks too, as nobody there is waiting for
// them; a gift and a purchase over the counter stop asks only.
func leftAlone(f *Facts) Decision {
	s := &f.Shop.Settings
	if f.Order != nil {
		if d := kindLeftAlone(f.Order, s); d.Answer != Send {
			return d
		}
	}
	if d := personLeftAlone(f); d.Answer != Send {
		return d
	}
	if f.Order == nil || !f.ask() {
		return send()
	}
	switch o := &f.Order.Detail; {
	case o.Gift && !s.Exclude.AllowGifts:
		return skip(GiftOrder, "")
	case overTheCounter(f.Order, s) && !f.Unread && LastWord(f.Consents, f.Channel, f.Class).State != commerce.Subscribed:
		return hold(PointOfSale, "") // until there is a yes
	}
	return send()
}

// overTheCounter reports whether an order was bought where asks need a yes.
func overTheCounter(o *commerce.Order, s *commerce.Settings) bool {
	return o.Detail.POS() && !s.Exclude.AllowPOS
}

// kindLeftAlone names the kinds of orders that are left alone, whoever bought.
func kindLeftAlone(o *commerce.Order, s *commerce.Settings) Decision {
	d, e := &o.Detail, &s.Exclude
	switch {
	case d.Marketplace != "":
		return skip(Marketplace, "%s", d.Marketplace)
	case d.B2B && !e.AllowB2B:
		return skip(BusinessOrder, "")
	case d.Draft && !d.Invoiced && !e.AllowDrafts:
		return skip(DraftOrder, "")
	case !e.AllowZeroTotal && free(o, s):
		return skip(ZeroTotal, "")
	}
	if len(e.Tags) > 0 {
		for _, tag := range d.Tags {
			if listed(e.Tags, tag) {
				return skip(ExcludedTag, "%s", tag)
			}
		}
	}
	if len(e.Products) > 0 && onlyOf(o, e.Products) {
		return skip(ExcludedProduct, "")
	}
	return send()
}

// free reports whether somebody got an order for nothing. A total that nobody
// told, and that of an invoice nobody has paid yet, say nothing.
func free(o *commerce.Order, s *commerce.Settings) bool {
	total := o.Detail.Total
	return total.Amount == 0 && total.Currency != "" && o.Sale(*s) != 0
}

// onlyOf reports whether all the customer keeps of an order are these
// products; of one that went back whole, all that was bought.
func onlyOf(o *commerce.Order, products []string) bool {
	lines := o.Kept()
	if len(lines) == 0 {
		lines = o.Detail.Lines
	}
	for _, l := range lines {
		if !slices.Contains(products, l.Product) {
			return false
		}
	}
	return len(lines) > 0
}

func personLeftAlone(f *Facts) Decision {
	e, email := &f.Shop.Settings.Exclude, f.Person.Email
	if len(e.Customers) > 0 {
		known := func(id string) bool { return id != "" && listed(e.Customers, id) }
		if known(email) || known(f.Person.Phone) || slices.ContainsFunc(f.CustomerIDs, known) {
			return skip(ExcludedPerson, "")
		}
	}
	domain := domainOf(email)
	switch {
	case domain == "":
		return send()
	case isRelay(domain):
		return skip(RelayAddress, "%s", domain)
	case isStaff(&f.Shop, email, domain):
		return skip(Staff, "")
	}
	return send()
}

// isStaff reports whether an address is one of the shop's people: listed, of a
// listed domain, of the team, or of the domain from which the shop itself
// writes unless that is a public provider's.
func isStaff(s *commerce.Shop, email, domain string) bool {
	for _, who := range s.Settings.Exclude.Staff {
		who = strings.TrimPrefix(strings.TrimSpace(who), "@")
		if strings.EqualFold(who, email) || within(domain, who) {
			return true
		}
	}
	if listed(s.Settings.Team, email) || strings.EqualFold(s.Email, email) {
		return true
	}
	own := domainOf(s.Email)
	return own != "" && within(domain, own) && !publicMail[strings.ToLower(own)]
}

// listed reports whether one of list is s, whatever the case of letters.
func listed(list []string, s string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return strings.EqualFold(strings.TrimSpace(one), s) })
}
