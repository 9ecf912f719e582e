package manage

import (
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
)

// Waiting is how many people of one version stand at one place.
type Waiting struct {
	Version int
	Step    string // "" = they have not begun
	Passed  bool   // they are behind the step, not at it
	Count   int64
	More    bool // there are more than Count
	// Moves says that they can go on in the present version: it has their step.
	Moves bool
}

// Where says the place in words.
func (w Waiting) Where() string {
	switch {
	case w.Step == "":
		return "not begun"
	case w.Passed:
		return "behind " + w.Step
	}
	return "at " + w.Step
}

// Preview says who is in a campaign and, of those in older versions, who could
// be moved to the present one. The others would finish theirs.
func (k Desk) Preview(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (version int, out []Waiting, err error) {
	return k.preview(ctx, shop, id, k.Store.WaitingByStep)
}

// PreviewNow is Preview at once: of very many at one place it says that there are
// more than it counted.
func (k Desk) PreviewNow(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (version int, out []Waiting, err error) {
	version, out, err = k.preview(ctx, shop, id, k.Store.WaitingNow)
	for i := range out {
		if out[i].More = out[i].Count > store.WaitingMost; out[i].More {
			out[i].Count = store.WaitingMost
		}
	}
	return version, out, err
}

// waiters counts who is in a campaign, exactly or at once.
type waiters func(context.Context, commerce.ShopID, campaign.CampaignID) ([]store.StepCount, error)

func (k Desk) preview(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, by waiters) (version int, out []Waiting, err error) {
	c, err := k.Campaign(ctx, shop, id)
	if err != nil {
		return 0, nil, err
	}
	counts, err := by(ctx, shop, id)
	if err != nil {
		return 0, nil, err
	}
	common := map[int][]string{}
	for _, n := range counts {
		w := Waiting{Version: n.Version, Count: n.Count}
		w.Step, w.Passed = stepOf(n.StepID)
		if n.Version != c.Version {
			if _, known := common[n.Version]; !known {
				if common[n.Version], err = k.common(ctx, shop, c, n.Version); err != nil {
					return 0, nil, err
				}
			}
			w.Moves = w.Step == "" || slices.Contains(common[n.Version], w.Step)
		}
		out = append(out, w)
	}
	return c.Version, out, nil
}

// common are the steps that an older version shares with the present one.
func (k Desk) common(ctx context.Context, shop commerce.ShopID, c campaign.Campaign, version int) ([]string, error) {
	old, err := k.Store.CampaignVersion(ctx, shop, c.ID, version)
	return stays(old, c.Definition), err
}

// Move gives everybody the present version who can go on in it, as Preview
// says; nobody is moved without somebody choosing it. It may be repeated.
func (k Desk) Move(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) (store.Moved, error) {
	var total store.Moved
	c, err := k.Campaign(ctx, shop, id)
	if err != nil {
		return total, err
	}
	versions, err := k.olderVersions(ctx, shop, id, c.Version)
	if err != nil {
		return total, err
	}
	if len(versions) == 0 {
		return total, fault.New(fault.Conflict, "everybody in %s is in version %d already", id, c.Version)
	}
	for _, v := range versions {
		shared, err := k.common(ctx, shop, c, v)
		if err != nil {
			return total, err
		}
		m, err := k.Store.MoveToVersion(ctx, shop, id, v, c.Version, shared)
		total.Moved, total.Stayed = total.Moved+m.Moved, total.Stayed+m.Stayed
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// moveWaiting gives those the version to who have not begun: a clock's campaign
// settles its version when the moment comes.
func (k Desk) moveWaiting(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, to int) (moved int64, err error) {
	versions, err := k.olderVersions(ctx, shop, id, to)
	if err != nil {
		return 0, err
	}
	for _, v := range versions {
		m, err := k.Store.MoveToVersion(ctx, shop, id, v, to, nil)
		moved += m.Moved
		if err != nil {
			return moved, err
		}
	}
	return moved, nil
}

// olderVersions are those before the present one that somebody is in.
func (k Desk) olderVersions(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, present int) (versions []int, err error) {
	counts, err := k.Store.WaitingByStep(ctx, shop, id)
	for _, n := range counts {
		if n.Version != present && !slices.Contains(versions, n.Version) {
			versions = append(versions, n.Version)
		}
	}
	return versions, err
}
