package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"flywheel/commerce"
)

// DueTag is somebody whose tag of their tier Shopify is to be told.
type DueTag struct {
	Shop   commerce.ShopID
	Person commerce.PersonID
	Want   string   // "" = they are to have none
	Drop   []string // what they may have there and are not to have
	Tries  int64    // this one is among them
}

// WantTag says which tag of a tier somebody is to have at Shopify, "" = none.
// What is so already is told nobody.
func (tx *Tx) WantTag(shop commerce.ShopID, person commerce.PersonID, tag string) error {
	_, err := tx.exec(`UPDATE loyalty_members SET tag = $3, tag_at = $4, tag_tries = 0 WHERE shop_id = $1 AND person_id = $2 AND tag <> $3`, shop, person, tag, tx.Now())
	return err
}

// TagsDue reports whether Shopify is to be told of a tag by now, in any shop.
func (s *Store) TagsDue(ctx context.Context) (bool, error) {
	found, err := s.query(ctx).scalars(`SELECT person_id FROM loyalty_members WHERE tag_at > 0 AND tag_at <= $1 ORDER BY tag_at LIMIT 1`, s.Now())
	return len(found) > 0, err
}

// NextTag takes the one that is due first, in any shop, and puts it off by d, so
// that nobody else takes it meanwhile and whoever follows a lost worker does.
// What is wanted counts as what they may have from here on. false = there is none.
func (s *Store) NextTag(ctx context.Context, d time.Duration) (t DueTag, found bool, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		var rows []struct {
			Shop   string `db:"shop_id"`
			Person string `db:"person_id"`
			Tag    string `db:"tag"`
			Tagged string `db:"tagged"`
			Tries  int64  `db:"tag_tries"`
		}
		if err := tx.all(&rows, `SELECT shop_id, person_id, tag, tagged, tag_tries FROM loyalty_members WHERE tag_at > 0 AND tag_at <= $1 ORDER BY tag_at LIMIT 1`+tx.forUpdate(), tx.Now()); err != nil {
			return err
		}
		if found = len(rows) > 0; !found {
			return nil
		}
		r := rows[0]
		t = DueTag{Shop: commerce.ShopID(r.Shop), Person: commerce.PersonID(r.Person), Want: r.Tag, Tries: r.Tries + 1}
		all, err := readTags(r.Tagged)
		if err != nil {
			return err
		}
		for _, tag := range all {
			if tag != t.Want {
				t.Drop = append(t.Drop, tag)
			}
		}
		if t.Want != "" && !slices.Contains(all, t.Want) {
			all = append(all, t.Want)
		}
		tagged, err := writeTags(all)
		if err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE loyalty_members SET tagged = $3, tag_at = $4, tag_tries = $5 WHERE shop_id = $1 AND person_id = $2`, t.Shop, t.Person, tagged, tx.Now().Add(d), t.Tries)
		return err
	})
	return t, found, err
}

// PutOffTag plans the next try of one that was taken, 0 = none. What is wanted otherwise meanwhile stays due.
func (s *Store) PutOffTag(ctx context.Context, shop commerce.ShopID, t DueTag, next commerce.Instant) error {
	_, err := s.exec(ctx, `UPDATE loyalty_members SET tag_at = $5 WHERE shop_id = $1 AND person_id = $2 AND tag = $3 AND tag_tries = $4`, shop, t.Person, t.Want, t.Tries, next)
	return err
}

// FinishTag notes that Shopify was told: they have what is wanted and nothing else of tiers.
func (s *Store) FinishTag(ctx context.Context, shop commerce.ShopID, t DueTag) error {
	var has []string
	if t.Want != "" {
		has = []string{t.Want}
	}
	tagged, err := writeTags(has)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, `UPDATE loyalty_members SET tagged = $5, tag_at = 0, tag_tries = 0 WHERE shop_id = $1 AND person_id = $2 AND tag = $3 AND tag_tries = $4`,
		shop, t.Person, t.Want, t.Tries, tagged)
	return err
}

// moveTags has somebody answer for the tags of who turned out to be the same.
func (tx *Tx) moveTags(shop commerce.ShopID, from, into commerce.PersonID) error {
	all := []string{}
	for _, id := range []commerce.PersonID{from, into} {
		var text string
		if _, err := tx.one([]any{&text}, `SELECT tagged FROM loyalty_members WHERE shop_id = $1 AND person_id = $2`, shop, id); err != nil {
			return err
		}
		tags, err := readTags(text)
		if err != nil {
			return err
		}
		for _, tag := range tags {
			if !slices.Contains(all, tag) {
				all = append(all, tag)
			}
		}
	}
	tagged, err := writeTags(all)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE loyalty_members SET tag = '', tagged = '', tag_at = 0, tag_tries = 0 WHERE shop_id = $1 AND person_id = $2`, shop, from); err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE loyalty_members SET tagged = $3, tag_at = CASE WHEN tag <> '' OR $3 <> '' THEN CAST($4 AS BIGINT) ELSE 0 END, tag_tries = 0 WHERE shop_id = $1 AND person_id = $2`,
		shop, into, tagged, tx.Now())
	return err
}

func readTags(text string) (tags []string, err error) {
	if text == "" {
		return nil, nil
	}
	if err = json.Unmarshal([]byte(text), &tags); err != nil {
		err = fmt.Errorf("tags of a tier: %w", err)
	}
	return tags, err
}

func writeTags(tags []string) (string, error) {
	if len(tags) == 0 {
		return "", nil
	}
	data, err := json.Marshal(tags)
	return string(data), err
}
