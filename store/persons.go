package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"flywheel/commerce"
	"flywheel/fault"
)

type personRow struct {
	ID         string `db:"id"`
	MergedInto string `db:"merged_into"`
	Email      string `db:"email"`
	Phone      string `db:"phone"`
	FirstName  string `db:"first_name"`
	LastName   string `db:"last_name"`
	Language   string `db:"language"`
	Choice     string `db:"language_choice"`
	Country    string `db:"country"`
	Timezone   string `db:"timezone"`
	Erased     int64  `db:"erased"`
	UpdatedAt  int64  `db:"updated_at"`
	Rev        int64  `db:"rev"`
}

const personColumns = `id, merged_into, email, phone, first_name, last_name, language, language_choice, country, timezone, erased, updated_at, rev`

func (r personRow) person() commerce.Person {
	return commerce.Person{
		ID: commerce.PersonID(r.ID), MergedInto: commerce.PersonID(r.MergedInto), Email: r.Email, Phone: r.Phone,
		FirstName: r.FirstName, LastName: r.LastName, Language: r.Language, Choice: r.Choice, Country: r.Country, Timezone: r.Timezone,
		Erased: r.Erased == 1, UpdatedAt: commerce.Instant(r.UpdatedAt), Rev: r.Rev,
	}
}

// Person returns one person as stored; a merged one says into whom.
func (s *Store) Person(ctx context.Context, shop commerce.ShopID, id commerce.PersonID) (commerce.Person, error) {
	row, err := first[personRow](s.query(ctx), fmt.Sprintf("there is no person %s in this shop", id),
		`SELECT `+personColumns+` FROM persons WHERE shop_id = $1 AND id = $2`, shop, id)
	return row.person(), err
}

// Persons returns the persons with these ids, following merges, by the id asked for.
func (s *Store) Persons(ctx context.Context, shop commerce.ShopID, ids []commerce.PersonID) (map[commerce.PersonID]commerce.Person, error) {
	return s.query(ctx).persons(shop, ids, "")
}

// LockPersons locks and returns persons, following merges, by the id asked for.
// Orders are locked before persons.
func (tx *Tx) LockPersons(shop commerce.ShopID, ids []commerce.PersonID) (map[commerce.PersonID]commerce.Person, error) {
	return tx.persons(shop, ids, tx.forUpdate())
}

func (q *query) persons(shop commerce.ShopID, ids []commerce.PersonID, lock string) (map[commerce.PersonID]commerce.Person, error) {
	out := map[commerce.PersonID]commerce.Person{}
	asked := map[commerce.PersonID][]commerce.PersonID{} // present id -> ids that lead to it
	for _, id := range ids {
		asked[id] = append(asked[id], id)
	}
	for hop := 0; len(asked) > 0 && hop < 100; hop++ { // far more than any chain of merges has
		next := make([]commerce.PersonID, 0, len(asked))
		for id := range asked {
			next = append(next, id)
		}
		var rows []personRow
		err := q.all(&rows, `SELECT `+personColumns+` FROM persons WHERE shop_id = $1 AND id `+q.in(2)+` ORDER BY id`+lock, shop, list(q, next))
		if err != nil {
			return nil, err
		}
		following := map[commerce.PersonID][]commerce.PersonID{}
		for _, row := range rows {
			p := row.person()
			if p.MergedInto != "" {
				following[p.MergedInto] = append(following[p.MergedInto], asked[p.ID]...)
				continue
			}
			for _, id := range asked[p.ID] {
				out[id] = p
			}
		}
		asked = following
	}
	return out, nil
}

var savePersons = newBatch(`shop_id text, id text, merged_into text, email text, phone text, first_name text, last_name text,
	language text, language_choice text, country text, timezone text, erased bigint, updated_at bigint, created_at bigint`,
	`INSERT INTO persons (shop_id, id, merged_into, email, phone, first_name, last_name, language, language_choice, country, timezone, erased, updated_at, created_at)
	{insert} ON CONFLICT (shop_id, id) DO UPDATE SET merged_into = excluded.merged_into, email = excluded.email, phone = excluded.phone,
		first_name = excluded.first_name, last_name = excluded.last_name, language = excluded.language, language_choice = excluded.language_choice, country = excluded.country,
		timezone = excluded.timezone, erased = excluded.erased, updated_at = excluded.updated_at, rev = persons.rev + 1,
		worded = CASE WHEN persons.email = excluded.email AND persons.phone = excluded.phone AND persons.first_name = excluded.first_name
			AND persons.last_name = excluded.last_name AND persons.merged_into = excluded.merged_into THEN persons.worded ELSE 0 END`)

