package store

import (
	"context"
	"crypto/rand"
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
)

// Advocate is somebody who may send friends. The zero one has no code yet.
type Advocate struct {
	Person   commerce.PersonID
	Code     string // what friends type, and what the link ends with
	MadeAt   commerce.Instant
	Visits   int64            // how often the page of the link was opened
	BannedAt commerce.Instant // 0 = they are not
	BannedBy string
	BanNote  string
}

type advocateRow struct {
	Person   string `db:"person_id"`
	Code     string `db:"code"`
	MadeAt   int64  `db:"made_at"`
	Visits   int64  `db:"visits"`
	BannedAt int64  `db:"banned_at"`
	BannedBy string `db:"banned_by"`
	BanNote  string `db:"ban_note"`
}

const advocateColumns = `person_id, code, made_at, visits, banned_at, banned_by, ban_note`

func (r advocateRow) advocate() Advocate {
	return Advocate{commerce.PersonID(r.Person), r.Code, commerce.Instant(r.MadeAt), r.Visits, commerce.Instant(r.BannedAt), r.BannedBy, r.BanNote}
}

// AdvocateOf reads with which code somebody sends friends; the zero one where they have none yet.
func (s *Store) AdvocateOf(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) (Advocate, error) {
	return s.query(ctx).advocateOf(shop, person)
}

// advocateOf is the oldest code of a person and all who are merged with them,
// banned where one of them is: a merge lets nobody in again.
func (q *query) advocateOf(shop commerce.ShopID, person commerce.PersonID) (Advocate, error) {
	circles, err := q.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return Advocate{}, err
	}
	var rows []advocateRow
	err = q.all(&rows, `SELECT `+advocateColumns+` FROM advocates WHERE shop_id = $1 AND person_id `+q.in(2)+` ORDER BY made_at, code`, shop, list(q, circles[person]))
	if err != nil || len(rows) == 0 {
		return Advocate{}, err
	}
	out := rows[0].advocate()
	for _, r := range rows[1:] {
		if out.Visits += r.Visits; out.BannedAt == 0 {
			out.BannedAt, out.BannedBy, out.BanNote = commerce.Instant(r.BannedAt), r.BannedBy, r.BanNote
		}
	}
	return out, nil
}

// codeLetters are those of advocates' codes: none that looks like another, and
// no vowels, which make words.
const codeLetters = "BCDFGHJKLMNPQRSTVWXYZ23456789"

const codeLength = 8

// newCode makes a code of letters that are equally likely.
func newCode() string {
	out, one := make([]byte, 0, codeLength), make([]byte, 1)
	for len(out) < codeLength {
		_, _ = rand.Read(one) // never fails (crypto/rand)
		if n := int(one[0]); n < 256-256%len(codeLetters) {
			out = append(out, codeLetters[n%len(codeLetters)])
		}
	}
	return string(out)
}

// codeTries is how often a code that is taken is made anew: of 500 thousand million codes hardly one ever is.
const codeTries = 5

// Advocate returns with which code somebody sends friends, and makes one on first
// need. Two that ask at once get the same.
func (tx *Tx) Advocate(shop commerce.ShopID, person commerce.PersonID) (Advocate, error) {
	for range codeTries {
		if a, err := tx.advocateOf(shop, person); err != nil || a.Code != "" {
			return a, err
		}
		if _, err := tx.exec(`INSERT INTO advocates (shop_id, person_id, code, made_at)
			SELECT shop_id, id, $3, $4 FROM persons WHERE shop_id = $1 AND id = $2 AND erased = 0 ON CONFLICT DO NOTHING`, shop, person, newCode(), tx.Now()); err != nil {
			return Advocate{}, err
		}
	}
	return Advocate{}, fault.New(fault.NotFound, "there is no such customer in this shop")
}

// CleanCode is a code as it is kept, whatever case and spaces it was typed with; "" for what cannot be one.
func CleanCode(typed string) string {
	code := strings.ToUpper(strings.TrimSpace(typed))
	if len(code) != codeLength || strings.Trim(code, codeLetters) != "" {
		return ""
	}
	return code
}

// AdvocateLink finds whose link ends with a code; one that nobody has is fault.NotFound.
func (s *Store) AdvocateLink(ctx context.Context, typed string) (commerce.ShopID, Advocate, error) {
	q := s.query(ctx)
	found, err := q.scalars(`SELECT shop_id FROM advocates WHERE code = $1`, CleanCode(typed))
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "this link is not valid")
	}
	if err != nil {
		return "", Advocate{}, err
	}
	shop := commerce.ShopID(found[0])
	all, err := q.advocatesByCode(shop, []string{typed})
	return shop, all[CleanCode(typed)], err
}

// AdvocatesByCode finds the shop's advocates whose codes were used, by code.
func (tx *Tx) AdvocatesByCode(shop commerce.ShopID, codes []string) (map[string]Advocate, error) {
	return tx.advocatesByCode(shop, codes)
}

func (q *query) advocatesByCode(shop commerce.ShopID, codes []string) (map[string]Advocate, error) {
	var clean []string
	for _, c := range codes {
		if c = CleanCode(c); c != "" {
			clean = append(clean, c)
		}
	}
	if len(clean) == 0 {
		return nil, nil
	}
	var rows []advocateRow
	if err := q.all(&rows, `SELECT `+advocateColumns+` FROM advocates WHERE shop_id = $1 AND code `+q.in(2), shop, list(q, clean)); err != nil {
		return nil, err
	}
	out := map[string]Advocate{}
	for _, r := range rows {
		out[r.Code] = r.advocate()
	}
	return out, nil
}

// CountVisit counts that the page of a code's link was opened.
func (s *Store) CountVisit(ctx context.Context, shop commerce.ShopID, code string) error {
	_, err := s.exec(ctx, `UPDATE advocates SET visits = visits + 1 WHERE shop_id = $1 AND code = $2`, shop, code)
	return err
}

// BanAdvocate keeps somebody, who is locked, from sending friends, for a reason;
// with none it lets them send again. What waits of theirs is looked at anew, what
// was paid stays.
func (tx *Tx) BanAdvocate(shop commerce.ShopID, person commerce.PersonID, by, note string) error {
	if _, err := tx.Advocate(shop, person); err != nil {
		return err
	}
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return err
	}
	at := tx.Now()
	if note == "" {
		at, by = 0, ""
	}
	if _, err := tx.exec(`UPDATE advocates SET banned_at = $3, banned_by = $4, ban_note = $5 WHERE shop_id = $1 AND person_id `+tx.in(2),
		shop, list(&tx.query, circles[person]), at, by, note); err != nil {
		return err
	}
	return tx.lookAtSent(shop, circles[person], 0, tx.Now())
}

// AdvocateIn is Store.AdvocateOf inside a transaction.
func (tx *Tx) AdvocateIn(shop commerce.ShopID, person commerce.PersonID) (Advocate, error) {
	return tx.advocateOf(shop, person)
}
