package store

import (
	"context"
	"fmt"
	"slices"

	"flywheel/commerce"
)

// wordsAtOnce is how many persons are worded in one transaction: some tens of
// milliseconds, in which SQLite lets nobody else write.
const wordsAtOnce = 200

// A search looks through rowsOfWord persons who have its rarest word. Where more
// have it, it walks the shop's persons, so many for one page.
const (
	rowsOfWord  = 4000
	walkedWords = 5000
)

// behindWords is behind every word that begins like another: no letter is greater.
const behindWords = "\U0010FFFF"

// behindIDs is behind every id, in whatever language the database compares: ids end at v.
const behindIDs = "zzzzzzzzzzzzzzzzzzzzzzzzzz"

// reword has the words of persons made anew, and of those they are merged into.
func (tx *Tx) reword(shop commerce.ShopID, persons ...commerce.PersonID) error {
	if len(persons) == 0 {
		return nil
	}
	slices.Sort(persons)
	_, err := tx.exec(`UPDATE persons SET worded = 0 WHERE shop_id = $1 AND id `+tx.in(2)+` AND worded <> 0`, shop, list(&tx.query, slices.Compact(persons)))
	return err
}

// WordPersons makes the words of some persons of one shop by whom that is to be
// done, and says how many they were: 0 = none is left. Who is merged into
// somebody is found as that one.
func (s *Store) WordPersons(ctx context.Context) (n int, err error) {
	shops, err := s.query(ctx).scalars(`SELECT shop_id FROM persons WHERE worded = 0 ORDER BY shop_id LIMIT 1`)
	if err != nil || len(shops) == 0 {
		return 0, err
	}
	shop := commerce.ShopID(shops[0])
	err = s.Transact(ctx, func(tx *Tx) error {
		var rows []personRow
		if err := tx.all(&rows, `SELECT `+personColumns+` FROM persons WHERE shop_id = $1 AND worded = 0 ORDER BY id LIMIT $2`+tx.forUpdate(), shop, wordsAtOnce); err != nil {
			return err
		}
		n = len(rows)
		if err := tx.DeferFlush(); err != nil {
			return err
		}
		return tx.wordPersons(shop, rows)
	})
	return n, err
}

// Unworded reports whether anybody's words are to be made.
func (s *Store) Unworded(ctx context.Context) (bool, error) {
	var n int
	return s.query(ctx).one([]any{&n}, `SELECT 1 FROM persons WHERE worded = 0 LIMIT 1`)
}

var addWords = newBatch(`shop_id text, word text, person_id text`, `INSERT INTO person_words (shop_id, word, person_id) {insert} ON CONFLICT DO NOTHING`)

