package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// HeldStep is a step that the gate holds back, until something changes.
type HeldStep struct {
	At       commerce.Instant    `db:"last_at"`
	Campaign campaign.CampaignID `db:"campaign_id"`
	Step     string              `db:"step_id"`
	Person   commerce.PersonID   `db:"person_id"`
	Order    commerce.OrderID    `db:"order_id"` // "" = it is about none
	Reason   string              `db:"reason"`
	Times    int64               `db:"times"`
}

// HeldSteps lists what is held in a shop, of a campaign or of all (""), the last
// first, before an instant (0 = from now on); about limit, and never some of one
// instant alone. next is where the next page begins, 0 at the end. Of a campaign
// it looks through as many as fit a window at a time.
func (s *Store) HeldSteps(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, before commerce.Instant, limit int) (out []HeldStep, next commerce.Instant, err error) {
	if before == 0 {
		before = commerce.Instant(1) << 60
	}
	q := s.query(ctx)
	window := fmt.Sprintf(`(SELECT last_at, campaign_id, step_id, person_id, entry_key, reason, times FROM decisions
		WHERE shop_id = $1 AND last_at < $2 AND answer = 'hold' ORDER BY last_at DESC LIMIT %d) w`, listWindow)
	for {
		out = nil
		if err := q.all(&out, `SELECT last_at, campaign_id, step_id, person_id, CASE WHEN entry_key LIKE 'order:%' THEN substr(entry_key, 7) ELSE '' END AS order_id, reason, times
			FROM `+window+` WHERE $4 = '' OR campaign_id = $4 ORDER BY last_at DESC, campaign_id, entry_key, step_id LIMIT $3`, shop, before, limit+1, id); err != nil {
			return nil, 0, err
		}
		if len(out) <= limit {
			break
		}
		end := limit
		for end > 0 && out[end-1].At == out[limit].At {
			end--
		}
		if end > 0 {
			return out[:end], out[end-1].At, nil
		}
		if limit *= 2; limit > listWindow {
			return out, 0, nil
		}
	}
	if id == "" {
		return out, 0, nil
	}
	var n int
	var last *commerce.Instant
	_, err = q.one([]any{&n, &last}, `SELECT COUNT(*), MIN(last_at) FROM `+window, shop, before)
	if err != nil || n < listWindow || last == nil {
		return out, 0, err
	}
	return out, *last, nil
}

// EntrantFilter narrows a list of who entered campaigns; its zero value takes all.
type EntrantFilter struct {
	Campaign campaign.CampaignID
	State    string // active, ended
	Before   string // the id of the last that was seen; "" = from the last on
}

// Entrant is one person's way through a campaign, as a list shows it.
type Entrant struct {
	ID       string              `db:"id"`
	At       commerce.Instant    `db:"created_at"`
	Campaign campaign.CampaignID `db:"campaign_id"`
	Step     string              `db:"step_id"`
	Person   commerce.PersonID   `db:"person_id"`
	Order    commerce.OrderID    `db:"order_id"`
	State    string              `db:"state"`
	Reason   string              `db:"reason"`
	Due      commerce.Instant    `db:"due_at"`
}

// Entrants lists who entered campaigns of a shop, the last first, without
// rehearsals; next is where the next page begins, "" at the end. It looks
// through as many as fit a window at a time.
func (s *Store) Entrants(ctx context.Context, shop commerce.ShopID, f EntrantFilter, limit int) (out []Entrant, next string, err error) {
	where, args := `shop_id = $1`, []any{shop, limit + 1}
	if f.Before != "" {
		args = append(args, f.Before)
		where += ` AND id < $3`
	}
	q := s.query(ctx)
	window := `(SELECT id, created_at, campaign_id, step_id, person_id, order_id, state, reason, due_at, rehearsal FROM enrollments WHERE ` + where + fmt.Sprintf(` ORDER BY id DESC LIMIT %d) w`, listWindow)
	n := len(args)
	if err := q.all(&out, `SELECT id, created_at, campaign_id, step_id, person_id, order_id, state, reason, due_at FROM `+window+
		fmt.Sprintf(` WHERE rehearsal = 0 AND ($%[1]d = '' OR campaign_id = $%[1]d) AND ($%[2]d = '' OR state = $%[2]d) ORDER BY id DESC LIMIT $2`, n+1, n+2),
		append(args, f.Campaign, f.State)...); err != nil {
		return nil, "", err
	}
	if out, next = cutAt(out, limit, func(e Entrant) string { return e.ID }); next != "" {
		return out, next, nil
	}
	next, err = q.endOf(`SELECT id FROM enrollments WHERE `+where, append([]any{shop, 0}, args[2:]...))
	return out, next, err
}
