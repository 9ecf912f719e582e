package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/message"
	"flywheel/store"
)

// compiled is a definition made ready: its conditions and texts parsed once.
type compiled struct {
	*campaign.Flow
	messages map[string]*message.Set   // by step id
	notes    map[string]*message.Notes // likewise
}

func compile(d campaign.Definition) (*compiled, error) {
	flow, err := campaign.NewFlow(d)
	if err != nil {
		return nil, err
	}
	c := &compiled{Flow: flow, messages: map[string]*message.Set{}, notes: map[string]*message.Notes{}}
	for step := range d.AllSteps() {
		switch step.Kind {
		case campaign.SendEmail:
			c.messages[step.ID], err = message.CompileAll(step.Email)
		case campaign.CallTask, campaign.NotifyTeam:
			c.notes[step.ID], err = message.CompileNotes(step.Note)
		}
		if err != nil {
			return nil, fmt.Errorf("campaign %s, step %s: %w", d.Name, step.ID, err)
		}
	}
	return c, nil
}

// live is one of a shop's campaigns in its present version.
type live struct {
	campaign.Campaign
	*compiled
}

// campaignCache keeps compiled versions, which never change, and for a moment
// which versions a shop has live.
type campaignCache struct {
	store    *store.Store
	log      *slog.Logger
	mu       sync.Mutex
	versions map[versionKey]*compiled
	equal    map[[sha256.Size]byte]*compiled // by what the definition says
	shops    map[commerce.ShopID]*shopCampaigns
}

type versionKey struct {
	shop    commerce.ShopID
	id      campaign.CampaignID
	version int
}

// shopCampaigns are all campaigns of a shop, found by the events they read.
type shopCampaigns struct {
	rev   int64
	live  []live
	index *campaign.Index
	known map[campaign.CampaignID]*campaign.Definition
	anew  bool // a change of one order may matter to a person's others
}

// cacheBound is how many versions and shops are kept; over it the cache starts afresh.
const cacheBound = 20_000

// equalBound is how many different definitions are kept, some 20 KB each. Most
// shops run the playbooks as they come and so share a few.
const equalBound = 2_000

func newCampaignCache(s *store.Store, log *slog.Logger) *campaignCache {
	c := &campaignCache{store: s, log: log}
	c.forget()
	return c
}

// forget starts afresh.
func (c *campaignCache) forget() {
	c.versions, c.equal, c.shops = map[versionKey]*compiled{}, map[[sha256.Size]byte]*compiled{}, map[commerce.ShopID]*shopCampaigns{}
}

// ofShop returns the shop's campaigns, read anew when any of them has changed.
func (c *campaignCache) ofShop(ctx context.Context, shop commerce.ShopID) (*shopCampaigns, error) {
	rev, err := c.store.CampaignRevs(ctx, shop)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	known := c.shops[shop]
	c.mu.Unlock()
	if known != nil && known.rev == rev {
		return known, nil
	}
	campaigns, err := c.store.ListCampaigns(ctx, shop)
	if err != nil {
		return nil, err
	}
	var ready []live
	for _, camp := range campaigns {
		version, err := c.keep(versionKey{shop, camp.ID, camp.Version}, camp.Definition)
		if err != nil { // checked when it was saved, so this takes a newer binary's campaign; the others go on
			c.log.Error("campaign cannot be used", "shop", shop, "campaign", camp.ID, "version", camp.Version, "error", err)
			continue
		}
		camp.Definition = *version.Definition() // shared with the shops that say the same
		ready = append(ready, live{camp, version})
	}
	fresh := collect(rev, ready)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.shops) >= cacheBound {
		c.forget()
	}
	c.shops[shop] = fresh
	return fresh, nil
}

func collect(rev int64, ready []live) *shopCampaigns {
	all := &shopCampaigns{rev: rev, live: ready, known: make(map[campaign.CampaignID]*campaign.Definition, len(ready))}
	campaigns := make([]campaign.Campaign, len(ready))
	for i, c := range ready {
		campaigns[i] = c.Campaign
		all.known[c.ID] = &ready[i].Campaign.Definition
		all.anew = all.anew || c.State.Enrolls() && c.Reads().Anew
	}
	all.index = campaign.NewIndex(campaigns)
	return all
}

// asked returns those whose trigger reads events of a kind and that enroll, or
// would if they were not paused.
func (c *shopCampaigns) asked(e commerce.Event) (out []live) {
	for _, i := range c.index.For(e.Kind, e.Name) {
		if c.live[i].State.Enrolls() || c.live[i].State == campaign.Paused {
			out = append(out, c.live[i])
		}
	}
	return out
}

// known returns the definitions of a shop's campaigns that are at hand, for
// reading: a step must not cost more with every campaign there is.
func (c *campaignCache) known(shop commerce.ShopID) map[campaign.CampaignID]*campaign.Definition {
	c.mu.Lock()
	defer c.mu.Unlock()
	if all := c.shops[shop]; all != nil {
		return all.known
	}
	return nil
}

// version returns one compiled version.
func (c *campaignCache) version(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, version int) (*compiled, error) {
	key := versionKey{shop, id, version}
	c.mu.Lock()
	known := c.versions[key]
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	d, err := c.store.CampaignVersion(ctx, shop, id, version)
	if err != nil {
		return nil, err
	}
	return c.keep(key, d)
}

func (c *campaignCache) keep(key versionKey, d campaign.Definition) (*compiled, error) {
	c.mu.Lock()
	known := c.versions[key]
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	c.mu.Lock()
	ready := c.equal[sum]
	c.mu.Unlock()
	if ready == nil {
		if ready, err = compile(d); err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.versions) >= cacheBound || len(c.equal) >= equalBound {
		c.forget()
	}
	c.versions[key], c.equal[sum] = ready, ready
	return ready, nil
}
