package manage

import (
	"context"
	"slices"
	"sync"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/lint"
	"flywheel/fault"
	"flywheel/templates"
)

// Playbook is a campaign that comes with the program, as a shop could take it up.
type Playbook struct {
	Definition campaign.Definition
	Taken      campaign.State // the shop has it, in this state; "" = it has not
	Missing    []Remark       // what keeps it from going live here as it is
	Owner      commerce.Owner // who does its job here, where that is not us
}

// Playbooks lists them all, with what each lacks in a shop.
func (k Desk) Playbooks(ctx context.Context, id commerce.ShopID) ([]Playbook, error) {
	shop, err := k.Store.Shop(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := k.Store.ListCampaigns(ctx, id)
	if err != nil {
		return nil, err
	}
	taken := map[campaign.CampaignID]campaign.State{}
	for _, c := range all {
		taken[c.ID] = c.State
	}
	var out []Playbook
	books, err := playbooks()
	if err != nil {
		return nil, err
	}
	for _, d := range books {
		p := Playbook{Definition: d, Taken: taken[campaign.CampaignID(d.Name)]}
		if owner := shop.Settings.OwnerOf(d.Job); d.Job != "" && owner != commerce.OwnerFlywheel {
			p.Owner = owner
		}
		if p.Missing, err = k.lacks(ctx, shop, d); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// lacks is what keeps a definition from going live in a shop.
func (k Desk) lacks(ctx context.Context, shop commerce.Shop, d campaign.Definition) (out []Remark, err error) {
	at := placesOf(d)
	for _, f := range findings(d, shop) {
		if f.Severity == lint.Error {
			step, place := at.split(f.Where)
			out = append(out, Remark{Step: step, Place: place, Level: Refused, Texts: f.Texts, Mend: f.Mend, Code: f.Rule})
		}
	}
	missing, err := k.missingHooks(ctx, shop.ID, d)
	for _, name := range missing {
		out = append(out, Remark{Place: "hook", Level: Refused, Key: "no_hook", Data: map[string]string{"Name": name}})
	}
	if err != nil {
		return nil, err
	}
	gaps, err := k.loyaltyGaps(ctx, shop.ID, d)
	return append(out, gaps...), err
}

// playbooks are all that come with the program, read once. They are not to be changed.
var playbooks = sync.OnceValues(func() (out []campaign.Definition, err error) {
	for _, name := range templates.Playbooks() {
		data, err := templates.Playbook(name)
		if err != nil {
			return nil, err
		}
		d, err := campaign.Parse(data)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
})

// TakeUp keeps a playbook as a draft of the shop. One that the shop has already
// is fault.Conflict, one that there is not fault.NotFound.
func (k Desk) TakeUp(ctx context.Context, shop commerce.ShopID, name string, note Note) (campaign.CampaignID, error) {
	books, err := playbooks()
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(books, func(d campaign.Definition) bool { return d.Name == name })
	if at < 0 {
		return "", fault.New(fault.NotFound, "there is no playbook %s", name)
	}
	return k.Begin(ctx, shop, books[at], note)
}

// Begin keeps a definition as a new campaign; one that the shop has already is fault.Conflict.
func (k Desk) Begin(ctx context.Context, shop commerce.ShopID, d campaign.Definition, note Note) (campaign.CampaignID, error) {
	id := campaign.CampaignID(d.Name)
	if old, err := k.Campaign(ctx, shop, id); err == nil {
		return id, fault.New(fault.Conflict, "the shop has %s already, version %d, %s", old.ID, old.Version, old.State)
	} else if !fault.Is(err, fault.NotFound) {
		return id, err
	}
	_, err := k.Save(ctx, shop, d, note)
	return id, err
}
