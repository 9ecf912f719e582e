// Package manage is what a person may do to a shop's campaigns: save a version,
// go live, rehearse, pause, resume, archive, move those who wait to another
// version, act on one person, change the shop's settings. Each looks at the
// present state first and refuses what makes no sense with a sentence that
// says what to do instead. The command line and the pages call it; what is
// checked by a rule stands in campaign and lint, what is kept in store.
package manage

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/lint"
	"flywheel/fault"
	"flywheel/message"
	"flywheel/store"
)

// Desk is where campaigns are managed.
type Desk struct{ Store *store.Store }

// Note says who saved a version and why; both may be empty.
type Note struct{ By, Why string }

// Saved is a new version with what the linter finds in it.
type Saved struct {
	Version  int
	State    campaign.State
	Findings []lint.Finding
	// Moved is how many of those who had not begun are in the new version now:
	// of campaigns that a clock starts, which people enter long ahead.
	Moved int64
}

// Save keeps a definition as the campaign's next version; a campaign that is
// new is a draft. What cannot run is refused, other mistakes are not, they come
// back as findings. The new version of a campaign that is live counts for
// whoever enters from then on, so it must be fit to go live; one that is paused
// keeps anything, and Resume looks at it. Errors are fault.Invalid,
// fault.Conflict and fault.NotFound.
func (k Desk) Save(ctx context.Context, shop commerce.ShopID, d campaign.Definition, note Note) (Saved, error) {
	out := Saved{State: campaign.Draft}
	settings, err := k.Store.Shop(ctx, shop)
	if err != nil {
		return out, err
	}
	if err := compiles(d); err != nil {
		return out, err
	}
	id := campaign.CampaignID(d.Name)
	if out.Findings, err = k.findings(ctx, d, settings); err != nil {
		return out, err
	}
	old, err := k.Campaign(ctx, shop, id)
	switch {
	case err == nil:
		out.State = old.State
	case !fault.Is(err, fault.NotFound):
		return out, err
	}
	if out.State == campaign.Live {
		if err := k.mayFollow(ctx, settings, old, d); err != nil {
			return out, err
		}
	}
	if out.Version, err = k.Store.SaveVersion(ctx, shop, id, d, store.Saving{State: campaign.Draft, By: note.By, Note: note.Why}); err != nil {
		return out, err
	}
	if byClock(d) {
		if out.Moved, err = k.moveWaiting(ctx, shop, id, out.Version); err != nil {
			return out, err
		}
	}
	if out.State != campaign.Live || reflect.DeepEqual(old.Trigger, d.Trigger) {
		return out, nil
	}
	return out, k.Store.Transact(ctx, func(tx *store.Tx) error { return lookBack(tx, shop, id, d) })
}

// mayFollow says why a version may not follow the one that is live.
func (k Desk) mayFollow(ctx context.Context, shop commerce.Shop, old campaign.Campaign, d campaign.Definition) error {
	job := old.Job
	old.Definition = d
	err := k.fit(ctx, shop, old)
	if err == nil && d.Job != job {
		err = k.alone(ctx, shop.ID, old)
	}
	if kind := fault.KindOf(err); kind != "" {
		return fault.New(kind, "%s\nIt is live, so each new version must be fit; paused it keeps any", fault.Sentence(err))
	}
	return err
}

// byClock reports whether a moment that lies behind its event starts d: people enter long ahead.
func byClock(d campaign.Definition) bool {
	spec := campaign.TriggerOf(d.Trigger.Kind)
	return spec != nil && spec.Clock
}

// lookBack notes who of before is to be looked at for a campaign that is live now:
// for one of the clock whoever bought, for one that asks people to confirm a yes
// whoever said it. Else nobody is.
func lookBack(tx *store.Tx, shop commerce.ShopID, id campaign.CampaignID, d campaign.Definition) error {
	f := store.Fanout{Kind: store.FanGoLive, Campaign: id, Subject: fmt.Sprint(tx.Now())}
	switch {
	case byClock(d):
	case d.Trigger.Kind == campaign.OnConsentAsked:
		f.Kind = store.FanUnconfirmed
	default:
		return nil
	}
	_, err := tx.AddFanout(shop, f)
	return err
}

// compiles checks all that a worker must be able to use: the definition, its
// conditions, and every text.
func compiles(d campaign.Definition) error {
	if err := d.Check(); err != nil {
		return err
	}
	if _, err := campaign.NewFlow(d); err != nil {
		return err
	}
	var wrong []string
	for _, s := range steps(d) {
		var err error
		switch s.Kind {
		case campaign.SendEmail:
			_, err = message.CompileAll(s.Email)
		case campaign.CallTask, campaign.NotifyTeam:
			_, err = message.CompileNotes(s.Note)
		}
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("step %s: %v", s.ID, err))
		}
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "campaign %s: %s", d.Name, strings.Join(wrong, "; "))
	}
	return nil
}

// Lint says what a definition would be refused for, as fault.Invalid, or else
// what the linter finds. Nothing is kept.
func (k Desk) Lint(ctx context.Context, shop commerce.ShopID, d campaign.Definition) ([]lint.Finding, error) {
	settings, err := k.Store.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	if err := compiles(d); err != nil {
		return nil, err
	}
	return k.findings(ctx, d, settings)
}

// Campaign finds one by its id, in its present version; a missing one is fault.NotFound.
func (k Desk) Campaign(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (campaign.Campaign, error) {
	all, err := k.Store.ListCampaigns(ctx, shop)
	for _, c := range all {
		if c.ID == id {
			return c, err
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "there is no campaign %s in this shop", id)
	}
	return campaign.Campaign{}, err
}
