package manage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/message"
)

// Sample says which message is looked at, and as whose.
type Sample struct {
	Campaign campaign.CampaignID
	Step     string // "" = the first that writes
	// Who is an order's name, or an address or the name of a customer; "" = the last order. Order and Person name the same by id.
	Who     string
	Order   commerce.OrderID
	Person  commerce.PersonID
	Lang    string // "" = as they read
	Draft   bool   // as the campaign's draft has it, where there is one
	BaseURL string // stands in links that lead to us
	// Writer is who a mail in a language is from; nil = the shop itself. LinkHosts are the only hosts that links may lead to; nil = any.
	Writer    func(lang string) message.From
	LinkHosts []string
}

// Preview is a message as it would arrive.
type Preview struct {
	Campaign campaign.Campaign
	Lock     int64 // of the draft, where that was looked at
	Step     string
	Steps    []string // those that write, in order
	Langs    []string // in which there is a text
	Reads    string   // the language in which the person would get it
	Lang     string   // that of the message
	MadeUp   bool     // nobody in the shop is like that yet
	// SampleClub says that something of points, rewards and codes is shown as for somebody made up.
	SampleClub bool
	ToTeam     bool // it goes to staff
	Order      *commerce.Order
	Person     commerce.Person
	Message    message.Message
	Findings   []message.Finding
}

// Message renders a message for somebody the shop knows, or where it knows
// nobody yet for somebody made up. Nothing is written, and no link in it is live.
// A campaign, message or person that is not there is fault.NotFound.
func (k Desk) Message(ctx context.Context, id commerce.ShopID, s Sample) (Preview, error) {
	return k.rendered(ctx, id, s, "")
}

func (k Desk) rendered(ctx context.Context, id commerce.ShopID, s Sample, effect string) (p Preview, err error) {
	shop, err := k.Store.Shop(ctx, id)
	if err != nil {
		return p, err
	}
	if p.Campaign, p.Lock, err = k.sampled(ctx, id, s); err != nil {
		return p, err
	}
	step, err := p.find(s.Step)
	if err != nil {
		return p, err
	}
	f := message.Facts{
		Shop: shop, Class: p.Campaign.Class, Topic: p.Campaign.Topic, EffectID: effect, LinkHosts: s.LinkHosts, Now: k.Store.Now().Time(),
		UnsubscribeURL: cmp.Or(s.BaseURL, "https://preview.invalid") + "/u/preview",
	}
	if p.Campaign.Trigger.Kind == campaign.OnConsentAsked {
		f.ConfirmURL = f.UnsubscribeURL
	}
	if err := k.whose(ctx, s, &f, &p); err != nil {
		return p, err
	}
	if err := k.loyalty(ctx, step, cmp.Or(s.BaseURL, "https://preview.invalid"), &f, &p); err != nil {
		return p, err
	}
	p.Order, p.Person = f.Order, f.Person
	return p, p.render(step, f, s)
}

// find picks the step, and lists those that write.
func (p *Preview) find(id string) (*campaign.Step, error) {
	var found *campaign.Step
	for _, s := range steps(p.Campaign.Definition) {
		if s.Kind != campaign.SendEmail && s.Kind != campaign.NotifyTeam {
			continue
		}
		p.Steps = append(p.Steps, s.ID)
		if s.ID == id || id == "" && found == nil {
			found = s
		}
	}
	if found == nil {
		return nil, fault.New(fault.NotFound, "campaign %s writes nothing at a step %q; it writes at: %s", p.Campaign.ID, id, cmp.Or(strings.Join(p.Steps, ", "), "none"))
	}
	p.Step = found.ID
	return found, nil
}

// render writes the message and looks at it.
func (p *Preview) render(step *campaign.Step, f message.Facts, s Sample) (err error) {
	checked := message.Checked{Class: f.Class, LinkHosts: f.LinkHosts, Writes: writes(f.Shop)}
	if p.ToTeam = step.Kind == campaign.NotifyTeam; p.ToTeam {
		checked.Class = gate.Transactional
		p.Langs = slices.Sorted(maps.Keys(step.Note))
		notes, err := message.CompileNotes(step.Note)
		if err != nil {
			return err
		}
		f.Shop.Locale = cmp.Or(s.Lang, f.Shop.Locale)
		said, err := notes.Say(f)
		if err != nil {
			return err
		}
		p.Lang, p.Reads = said.Lang, said.Lang
		if p.Message, err = message.ToTeam(f.Shop, said, f.EffectID); err != nil {
			return err
		}
		checked.Writes = nil // staff read the shop's language
		p.Findings = message.Check(p.Message, checked)
		return nil
	}
	p.Langs = slices.Sorted(maps.Keys(step.Email))
	texts, err := s.readable(step.Email)
	if err != nil {
		return err
	}
	set, err := message.CompileAll(texts)
	if err != nil {
		return err
	}
	p.Reads = message.Language(f)
	if s.Writer != nil {
		f.From = s.Writer(cmp.Or(s.Lang, p.Reads))
	}
	if p.Message, err = set.For(cmp.Or(s.Lang, p.Reads)).Render(f); err != nil {
		return s.unread(err)
	}
	p.Lang = p.Message.Header("Content-Language")
	checked.Texts = p.Langs
	p.Findings = message.Check(p.Message, checked)
	return nil
}

// writes are the languages in which a shop writes.
func writes(shop commerce.Shop) []string {
	if len(shop.Settings.Languages) > 0 {
		return shop.Settings.Languages
	}
	return []string{cmp.Or(shop.Locale, "en")}
}
