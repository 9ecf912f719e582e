package shopify

import (
	"sync"
	"time"
)

// drift remembers which shops were warned of.
type drift struct {
	mu     sync.Mutex
	warned map[string]time.Time // by shop
}

// compare raises the alarm when a shop answered with another version than ours:
// Shopify does so once the pinned one has died, and then fields may be missing.
// Options.Drift hears of every such answer, the log once an hour per shop.
func (c *Client) compare(shop, seen string) {
	if seen == "" || seen == apiVersion {
		return
	}
	if c.drift.due(shop, c.Now()) {
		c.Log.Warn("shopify answers with another API version than ours", "shop", shop, "ours", apiVersion, "seen", short(seen))
	}
	if c.Drift != nil {
		c.Drift(shop, seen)
	}
}

func (d *drift) due(shop string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if last, ok := d.warned[shop]; ok && now.Sub(last) < time.Hour {
		return false
	}
	if d.warned == nil {
		d.warned = map[string]time.Time{}
	}
	d.warned[shop] = now
	return true
}
