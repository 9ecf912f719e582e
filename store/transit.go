package store

import (
	"cmp"
	"encoding/json"
	"slices"

	"flywheel/commerce"
)

// minSamples is from how many parcels on their median says something.
const minSamples = 5

// transitRow counts parcels that took so many days.
type transitRow struct {
	Country string `db:"country"`
	Method  string `db:"method"`
	Days    int    `db:"days"`
	N       int    `db:"n"`
}

// AddTransit counts one parcel that a carrier reported delivered so many days
// after it was shipped. What the shop has learned by that stands in Shop at once.
func (tx *Tx) AddTransit(shop commerce.ShopID, country, method string, days int) error {
	if _, err := tx.exec(`INSERT INTO transit (shop_id, country, method, days, n) VALUES ($1, $2, $3, $4, 1)
		ON CONFLICT (shop_id, country, method, days) DO UPDATE SET n = transit.n + 1`, shop, country, method, days); err != nil {
		return err
	}
	var rows []transitRow
	if err := tx.all(&rows, `SELECT country, method, days, n FROM transit WHERE shop_id = $1`, shop); err != nil {
		return err
	}
	learned := ""
	if medians := learn(rows); len(medians) > 0 {
		data, err := json.Marshal(medians) // keys are sorted
		if err != nil {
			return err
		}
		learned = string(data)
	}
	_, err := tx.exec(`UPDATE shops SET learned = $2, rev = rev + 1 WHERE id = $1 AND learned <> $2`, shop, learned)
	return err
}

// learn finds the medians by country and method, by each alone and of all; the lower one of two.
func learn(rows []transitRow) map[string]int {
	byKey := map[string][]transitRow{}
	for _, r := range rows {
		keys := []string{commerce.TransitKey(r.Country, r.Method), commerce.TransitKey(r.Country, ""), commerce.TransitKey("", r.Method), commerce.TransitKey("", "")}
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			byKey[key] = append(byKey[key], r)
		}
	}
	out := map[string]int{}
	for key, rows := range byKey {
		n := 0
		for _, r := range rows {
			n += r.N
		}
		if n < minSamples {
			continue
		}
		slices.SortFunc(rows, func(a, b transitRow) int { return cmp.Compare(a.Days, b.Days) })
		for middle := (n + 1) / 2; ; rows = rows[1:] {
			if middle -= rows[0].N; middle <= 0 {
				out[key] = rows[0].Days
				break
			}
		}
	}
	return out
}