// SavePersons writes new or changed persons, which must be locked or new, each once.
func (tx *Tx) SavePersons(shop commerce.ShopID, persons []commerce.Person) error {
	rows := make([][]any, len(persons))
	now := tx.store.Now()
	for i, p := range persons {
		rows[i] = []any{
			shop, p.ID, p.MergedInto, p.Email, p.Phone, p.FirstName, p.LastName, p.Language, p.Choice, p.Country,
			p.Timezone, p.Erased, p.UpdatedAt, now,
		}
	}
	return tx.run(savePersons, rows, nil)
}

// ChooseLanguage keeps in which language somebody wants to be written to; "" =
// they leave it to us. What is on its way to them is decided anew.
func (tx *Tx) ChooseLanguage(shop commerce.ShopID, id commerce.PersonID, tag string) error {
	_, err := tx.exec(`UPDATE persons SET language_choice = $3, rev = rev + 1 WHERE shop_id = $1 AND id = $2 AND erased = 0 AND language_choice <> $3`, shop, id, tag)
	return err
}

var findIdentities = newBatch(`shop_id text, kind text, value text`,
	`SELECT i.kind, i.value, i.person_id FROM {rows} identities i WHERE i.shop_id = v.shop_id AND i.kind = v.kind AND i.value = v.value`)

// PersonsByIdentity returns who is known by each of these.
func (tx *Tx) PersonsByIdentity(shop commerce.ShopID, ids []commerce.Identity) (map[commerce.Identity]commerce.PersonID, error) {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{shop, id.Kind, id.Value}
	}
	out := map[commerce.Identity]commerce.PersonID{}
	err := tx.run(findIdentities, rows, func(r *sql.Rows) error {
		var id commerce.Identity
		var person string
		err := r.Scan(&id.Kind, &id.Value, &person)
		out[id] = commerce.PersonID(person)
		return err
	})
	return out, err
}

// CustomerIDs returns the ids by which the platforms know persons and all who are merged with them.
func (tx *Tx) CustomerIDs(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID][]string, error) {
	circles, err := tx.circles(shop, persons)
	if err != nil || len(circles) == 0 {
		return nil, err
	}
	var rows []struct {
		Person string `db:"person_id"`
		Value  string `db:"value"`
	}
	if err := tx.all(&rows, `SELECT person_id, value FROM identities WHERE shop_id = $1 AND person_id `+tx.in(2)+` AND kind IN ('shopify', 'stripe') ORDER BY kind, value`,
		shop, list(&tx.query, members(circles))); err != nil {
		return nil, err
	}
	byPerson := map[commerce.PersonID][]string{}
	for _, r := range rows {
		byPerson[commerce.PersonID(r.Person)] = append(byPerson[commerce.PersonID(r.Person)], r.Value)
	}
	return gather(circles, byPerson), nil
}

var addIdentities = newBatch(`shop_id text, kind text, value text, person_id text`,
	`INSERT INTO identities (shop_id, kind, value, person_id) {insert} ON CONFLICT DO NOTHING RETURNING person_id`)

// AddIdentities makes persons known by what the map says; one that is taken stays.
func (tx *Tx) AddIdentities(shop commerce.ShopID, ids map[commerce.Identity]commerce.PersonID) error {
	rows := make([][]any, 0, len(ids))
	for id, person := range ids {
		rows = append(rows, []any{shop, id.Kind, id.Value, person})
	}
	var fresh []commerce.PersonID
	err := tx.run(addIdentities, rows, func(r *sql.Rows) error {
		var person string
		err := r.Scan(&person)
		fresh = append(fresh, commerce.PersonID(person))
		return err
	})
	if err != nil {
		return err
	}
	return tx.reword(shop, fresh...)
}

