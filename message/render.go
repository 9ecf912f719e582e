package message

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/templates"
)

const (
	// maxSubject bounds a subject in characters; mailboxes show some 60.
	maxSubject = 200
	maxLines   = 12 // of an order, in the table; the rest is counted
	// maxOutput bounds a line in characters; what a field may become is bounded by liquid.
	maxOutput = 16 << 10
)

// Render fills the text with facts. The error says which field failed.
func (t *Template) Render(f Facts) (Message, error) {
	if err := f.check(); err != nil {
		return Message{}, err
	}
	kept := f.kept()
	r := readerOf(t.lang, f)
	c := composer{reader: r, f: f, kept: kept, w: words{vars: variables(r, f, kept)}}
	c.m = &templates.Mail{
		Lang: r.lang, Shop: r.name(f.Shop.Name, maxShop), Brand: f.brand(), NoLogo: t.noLogo, Pixel: webAddress(f.Pixel),
		Subject: templates.Clean(c.w.of(t.subject), maxSubject), Preheader: c.w.line(t.preheader),
		Parts: make([]templates.MailPart, 0, len(t.blocks)+2),
	}
	for i := range t.blocks {
		c.add(&t.blocks[i])
	}
	c.footer(t.foot)
	if c.w.err != nil {
		return Message{}, c.w.err
	}
	c.m.Subject = cmp.Or(c.m.Subject, c.headline(), templates.Clean(c.m.Shop, maxSubject)) // its outputs came out empty
	f.defuse(c.m)
	return f.message(r, c.m)
}

// headline is the mail's heading, as a subject.
func (c *composer) headline() string {
	for _, p := range c.m.Parts {
		if p.Kind == templates.PartHeading {
			return templates.Clean(p.Text, maxSubject)
		}
	}
	return ""
}

// message writes the parts of a mail and says from whom to whom it goes.
func (f Facts) message(r reader, m *templates.Mail) (Message, error) {
	out := Message{
		To: f.Person.Email, ToName: templates.Clean(fullName(f.Person), maxShop),
		From: cmp.Or(f.From.Address, f.Shop.Email), FromName: templates.Clean(cmp.Or(f.From.Name, f.Shop.Name), maxShop), ReplyTo: cmp.Or(f.From.ReplyTo, f.Shop.Email),
		Subject: m.Subject, Headers: headers(r, f),
	}
	var page, plain bytes.Buffer
	if err := m.HTML(&page); err != nil {
		return Message{}, fmt.Errorf("html part: %w", err)
	}
	if err := m.Text(&plain); err != nil {
		return Message{}, fmt.Errorf("text part: %w", err)
	}
	out.HTML, out.Text = page.String(), plain.String()
	return out, nil
}

// brand is how the shop's mails look.
func (f Facts) brand() templates.MailBrand {
	b := f.Shop.Settings.Brand
	brand := templates.MailBrand{Logo: f.picture(b.Logo), Accent: b.Accent, Page: b.Page, Font: b.Font, Home: f.counted(f.lead(f.Shop.Settings.StoreURL))}
	if b.LogoWidth != 0 {
		brand.LogoWidth = max(40, min(b.LogoWidth, 400))
	}
	return brand
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

// footer says honestly why the mail came, how to reach somebody and how to stop it.
func (c *composer) footer(own field) {
	f, m := c.f, c.m
	shop := c.name(f.Shop.Name, maxShop)
	m.Foot = append(m.Foot, strings.Split(strings.Join(paragraphs(c.w.of(own)), "\n"), "\n")...)
	footer := f.Shop.Settings.Brand.Footer
	m.Foot = append(m.Foot, templates.Clean(cmp.Or(footer[c.lang], footer[templates.Base(c.lang)]), maxFoot))
	if f.Shop.Email != "" && !c.contacted {
		m.Foot = append(m.Foot, c.say("contact", "Email", c.code(f.Shop.Email, 254)))
	}
	m.Foot = shown(m.Foot)
	m.Why = c.say("why_"+string(f.Class), "Shop", shop)
	if f.Class == gate.Service && f.Order == nil { // as before a trial ends: nothing was bought yet
		m.Why = c.say("why_marketing", "Shop", shop)
	}
	if f.Class == gate.Transactional {
		m.Why = c.ofOwn(shop)
	}
	if f.UnsubscribeURL != "" {
		m.PreferencesURL, m.PreferencesLabel = f.UnsubscribeURL, c.say("preferences_"+string(f.Class))
	}
	m.Address = c.address(f.Shop.Settings)
}

// ofOwn says why a mail came that needs no yes: somebody signed up, or bought, or has an account.
func (c *composer) ofOwn(shop string) string {
	order := orderName(c.reader, c.f)
	switch {
	case c.f.ConfirmURL != "":
		return c.say("why_confirm", "Shop", shop)
	case order != "":
		return c.say("why_transactional", "Shop", shop, "Order", order)
	case c.f.Order != nil:
		return c.say("why_transactional_plain", "Shop", shop)
	}
	return c.say("why_transactional_account", "Shop", shop)
}

// maxFoot bounds a line of the shop's own in the footer in characters, and maxFeet how many there are.
const (
	maxFoot = 300
	maxFeet = 6
)

// shown are the lines that say something, shortened.
func shown(lines []string) (out []string) {
	for _, line := range lines {
		if line = templates.Clean(line, maxFoot); line != "" && len(out) < maxFeet {
			out = append(out, line)
		}
	}
	return out
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
