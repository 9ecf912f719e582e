package store

import (
	"context"

	"flywheel/commerce"
)

// customersSeen is how many of a shop's newest customers say where they are: all
// of them would be too many to go through each time a campaign is saved.
const customersSeen = 2000

// CustomerCountries returns the countries of a shop's newest customers, each once;
// "" = of some it is not known.
func (s *Store) CustomerCountries(ctx context.Context, shop commerce.ShopID) ([]string, error) {
	return s.query(ctx).scalars(`SELECT DISTINCT country FROM (SELECT country FROM persons WHERE shop_id = $1 AND merged_into = '' AND erased = 0
		ORDER BY id DESC LIMIT $2) newest ORDER BY country`, shop, customersSeen)
}
