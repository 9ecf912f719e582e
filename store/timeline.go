package store

import (
	"context"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// Entry is one line of a person's timeline, of any kind.
type Entry struct {
	At       commerce.Instant `db:"at"`
	Kind     string           `db:"kind"` // event, points, decision, effect, enrollment, pass, task, touch, act
	What     string           `db:"what"` // event kind, answer, effect, enrollment or task state, branch, class; of an act open or click
	Campaign string           `db:"campaign_id"`
	Step     string           `db:"step_id"`
	Reason   string           `db:"reason"`
	Detail   string           `db:"detail"` // of a touch the tool, of a task its title, of what happened in the loyalty program its props as JSON
	Order    string           `db:"order_id"`
	Times    int64            `db:"times"`    // of points, by how many they changed
	Until    commerce.Instant `db:"until_at"` // of an effect that is tried again, as long as that makes sense; of an act when it was done last
	Effect   string           `db:"effect_id"`
}

// Timeline returns everything that happened to a person, and to those merged
// into them, and what was decided, oldest first, at most limit lines.
func (s *Store) Timeline(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, limit int) ([]Entry, error) {
	return s.why(ctx, shop, person, "", limit)
}

// whyLines is more than any person's life with one campaign has.
const whyLines = 10_000

// Why tells why a person got what they got of a campaign, or did not: all that
// happened to them, with those decisions, effects, branches and tasks that are
// the campaign's, oldest first. Without a campaign it is of all.
func (s *Store) Why(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, id campaign.CampaignID) ([]Entry, error) {
	return s.why(ctx, shop, person, id, whyLines)
}

func (s *Store) why(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, id campaign.CampaignID, limit int) ([]Entry, error) {
	q := s.query(ctx)
	same, hashes, err := s.knownTo(q, shop, person)
	if err != nil {
		return nil, err
	}
	var out []Entry
	err = q.all(&out, `SELECT `+entryColumns+` FROM (`+q.entries()+`) lines ORDER BY at, kind LIMIT $3`, shop, list(q, same), limit, id, list(q, hashes))
	return out, err
}

// knownTo returns by what the tables of a timeline know somebody.
func (s *Store) knownTo(q *query, shop commerce.ShopID, person commerce.PersonID) (same []commerce.PersonID, hashes []string, err error) {
	circles, err := q.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return nil, nil, err
	}
	hashes, err = s.hashesOf(q, shop, circles[person])
	return circles[person], hashes, err
}

// EntryKinds are the kinds of entries of a timeline.
var EntryKinds = []string{"event", "points", "decision", "effect", "enrollment", "pass", "task", "act", "touch", "consent", "stop"}

// TimelineBefore returns what happened to a person before an instant, the last
// first, of the kinds that are named or of all, with what they agreed to and
// what was stopped; about limit lines, and never some of one instant alone. next
// is the instant before which the next page begins, 0 at the end.
func (s *Store) TimelineBefore(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, kinds []string, before commerce.Instant, limit int) (out []Entry, next commerce.Instant, err error) {
	q := s.query(ctx)
	same, hashes, err := s.knownTo(q, shop, person)
	if err != nil {
		return nil, 0, err
	}
	if len(kinds) == 0 {
		kinds = EntryKinds
	}
	said := ` UNION ALL
		SELECT said_at, 'consent', state, '', '', class, source, '', 1, 0, ''
		FROM consents WHERE shop_id = $1 AND address_hash ` + q.in(5) + `
		UNION ALL
		SELECT at, 'stop', scope, '', '', reason, '', '', 1, until_at, ''
		FROM suppressions WHERE shop_id = $1 AND address_hash ` + q.in(5)
	for {
		out = nil
		if err := q.all(&out, `SELECT `+entryColumns+` FROM (`+q.entries()+said+`) lines WHERE at < $6 AND kind `+q.in(7)+` ORDER BY at DESC, kind DESC LIMIT $3`,
			shop, list(q, same), limit+1, "", list(q, hashes), before, list(q, kinds)); err != nil {
			return nil, 0, err
		}
		if len(out) <= limit {
			return out, 0, nil
		}
		end := limit
		for end > 0 && out[end-1].At == out[limit].At {
			end--
		}
		if end > 0 {
			return out[:end], out[end-1].At, nil
		}
		limit *= 2 // more happened in one instant than fits a page
	}
}

// ourKinds are the kinds of event whose props say what happened, as a list of SQL.
var ourKinds = func() string {
	var out []string
	for _, k := range commerce.EventKinds() {
		if k.Ours() {
			out = append(out, "'"+string(k)+"'")
		}
	}
	return strings.Join(out, ", ")
}()

const entryColumns = `at, kind, what, campaign_id, step_id, reason, detail, order_id, times, until_at, effect_id`

