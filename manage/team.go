package manage

import (
	"context"
	"fmt"

	"flywheel/commerce"
	"flywheel/integrations/slack"
	"flywheel/store"
)

// SetSlack has a shop's team told by an incoming webhook of Slack, or of what
// takes the same, beside mail. Only https to a public host is taken. The address
// is a secret and never shown again. Errors are fault.Invalid and fault.NotFound.
func (k Desk) SetSlack(ctx context.Context, shop commerce.ShopID, address string) error {
	if err := slack.CheckURL(address, false); err != nil {
		return err
	}
	return k.Store.SetTeamChannel(ctx, shop, store.NoticeSlack, address)
}

// DropSlack ends that; where it was not set, it is fault.NotFound.
func (k Desk) DropSlack(ctx context.Context, shop commerce.ShopID) error {
	return k.Store.DropTeamChannel(ctx, shop, store.NoticeSlack)
}

// TestTeam has the team told that this is a test, by all its channels. Within a
// minute one does. A worker tells it.
func (k Desk) TestTeam(ctx context.Context, shop commerce.ShopID) error {
	if _, err := k.Store.Shop(ctx, shop); err != nil {
		return err
	}
	subject := fmt.Sprintf("test %d", int64(k.Store.Now())/trialPause.Milliseconds())
	return k.Store.Transact(ctx, func(tx *store.Tx) error { return tx.AddNotice(shop, store.NoticeTest, subject, nil) })
}
