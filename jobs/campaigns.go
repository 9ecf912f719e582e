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

// compiled is a definition made ready: its condition and messages parsed once.
type compiled struct {
	campaign.Definition
	condition *campaign.Condition     // nil = everybody
	messages  map[string]*message.Set // by step id
}

func compile(d campaign.Definition) (*compiled, error) {
	c := &compiled{Definition: d, messages: map[string]*message.Set{}}
	var err error
	if d.Condition != "" {
		if c.condition, err = campaign.Compile(d.Condition); err != nil {
			return nil, err
		}
	}
	for _, step := range d.Steps {
		if step.Kind != campaign.SendEmail {
			continue
		}
		if c.messages[step.ID], err = message.CompileAll(step.Email); err != nil {
			return nil, fmt.Errorf("campaign %s, step %s: %w", d.Name, step.ID, err)
		}
	}
	return c, nil
}

// matches evaluates the condition for one order.
func (c *compiled) matches(o *commerce.Order, p commerce.Person, s commerce.Settings) (bool, error) {
	if c.condition == nil {
		return true, nil
	}
	return c.condition.Matches(campaign.VarsOf(o, p, s))
}

// live is a shop's campaigns in their present versions.
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

type shopCampaigns struct {
	rev  int64
	live []live
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
func (c *campaignCache) ofShop(ctx context.Context, shop commerce.ShopID) ([]live, error) {
	rev, err := c.store.CampaignRevs(ctx, shop)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	known := c.shops[shop]
	c.mu.Unlock()
	if known != nil && known.rev == rev {
		return known.live, nil
	}
	campaigns, err := c.store.ListCampaigns(ctx, shop)
	if err != nil {
		return nil, err
	}
	fresh := &shopCampaigns{rev: rev}
	for _, camp := range campaigns {
		ready, err := c.keep(versionKey{shop, camp.ID, camp.Version}, camp.Definition)
		if err != nil { // checked when it was saved, so this takes a newer binary's campaign; the others go on
			c.log.Error("campaign cannot be used", "shop", shop, "campaign", camp.ID, "version", camp.Version, "error", err)
			continue
		}
		camp.Definition = ready.Definition // shared with the shops that say the same
		fresh.live = append(fresh.live, live{camp, ready})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.shops) >= cacheBound {
		c.forget()
	}
	c.shops[shop] = fresh
	return fresh.live, nil
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
