package store

import (
	"encoding/json"
	"strings"

	"flywheel/commerce"
)

// noticesOf are the notices that show one of the persons {2} as long as they wait:
// a campaign's note by its effect, and a trial by its subject, which ends with the
// person's id (of 26 characters, see NewID). What somebody is to get themselves is
// found by the keyed hash of the address that was typed, among {4}.
const noticesOf = `(kind = 'note' AND subject IN (SELECT f.id FROM effects f WHERE f.shop_id = $1 AND f.person_id {2})
	OR kind = 'trial' AND substr(subject, length(subject) - 25) {2}
	OR kind IN ('sign_in', 'friend') AND substr(subject, 28) {4})`

// eraseNotices ends what is to tell the team of them and has not been told. What
// is being told at this moment is on its way; its words go all the same.
func (e *erasing) eraseNotices() error {
	return e.do("notices", `UPDATE notices SET state = 'failed', done_at = $3, note = 'the customer was erased', data = '{}'
		WHERE shop_id = $1 AND (state = 'due' OR state = 'sending') AND `+strings.NewReplacer("{2}", e.in(2), "{4}", e.in(4)).Replace(noticesOf),
		list(&e.query, e.persons), e.whom.at, list(&e.query, e.emails))
}

// AddNote has Slack told what a campaign tells staff by an effect, once, where the
// shop has such a channel. Of who was erased meanwhile nobody is told.
func (tx *Tx) AddNote(shop commerce.ShopID, effect Effect, data map[string]string) (bool, error) {
	fresh, err := tx.AddSlackNotice(shop, NoticeNote, string(effect.ID), data)
	if err != nil || !fresh {
		return false, err
	}
	return tx.unlessErased(shop, NoticeNote, string(effect.ID), effect.Person)
}

// AddTrialOf is AddTrial of a message that shows a person of the shop, with whom
// it goes; "" = somebody made up.
func (tx *Tx) AddTrialOf(shop commerce.ShopID, person commerce.PersonID, subject, message string) (bool, error) {
	if person != "" {
		subject += " " + string(person)
	}
	fresh, err := tx.AddTrial(shop, subject, message)
	if err != nil || !fresh || person == "" {
		return fresh, err
	}
	return tx.unlessErased(shop, NoticeTrial, subject, person)
}

// unlessErased takes back a notice that is new where its person is erased: their
// lock makes an erasure under way be seen, or wait and find the notice.
func (tx *Tx) unlessErased(shop commerce.ShopID, kind NoticeKind, subject string, person commerce.PersonID) (bool, error) {
	persons, err := tx.LockPersons(shop, []commerce.PersonID{person})
	if err != nil || !persons[person].Erased {
		return err == nil, err
	}
	_, err = tx.exec(`DELETE FROM notices WHERE shop_id = $1 AND kind = $2 AND subject = $3 AND state = $4`, shop, kind, subject, NoticeDue)
	return false, err
}

// addWords puts what waiting notices say beside them.
func (s *Store) addWords(q *query, shop commerce.ShopID, sec *Section) error {
	k, err := s.keyOf(q, shop)
	if err != nil {
		return err
	}
	sec.Columns = append(sec.Columns, "body")
	for _, row := range sec.Rows {
		id, _ := row["id"].(string)
		var data string
		if _, err := q.one([]any{&data}, `SELECT data FROM notices WHERE shop_id = $1 AND id = $2`, shop, id); err != nil {
			return err
		}
		if words := unsealed(k, id, data); words != nil {
			row["body"] = words
		}
	}
	return nil
}

// unsealed are the words of a notice that waits; nil where there are none any more.
func unsealed(k *dataKey, id, data string) any {
	var sealed []byte
	if json.Unmarshal([]byte(data), &sealed) != nil {
		return nil
	}
	words, err := k.open(sealed, noticeSeal(id))
	if err != nil || !json.Valid(words) {
		return nil
	}
	return json.RawMessage(words)
}
