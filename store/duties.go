package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
	"flywheel/fault"
)

// ShopConnection names a connection of a shop.
type ShopConnection struct {
	Shop       commerce.ShopID       `db:"shop_id"`
	Connection commerce.ConnectionID `db:"connection_id"`
}

// duty is a table with one row a connection for work that one worker at a time
// does under a lease. Only a connection that is open, with a token that the
// platform accepts, has work done: a reopened app goes on at once.
type duty string

const (
	backfills       duty = "backfills"
	reconciliations duty = "reconciliations"
)

// can is whether the connection c of the row d lets work be done.
const can = `c.closed_at = 0 AND c.token_state = ''`

// due lists rows whose next_at has come, the longest due first.
func (d duty) due(ctx context.Context, s *Store, now commerce.Instant, limit int) ([]ShopConnection, error) {
	var out []ShopConnection
	err := s.query(ctx).all(&out, `SELECT d.shop_id, d.connection_id FROM `+string(d)+` d
		JOIN connections c ON c.id = d.connection_id AND c.shop_id = d.shop_id
		WHERE d.next_at > 0 AND d.next_at <= $1 AND d.lease_until < $2 AND `+can+` ORDER BY d.next_at LIMIT $3`, now, realNow(), limit)
	return out, err
}

// lease takes a due row for owner; false means that it is not due or somebody else has it.
func (d duty) lease(ctx context.Context, s *Store, shop commerce.ShopID, c commerce.ConnectionID, owner string, now commerce.Instant) (bool, error) {
	n, err := s.exec(ctx, `UPDATE `+string(d)+` SET lease_owner = $3, lease_until = $4
		WHERE shop_id = $1 AND connection_id = $2 AND next_at > 0 AND next_at <= $5 AND lease_until < $6`, shop, c, owner, realNow().Add(leaseTime), now, realNow())
	return n == 1, err
}

// release gives a row back before its lease ends.
func (d duty) release(ctx context.Context, s *Store, shop commerce.ShopID, c commerce.ConnectionID, owner string) error {
	_, err := s.exec(ctx, `UPDATE `+string(d)+` SET lease_owner = '', lease_until = 0 WHERE shop_id = $1 AND connection_id = $2 AND lease_owner = $3`, shop, c, owner)
	return err
}

// set changes a row that owner still has and renews its lease, else fault.Conflict. The values begin at $5.
func (d duty) set(tx *Tx, shop commerce.ShopID, c commerce.ConnectionID, owner, columns string, values ...any) error {
	n, err := tx.exec(`UPDATE `+string(d)+` SET lease_until = $4, `+columns+` WHERE shop_id = $1 AND connection_id = $2 AND lease_owner = $3`,
		append([]any{shop, c, owner, realNow().Add(leaseTime)}, values...)...)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "somebody else has taken over the %s of connection %s", d, c)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", d, err)
	}
	return nil
}
