package store

import (
	"database/sql"
	"encoding/json"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
)

var addLedger = newBatch(`shop_id text, person_id text, seq bigint, id text, kind text, cause_kind text, cause_id text, rule text, ordinal bigint,
	pending bigint, points bigint, forgiven bigint, terms text, at bigint, expires_at bigint, by_whom text, note text, balance bigint`,
	`INSERT INTO ledger (shop_id, person_id, seq, id, kind, cause_kind, cause_id, rule, ordinal, pending, points, forgiven, terms, at, expires_at, by_whom, note, balance)
	{insert} ON CONFLICT DO NOTHING RETURNING id`)

// PostLedger adds rows to the ledger of a member who is locked, in their order,
// and brings balance and awards up to date. policy is the shop's of today. What
// is of no rule, such as an act of staff or what a reward costs, is posted once
// for its cause: a repeat adds nothing. Rows of an award that is begun already
// as if it were not, or that is not to be seen as theirs, are fault.Conflict;
// where somebody else posts for the same cause at this moment it is fault.Temporary.
func (tx *Tx) PostLedger(shop commerce.ShopID, m LoyaltyMember, rows []loyalty.Row, policy loyalty.Policy) (LoyaltyMember, error) {
	if len(rows) == 0 {
		return m, nil
	}
	circles, err := tx.circles(shop, []commerce.PersonID{m.Person})
	if err != nil {
		return m, err
	}
	before, err := tx.ledgerOf(shop, circles[m.Person])
	if err != nil {
		return m, err
	}
	p := posting{tx: tx, shop: shop, circle: circles[m.Person], ordinals: map[ledgerKey]int64{}}
	if err := p.read(before, rows); err != nil {
		return m, err
	}
	if rows, err = p.fresh(rows); err != nil || len(rows) == 0 {
		return m, err
	}
	batch := make([][]any, len(rows))
	for i := range rows {
		r := &rows[i]
		r.ID = NewID()
		m.seq = max(m.seq+1, int64(realNow())*1000)
		m.Points += r.Points
		terms := ""
		if r.Terms != nil {
			data, err := json.Marshal(r.Terms)
			if err != nil {
				return m, err
			}
			terms = string(data)
		}
		batch[i] = []any{
			shop, m.Person, m.seq, r.ID, r.Kind, r.Cause.Kind, r.Cause.ID, r.Rule, p.ordinal(*r),
			r.Pending, r.Points, r.Forgiven, terms, r.At, r.ExpiresAt, r.By, r.Note, m.Points,
		}
	}
	if err := tx.addRows(batch); err != nil {
		return m, err
	}
	if err := tx.saveAwards(shop, m.Person, append(rowsOf(p.about), rows...)); err != nil {
		return m, err
	}
	return tx.saveBalance(shop, m, loyalty.Replay(append(rowsOf(before), rows...)), policy)
}

// addRows adds all of them or, where the table has the like of one, fails.
func (tx *Tx) addRows(batch [][]any) error {
	added := 0
	err := tx.run(addLedger, batch, func(*sql.Rows) error { added++; return nil })
	if err == nil && added < len(batch) {
		err = fault.New(fault.Temporary, "points for the same are given at this moment: try again")
	}
	return err
}

// posting is what is looked at before rows are posted.
type posting struct {
	tx       *Tx
	shop     commerce.ShopID
	circle   []commerce.PersonID // whose ledger it is
	about    []LedgerRow         // all rows of the causes, whoever holds them
	ordinals map[ledgerKey]int64
}

// ledgerKey is what a row is known by beside its ordinal.
type ledgerKey struct {
	kind  loyalty.Kind
	cause loyalty.Cause
	rule  string
}

func keyOf(r loyalty.Row) ledgerKey { return ledgerKey{r.Kind, r.Cause, r.Rule} }

// once reports whether a row is posted once for its cause: what begins an award,
// and what is of no rule. A lot may end again, where what was spent of it came back.
func once(r loyalty.Row) bool {
	return r.Terms != nil || r.Rule == "" && r.Cause.Kind != loyalty.OfLot
}

// read reads what rows are about: their causes' rows, and of lots that end those of the awards that made them.
func (p *posting) read(before []LedgerRow, rows []loyalty.Row) error {
	causes := map[loyalty.Cause]bool{}
	for _, r := range rows {
		causes[r.Cause] = true
	}
	for _, r := range before {
		if causes[loyalty.Cause{Kind: loyalty.OfLot, ID: r.ID}] {
			causes[r.Cause] = true
		}
	}
	var err error
	if p.about, err = p.tx.rowsAbout(p.shop, causes); err != nil {
		return err
	}
	for _, r := range p.about {
		p.ordinals[keyOf(r.Row)]++
	}
	return nil
}

