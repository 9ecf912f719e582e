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

// whileAble is a value for next_at, where work can be done: else the row rests.
func whileAble(value string) string {
	return `CASE WHEN EXISTS (SELECT 1 FROM connections c WHERE c.shop_id = $1 AND c.id = $2 AND ` + can + `) THEN CAST(` + value + ` AS BIGINT) ELSE 0 END`
}

// rest has a connection's rows wait for wake, so that nobody who looks for what
// is due walks over all that can never be.
func (tx *Tx) rest(shop commerce.ShopID, c commerce.ConnectionID) error {
	for _, d := range []duty{backfills, reconciliations} {
		if _, err := tx.exec(`UPDATE `+string(d)+` SET next_at = 0 WHERE shop_id = $1 AND connection_id = $2`, shop, c); err != nil {
			return err
		}
	}
	return nil
}

// wake makes due at once what rests of a connection that has tokens again.
func (tx *Tx) wake(shop commerce.ShopID, c commerce.ConnectionID) error {
	_, err := tx.exec(`UPDATE backfills SET next_at = $3 WHERE shop_id = $1 AND connection_id = $2 AND next_at = 0 AND finished_at = 0`, shop, c, realNow())
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE reconciliations SET next_at = $3 WHERE shop_id = $1 AND connection_id = $2 AND next_at = 0`, shop, c, tx.store.Now())
	return err
}

// set changes a row that owner still has and renews its lease, else fault.Conflict. The values begin at $5.
func (d duty) set(tx *Tx, shop commerce.ShopID, c commerce.ConnectionID, owner, columns string, values ...any) error {
	return d.setWhile(tx, shop, c, owner, `1 = 1`, columns, values...)
}

// setWhile is set where a condition holds, else fault.Conflict too.
func (d duty) setWhile(tx *Tx, shop commerce.ShopID, c commerce.ConnectionID, owner, condition, columns string, values ...any) error {
	n, err := tx.exec(`UPDATE `+string(d)+` SET lease_until = $4, `+columns+`
		WHERE shop_id = $1 AND connection_id = $2 AND lease_owner = $3 AND `+condition,
		append([]any{shop, c, owner, realNow().Add(leaseTime)}, values...)...)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "somebody else has taken over the %s of connection %s", d, c)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", d, err)
	}
	return nil
}
