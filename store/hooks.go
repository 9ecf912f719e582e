package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// Endpoint is where a shop's outgoing webhooks go.
type Endpoint struct {
	Name       string
	URL        string
	Secrets    []string // opened, the newest first: the one before it counts for a day
	AddedAt    commerce.Instant
	RotatedAt  commerce.Instant // 0 = never
	DisabledAt commerce.Instant // 0 = in use
}

// keepSecret is how long the former secret still signs beside the new one.
const keepSecret = 24 * time.Hour

type hookRow struct {
	Name       string `db:"name"`
	URL        string `db:"url"`
	Secrets    []byte `db:"secrets"`
	CreatedAt  int64  `db:"created_at"`
	RotatedAt  int64  `db:"rotated_at"`
	DisabledAt int64  `db:"disabled_at"`
}

const hookColumns = `name, url, secrets, created_at, rotated_at, disabled_at`

func (s *Store) openHook(ctx context.Context, shop commerce.ShopID, r hookRow) (Endpoint, error) {
	e := Endpoint{
		Name: r.Name, URL: r.URL, AddedAt: commerce.Instant(r.CreatedAt), RotatedAt: commerce.Instant(r.RotatedAt), DisabledAt: commerce.Instant(r.DisabledAt),
	}
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return e, err
	}
	data, err := k.open(r.Secrets, "hook "+r.Name)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(data, &e.Secrets); err != nil {
		return e, fmt.Errorf("secrets of endpoint %s: %w", r.Name, err)
	}
	if len(e.Secrets) > 1 && s.Now() >= e.RotatedAt.Add(keepSecret) {
		e.Secrets = e.Secrets[:1]
	}
	return e, nil
}

func (s *Store) sealHook(ctx context.Context, shop commerce.ShopID, name string, secrets ...string) ([]byte, error) {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	return k.seal(data, "hook "+name)
}

// AddEndpoint keeps an endpoint under a name of its own; a name that is taken is fault.Conflict.
func (s *Store) AddEndpoint(ctx context.Context, shop commerce.ShopID, name, url, secret string) error {
	sealed, err := s.sealHook(ctx, shop, name, secret)
	if err != nil {
		return err
	}
	n, err := s.exec(ctx, `INSERT INTO hooks (shop_id, name, url, secrets, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, shop, name, url, sealed, s.Now())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "there is an endpoint %s already", name)
	}
	return err
}

// Endpoint returns an endpoint; a missing one is fault.NotFound.
func (s *Store) Endpoint(ctx context.Context, shop commerce.ShopID, name string) (Endpoint, error) {
	row, err := first[hookRow](s.query(ctx), fmt.Sprintf("there is no endpoint %s in this shop", name),
		`SELECT `+hookColumns+` FROM hooks WHERE shop_id = $1 AND name = $2`, shop, name)
	if err != nil {
		return Endpoint{}, err
	}
	return s.openHook(ctx, shop, row)
}

// ListEndpoints returns a shop's endpoints by name.
func (s *Store) ListEndpoints(ctx context.Context, shop commerce.ShopID) ([]Endpoint, error) {
	var rows []hookRow
	if err := s.query(ctx).all(&rows, `SELECT `+hookColumns+` FROM hooks WHERE shop_id = $1 ORDER BY name`, shop); err != nil {
		return nil, err
	}
	out := make([]Endpoint, len(rows))
	for i, r := range rows {
		e, err := s.openHook(ctx, shop, r)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

// RotateEndpoint gives an endpoint a new secret; the present one counts for another day.
func (s *Store) RotateEndpoint(ctx context.Context, shop commerce.ShopID, name, secret string) error {
	e, err := s.Endpoint(ctx, shop, name)
	if err != nil {
		return err
	}
	sealed, err := s.sealHook(ctx, shop, name, secret, e.Secrets[0])
	if err != nil {
		return err
	}
	return s.setHook(ctx, shop, name, `secrets = $3, rotated_at = $4`, sealed, s.Now())
}

// DisableEndpoint takes an endpoint out of use, or with false into use again: one that says it is gone is not asked any more.
func (s *Store) DisableEndpoint(ctx context.Context, shop commerce.ShopID, name string, off bool) error {
	at := commerce.Instant(0)
	if off {
		at = s.Now()
	}
	return s.setHook(ctx, shop, name, `disabled_at = $3`, at)
}

func (s *Store) setHook(ctx context.Context, shop commerce.ShopID, name, set string, args ...any) error {
	n, err := s.exec(ctx, `UPDATE hooks SET `+set+` WHERE shop_id = $1 AND name = $2`, append([]any{shop, name}, args...)...)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "there is no endpoint %s in this shop", name)
	}
	return err
}

// RemoveEndpoint forgets an endpoint; a missing one is fault.NotFound.
func (s *Store) RemoveEndpoint(ctx context.Context, shop commerce.ShopID, name string) error {
	n, err := s.exec(ctx, `DELETE FROM hooks WHERE shop_id = $1 AND name = $2`, shop, name)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "there is no endpoint %s in this shop", name)
	}
	return err
}
