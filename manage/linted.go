package manage

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"sync"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/lint"
)

// linted keeps what was found in definitions. To read all texts of one takes
// some milliseconds, an editor's page asks again after each change, and a list of
// campaigns for each of them; the answer depends on nothing but the definition and
// the shop as they are, which are the key.
type linted struct {
	mu sync.Mutex
	by map[[sha256.Size]byte][]lint.Finding
}

// lintedMost is how many answers are kept; then it begins anew.
const lintedMost = 2000

// findingsKept is shared by all desks of a process.
var findingsKept linted

// of returns what look finds, which may be changed by who asks.
func (l *linted) of(d campaign.Definition, shop commerce.Shop, look func(campaign.Definition, commerce.Shop) []lint.Finding) []lint.Finding {
	data, err := json.Marshal([]any{shop, d})
	if err != nil {
		return look(d, shop)
	}
	key := sha256.Sum256(data)
	l.mu.Lock()
	out, known := l.by[key]
	l.mu.Unlock()
	if !known {
		out = look(d, shop)
		l.mu.Lock()
		if l.by == nil || len(l.by) >= lintedMost {
			l.by = map[[sha256.Size]byte][]lint.Finding{}
		}
		l.by[key] = out
		l.mu.Unlock()
	}
	return slices.Clone(out)
}
