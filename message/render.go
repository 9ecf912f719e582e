package message

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/templates"
)

const (
	// maxSubject bounds a subject in characters; mailboxes show some 60.
	maxSubject = 200
	maxLines   = 12 // of an order, in the table; the rest is counted
)

// Render fills the text with facts. The error says which field failed.
func (t *Template) Render(f Facts) (Message, error) {
	if err := f.check(); err != nil {
		return Message{}, err
	}
	kept := f.kept()
	r := readerOf(t.lang, f)
	w := words{vars: variables(r, f, kept)}
	m := &templates.Mail{
		Lang: r.lang, Shop: r.name(f.Shop.Name, maxShop),
		Subject: templates.Clean(w.of(t.subject), maxSubject), Preheader: w.line(t.preheader), Heading: w.line(t.heading),
		Body: w.lines(t.body), Closing: w.lines(t.closing),
	}
	m.Subject = cmp.Or(m.Subject, templates.Clean(m.Heading, maxSubject), templates.Clean(m.Shop, maxSubject)) // its outputs came out empty
	if t.showLines {
		r.table(m, f, kept)
	}
	w.button(m, t.button)
	r.footer(m, f)
	if w.err != nil {
		return Message{}, w.err
	}
	out := Message{
		To: f.Person.Email, ToName: templates.Clean(fullName(f.Person), maxShop),
		From: f.Shop.Email, FromName: templates.Clean(f.Shop.Name, maxShop), ReplyTo: f.Shop.Email,
		Subject: m.Subject, Headers: headers(r, f),
	}
	var page, plain bytes.Buffer
	page.Grow(12 << 10)
	if err := m.HTML(&page); err != nil {
		return Message{}, fmt.Errorf("html part: %w", err)
	}
	if err := m.Text(&plain); err != nil {
		return Message{}, fmt.Errorf("text part: %w", err)
	}
	out.HTML, out.Text = page.String(), plain.String()
	return out, nil
}

// kept lists what the customer keeps of all orders the message is about.
func (f Facts) kept() (lines []commerce.Line) {
	if f.Order != nil {
		lines = f.Order.Kept()
	}
	for _, o := range f.Together {
		lines = append(lines, o.Kept()...)
	}
	return lines
}

// words renders fields and keeps the first error.
type words struct {
	vars map[string]any
	err  error
}

func (w *words) of(f field) string {
	text, err := f.render(w.vars)
	w.err = cmp.Or(w.err, err)
	return text
}

// line renders a field as one line. Clean also ends isolates that a filter cut.
func (w *words) line(f field) string { return templates.Clean(w.of(f), maxOutput) }

// lines renders paragraphs and leaves out those that came out empty.
func (w *words) lines(fields []field) []string {
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		if line := w.line(f); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// button sets the one thing the mail asks for, or what stands in its place
// where it would lead nowhere.
func (w *words) button(m *templates.Mail, b *button) {
	if b == nil {
		return
	}
	if url := webAddress(w.of(b.url)); url != "" && leads(url) {
		m.Button = &templates.MailButton{Label: w.line(b.label), URL: url}
		return
	}
	m.Otherwise = w.line(b.otherwise)
}

// table lists what the customer keeps. The total stands below only while the
// order is whole: after a part went back the sum as paid is no longer theirs.
func (r reader) table(m *templates.Mail, f Facts, kept []commerce.Line) {
	o := f.Order
	if o == nil || len(kept) == 0 {
		return
	}
	m.LinesHeading = r.say("order_heading_plain")
	if name := r.code(o.Detail.Name, maxOrder); name != "" {
		m.LinesHeading = r.say("order_heading", "Order", name)
	}
	for _, line := range kept[:min(len(kept), maxLines)] {
		l := templates.MailLine{
			Title: r.name(line.Title, maxTitle), Variant: r.name(line.Variant, maxTitle),
			Quantity: r.say("quantity", "Number", r.number(line.Current)),
		}
		if line.Price.Amount > 0 && line.Current < math.MaxInt64/line.Price.Amount {
			l.Price = r.money(commerce.Money{Amount: line.Price.Amount * line.Current, Currency: line.Price.Currency})
		}
		if image := webAddress(line.Image); strings.HasPrefix(image, "https://") {
			l.Image = image
		}
		m.Lines = append(m.Lines, l)
	}
	if more := int64(len(kept) - maxLines); more > 0 {
		m.LinesMore = templates.Count(r.lang, r.country, "lines_more", more, nil)
	}
	if len(f.Together) == 0 && whole(o, kept) {
		m.TotalLabel, m.Total = r.say("total"), r.money(o.Detail.Total)
	}
}

func whole(o *commerce.Order, kept []commerce.Line) bool {
	less := func(l commerce.Line) bool { return l.Current < l.Quantity }
	return len(kept) == len(o.Detail.Lines) && !slices.ContainsFunc(kept, less) && o.Refunded() == 0
}

// footer says honestly why the mail came, how to reach somebody and how to stop it.
func (r reader) footer(m *templates.Mail, f Facts) {
	shop := r.name(f.Shop.Name, maxShop)
	m.Why = r.say("why_"+string(f.Class), "Shop", shop)
	if f.Class == gate.Service && f.Order == nil { // as before a trial ends: nothing was bought yet
		m.Why = r.say("why_marketing", "Shop", shop)
	}
	if f.Class == gate.Transactional {
		m.Why = r.say("why_transactional_plain", "Shop", shop)
		if f.Order == nil {
			m.Why = r.say("why_transactional_account", "Shop", shop)
		}
		if order := orderName(r, f); order != "" {
			m.Why = r.say("why_transactional", "Shop", shop, "Order", order)
		}
	}
	if f.Shop.Email != "" {
		m.Contact = r.say("contact", "Email", r.code(f.Shop.Email, 254))
	}
	if f.UnsubscribeURL != "" {
		m.PreferencesURL, m.PreferencesLabel = f.UnsubscribeURL, r.say("preferences_"+string(f.Class))
	}
	for line := range strings.Lines(f.Shop.Settings.PostalAddress) {
		if line = r.name(line, maxTitle); line != "" && len(m.Address) < 6 {
			m.Address = append(m.Address, line)
		}
	}
}

func orderName(r reader, f Facts) string {
	if f.Order == nil {
		return ""
	}
	return r.code(f.Order.Detail.Name, maxOrder)
}

func fullName(p commerce.Person) string {
	first := firstName(p.FirstName)
	if first == "" {
		return ""
	}
	return strings.TrimSpace(first + " " + firstName(p.LastName))
}
