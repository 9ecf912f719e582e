package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/fault"
)

// TeamChannel is where a shop's team is told, beside mail.
type TeamChannel struct {
	Kind     NoticeChannel
	Address  string // opened: whoever has it may write there
	MadeAt   commerce.Instant
	FailedAt commerce.Instant // since when it takes nothing any more; 0 = it is in use
	Note     string           // why
}

func channelSeal(shop commerce.ShopID, kind NoticeChannel) string {
	return "team channel " + string(shop) + " " + string(kind)
}

// SetTeamChannel keeps where a shop's team is told, in place of what was there.
func (s *Store) SetTeamChannel(ctx context.Context, shop commerce.ShopID, kind NoticeChannel, address string) error {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return err
	}
	sealed, err := k.seal([]byte(address), channelSeal(shop, kind))
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, `INSERT INTO team_channels (shop_id, kind, sealed, made_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (shop_id, kind) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at, failed_at = 0, note = ''`, shop, kind, sealed, s.Now())
	return err
}

// TeamChannel returns where a shop's team is told; fault.NotFound where it has chosen no such channel.
func (s *Store) TeamChannel(ctx context.Context, shop commerce.ShopID, kind NoticeChannel) (TeamChannel, error) {
	type row struct {
		Sealed   []byte           `db:"sealed"`
		MadeAt   commerce.Instant `db:"made_at"`
		FailedAt commerce.Instant `db:"failed_at"`
		Note     string           `db:"note"`
	}
	r, err := first[row](s.query(ctx), "the team has no channel "+string(kind), `SELECT sealed, made_at, failed_at, note FROM team_channels WHERE shop_id = $1 AND kind = $2`, shop, kind)
	if err != nil {
		return TeamChannel{}, err
	}
	c := TeamChannel{Kind: kind, MadeAt: r.MadeAt, FailedAt: r.FailedAt, Note: r.Note}
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return c, err
	}
	address, err := k.open(r.Sealed, channelSeal(shop, kind))
	c.Address = string(address)
	return c, err
}

// DropTeamChannel forgets a channel and what was still to be told by it; a missing one is fault.NotFound.
func (s *Store) DropTeamChannel(ctx context.Context, shop commerce.ShopID, kind NoticeChannel) error {
	return s.Transact(ctx, func(tx *Tx) error {
		n, err := tx.exec(`DELETE FROM team_channels WHERE shop_id = $1 AND kind = $2`, shop, kind)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "the team has no channel %s", kind)
		}
		if err != nil {
			return err
		}
		return tx.dropNotices(shop, kind, "the channel was switched off")
	})
}

// FailTeamChannel takes a channel out of use that takes nothing any more, with
// why, unless it has been given another address meanwhile: madeAt tells. What
// was still to be told by it is given up.
func (s *Store) FailTeamChannel(ctx context.Context, shop commerce.ShopID, kind NoticeChannel, madeAt commerce.Instant, note string) error {
	return s.Transact(ctx, func(tx *Tx) error {
		n, err := tx.exec(`UPDATE team_channels SET failed_at = $4, note = $5 WHERE shop_id = $1 AND kind = $2 AND made_at = $3 AND failed_at = 0`, shop, kind, madeAt, s.Now(), note)
		if err != nil || n == 0 {
			return err
		}
		return tx.dropNotices(shop, kind, note)
	})
}

func (tx *Tx) dropNotices(shop commerce.ShopID, kind NoticeChannel, note string) error {
	_, err := tx.exec(`UPDATE notices SET state = $3, done_at = $4, note = $5, `+forgetNote+` WHERE shop_id = $1 AND channel = $2 AND state = 'due'`,
		shop, kind, NoticeFailed, tx.store.Now(), note)
	return err
}
