package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// exportDays is how long a merchant may fetch what was gathered for a request.
const exportDays = 30

// PrivacyRequest is a request of the law and what became of it.
type PrivacyRequest struct {
	ID        string
	Shop      commerce.ShopID
	Kind      commerce.ErasureKind
	Platform  commerce.Platform   // that made it; "" = an operator did
	Subject   string              // the platform's customer id; "" = none was told, or they were erased since
	RequestID string              // the platform's own id of the request; "" = none was told
	Persons   []commerce.PersonID // those we knew of whom it names
	// ReceivedAt, DueAt and DoneAt are business time; DoneAt 0 = it is still open.
	// A shop's ReceivedAt is when the platform asked: only a return after that counts.
	ReceivedAt, DueAt, DoneAt commerce.Instant
	Export                    string // id for Export; "" = none, or it has expired
	Report                    Report
}

// Report says in figures what was done, without anybody's data.
type Report struct {
	Rows     map[string]int64 `json:"rows,omitempty"` // changed or removed, by table
	Finished bool             `json:"finished,omitempty"`
	Note     string           `json:"note,omitempty"` // why nothing was done
}

// add counts rows of a table.
func (r *Report) add(table string, n int64) {
	if n == 0 {
		return
	}
	if r.Rows == nil {
		r.Rows = map[string]int64{}
	}
	r.Rows[table] += n
}

type requestRow struct {
	ID         string `db:"id"`
	Shop       string `db:"shop_id"`
	Kind       string `db:"kind"`
	Platform   string `db:"platform"`
	Subject    string `db:"subject"`
	RequestID  string `db:"request_id"`
	Persons    string `db:"persons"`
	ReceivedAt int64  `db:"received_at"`
	DueAt      int64  `db:"due_at"`
	DoneAt     int64  `db:"done_at"`
	Export     string `db:"export_id"`
	Report     string `db:"report"`
}

func (r requestRow) request() (PrivacyRequest, error) {
	p := PrivacyRequest{
		ID: r.ID, Shop: commerce.ShopID(r.Shop), Kind: commerce.ErasureKind(r.Kind), Platform: commerce.Platform(r.Platform),
		Subject: r.Subject, RequestID: r.RequestID,
		ReceivedAt: commerce.Instant(r.ReceivedAt), DueAt: commerce.Instant(r.DueAt), DoneAt: commerce.Instant(r.DoneAt), Export: r.Export,
	}
	for text, into := range map[string]any{r.Persons: &p.Persons, r.Report: &p.Report} {
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return p, fmt.Errorf("privacy request %s: %w", r.ID, err)
		}
	}
	return p, nil
}

const requestColumns = `r.shop_id, r.id, r.kind, r.platform, r.subject, r.request_id, r.persons, r.received_at, r.due_at, r.done_at, r.report, COALESCE(e.id, '') AS export_id
	FROM privacy_requests r LEFT JOIN exports e ON e.shop_id = r.shop_id AND e.id = r.export_id AND e.expires_at >= $2`

