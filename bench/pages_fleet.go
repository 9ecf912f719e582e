package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/delight/measure"
	"flywheel/store"
)

// fleetSize is how many shops the agency has beside the large one: a fifth of
// them send more in a week than is counted.
const fleetSize = 300

// addFleet makes an agency with its shops and gives its owner the large one too.
func (f *filling) addFleet(ctx context.Context) error {
	errs, ids := make([]error, 16), make([]commerce.ShopID, fleetSize)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			for k := i; k < fleetSize && errs[i] == nil; k += len(errs) {
				shop := usualShop()
				shop.Name = fmt.Sprintf("Shop %03d", k)
				ids[k], errs[i] = f.store.AddShop(ctx, shop)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	err := f.store.Transact(ctx, func(tx *store.Tx) error {
		u, err := tx.MakeUser(pagesOwner)
		if err != nil {
			return err
		}
		agency, err := tx.AddAccount("Agency", "agency")
		if err != nil {
			return err
		}
		if err := tx.SetMember(agency, u.ID, commerce.RoleOwner); err != nil {
			return err
		}
		for _, id := range append(ids, f.shop) {
			if err := tx.GrantShop(id, agency, commerce.RoleOwner, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	words := strings.NewReplacer("{SHOPS}", fmt.Sprintf(`(SELECT id AS s, substr(name, 6)::bigint AS i FROM shops WHERE id <> '%s') s`, f.shop), "{NOW}", fmt.Sprintf("%d::bigint", f.now), "{DAY}", fmt.Sprintf("%d::bigint", dayMS))
	for _, text := range fleetRows {
		if err := f.run(ctx, words.Replace(text)); err != nil {
			return err
		}
	}
	return nil
}

var fleetRows = []string{
	`
	INSERT INTO connections (id, shop_id, platform, external_id, live, secrets, token, installed_at, granted_at, token_state)
	SELECT 'c' || i, s, 'shopify', 'shop' || i || '.myshopify.com', 1, '', '', {NOW}, {NOW}, CASE WHEN i % 25 = 0 THEN 'revoked' ELSE '' END FROM {SHOPS}`, `
	INSERT INTO inbox (shop_id, id, connection_id, platform, topic, external_id, triggered_at, received_at, order_ref, customer_ref, email_hash, state)
	SELECT s, fill_id({NOW} - n * 3600000, i * 1000 + n, 'inbox'), 'c' || i, 'shopify', 'orders/paid', 'x' || n, 0, {NOW} - n * 3600000, '', '', '', CASE WHEN n = 5 AND i % 10 = 0 THEN 2 ELSE 1 END
	FROM {SHOPS}, generate_series(1, 100) n`, `
	INSERT INTO effects (shop_id, id, enrollment_id, step_id, kind, class, topic, campaign_id, person_id, order_id, address_hash, connection_id, epoch, state, dispatch, enrollment_rev, order_rev, person_rev,
		claimed_at, sending_at, done_at, parked)
	SELECT s, fill_id({NOW} - ms, i * 10000 + n, 'effect'), 'e' || n, 'thanks', 'send_email', 'transactional', 'orders', 'thank_you', 'p' || n, 'o' || n, 'h' || n, 'c' || i, 1,
		CASE WHEN n = 3 AND i % 12 = 0 THEN 'unknown' ELSE 'sent' END, 1, 1, 1, 1, {NOW} - ms, {NOW} - ms, {NOW} - ms, CASE WHEN n = 3 AND i % 12 = 0 THEN 1 ELSE 0 END
	FROM {SHOPS}, generate_series(1, CASE WHEN i % 5 = 0 THEN 2000 ELSE 60 END) n, LATERAL (SELECT (14 * {DAY} * fill_r(i * 10000 + n, 5))::bigint AS ms) a`, `
	INSERT INTO decisions (shop_id, campaign_id, entry_key, step_id, reason, person_id, answer, detail, until_at, times, first_at, last_at)
	SELECT s, 'review_request', 'order:o' || n, 'ask', 'no_consent', 'p' || n, 'hold', '', 0, 1, {NOW} - ms, {NOW} - ms
	FROM {SHOPS}, generate_series(1, CASE WHEN i % 5 = 0 THEN 500 ELSE 20 END) n, LATERAL (SELECT (14 * {DAY} * fill_r(i * 10000 + n, 6))::bigint AS ms) a`, `
	INSERT INTO senders (shop_id, kind, state, looked, stopped_reason, changed_at, rev)
	SELECT s, 'shared', 'ready', '{}', CASE WHEN i % 50 = 1 THEN 'complaints' ELSE '' END, {NOW}, 1 FROM {SHOPS} WHERE i % 2 = 0`,
}

// addByStore adds what only the store can seal, and what a worker has answered.
func (f *filling) addByStore(ctx context.Context) error {
	conn, err := f.store.ConnectionByAccount(ctx, commerce.Shopify, domain, true)
	if err != nil {
		return err
	}
	for i := range 200 {
		d := commerce.Delivery{
			ConnectionID: conn.ID, Platform: commerce.Shopify, Topic: "orders/paid", ExternalID: fmt.Sprint("sealed", i), ReceivedAt: commerce.Instant(f.now), TriggeredAt: commerce.Instant(f.now), Body: order(i, time.UnixMilli(f.now)).Body(),
		}
		if _, err := f.store.AddInbox(ctx, f.shop, d); err != nil {
			return err
		}
	}
	wheel := measure.Wheel{At: commerce.Instant(f.now), Now: measure.Stages{New: 9000, Once: 210000, Back: 88000}, Before: measure.Stages{New: 8800, Once: 205000, Back: 86000}, Sent: 61000}
	answer, err := json.Marshal(wheel)
	if err != nil {
		return err
	}
	_, err = f.db.ExecContext(ctx, `INSERT INTO estimates (shop_id, id, kind, campaign_id, question, state, answer, asked_at, done_at)
		SELECT $1, fill_id($2::bigint - n * 3600000, n, 'estimate'), CASE WHEN n = 1 THEN 'wheel' ELSE 'days' END, '', '{}', 'done', CASE WHEN n = 1 THEN $3 ELSE '{}' END, $2::bigint - 1000 - n, $2::bigint
		FROM generate_series(1, 20) n`, string(f.shop), f.now, string(answer))
	if err == nil {
		err = f.run(ctx, `UPDATE inbox SET state = 1 WHERE state = 0`,
			fmt.Sprintf(`INSERT INTO entitlements (shop_id, plan, state, checked_at, changed_at, next_at) VALUES ('%s', 'pro', 'active', %d, 0, %[2]d)`, f.shop, f.now+365*dayMS)) // nobody waits for the platform's word
	}
	if err == nil {
		err = f.addExport(ctx)
	}
	return err
}

// addExport keeps what somebody asked to have of theirs.
func (f *filling) addExport(ctx context.Context) error {
	var p store.PrivacyRequest
	err := f.store.Transact(ctx, func(tx *store.Tx) (err error) {
		p, err = tx.AddPrivacyRequest(f.shop, store.PrivacyRequest{Kind: commerce.ReportData, Subject: "7000000000001", DueAt: commerce.Instant(f.now + 30*dayMS)})
		return err
	})
	if err == nil {
		_, err = f.store.SaveExport(ctx, p, []byte(`{"persons":[]}`))
	}
	return err
}
