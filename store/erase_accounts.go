package store

import (
	"slices"
	"strings"

	"flywheel/commerce"
)

// The event that a customer's account was made is named by the platform's id of
// them (commerce.CustomerCreated), and so is what was decided on it. Of somebody
// erased the mark of that id stands there, so that the event told again is known.

func accountSubject(id commerce.Identity) string { return string(id.Kind) + ":" + id.Value }

// account returns the mark of the customer that an event's subject names, or the mark itself where it is one.
func (k *dataKey) account(subject string) string {
	kind, value, _ := strings.Cut(subject, ":")
	if kind == "c" {
		return subject
	}
	return k.mark(commerce.Identity{Kind: commerce.IdentityKind(kind), Value: value})
}

// Account returns by which subject it is kept that the account of somebody
// erased was made; "" = nobody was ever erased here.
func (t Tombstones) Account(subject string) string {
	if t.key == nil {
		return ""
	}
	return t.key.account(subject)
}

// eraseAccounts takes the platform's id of them out of the event that their
// account was made, and of what came of it.
func (e *erasing) eraseAccounts() error {
	persons := list(&e.query, e.persons)
	subjects, err := e.scalars(`SELECT subject FROM events WHERE shop_id = $1 AND person_id `+e.in(2)+` AND kind || '' = $3`,
		e.shop, persons, commerce.CustomerCreated)
	if err != nil {
		return err
	}
	subjects = append(subjects, e.accounts...)
	slices.Sort(subjects)
	for _, old := range slices.Compact(subjects) {
		subject := e.key.account(old)
		if subject == "" || subject == old {
			continue
		}
		if err := e.renameAccount(persons, old, subject); err != nil {
			return err
		}
	}
	return nil
}

func (e *erasing) renameAccount(persons any, old, subject string) error {
	kind := string(commerce.CustomerCreated)
	for _, c := range []struct {
		table, text string
		args        []any
	}{
		{"events", `UPDATE events SET subject = $4 WHERE shop_id = $1 AND kind = $2 AND subject = $3
			AND NOT EXISTS (SELECT 1 FROM events e WHERE e.shop_id = $1 AND e.kind = $2 AND e.subject = $4)`, []any{kind, old, subject}},
		{"events", `DELETE FROM events WHERE shop_id = $1 AND kind = $2 AND subject = $3`, []any{kind, old}},
		{
			"enrollments", `UPDATE enrollments SET cause = $4 WHERE shop_id = $1 AND person_id ` + e.in(2) + ` AND cause = $3`,
			[]any{persons, kind + "|" + old, kind + "|" + subject},
		},
		{
			"enrollments", `UPDATE enrollments SET entry_key = $4 WHERE shop_id = $1 AND person_id ` + e.in(2) + ` AND entry_key = $3`,
			[]any{persons, "event:" + kind + ":" + old, "event:" + kind + ":" + subject},
		},
		{
			"decisions", `UPDATE decisions SET entry_key = $4 WHERE shop_id = $1 AND person_id ` + e.in(2) + ` AND entry_key = $3`,
			[]any{persons, "event:" + kind + ":" + old, "event:" + kind + ":" + subject},
		},
	} {
		if err := e.do(c.table, c.text, c.args...); err != nil {
			return err
		}
	}
	return nil
}
