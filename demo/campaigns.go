package demo

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/templates"
)

//go:embed campaigns
var ownCampaigns embed.FS

// definition finds a campaign among the shop's own, else among the playbooks.
func (s *stand) definition(name string) (campaign.Definition, error) {
	data, err := ownCampaigns.ReadFile("campaigns/" + strings.TrimSuffix(s.Domain, ".myshopify.com") + "/" + name + ".yaml")
	if err != nil {
		if data, err = templates.Playbook(name); err != nil {
			return campaign.Definition{}, err
		}
	}
	d, err := campaign.Parse(data)
	if err == nil {
		s.fillIn(&d)
	}
	return d, err
}

// bigOrder is from where on the shops call, in their own currency.
const bigOrder = "500"

// fillIn gives a playbook what it leaves to the shop: an amount, and in double
// brackets the words that only its people know.
func (s *stand) fillIn(d *campaign.Definition) {
	for i := range d.Rows {
		if d.Rows[i].Field == "order.total" {
			d.Rows[i].Value = bigOrder
		}
	}
	for step := range d.AllSteps() {
		for lang, email := range step.Email {
			for i, paragraph := range email.Body {
				if strings.HasPrefix(paragraph, "[[") {
					email.Body[i] = s.words[lang]
				}
			}
		}
	}
}

// openCampaigns does what the shop's people do: they take up playbooks, write
// some of their own, and go live.
func (s *stand) openCampaigns(ctx context.Context, w *World) error {
	desk := manage.Desk{Store: w.App.Store}
	for _, name := range append(s.live, s.drafts...) {
		d, err := s.definition(name)
		if err != nil {
			return fmt.Errorf("campaign %s: %w", name, err)
		}
		if _, err := desk.Save(ctx, s.Shop.ID, d, manage.Note{By: "demo"}); err != nil {
			return err
		}
	}
	for _, name := range s.live {
		if err := desk.GoLive(ctx, s.Shop.ID, campaign.CampaignID(name), false); err != nil {
			return err
		}
	}
	return nil
}

// rehearses lets the shop play a draft from then on, to its team alone.
func (s *stand) rehearses(name string, at time.Duration) {
	s.acts = append(s.acts, act{at, func(p *play) error {
		return manage.Desk{Store: p.App.Store}.Rehearse(p.ctx, s.Shop.ID, campaign.CampaignID(name))
	}})
}

// shopCampaign is one of a shop's campaigns with what has become of it.
type shopCampaign struct {
	campaign.Campaign
	Figures manage.Figures
}

// ByOrder reports whether every order has one place in the campaign.
func (c shopCampaign) ByOrder() bool {
	spec := campaign.TriggerOf(c.Trigger.Kind)
	return spec != nil && spec.ByOrder && c.State != campaign.Rehearsal && c.State != campaign.Draft
}

// Done, Open and Not add up the steps that reach out.
func (c shopCampaign) Done() (n int64) {
	for _, s := range c.Figures.Steps {
		n += s.Sent
	}
	return n
}

// Open counts what is held, or put off, at this moment.
func (c shopCampaign) Open() (n int64) {
	for _, s := range c.Figures.Steps {
		n += s.Held
	}
	return n
}

// Not counts what is not going to be sent.
func (c shopCampaign) Not() (n int64) {
	for _, s := range c.Figures.Steps {
		n += s.Not
	}
	return n
}

// Ahead counts whose next step has not come yet.
func (c shopCampaign) Ahead() (n int64) {
	for _, s := range c.Figures.Steps {
		n += s.Waiting
	}
	return n
}

// campaignsOf reads a shop's campaigns with their figures.
func campaignsOf(ctx context.Context, desk manage.Desk, shop commerce.ShopID) ([]shopCampaign, error) {
	all, err := desk.Store.ListCampaigns(ctx, shop)
	if err != nil {
		return nil, err
	}
	out := make([]shopCampaign, len(all))
	for i, c := range all {
		out[i].Campaign = c
		if out[i].Figures, err = desk.Figures(ctx, shop, c.ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}
