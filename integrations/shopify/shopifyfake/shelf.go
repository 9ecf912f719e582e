package shopifyfake

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// window is how far back an app without read_all_orders sees.
const window = 60 * 24 * time.Hour

// stored is one order of a shop, as it was put.
type stored struct {
	id                         int64
	placed, updated, processed time.Time
	object                     func() object
}

// PutOrder lets the API answer with o as it is now; later changes need another
// PutOrder. Its customer is known to the shop from now on. A shop nobody added
// is made without a token.
func (f *Fake) PutOrder(domain string, o *Order) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := o.object()
	f.shop(domain).put(o, func() object { return now })
}

// PutOrders puts n orders that are built when they are asked for, so that many
// cost little: build must give the same order for the same i each time.
func (f *Fake) PutOrders(domain string, n int, build func(i int) *Order) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shop(domain)
	for i := range n {
		s.put(build(i), func() object { return build(i).object() })
	}
}

// DropOrder forgets an order, as when the merchant deletes it.
func (f *Fake) DropOrder(domain string, order int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.shop(domain).orders, order)
}

func (s *shop) put(o *Order, build func() object) {
	s.orders[o.ID] = &stored{id: o.ID, placed: o.PlacedAt, updated: o.UpdatedAt, processed: o.ProcessedAt, object: build}
	if o.PlacedAt.After(s.newest) {
		s.newest = o.PlacedAt
	}
	if o.Customer != nil {
		s.meet(o.customerID(), *o.Customer)
	}
}

// visible reports whether the app may see an order that is so old.
func (s *shop) visible(o *stored) bool {
	return granted(s.scopes, "read_all_orders") || s.day().Sub(o.placed) <= window
}

func (s *shop) day() time.Time {
	if s.today.IsZero() {
		return s.newest
	}
	return s.today
}

func (s *shop) order(args map[string]any) (any, error) {
	n, err := number("Order", args["id"])
	if err != nil {
		return nil, err
	}
	if o := s.orders[n]; o != nil && s.visible(o) {
		return s.shown(o), nil
	}
	return nil, nil
}

// shown is an order as it was put, with its customer as they are now.
func (s *shop) shown(o *stored) object {
	node := o.object()
	if c, ok := node["customer"].(object); ok && c != nil {
		n, _ := number("Customer", c["id"])
		if person := s.persons[n]; person != nil {
			node["customer"] = person.object()
		}
	}
	return node
}

var updatedSince = regexp.MustCompile(`^\s*updated_at:\s*>=\s*(?:'([^']+)'|"([^"]+)"|(\S+))\s*$`)

// list answers the connection orders(query:, sortKey:).
func (s *shop) list(args map[string]any) (any, error) {
	var since time.Time
	if query, _ := args["query"].(string); query != "" {
		m := updatedSince.FindStringSubmatch(query)
		if m == nil {
			return nil, refusal{"FAKE", fmt.Sprintf("the fake knows no search but updated_at:>='...', not %q", query)}
		}
		at, err := time.Parse(time.RFC3339, cmp.Or(m[1], m[2], m[3]))
		if err != nil {
			return nil, refusal{"BAD_REQUEST", fmt.Sprintf("Invalid timestamp for query filter `updated_at`: %q", query)}
		}
		since = at
	}
	key := sortKeys[fmt.Sprint(args["sortKey"])]
	if key == nil || args["reverse"] == true || args["savedSearchId"] != nil {
		return nil, refusal{"FAKE", "the fake does not sort so"}
	}
	var found []*stored
	day := s.day()
	all := granted(s.scopes, "read_all_orders")
	for _, o := range s.orders {
		if !o.updated.Truncate(time.Second).Before(since) && (all || day.Sub(o.placed) <= window) {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b *stored) int { return cmp.Or(key(a).Compare(key(b)), cmp.Compare(a.id, b.id)) })
	return s.paged(found, key), nil
}

// sortKeys are what orders can be sorted by; those of one moment follow their ids.
var sortKeys = map[string]func(*stored) time.Time{
	"UPDATED_AT":   func(o *stored) time.Time { return o.updated.Truncate(time.Second) },
	"CREATED_AT":   func(o *stored) time.Time { return o.placed.Truncate(time.Second) },
	"PROCESSED_AT": func(o *stored) time.Time { return o.processed.Truncate(time.Second) },
	"ID":           func(*stored) time.Time { return time.Time{} },
}

// paged is a connection of orders. A cursor names the order it stands behind by
// what it is sorted by, so that an order that changed in between moves, as with the real one.
func (s *shop) paged(found []*stored, key func(*stored) time.Time) *connection {
	return &connection{
		size: len(found), at: func(i int) object { return s.shown(found[i]) },
		cursor: func(i int) string {
			return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%d:%d", key(found[i]).Unix(), found[i].id))
		},
		find: func(cursor string) (int, error) {
			raw, err := base64.StdEncoding.DecodeString(cursor)
			var at, last int64
			if _, scan := fmt.Sscanf(string(raw), "%d:%d", &at, &last); err != nil || scan != nil {
				return 0, refusal{"INVALID_CURSOR", "Invalid cursor for current pagination sort."}
			}
			n, _ := slices.BinarySearchFunc(found, 0, func(o *stored, _ int) int {
				if c := cmp.Or(cmp.Compare(key(o).Unix(), at), cmp.Compare(o.id, last)); c > 0 {
					return 1
				}
				return -1
			})
			return n, nil
		},
	}
}

// number reads the decimal number of a gid of that kind.
func number(kind string, v any) (int64, error) {
	text, _ := v.(string)
	var n int64
	rest, ok := strings.CutPrefix(text, "gid://shopify/"+kind+"/")
	if _, err := fmt.Sscanf(rest, "%d", &n); !ok || err != nil || fmt.Sprint(n) != rest {
		return 0, refusal{"RESOURCE_NOT_FOUND", "Invalid id: " + text}
	}
	return n, nil
}