func (tx *Tx) wordPersons(shop commerce.ShopID, rows []personRow) error {
	if len(rows) == 0 {
		return nil
	}
	ids, roots, merged := make([]commerce.PersonID, len(rows)), []commerce.PersonID{}, []commerce.PersonID{}
	for i, r := range rows {
		ids[i] = commerce.PersonID(r.ID)
		switch {
		case r.Erased == 1:
		case r.MergedInto != "":
			merged = append(merged, ids[i])
		default:
			roots = append(roots, ids[i])
		}
	}
	words, err := tx.wordsOf(shop, roots)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`DELETE FROM person_words WHERE shop_id = $1 AND person_id `+tx.in(2), shop, list(&tx.query, ids)); err != nil {
		return err
	}
	if err := tx.run(addWords, words, nil); err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE persons SET worded = 1 WHERE shop_id = $1 AND id `+tx.in(2), shop, list(&tx.query, ids)); err != nil {
		return err
	}
	into, err := tx.persons(shop, merged, "")
	if err != nil {
		return err
	}
	var survivors []commerce.PersonID
	for _, p := range into {
		survivors = append(survivors, p.ID)
	}
	return tx.reword(shop, survivors...)
}

// wordsOf are the rows of addWords for persons whom nobody is merged with any further.
func (tx *Tx) wordsOf(shop commerce.ShopID, roots []commerce.PersonID) ([][]any, error) {
	circles, err := tx.circles(shop, roots)
	if err != nil || len(circles) == 0 {
		return nil, err
	}
	same := list(&tx.query, members(circles))
	var persons []personRow
	if err := tx.all(&persons, `SELECT `+personColumns+` FROM persons WHERE shop_id = $1 AND id `+tx.in(2), shop, same); err != nil {
		return nil, err
	}
	var known []struct {
		Kind   string `db:"kind"`
		Value  string `db:"value"`
		Person string `db:"person_id"`
	}
	if err := tx.all(&known, `SELECT kind, value, person_id FROM identities WHERE shop_id = $1 AND person_id `+tx.in(2), shop, same); err != nil {
		return nil, err
	}
	ids := map[string][]commerce.Identity{}
	for _, k := range known {
		ids[k.Person] = append(ids[k.Person], commerce.Identity{Kind: commerce.IdentityKind(k.Kind), Value: k.Value})
	}
	words := map[commerce.PersonID][]string{}
	for _, r := range persons {
		words[commerce.PersonID(r.ID)] = r.person().Words(ids[r.ID])
	}
	var out [][]any
	for _, root := range roots {
		for _, one := range circles[root] {
			for _, w := range words[one] {
				out = append(out, []any{shop, w, root})
			}
		}
	}
	return out, nil
}

// Found is a page of persons.
type Found struct {
	Persons []commerce.Person
	Next    commerce.PersonID // where the next page begins; "" = this is the last
}

// FindPersons returns a shop's persons of whom each of words, as
// commerce.SearchWords makes them, is the beginning of one, those who came last
// first, behind after where that is not "". No words: everybody. A page of a
// search for what many have may be short, or empty, and yet have a next.
func (s *Store) FindPersons(ctx context.Context, shop commerce.ShopID, words []string, after commerce.PersonID, limit int) (Found, error) {
	q := s.query(ctx)
	if after == "" {
		after = behindIDs
	}
	ids, next, err := q.lastPersons(shop, after, limit)
	if len(words) > 0 {
		ids, next, err = q.findPersons(shop, words, after, limit)
	}
	if err != nil || len(ids) == 0 {
		return Found{Next: next}, err
	}
	var rows []personRow
	err = q.all(&rows, `SELECT `+personColumns+` FROM persons WHERE shop_id = $1 AND id `+q.in(2)+` AND merged_into = '' ORDER BY id DESC`, shop, list(q, ids))
	out := Found{Persons: make([]commerce.Person, len(rows)), Next: next}
	for i, r := range rows {
		out.Persons[i] = r.person()
	}
	return out, err
}

func (q *query) lastPersons(shop commerce.ShopID, after commerce.PersonID, limit int) (ids []commerce.PersonID, next commerce.PersonID, err error) {
	found, err := q.scalars(`SELECT id FROM persons WHERE shop_id = $1 AND id < $2 AND merged_into = '' AND erased = 0 ORDER BY id DESC LIMIT $3`, shop, after, limit+1)
	ids, next = cut(personIDs(found), limit)
	return ids, next, err
}

// cut is a page of ids and, where there are more, where the next one begins.
func cut[T ~string](ids []T, limit int) (page []T, next T) {
	if len(ids) > limit {
		return ids[:limit], ids[limit-1]
	}
	return ids, ""
}

func (q *query) findPersons(shop commerce.ShopID, words []string, after commerce.PersonID, limit int) (ids []commerce.PersonID, next commerce.PersonID, err error) {
	words = slices.Clone(words)
	fewest, rarest := rowsOfWord+1, 0
	for i, w := range words {
		var n int
		if _, err := q.one([]any{&n}, `SELECT COUNT(*) FROM (SELECT 1 AS one FROM person_words WHERE shop_id = $1 AND word >= $2 AND word < $3 LIMIT $4) w`,
			shop, w, w+behindWords, rowsOfWord+1); err != nil || n == 0 {
			return nil, "", err
		}
		if n < fewest {
			fewest, rarest = n, i
		}
	}
	words[0], words[rarest] = words[rarest], words[0]
	if fewest > rowsOfWord {
		return q.walkPersons(shop, words, after, limit)
	}
	// || '' keeps databases from the index that begins with the person: it would be a walk over all words of the shop.
	text := `SELECT f.person_id FROM (SELECT DISTINCT person_id || '' AS person_id FROM person_words
		WHERE shop_id = $1 AND word >= $4 AND word < $5 AND person_id || '' < $2) f WHERE 1 = 1`
	args := []any{shop, after, limit + 1, words[0], words[0] + behindWords}
	for _, w := range words[1:] {
		text, args = withWord(text, args, "f.person_id", w)
	}
	found, err := q.scalars(text+` ORDER BY f.person_id DESC LIMIT $3`, args...)
	ids, next = cut(personIDs(found), limit)
	return ids, next, err
}

// walkPersons goes through so many of a shop's persons, the last first.
func (q *query) walkPersons(shop commerce.ShopID, words []string, after commerce.PersonID, limit int) (ids []commerce.PersonID, next commerce.PersonID, err error) {
	text := `SELECT p.id FROM (SELECT id FROM persons WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $4) p WHERE 1 = 1`
	args := []any{shop, after, limit + 1, walkedWords}
	for _, w := range words {
		text, args = withWord(text, args, "p.id", w)
	}
	found, err := q.scalars(text+` ORDER BY p.id DESC LIMIT $3`, args...)
	if ids, next = cut(personIDs(found), limit); err != nil || next != "" {
		return ids, next, err
	}
	var walked int
	var last *string
	_, err = q.one([]any{&walked, &last}, `SELECT COUNT(*), MIN(id) FROM (SELECT id FROM persons WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3) p`, shop, after, walkedWords)
	if walked == walkedWords && last != nil {
		next = commerce.PersonID(*last)
	}
	return ids, next, err
}

// withWord asks for one more word of the person in column. It is a value, not
// EXISTS, so that no database turns it into a walk over all who have the word.
func withWord(text string, args []any, column, word string) (string, []any) {
	n := len(args)
	return text + fmt.Sprintf(` AND (SELECT 1 FROM person_words w WHERE w.shop_id = $1 AND w.person_id = %s AND w.word >= $%d AND w.word < $%d LIMIT 1) = 1`,
		column, n+1, n+2), append(args, word, word+behindWords)
}
