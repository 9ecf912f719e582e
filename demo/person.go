package demo

import (
	"net/http"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/timeline"
)

// personPage is one person's timeline: what happened, what was decided and why.
type personPage struct {
	frame
	Shop   commerce.Shop
	Person commerce.Person
	Name   string
	Who    string // by which /demo/why knows them; "" = by nothing
	Orders []orderCard
	Why    []verdict
	Days   []timelineDay
	Cut    bool // there is more than the page shows
}

// orderCard is an order with what each playbook made of it.
type orderCard struct {
	Name, Placed, Total string
	Lines               []lineRow
	Answers             []answerRow
}

type lineRow struct {
	Title string
	Kept  int64 // what the customer still has
	Back  int64
}

// answerRow answers "did they get it, and why not".
type answerRow struct {
	Playbook, Sentence, Code, Mail string
	State                          state
}

type timelineDay struct {
	Day   string
	Lines []timelineLine
}

type timelineLine struct {
	timeline.Line
	Time string
}

func (p *pages) person(r *http.Request) (any, error) {
	s, shopID := p.world.App.Store, commerce.ShopID(r.PathValue("shop"))
	shop, err := s.Shop(ctx(r), shopID)
	if err != nil {
		return nil, err
	}
	person, err := s.Person(ctx(r), shopID, commerce.PersonID(r.PathValue("person")))
	if err != nil {
		return nil, err
	}
	records, err := s.Timeline(ctx(r), shopID, person.ID, wholeTimeline)
	if err != nil {
		return nil, err
	}
	orders, err := s.OrdersOf(ctx(r), shopID, person.ID)
	if err != nil {
		return nil, err
	}
	campaigns, err := s.ListCampaigns(ctx(r), shopID)
	if err != nil {
		return nil, err
	}
	t := newTeller(shop, orders, campaigns)
	page := personPage{
		frame: frame{Title: nameOf(person), Here: "people"}, Shop: shop, Person: person, Name: nameOf(person),
		Why: t.verdicts(records, campaigns, s.Now()), Days: t.days(records), Cut: len(records) == wholeTimeline, Who: person.Email,
	}
	for _, o := range orders {
		page.Orders = append(page.Orders, t.card(&o.Order, records))
	}
	return page, nil
}

// teller is timeline's, with what the pages say of each playbook.
type teller struct {
	*timeline.Teller
	zone  *time.Location
	names []string // of the campaigns in which every order has its place
	kinds map[stepName]campaign.StepKind
}

func newTeller(shop commerce.Shop, orders []*store.StoredOrder, campaigns []campaign.Campaign) *teller {
	t := &teller{Teller: timeline.NewTeller(shop, orders, campaigns), zone: timeline.Zone(shop), kinds: kindsOf(campaigns)}
	for _, c := range campaigns {
		if (shopCampaign{Campaign: c}).ByOrder() {
			t.names = append(t.names, c.Name)
		}
	}
	return t
}

// kindsOf notes what kind each step is.
func kindsOf(campaigns []campaign.Campaign) map[stepName]campaign.StepKind {
	kinds := map[stepName]campaign.StepKind{}
	for _, c := range campaigns {
		for step := range c.AllSteps() {
			kinds[stepName{c.Name, step.ID}] = step.Kind
		}
	}
	return kinds
}

func (t *teller) card(o *commerce.Order, records []store.Entry) orderCard {
	c := orderCard{Name: timeline.OrderName(o)}
	if o.PlacedAt != 0 {
		c.Placed = t.When(o.PlacedAt)
	}
	if total := o.Detail.Total; total.Currency != "" {
		c.Total = t.Money(total)
	}
	kept := map[string]int64{}
	for _, l := range o.Kept() {
		kept[l.ID] = l.Current
	}
	for _, l := range o.Detail.Lines {
		c.Lines = append(c.Lines, lineRow{Title: strings.TrimSuffix(l.Title+" · "+l.Variant, " · "), Kept: kept[l.ID], Back: l.Quantity - kept[l.ID]})
	}
	for _, name := range t.names {
		if out := outcomeOf(records, o.ID, name); out.State != notBegun {
			c.Answers = append(c.Answers, t.answer(name, out))
		}
	}
	return c
}

func (t *teller) answer(playbook string, o outcome) answerRow {
	a := answerRow{Playbook: t.Title(playbook), State: o.State, Code: timeline.Code(string(o.Reason), o.Detail)}
	if kind := t.kinds[stepName{playbook, o.Step}]; kind == campaign.SendEmail || kind == campaign.NotifyTeam {
		a.Mail = o.Effect
	}
	a.Sentence = stateWords[o.State]
	switch o.State {
	case mailed:
		a.Sentence += " on " + t.When(o.At)
		a.Code = ""
	case waiting:
		a.Sentence += ": " + t.When(o.Until)
	case held:
		a.Sentence += ": " + timeline.Because(o.Reason)
		if o.Until != 0 {
			a.Sentence += "; until " + t.When(o.Until) + " at the latest"
		}
	case stopped:
		a.Sentence += ": " + timeline.Because(o.Reason)
	case notBegun:
		a.Sentence += ": what it waits for has not happened to the order"
	}
	return a
}

// days groups a timeline's lines by the shop's days.
func (t *teller) days(records []store.Entry) []timelineDay {
	var out []timelineDay
	mails := map[string]bool{}
	for _, e := range records {
		kind := t.kinds[stepName{e.Campaign, e.Step}]
		mails[e.Effect] = e.Kind == "effect" && (kind == campaign.SendEmail || kind == campaign.NotifyTeam)
	}
	for _, l := range t.Lines(records) {
		if !mails[l.Effect] {
			l.Effect = ""
		}
		at := l.At.Time().In(t.zone)
		if day := at.Format("Monday 2 January 2006"); len(out) == 0 || out[len(out)-1].Day != day {
			out = append(out, timelineDay{Day: day})
		}
		last := &out[len(out)-1]
		last.Lines = append(last.Lines, timelineLine{Line: l, Time: at.Format("15:04")})
	}
	return out
}