// entries is what a timeline is made of: of the persons $2 with the address
// hashes $5, of the campaign $4 unless that is empty.
func (q *query) entries() string {
	theirs := `shop_id = $1 AND person_id ` + q.in(2)
	campaigns := theirs + ` AND ($4 = '' OR campaign_id = $4)`
	return `SELECT occurred_at AS at, 'event' AS kind, kind AS what, '' AS campaign_id, '' AS step_id,
			CASE WHEN historic = 1 THEN 'historic' WHEN assumed = 1 THEN 'assumed' ELSE '' END AS reason,
			CASE WHEN kind IN (` + ourKinds + `) THEN props ELSE subject END AS detail, order_id, 1 AS times, 0 AS until_at, '' AS effect_id
		FROM events WHERE ` + theirs + `
		UNION ALL
		SELECT at, 'points', kind, '', '', cause_kind, note, CASE cause_kind WHEN 'order' THEN cause_id ELSE '' END, points + pending, 0, ''
		FROM ledger WHERE ` + theirs + ` AND kind IN ('redeem', 'expire', 'clawback', 'adjust')
		UNION ALL
		SELECT last_at, 'decision', answer, campaign_id, step_id, reason, detail,
			CASE WHEN entry_key LIKE 'order:%' THEN substr(entry_key, 7) ELSE '' END, times, until_at, ''
		FROM decisions WHERE ` + campaigns + `
		UNION ALL
		SELECT CASE WHEN done_at > 0 THEN done_at WHEN sending_at > 0 THEN sending_at ELSE claimed_at END, 'effect', state,
			campaign_id, step_id, CASE rehearsal WHEN 1 THEN 'rehearsal' ELSE '' END, note, order_id, tries,
			CASE state WHEN 'retry' THEN COALESCE((SELECT latest_at FROM enrollments w WHERE w.shop_id = $1 AND w.id = effects.enrollment_id), 0) ELSE 0 END, id
		FROM effects WHERE ` + campaigns + `
		UNION ALL
		SELECT created_at, 'enrollment', state, campaign_id, step_id, reason, '', order_id, 1, due_at, ''
		FROM enrollments WHERE ` + campaigns + `
		UNION ALL
		SELECT at, 'pass', branch, campaign_id, step_id, CASE rehearsal WHEN 1 THEN 'rehearsal' ELSE '' END, '', order_id, 1, 0, ''
		FROM passes WHERE ` + campaigns + `
		UNION ALL
		SELECT CASE WHEN done_at > 0 THEN done_at ELSE created_at END, 'task', state, campaign_id, step_id, outcome, title, order_id, 1, due_at, id
		FROM tasks WHERE ` + campaigns + `
		UNION ALL
		SELECT a.first_at, 'act', a.kind, e.campaign_id, e.step_id, '', '', e.order_id, a.times, a.last_at, ''
		FROM effects e JOIN message_acts a ON a.shop_id = $1 AND a.effect_id = e.id
		WHERE e.shop_id = $1 AND e.person_id ` + q.in(2) + ` AND ($4 = '' OR e.campaign_id = $4)
		UNION ALL
		SELECT at, 'touch', class, '', '', '', source || CASE WHEN campaign <> '' THEN ': ' || campaign ELSE '' END, '', 1, 0, ''
		FROM touches WHERE shop_id = $1 AND address_hash ` + q.in(5)
}

// hashesOf returns the address hashes of persons.
func (s *Store) hashesOf(q *query, shop commerce.ShopID, persons []commerce.PersonID) ([]string, error) {
	emails, err := q.emailsOf(shop, persons)
	if err != nil || len(emails) == 0 {
		return nil, err
	}
	k, err := s.keyOf(q, shop)
	if err != nil {
		return nil, err
	}
	for i, email := range emails {
		emails[i] = k.hash(email)
	}
	return emails, nil
}

// emailsOf returns the addresses of persons, by name.
func (q *query) emailsOf(shop commerce.ShopID, persons []commerce.PersonID) ([]string, error) {
	return q.scalars(`SELECT email FROM persons WHERE shop_id = $1 AND id `+q.in(2)+` AND email <> ''
		UNION SELECT value FROM identities WHERE shop_id = $1 AND person_id `+q.in(2)+` AND kind = 'email' ORDER BY 1`, shop, list(q, persons))
}

// ListPersons returns a shop's persons by id after the id after, at most limit.
func (s *Store) ListPersons(ctx context.Context, shop commerce.ShopID, after commerce.PersonID, limit int) ([]commerce.Person, error) {
	var rows []personRow
	err := s.query(ctx).all(&rows, `SELECT `+personColumns+` FROM persons WHERE shop_id = $1 AND id > $2 AND merged_into = '' ORDER BY id LIMIT $3`,
		shop, after, limit)
	out := make([]commerce.Person, len(rows))
	for i, r := range rows {
		out[i] = r.person()
	}
	return out, err
}
