package store

import (
	"context"
	"encoding/json"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

// EstimateKind says what an estimate counts.
type EstimateKind string

// The kinds of estimates.
const (
	EstimateReplay    EstimateKind = "replay"    // who would have got a campaign in the last days
	EstimateCondition EstimateKind = "condition" // for how many a condition holds
	EstimateWheel     EstimateKind = "wheel"     // how fast the shop's wheel turns
	EstimateDays      EstimateKind = "days"      // what became of campaigns, day by day
)

// EstimateState says how far an estimate is.
type EstimateState string

// The states of estimates.
const (
	EstimateAsked   EstimateState = "asked"
	EstimateRunning EstimateState = "running"
	EstimateDone    EstimateState = "done"
	EstimateFailed  EstimateState = "failed"
)

// Open reports whether its answer is still to come.
func (s EstimateState) Open() bool { return s == EstimateAsked || s == EstimateRunning }

// Estimate is a question whose answer takes a while, with how far it has come.
type Estimate struct {
	Shop     commerce.ShopID
	ID       string
	Kind     EstimateKind
	Campaign campaign.CampaignID // "" = none
	Question json.RawMessage     // its exact bytes are what the asker gave
	State    EstimateState
	Position string // the last id that is done
	Seen     int64
	Expected int64           // 0 = not known
	Answer   json.RawMessage // so far; "{}" before
	Note     string          // why it failed
	AskedAt  commerce.Instant
	DoneAt   commerce.Instant
}

type estimateRow struct {
	Shop     string           `db:"shop_id"`
	ID       string           `db:"id"`
	Kind     string           `db:"kind"`
	Campaign string           `db:"campaign_id"`
	Question string           `db:"question"`
	State    string           `db:"state"`
	Position string           `db:"position"`
	Seen     int64            `db:"seen"`
	Expected int64            `db:"expected"`
	Answer   string           `db:"answer"`
	Note     string           `db:"note"`
	AskedAt  commerce.Instant `db:"asked_at"`
	DoneAt   commerce.Instant `db:"done_at"`
}

const estimateColumns = `shop_id, id, kind, campaign_id, question, state, position, seen, expected, answer, note, asked_at, done_at`

func (r estimateRow) estimate() Estimate {
	return Estimate{
		Shop: commerce.ShopID(r.Shop), ID: r.ID, Kind: EstimateKind(r.Kind), Campaign: campaign.CampaignID(r.Campaign), Question: json.RawMessage(r.Question),
		State: EstimateState(r.State), Position: r.Position, Seen: r.Seen, Expected: r.Expected, Answer: json.RawMessage(r.Answer), Note: r.Note,
		AskedAt: r.AskedAt, DoneAt: r.DoneAt,
	}
}

// maxOpenEstimates is how many questions of a shop may wait at once.
const maxOpenEstimates = 10

// AskEstimate keeps a question and returns its id. The same question of a
// campaign asked again before it is answered is that one. A shop with more than
// ten open is fault.Conflict.
func (s *Store) AskEstimate(ctx context.Context, shop commerce.ShopID, e Estimate) (id string, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		var open []struct {
			ID       string `db:"id"`
			Kind     string `db:"kind"`
			Campaign string `db:"campaign_id"`
			Question string `db:"question"`
		}
		if _, err := tx.Shop(shop); err != nil {
			return err
		}
		if err := tx.all(&open, `SELECT id, kind, campaign_id, question FROM estimates WHERE shop_id = $1 AND state IN ('asked', 'running')`, shop); err != nil {
			return err
		}
		for _, o := range open {
			if o.Kind == string(e.Kind) && o.Campaign == string(e.Campaign) && o.Question == string(e.Question) {
				id = o.ID
				return nil
			}
		}
		if len(open) >= maxOpenEstimates {
			return fault.New(fault.Conflict, "%d questions of this shop are being worked on: wait for one of them", len(open))
		}
		id = NewID()
		_, err := tx.exec(`INSERT INTO estimates (shop_id, id, kind, campaign_id, question, state, asked_at) VALUES ($1, $2, $3, $4, $5, 'asked', $6)`,
			shop, id, e.Kind, e.Campaign, string(e.Question), s.Now())
		return err
	})
	return id, err
}

