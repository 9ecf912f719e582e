package store

import (
	"maps"
	"slices"

	"flywheel/commerce"
)

// circles returns for each person the ids of all who are the same: whoever they
// are merged into, and everybody merged into that one. Somebody unknown stands alone.
func (q *query) circles(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID][]commerce.PersonID, error) {
	out := make(map[commerce.PersonID][]commerce.PersonID, len(persons))
	if len(persons) == 0 {
		return out, nil
	}
	var rows []struct {
		Asked string `db:"asked"`
		ID    string `db:"id"`
	}
	// CROSS JOIN as in sameAs.
	if err := q.all(&rows, `WITH RECURSIVE up (asked, id, merged_into) AS (
			SELECT p.id, p.id, p.merged_into FROM persons p WHERE p.shop_id = $1 AND p.id `+q.in(2)+`
			UNION SELECT up.asked, p.id, p.merged_into FROM up CROSS JOIN persons p WHERE p.shop_id = $1 AND p.id = up.merged_into AND up.merged_into <> ''),
		same (asked, id) AS (
			SELECT asked, id FROM up WHERE merged_into = ''
			UNION SELECT same.asked, p.id FROM same CROSS JOIN persons p WHERE p.shop_id = $1 AND p.merged_into = same.id AND p.merged_into <> '')
		SELECT asked, id FROM same ORDER BY asked, id`, shop, list(q, persons)); err != nil {
		return nil, err
	}
	for _, r := range rows {
		asked := commerce.PersonID(r.Asked)
		out[asked] = append(out[asked], commerce.PersonID(r.ID))
	}
	for _, id := range persons {
		if len(out[id]) == 0 {
			out[id] = []commerce.PersonID{id}
		}
	}
	return out, nil
}

// Circle lists all who are the same as a person, who is among them.
func (tx *Tx) Circle(shop commerce.ShopID, person commerce.PersonID) ([]commerce.PersonID, error) {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	return circles[person], err
}

// whole returns whom persons were merged into in the end, each once, in order.
func (q *query) whole(shop commerce.ShopID, persons []commerce.PersonID) ([]commerce.PersonID, error) {
	circles, err := q.circles(shop, persons)
	if err != nil {
		return nil, err
	}
	merged, err := q.scalars(`SELECT id FROM persons WHERE shop_id = $1 AND id `+q.in(2)+` AND merged_into <> ''`, shop, list(q, members(circles)))
	return without(members(circles), personIDs(merged)), err
}

// members are all ids of circles, each once, in order.
func members(circles map[commerce.PersonID][]commerce.PersonID) []commerce.PersonID {
	all := map[commerce.PersonID]bool{}
	for _, same := range circles {
		for _, id := range same {
			all[id] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// gather gives each person what the rows of their whole circle say.
func gather[T any](circles map[commerce.PersonID][]commerce.PersonID, rows map[commerce.PersonID][]T) map[commerce.PersonID][]T {
	out := make(map[commerce.PersonID][]T, len(circles))
	for id, same := range circles {
		for _, member := range same {
			out[id] = append(out[id], rows[member]...)
		}
	}
	return out
}