// sameAs returns persons and everybody who is merged into them, however far.
func (q *query) sameAs(shop commerce.ShopID, persons ...commerce.PersonID) ([]commerce.PersonID, error) {
	// CROSS JOIN has SQLite look up each of same, and not go through all who were ever merged.
	ids, err := q.scalars(`WITH RECURSIVE same (id) AS (
			SELECT p.id FROM persons p WHERE p.shop_id = $1 AND p.id `+q.in(2)+`
			UNION SELECT p.id FROM same CROSS JOIN persons p WHERE p.shop_id = $1 AND p.merged_into = same.id AND p.merged_into <> '')
		SELECT id FROM same`, shop, list(q, persons))
	return personIDs(ids), err
}

func personIDs(ids []string) []commerce.PersonID {
	out := make([]commerce.PersonID, len(ids))
	for i, id := range ids {
		out[i] = commerce.PersonID(id)
	}
	return out
}

// MergePersons joins from into into: its identities and everything that hangs
// on it are read through merged_into from now on. The row can be undone.
func (tx *Tx) MergePersons(shop commerce.ShopID, from, into commerce.PersonID, reason string) error {
	circle, err := tx.sameAs(shop, from)
	if err != nil {
		return err
	}
	if slices.Contains(circle, into) {
		return fault.New(fault.Invalid, "a person cannot be merged into itself")
	}
	id := NewID()
	if _, err := tx.exec(`INSERT INTO person_merges (shop_id, id, from_id, into_id, reason, merged_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		shop, id, from, into, reason, tx.store.Now()); err != nil {
		return err
	}
	if _, err = tx.exec(`UPDATE persons SET merged_into = $3, rev = rev + 1 WHERE shop_id = $1 AND id = $2`, shop, from, into); err != nil {
		return err
	}
	if err := tx.reword(shop, from, into); err != nil {
		return err
	}
	if err := tx.mergeMembers(shop, id, from, into); err != nil {
		return err
	}
	if err := tx.lookAtBoth(shop, append(circle, into)...); err != nil {
		return err
	}
	return tx.joinOnce(shop, circle, from, into)
}

// UndoMerge makes from a person of its own again and looks at both anew.
func (s *Store) UndoMerge(ctx context.Context, shop commerce.ShopID, from commerce.PersonID) error {
	return s.Transact(ctx, func(tx *Tx) error {
		var into commerce.PersonID
		var stood string
		found, err := tx.one([]any{&into, &stood}, `UPDATE person_merges SET undone_at = $3 WHERE shop_id = $1 AND from_id = $2 AND undone_at = 0 RETURNING into_id, stood`, shop, from, s.Now())
		if err == nil && !found {
			err = fault.New(fault.NotFound, "person %s is not merged", from)
		}
		if err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE persons SET merged_into = '', rev = rev + 1 WHERE shop_id = $1 AND id = $2`, shop, from); err != nil {
			return err
		}
		both := []commerce.PersonID{into, from}
		if err := tx.reword(shop, both...); err != nil {
			return err
		}
		if err := tx.splitMembers(shop, into, from, stood); err != nil {
			return err
		}
		if err := tx.lookAtBoth(shop, both...); err != nil {
			return err
		}
		return tx.TouchPersons(shop, both)
	})
}

// DropNameless removes a person who was made for an order before its buyer was
// told, once nothing hangs on them any more. Anybody else stays.
func (tx *Tx) DropNameless(shop commerce.ShopID, id commerce.PersonID) error {
	_, err := tx.exec(`DELETE FROM persons WHERE shop_id = $1 AND id = $2 AND email = '' AND phone = '' AND first_name = '' AND last_name = ''
		AND erased = 0 AND merged_into = ''
		AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.shop_id = $1 AND i.person_id = $2)
		AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.shop_id = $1 AND o.person_id = $2)
		AND NOT EXISTS (SELECT 1 FROM persons p WHERE p.shop_id = $1 AND p.merged_into = $2)
		AND NOT EXISTS (SELECT 1 FROM enrollments e WHERE e.shop_id = $1 AND e.person_id = $2)
		AND NOT EXISTS (SELECT 1 FROM events v WHERE v.shop_id = $1 AND v.person_id = $2)
		AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.shop_id = $1 AND d.person_id = $2)
		AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.shop_id = $1 AND t.person_id = $2)
		AND NOT EXISTS (SELECT 1 FROM effects f WHERE f.shop_id = $1 AND f.person_id = $2)`, shop, id)
	return err
}