// LastEstimate is the newest of a kind of a campaign, finished or not; question
// nil = any, else only one asked in these bytes. false = there is none.
func (s *Store) LastEstimate(ctx context.Context, shop commerce.ShopID, kind EstimateKind, c campaign.CampaignID, question []byte) (Estimate, bool, error) {
	var rows []estimateRow
	err := s.query(ctx).all(&rows, `SELECT `+estimateColumns+` FROM estimates WHERE shop_id = $1 AND campaign_id = $2 AND kind = $3
		AND ($4 = '' OR question = $4) ORDER BY asked_at DESC, id DESC LIMIT 1`, shop, c, kind, string(question))
	if err != nil || len(rows) == 0 {
		return Estimate{}, false, err
	}
	return rows[0].estimate(), true, nil
}

// NextEstimate leases the oldest open estimate that nobody works on; false = there is none.
func (s *Store) NextEstimate(ctx context.Context) (e Estimate, found bool, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		found = false
		now := realNow()
		var rows []estimateRow
		if err := tx.all(&rows, `SELECT `+estimateColumns+` FROM estimates WHERE (state = 'asked' OR state = 'running') AND lease_until < $1
			ORDER BY asked_at, id LIMIT 1`+tx.forUpdate(), now); err != nil || len(rows) == 0 {
			return err
		}
		e = rows[0].estimate()
		n, err := tx.exec(`UPDATE estimates SET state = 'running', lease_until = $3 WHERE shop_id = $1 AND id = $2 AND lease_until < $4`,
			e.Shop, e.ID, now.Add(leaseTime), now)
		found = n == 1
		return err
	})
	return e, found, err
}

// EstimatesOpen reports whether any estimate waits for a worker.
func (s *Store) EstimatesOpen(ctx context.Context) (bool, error) {
	var n int
	_, err := s.query(ctx).one([]any{&n}, `SELECT COUNT(*) FROM (SELECT 1 FROM estimates WHERE (state = 'asked' OR state = 'running') AND lease_until < $1 LIMIT 1) e`, realNow())
	return n > 0, err
}

// SaveEstimate keeps how far an estimate has come from position was, and renews
// its lease while it is open. It is fault.Conflict if another worker has moved it on.
func (s *Store) SaveEstimate(ctx context.Context, shop commerce.ShopID, e Estimate, was string) error {
	until, done := realNow().Add(leaseTime), commerce.Instant(0)
	if !e.State.Open() {
		until, done = 0, s.Now()
	}
	n, err := s.exec(ctx, `UPDATE estimates SET state = $3, position = $4, seen = $5, expected = $6, answer = $7, note = $8, lease_until = $9, done_at = $10
		WHERE shop_id = $1 AND id = $2 AND position = $11 AND state = 'running'`, shop, e.ID, e.State, e.Position, e.Seen, e.Expected, string(e.Answer), e.Note, until, done, was)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "another worker has taken over this question")
	}
	return err
}

// ReleaseEstimate gives an estimate back before its lease ends.
func (s *Store) ReleaseEstimate(ctx context.Context, shop commerce.ShopID, id string) error {
	_, err := s.exec(ctx, `UPDATE estimates SET lease_until = 0 WHERE shop_id = $1 AND id = $2 AND state = 'running'`, shop, id)
	return err
}

// CountFor counts a shop's orders, or its persons. It reads a whole index: for jobs, never for a page.
func (s *Store) CountFor(ctx context.Context, shop commerce.ShopID, persons bool) (n int64, err error) {
	text := `SELECT COUNT(*) FROM orders WHERE shop_id = $1`
	if persons {
		text = `SELECT COUNT(*) FROM persons WHERE shop_id = $1 AND merged_into = ''`
	}
	_, err = s.query(ctx).one([]any{&n}, text, shop)
	return n, err
}
