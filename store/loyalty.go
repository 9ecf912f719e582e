package store

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
)

// ProgramState says whether a shop gives points.
type ProgramState string

// States of a program. A paused one gives nothing new; what was given lives on.
const (
	ProgramDraft  ProgramState = "draft"
	ProgramLive   ProgramState = "live"
	ProgramPaused ProgramState = "paused"
)

// Program is a shop's program as it stands; the zero one where there is none.
type Program struct {
	loyalty.Program
	State  ProgramState
	LiveAt commerce.Instant // what was sold before earns nothing
	Pauses []Pause          // the first one first; what was sold in one earns nothing, whenever it is heard of
	Nth    int              // the greatest place of an order that a rule of any version asks for
	Rev    int64
}

// Pause is from when until when a program gave nothing; Until 0 = it does so still.
type Pause struct {
	From  commerce.Instant `json:"from"`
	Until commerce.Instant `json:"until,omitempty"`
}

// Gave reports whether the program gave points for what happened at a moment,
// whatever it does by now: so it is the same whenever that is heard of.
func (p Program) Gave(at commerce.Instant) bool {
	if p.LiveAt == 0 || at < p.LiveAt {
		return false
	}
	return !slices.ContainsFunc(p.Pauses, func(x Pause) bool { return at >= x.From && (x.Until == 0 || at < x.Until) })
}

type programRow struct {
	State   string `db:"state"`
	Version int    `db:"version"`
	LiveAt  int64  `db:"live_at"`
	Nth     int    `db:"nth"`
	Rev     int64  `db:"rev"`
	Pauses  string `db:"pauses"`
	Body    string `db:"body"`
}

// LoyaltyProgram reads a shop's program with its newest rules; the zero one where there is none.
func (s *Store) LoyaltyProgram(ctx context.Context, shop commerce.ShopID) (Program, error) {
	return s.query(ctx).program(shop)
}

// LoyaltyProgram is Store.LoyaltyProgram inside a transaction.
func (tx *Tx) LoyaltyProgram(shop commerce.ShopID) (Program, error) { return tx.program(shop) }

func (q *query) program(shop commerce.ShopID) (Program, error) {
	var rows []programRow
	err := q.all(&rows, `SELECT l.state, l.version, l.live_at, l.nth, l.rev, l.pauses, p.body FROM loyalty l
		JOIN loyalty_programs p ON p.shop_id = $1 AND p.version = l.version WHERE l.shop_id = $1`, shop)
	if err != nil || len(rows) == 0 {
		return Program{}, err
	}
	r := rows[0]
	out := Program{State: ProgramState(r.State), LiveAt: commerce.Instant(r.LiveAt), Nth: r.Nth, Rev: r.Rev}
	if r.Pauses != "" {
		if err := json.Unmarshal([]byte(r.Pauses), &out.Pauses); err != nil {
			return out, fmt.Errorf("pauses of a loyalty program: %w", err)
		}
	}
	out.Program, err = programOf(r.Version, r.Body)
	return out, err
}

func programOf(version int, body string) (p loyalty.Program, err error) {
	if err = json.Unmarshal([]byte(body), &p); err != nil {
		err = fmt.Errorf("loyalty program %d: %w", version, err)
	}
	p.Version = version
	return p, err
}

// ProgramAt reads the rules of a moment: an award follows those of its day. The
// zero program, which gives nothing, where there were none.
func (tx *Tx) ProgramAt(shop commerce.ShopID, at commerce.Instant) (loyalty.Program, error) {
	var rows []struct {
		Version int    `db:"version"`
		Body    string `db:"body"`
	}
	err := tx.all(&rows, `SELECT version, body FROM loyalty_programs WHERE shop_id = $1 AND active_from <= $2 ORDER BY version DESC LIMIT 1`, shop, at)
	if err != nil || len(rows) == 0 {
		return loyalty.Program{}, err
	}
	return programOf(rows[0].Version, rows[0].Body)
}

// SaveProgram keeps rules as the program's next version, from now on; rev is
// that of the program as it was seen, 0 where there was none. Where somebody
// else was faster it is fault.Conflict.
func (s *Store) SaveProgram(ctx context.Context, shop commerce.ShopID, p loyalty.Program, rev int64, by string) (out Program, err error) {
	if err := p.Check(); err != nil {
		return Program{}, err
	}
	err = s.Transact(ctx, func(tx *Tx) error {
		now, version := tx.Now(), 0
		was, err := tx.program(shop)
		if err != nil {
			return err
		}
		text := `UPDATE loyalty SET version = version + 1, rev = rev + 1, nth = CASE WHEN nth < $3 THEN $3 ELSE nth END WHERE shop_id = $1 AND rev = $2 RETURNING version`
		if rev == 0 {
			text = `INSERT INTO loyalty (shop_id, state, version, rev, nth) VALUES ($1, 'draft', 1, 1 + $2, $3) ON CONFLICT (shop_id) DO NOTHING RETURNING version`
		}
		found, err := tx.one([]any{&version}, text, shop, rev, p.Nth())
		if err == nil && !found {
			err = fault.New(fault.Conflict, "somebody else has changed the program meanwhile: load the page again")
		}
		if err != nil {
			return err
		}
		body, err := json.Marshal(p)
		if err != nil {
			return err
		}
		if _, err := tx.exec(`INSERT INTO loyalty_programs (shop_id, version, body, active_from, by_whom) VALUES ($1, $2, $3, $4, $5)`,
			shop, version, string(body), now, by); err != nil {
			return err
		}
		if !reflect.DeepEqual(was.Tiers, p.Tiers) || was.Counts != p.Counts {
			if err := tx.lookAtTiers(shop); err != nil {
				return err
			}
		}
		if was.Months != p.Months || was.Rolling != p.Rolling || was.Notice != p.Notice {
			if _, err := tx.exec(`UPDATE loyalty_members SET places_at = $2 WHERE shop_id = $1 AND points <> 0`, shop, now); err != nil {
				return err
			}
		}
		out, err = tx.program(shop)
		return err
	})
	return out, err
}

// SetProgramState starts a program, pauses it or takes it up again. It gives
// points for what is sold from the first start on, but in pauses.
func (s *Store) SetProgramState(ctx context.Context, shop commerce.ShopID, to ProgramState, rev int64) error {
	return s.Transact(ctx, func(tx *Tx) error {
		was, err := tx.program(shop)
		if err != nil {
			return err
		}
		text := ""
		if pauses := was.pausedBy(to, tx.Now()); len(pauses) > 0 {
			data, err := json.Marshal(pauses)
			if err != nil {
				return err
			}
			text = string(data)
		}
		n, err := tx.exec(`UPDATE loyalty SET state = $3, rev = rev + 1, pauses = $5, live_at = CASE WHEN live_at = 0 AND $3 = 'live' THEN CAST($4 AS BIGINT) ELSE live_at END
			WHERE shop_id = $1 AND rev = $2`, shop, rev, to, tx.Now(), text)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "somebody else has changed the program meanwhile: load the page again")
		}
		return err
	})
}

// pausedBy are the pauses of a program whose state becomes another now.
func (p Program) pausedBy(to ProgramState, now commerce.Instant) []Pause {
	out := append([]Pause{}, p.Pauses...)
	last := len(out) - 1
	pausing := last >= 0 && out[last].Until == 0
	switch {
	case to != ProgramLive && !pausing && p.LiveAt != 0:
		out = append(out, Pause{From: now})
	case to == ProgramLive && pausing:
		out[last].Until = now
	}
	return out
}