func (s *Store) requests(ctx context.Context, where string, args ...any) ([]PrivacyRequest, error) {
	var rows []requestRow
	if err := s.query(ctx).all(&rows, `SELECT `+requestColumns+` WHERE `+where, args...); err != nil {
		return nil, err
	}
	out := make([]PrivacyRequest, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.request(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// PrivacyRequests lists a shop's requests, the newest first, at most limit.
func (s *Store) PrivacyRequests(ctx context.Context, shop commerce.ShopID, limit int) ([]PrivacyRequest, error) {
	return s.requests(ctx, `r.shop_id = $1 ORDER BY r.received_at DESC, r.id DESC LIMIT $3`, shop, s.Now(), limit)
}

// PrivacyRequest returns one request by our id or the platform's; a missing one is fault.NotFound.
func (s *Store) PrivacyRequest(ctx context.Context, shop commerce.ShopID, id string) (PrivacyRequest, error) {
	found, err := s.requests(ctx, `r.shop_id = $1 AND (r.id = $3 OR r.request_id = $3 AND $3 <> '') ORDER BY r.received_at DESC LIMIT 1`, shop, s.Now(), id)
	if err != nil || len(found) == 0 {
		if err == nil {
			err = fault.New(fault.NotFound, "there is no request %s in this shop", id)
		}
		return PrivacyRequest{}, err
	}
	return found[0], nil
}

// OpenRequests lists requests for data, of every shop, that nobody has answered
// yet, the first due first.
func (s *Store) OpenRequests(ctx context.Context, limit int) ([]PrivacyRequest, error) {
	return s.requests(ctx, `r.kind = $1 AND r.done_at = 0 ORDER BY r.due_at, r.id LIMIT $3`, commerce.ReportData, s.Now(), limit)
}

// OpenShopRequests lists requests that a shop be erased, of every shop, that are
// not carried out: another platform is connected still, or a worker was lost.
func (s *Store) OpenShopRequests(ctx context.Context) ([]PrivacyRequest, error) {
	return s.requests(ctx, `r.kind = $1 AND r.done_at = 0 ORDER BY r.received_at, r.id`, commerce.EraseShop, s.Now())
}

// AddPrivacyRequest keeps a request. Its ID and ReceivedAt are filled in, and
// returned, where they are empty.
func (tx *Tx) AddPrivacyRequest(shop commerce.ShopID, p PrivacyRequest) (PrivacyRequest, error) {
	if p.ID == "" {
		p.ID = NewID()
	}
	if p.ReceivedAt == 0 {
		p.ReceivedAt = tx.store.Now()
	}
	p.Shop = shop
	persons, report := "", ""
	if len(p.Persons) > 0 {
		data, _ := json.Marshal(p.Persons) // texts and figures always encode
		persons = string(data)
	}
	if p.DoneAt != 0 {
		data, _ := json.Marshal(p.Report)
		report = string(data)
	}
	_, err := tx.exec(`INSERT INTO privacy_requests (shop_id, id, kind, platform, subject, request_id, persons, received_at, due_at, done_at, report)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, shop, p.ID, p.Kind, p.Platform, p.Subject, p.RequestID, persons, p.ReceivedAt, p.DueAt, p.DoneAt, report)
	return p, err
}

// FinishRequest marks an open request as done without an export, with what was done for it.
func (s *Store) FinishRequest(ctx context.Context, shop commerce.ShopID, id string, r Report) error {
	data, _ := json.Marshal(r)
	_, err := s.exec(ctx, `UPDATE privacy_requests SET done_at = $3, report = $4 WHERE shop_id = $1 AND id = $2 AND done_at = 0`, shop, id, s.Now(), string(data))
	return err
}

// SaveExport seals what was gathered for an open request and marks that as
// done. One that is done already, as after a crash, or whose persons were erased
// meanwhile, keeps nothing: it gives false.
func (s *Store) SaveExport(ctx context.Context, p PrivacyRequest, body []byte) (bool, error) {
	k, err := s.dataKey(ctx, p.Shop)
	if err != nil {
		return false, err
	}
	id := NewID()
	sealed, err := k.seal(body, "export "+id)
	if err != nil {
		return false, err
	}
	asked, first := "", commerce.PersonID("")
	if len(p.Persons) > 0 {
		data, _ := json.Marshal(p.Persons)
		asked, first = string(data), p.Persons[0]
	}
	saved := false
	err = s.Transact(ctx, func(tx *Tx) error {
		saved = false
		now := s.Now()
		n, err := tx.exec(`UPDATE privacy_requests SET done_at = $3, export_id = $4 WHERE shop_id = $1 AND id = $2 AND done_at = 0 AND persons = $5`,
			p.Shop, p.ID, now, id, asked)
		if err != nil || n == 0 {
			return err
		}
		saved = true
		_, err = tx.exec(`INSERT INTO exports (shop_id, id, person_id, body, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			p.Shop, id, first, sealed, now, now.Add(exportDays*24*time.Hour))
		return err
	})
	return saved, err
}

// Export returns what was gathered for a request, as the JSON that package
// privacy reads; one that is missing or has expired is fault.NotFound.
func (s *Store) Export(ctx context.Context, shop commerce.ShopID, id string) ([]byte, error) {
	var sealed []byte
	found, err := s.query(ctx).one([]any{&sealed}, `SELECT body FROM exports WHERE shop_id = $1 AND id = $2 AND expires_at >= $3`, shop, id, s.Now())
	if err == nil && !found {
		err = fault.New(fault.NotFound, "this export is not kept any more: ask for the data again")
	}
	if err != nil {
		return nil, err
	}
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return nil, err
	}
	return k.open(sealed, "export "+id)
}
