package manage

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
)

// Draft is a campaign as its editor shows it.
type Draft struct {
	store.Draft                   // without one its Lock is 0 and Definition that of the present version
	Campaign    campaign.Campaign // as it is saved
	Changed     bool              // it says something else than the version it began from
}

// maxDraft bounds a draft's JSON: five times the largest file.
const maxDraft = 320 << 10

// ErrTooMuch answers a draft that has grown beyond all measure.
var ErrTooMuch = fault.New(fault.Invalid, "that is more text than a campaign can hold")

// Newer reports whether somebody saved a version since the draft began.
func (d Draft) Newer() bool { return d.Lock != 0 && d.Base != d.Campaign.Version }

// Draft opens the editor of a campaign; nothing is written. A campaign that is
// not there is fault.NotFound.
func (k Desk) Draft(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (Draft, error) {
	c, err := k.Campaign(ctx, shop, id)
	if err != nil {
		return Draft{}, err
	}
	kept, err := k.Store.Draft(ctx, shop, id)
	if err != nil {
		return Draft{}, err
	}
	if kept.Lock == 0 {
		own, err := copied(c.Definition)
		return Draft{Draft: store.Draft{Campaign: id, Definition: own, Base: c.Version}, Campaign: c}, err
	}
	return Draft{Draft: kept, Campaign: c, Changed: !same(kept.Definition, c.Definition)}, nil
}

// Edit changes a campaign's draft by do, which gets a copy of its own; where it
// fails nothing is kept. lock is that of the draft as the editor saw it: where
// somebody was faster it is store.ErrDraftMoved.
func (k Desk) Edit(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, lock int64, by, said string, do func(*campaign.Definition) error) (Draft, error) {
	d, err := k.Draft(ctx, shop, id)
	if err != nil {
		return d, err
	}
	if d.Lock != lock {
		return d, store.ErrDraftMoved
	}
	next, err := copied(d.Definition)
	if err != nil {
		return d, err
	}
	if err := do(&next); err != nil {
		return d, err
	}
	next.Name = d.Campaign.Name // which campaign it is does not change
	if same(next, d.Definition) {
		return d, nil
	}
	if data, err := json.Marshal(next); err != nil || len(data) > maxDraft {
		return d, cmp.Or(err, ErrTooMuch)
	}
	if d.Draft, err = k.Store.SaveDraft(ctx, shop, id, next, store.DraftChange{Lock: lock, Base: d.Campaign.Version, From: d.Campaign.Definition, Said: said, By: by}); err != nil {
		return d, err
	}
	d.Changed = !same(next, d.Campaign.Definition)
	return d, nil
}

// Undo takes the draft's last change back, Redo makes it again.
func (k Desk) Undo(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, lock int64, by string) error {
	_, err := k.Store.MoveDraft(ctx, shop, id, -1, store.DraftChange{Lock: lock, Said: "undo", By: by})
	return err
}

// Redo makes a change again that was taken back.
func (k Desk) Redo(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, lock int64, by string) error {
	_, err := k.Store.MoveDraft(ctx, shop, id, 1, store.DraftChange{Lock: lock, Said: "redo", By: by})
	return err
}

// Publish keeps the draft as the campaign's next version, as Save does, and puts
// it away. Where a version was saved since the draft began it is fault.Conflict
// unless over says that this one is to count.
func (k Desk) Publish(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, lock int64, over bool, note Note) (Saved, error) {
	d, err := k.Draft(ctx, shop, id)
	switch {
	case err != nil:
		return Saved{}, err
	case d.Lock != lock:
		return Saved{}, store.ErrDraftMoved
	case d.Lock == 0:
		return Saved{}, fault.New(fault.Conflict, "nothing was changed since version %d", d.Campaign.Version)
	case d.Newer() && !over:
		return Saved{}, fault.New(fault.Conflict, "version %d was saved since this draft began from version %d: look at the difference, then save over it or discard the draft", d.Campaign.Version, d.Base)
	}
	saved, err := k.Save(ctx, shop, d.Definition, note)
	if err != nil {
		return saved, err
	}
	return saved, k.Store.DropDraft(ctx, shop, id, lock)
}

// GoBack keeps an older version's definition as the next one.
func (k Desk) GoBack(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, version int, note Note) (Saved, error) {
	c, err := k.Campaign(ctx, shop, id)
	if err != nil {
		return Saved{}, err
	}
	if version == c.Version {
		return Saved{}, fault.New(fault.Conflict, "version %d is the present one", version)
	}
	d, err := k.Store.CampaignVersion(ctx, shop, id, version)
	if err != nil {
		return Saved{}, err
	}
	return k.Save(ctx, shop, d, note)
}

// Rename keeps another title in one language as the campaign's next version.
func (k Desk) Rename(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, lang, title string, note Note) (Saved, error) {
	c, err := k.Campaign(ctx, shop, id)
	if err != nil {
		return Saved{}, err
	}
	d, err := copied(c.Definition)
	if err != nil {
		return Saved{}, err
	}
	if d.Title == nil {
		d.Title = campaign.Texts{}
	}
	d.Title[lang] = title
	return k.Save(ctx, shop, d, note)
}

// copied shares nothing with v.
func copied[T any](v T) (out T, err error) {
	data, err := json.Marshal(v)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(data, &out)
}

// same compares by what is kept, so that an empty list is none.
func same(a, b campaign.Definition) bool {
	one, err := copied(a)
	two, wrong := copied(b)
	return err == nil && wrong == nil && reflect.DeepEqual(one, two)
}
