package demo

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
)

// whyPage is /demo/why: why somebody got a campaign's message, or did not.
type whyPage struct {
	frame
	Shop       commerce.ShopID
	Who        string // address, or an order by the platform's id
	Campaign   campaign.CampaignID
	Choices    []choice
	Sentence   string // the answer
	Wrong      string // why there is none
	PersonID   commerce.PersonID
	PersonName string
	Days       []timelineDay
	Asked      []question // ready made
}

// choice is a campaign of a shop, for the form.
type choice struct {
	Shop      commerce.Shop
	Campaigns []campaign.Campaign
}

// question is one that the scenario has an answer to.
type question struct {
	Words, Who string
	Campaign   campaign.CampaignID
	Shop       commerce.ShopID
}

// questions are of what the scenario shows, by shop.
func (p *pages) questions(shops []choice) (out []question) {
	for _, q := range []struct{ shop, words, who, campaign string }{
		{"Harbour & Pine", "Milo had a newsletter and a check-in that week. Where are his care tips?", "milo@example.com", "care_tips"},
		{"Harbour & Pine", "Joel has not ordered for four months. What did he get, and what is next?", "joel@example.com", "win_back"},
		{"Harbour & Pine", "Rosa lives in Germany. Why is she not asked for a review?", "rosa@example.com", "review_request"},
		{"Harbour & Pine", "Olaf bought at Amazon. Why is he not thanked?", "k3v9q2w7x1@marketplace.amazon.com", "thank_you"},
		{"Harbour & Pine", "Ada spent 83 pounds. Why was the warehouse told nothing?", "ada@example.com", "packing_note"},
		{"متجر النخيل", "Omar never said yes. Why is he not asked for a review?", "omar@example.sa", "review_request"},
	} {
		for _, c := range shops {
			if c.Shop.Name == q.shop {
				out = append(out, question{q.words, q.who, campaign.CampaignID(q.campaign), c.Shop.ID})
			}
		}
	}
	return out
}

func (p *pages) why(r *http.Request) (any, error) {
	query := r.URL.Query()
	page := whyPage{
		frame: frame{Title: "Why, and why not", Here: "why"}, Who: strings.TrimSpace(query.Get("who")),
	}
	// The form has one list for all shops: shop and campaign come as one value.
	shop, name, _ := strings.Cut(query.Get("what"), "/")
	page.Shop, page.Campaign = commerce.ShopID(shop), campaign.CampaignID(name)
	shops, err := p.world.App.Store.ListShops(ctx(r), "", perPage)
	if err != nil {
		return nil, err
	}
	for _, s := range shops {
		campaigns, err := p.world.App.Store.ListCampaigns(ctx(r), s.ID)
		if err != nil {
			return nil, err
		}
		page.Choices = append(page.Choices, choice{s, campaigns})
	}
	page.Asked = p.questions(page.Choices)
	if page.Who == "" {
		return page, nil
	}
	err = p.answerWhy(r, &page)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		page.Wrong, err = cmp.Or(fault.Sentence(err), "Nobody is known by that."), nil
	}
	return page, err
}

// answerWhy finds the person, the answer, and the records it rests on.
func (p *pages) answerWhy(r *http.Request, page *whyPage) error {
	s := p.world.App.Store
	shop, err := s.Shop(ctx(r), page.Shop)
	if err != nil {
		return err
	}
	email, order := commerce.NormalEmail(page.Who), ""
	if email == "" {
		order = page.Who
	}
	id, err := s.WhoIs(ctx(r), shop.ID, email, order)
	if err != nil {
		return err
	}
	person, err := s.Person(ctx(r), shop.ID, id)
	if err != nil {
		return err
	}
	orders, err := s.OrdersOf(ctx(r), shop.ID, id)
	if err != nil {
		return err
	}
	campaigns, err := s.ListCampaigns(ctx(r), shop.ID)
	if err != nil {
		return err
	}
	records, err := s.Why(ctx(r), shop.ID, id, page.Campaign)
	if err != nil {
		return err
	}
	var own commerce.OrderID
	for _, o := range orders {
		for _, k := range o.Keys {
			if order != "" && k.ID == order {
				own = o.ID
			}
		}
	}
	t := newTeller(shop, orders, campaigns)
	page.PersonID, page.PersonName = id, nameOf(person)
	page.Sentence = t.Answer(records, page.Campaign, own, s.Now())
	page.Days = t.days(records)
	return nil
}

// verdict is what one campaign has come to for a person, in a sentence.
type verdict struct {
	Campaign campaign.CampaignID
	Title    string
	Sentence string
	Begun    bool // something was decided
}

// verdicts answers for every campaign of the shop, of one person's records.
func (t *teller) verdicts(records []store.Entry, campaigns []campaign.Campaign, now commerce.Instant) (out []verdict) {
	for _, c := range campaigns {
		begun := slices.ContainsFunc(records, func(e store.Entry) bool { return e.Campaign == string(c.ID) })
		out = append(out, verdict{c.ID, t.Title(c.Name), t.Answer(records, c.ID, "", now), begun})
	}
	return out
}
