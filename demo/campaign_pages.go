package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/integrations/hook/hookfake"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
	"flywheel/timeline"
)

// campaignsPage is /demo/campaigns: every shop's, with what has become of them.
type campaignsPage struct {
	frame
	Shops []shopCampaigns
}

type shopCampaigns struct {
	Shop      commerce.Shop
	Campaigns []shopCampaign
}

func (p *pages) campaigns(r *http.Request) (any, error) {
	page := campaignsPage{frame: frame{Title: "Campaigns", Here: "campaigns"}}
	shops, err := p.world.App.Store.ListShops(ctx(r), "", perPage)
	if err != nil {
		return nil, err
	}
	for _, shop := range shops {
		all, err := campaignsOf(ctx(r), manage.Desk{Store: p.world.App.Store}, shop.ID)
		if err != nil {
			return nil, err
		}
		page.Shops = append(page.Shops, shopCampaigns{shop, all})
	}
	return page, nil
}

// campaignPage is one campaign: its people, its steps, and why what was not sent was not.
type campaignPage struct {
	frame
	Shop     commerce.Shop
	Campaign shopCampaign
	Splits   []manage.Split
	Forks    []fork
	Posted   []postedRow // what the other system got of it
}

type postedRow struct{ ID, Body string }

// fork is a step that branches, with how many went which way.
type fork struct {
	Step *campaign.Step
	Ways []way
}

type way struct {
	Words string
	N     int64
}

func (p *pages) campaign(r *http.Request) (any, error) {
	desk := manage.Desk{Store: p.world.App.Store}
	shop, err := desk.Store.Shop(ctx(r), commerce.ShopID(r.PathValue("shop")))
	if err != nil {
		return nil, err
	}
	id := campaign.CampaignID(r.PathValue("campaign"))
	page := campaignPage{Shop: shop}
	if page.Campaign.Campaign, err = desk.Campaign(ctx(r), shop.ID, id); err != nil {
		return nil, err
	}
	page.frame = frame{Title: page.Campaign.Name, Here: "campaigns"}
	if page.Campaign.Figures, err = desk.Figures(ctx(r), shop.ID, id); err != nil {
		return nil, err
	}
	if page.Splits, err = desk.Splits(ctx(r), shop.ID, id); err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if page.Forks, err = p.forks(r, shop.ID, page.Campaign.Campaign); err != nil {
		return nil, err
	}
	page.Posted = postedOf(p.world.Hooks.Deliveries(), shop.ID, id)
	return page, nil
}

// forks counts who went which way where the campaign asks or waits; manage.Splits has the splits.
func (p *pages) forks(r *http.Request, shop commerce.ShopID, c campaign.Campaign) (out []fork, err error) {
	for step := range c.AllSteps() {
		words := map[campaign.StepKind][2]string{
			campaign.If: {"the condition held", "it did not"}, campaign.WaitForEvent: {"it came", "it did not come in time"},
		}[step.Kind]
		if words[0] == "" {
			continue
		}
		went, err := p.world.App.Store.SplitFigures(ctx(r), shop, c.ID, step.ID, store.GoalOrders, 0)
		if err != nil {
			return nil, err
		}
		f := fork{Step: step, Ways: []way{{Words: words[0]}, {Words: words[1]}}}
		for _, w := range went {
			if i := slices.Index([]string{campaign.BranchThen, campaign.BranchElse}, w.Arm); i >= 0 { // skipped by hand is neither
				f.Ways[i].N = w.Entered
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// postedOf are the webhooks of one campaign, the newest first.
func postedOf(all []hookfake.Delivery, shop commerce.ShopID, id campaign.CampaignID) (out []postedRow) {
	for _, d := range slices.Backward(all) {
		var said struct{ Shop, Campaign string }
		var body bytes.Buffer
		if json.Unmarshal(d.Body, &said) != nil || said.Shop != string(shop) || said.Campaign != string(id) || len(out) == perPage {
			continue
		}
		if json.Indent(&body, d.Body, "", "  ") == nil {
			out = append(out, postedRow{d.ID, body.String()})
		}
	}
	return out
}

// inOwn is a text in the shop's own language, and which that is; English where it has none.
func inOwn(shop commerce.Shop, t campaign.Texts) own {
	if lang := templates.Base(shop.Locale); t[lang] != "" {
		return own{lang, t[lang]}
	}
	return own{"en", t["en"]}
}

type own struct{ Lang, Text string }

// percent writes tenths of a percent.
func percent(tenths int64) string { return fmt.Sprintf("%d.%d%%", tenths/10, tenths%10) }

// words says what a share is: an effect's state or a decision's answer, or of people only why.
func words(s manage.Share) string {
	what := map[string]string{"sent": "sent", "send": "at work", "defer": "put off", "hold": "held", "skip": "not sent", "failed": "refused for good"}[s.What]
	if s.Reason == "" {
		return what
	}
	return strings.TrimPrefix(what+": "+timeline.Because(s.Reason), ": ")
}
