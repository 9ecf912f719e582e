package club

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// Columns are those of a file of members: Smile.io's first, which ReadFile reads
// back with the lots, then what else is known.
var Columns = []string{
	"email", "points", "first_name", "last_name", "state", "date_of_birth", "lots",
	"waiting", "earned", "tier", "tier_since", "next_expiry", "next_expiry_points", "joined_at", "joined_by", "left_at", "last_active_at", "note", "id",
}

// exported are the words for states that Smile.io has, and left.
var exported = map[store.MemberState]string{store.Guest: "candidate", store.Joined: "member", store.Left: "left", store.Blocked: "disabled"}

// Export returns the lines of some members behind a person, and behind whom the next ones are; "" = these are the last.
func (d Desk) Export(ctx context.Context, shop commerce.ShopID, after commerce.PersonID) (lines [][]string, next commerce.PersonID, err error) {
	members, err := d.Store.MembersByID(ctx, shop, after, membersAtOnce)
	if err != nil || len(members) == 0 {
		return nil, "", err
	}
	ids := make([]commerce.PersonID, len(members))
	for i, m := range members {
		ids[i] = m.Person
	}
	persons, err := d.Store.Persons(ctx, shop, ids)
	if err != nil {
		return nil, "", err
	}
	for _, m := range members {
		var rows []loyalty.Row
		if m.Points > 0 {
			if rows, err = d.Store.Ledger(ctx, shop, m.Person); err != nil {
				return nil, "", err
			}
		}
		lines = append(lines, exportLine(m, persons[m.Person], rows))
	}
	if len(members) == membersAtOnce {
		next = members[len(members)-1].Person
	}
	return lines, next, nil
}

func exportLine(m store.LoyaltyMember, p commerce.Person, rows []loyalty.Row) []string {
	birthday := ""
	if m.Birthday > 0 {
		birthday = fmt.Sprintf("1004-%02d-%02d", m.Birthday/100, m.Birthday%100)
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	ending := ""
	if m.EndsAt > 0 {
		ending = number(m.Ending)
	}
	return []string{
		p.Email, number(m.Points), p.FirstName, p.LastName, exported[m.State], birthday, lotsText(loyalty.Replay(rows).Lots),
		number(m.Pending), number(m.Earned), m.Tier, stamp(m.Since), stamp(m.EndsAt), ending, stamp(m.JoinedAt), m.How, stamp(m.LeftAt), stamp(m.ActiveAt), m.Note, string(m.Person),
	}
}

// lotsText writes lots as readLots reads them.
func lotsText(lots []loyalty.Lot) string {
	parts := make([]string, len(lots))
	for i, l := range lots {
		parts[i] = strconv.FormatInt(l.Left, 10)
		if l.ExpiresAt > 0 {
			parts[i] += "@" + stamp(l.ExpiresAt)
		}
	}
	return strings.Join(parts, " ")
}

func stamp(at commerce.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().UTC().Format(time.RFC3339Nano)
}