// rowsAbout reads all rows of causes, and those that end lots of theirs, in the order in which they were posted.
func (tx *Tx) rowsAbout(shop commerce.ShopID, causes map[loyalty.Cause]bool) (out []LedgerRow, err error) {
	ids := map[loyalty.CauseKind][]string{}
	for c := range causes {
		ids[c.Kind] = append(ids[c.Kind], c.ID)
	}
	read := func(kind loyalty.CauseKind, ids []string) error {
		rows, err := tx.ledger(`shop_id = $1 AND cause_kind = $2 AND cause_id `+tx.in(3), shop, kind, list(&tx.query, ids))
		out = append(out, rows...)
		return err
	}
	var lots []string
	for kind, of := range ids {
		if err := read(kind, of); err != nil {
			return nil, err
		}
	}
	for _, r := range out {
		if lot := (loyalty.Cause{Kind: loyalty.OfLot, ID: r.ID}); r.Points > 0 && !causes[lot] {
			lots = append(lots, r.ID)
		}
	}
	if len(lots) > 0 {
		if err := read(loyalty.OfLot, lots); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b LedgerRow) int { return laterFirst(b, a) })
	return out, nil
}

// fresh leaves out what was posted already, and refuses what cannot be posted.
func (p *posting) fresh(rows []loyalty.Row) (out []loyalty.Row, err error) {
	begun := map[ledgerKey]bool{} // by this posting
	for _, r := range rows {
		award := ledgerKey{cause: r.Cause, rule: r.Rule}
		switch first := p.begins(r); {
		case r.Rule == "":
			if once(r) && p.ordinals[keyOf(r)] > 0 {
				continue
			}
		case r.Terms != nil && (first != nil || begun[award]):
			return nil, fault.New(fault.Conflict, "points for %s %s are given by %q already", r.Cause.Kind, r.Cause.ID, r.Rule)
		case r.Terms != nil:
			begun[award] = true
		case begun[award]:
		case first == nil:
			return nil, fault.New(fault.Conflict, "nothing was given for %s %s by %q", r.Cause.Kind, r.Cause.ID, r.Rule)
		case !slices.Contains(p.circle, first.Person):
			return nil, fault.New(fault.Conflict, "what was given for %s %s is somebody else's", r.Cause.Kind, r.Cause.ID)
		}
		out = append(out, r)
	}
	return out, nil
}

// ordinal numbers a row among its like: what is posted once begins at 0 always,
// so that the table refuses it a second time.
func (p *posting) ordinal(r loyalty.Row) int64 {
	n := p.ordinals[keyOf(r)]
	p.ordinals[keyOf(r)]++
	return n
}

// begins is the row that began the award which a row is of; nil = there is none.
func (p *posting) begins(r loyalty.Row) *LedgerRow {
	for i, b := range p.about {
		if b.Cause == r.Cause && b.Rule == r.Rule && b.Terms != nil {
			return &p.about[i]
		}
	}
	return nil
}

func (tx *Tx) saveBalance(shop commerce.ShopID, m LoyaltyMember, b loyalty.Balance, policy loyalty.Policy) (LoyaltyMember, error) {
	m.Pending, m.Points, m.Earned, m.ActiveAt = b.Pending, b.Points, b.Earned, b.ActiveAt
	m.EndsAt, m.Ending = b.Ending(policy)
	notice := commerce.Instant(0)
	if m.EndsAt != 0 {
		notice = max(1, policy.NoticeBy(m.EndsAt))
	}
	_, err := tx.exec(`UPDATE loyalty_members SET seq = $3, pending = $4, points = $5, earned = $6, active_at = $7, ends_at = $8, ending = $9,
		notice_at = CASE WHEN noticed = $8 THEN 0 ELSE CAST($10 AS BIGINT) END WHERE shop_id = $1 AND person_id = $2`,
		shop, m.Person, m.seq, m.Pending, m.Points, m.Earned, m.ActiveAt, m.EndsAt, m.Ending, notice)
	return m, err
}

// RebuildMember makes somebody's balance anew from their rows, as after a merge
// or where the policy has changed, and reports whether it was another.
func (tx *Tx) RebuildMember(shop commerce.ShopID, person commerce.PersonID, policy loyalty.Policy) (differs bool, err error) {
	found, err := tx.LockMembers(shop, []commerce.PersonID{person})
	if err != nil {
		return false, err
	}
	rows, err := tx.Ledger(shop, person)
	if err != nil {
		return false, err
	}
	was := found[person]
	is, err := tx.saveBalance(shop, was, loyalty.Replay(rows), policy)
	return was.Pending != is.Pending || was.Points != is.Points || was.Earned != is.Earned, err
}
