package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/templates"
)

// smallShops is how many shops have one due row each, beside the large one.
const smallShops = 10_000

// crowd is a database with one large shop and 10,000 small ones, everything due now.
type crowd struct {
	place
	store *store.Store
	db    *sql.DB // beside the store, for what no method does
	large commerce.ShopID
}

// newCrowd fills a fresh database. The shops are made by the store, since each
// needs a key of its own; the rows by SQL, since a million are many.
func newCrowd(ctx context.Context, where string, rows int) (*crowd, error) {
	p, err := newPlace(ctx, where)
	if err != nil {
		return nil, err
	}
	c := &crowd{place: p}
	if err := c.fill(ctx, rows); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *crowd) fill(ctx context.Context, rows int) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	name := "review_request"
	data, err := templates.Playbook(name)
	if err != nil {
		return err
	}
	d, err := campaign.Parse(data)
	if err != nil {
		return err
	}
	if _, err := c.store.SaveCampaign(ctx, c.large, campaign.CampaignID(name), d, campaign.Live); err != nil {
		return err
	}
	if err := c.addSmallShops(ctx); err != nil {
		return err
	}
	return c.addRows(ctx, rows)
}

// open makes the schema and the large shop.
func (c *crowd) open(ctx context.Context) error {
	if err := c.migrate(ctx); err != nil {
		return err
	}
	config, err := c.config("")
	if err != nil {
		return err
	}
	if c.store, err = app.OpenStore(ctx, config); err != nil {
		return err
	}
	if c.db, err = c.database(); err != nil {
		return err
	}
	c.large, err = c.store.AddShop(ctx, usualShop())
	return err
}

// addSmallShops adds the shops from many sides at once, so that they are
// committed in groups.
func (c *crowd) addSmallShops(ctx context.Context) error {
	var wg sync.WaitGroup
	errs := make([]error, 32)
	for i := range errs {
		wg.Go(func() {
			for k := i; k < smallShops && errs[i] == nil; k += len(errs) {
				_, errs[i] = c.store.AddShop(ctx, usualShop())
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// addRows gives every shop a person without an address, the campaign, and what
// is due: the large one rows, the others one each. Such a step is decided and
// skipped, all that a claim leads to but the mail.
func (c *crowd) addRows(ctx context.Context, rows int) error {
	now := commerce.At(time.Now())
	for _, statement := range []string{
		`INSERT INTO persons (shop_id, id, email, phone, first_name, last_name, language, country, timezone, updated_at, created_at)
			SELECT s.id, 'p', '', '', '', '', '', '', '', 0, 0 FROM shops s`,
		`INSERT INTO campaigns (shop_id, id, state, live_at, version) SELECT s.id, c.id, c.state, c.live_at, c.version
			FROM shops s, campaigns c WHERE c.shop_id = '%[1]s' AND s.id <> '%[1]s'`,
		`INSERT INTO campaign_versions (shop_id, campaign_id, version, definition, created_at) SELECT s.id, v.campaign_id, v.version, v.definition, v.created_at
			FROM shops s, campaign_versions v WHERE v.shop_id = '%[1]s' AND s.id <> '%[1]s'`,
		`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, due_at, created_at)
			SELECT s.id, 'e', c.id, 'k', c.version, 'p', '', %[2]d, %[2]d, 'active', %[2]d, %[2]d
			FROM shops s JOIN campaigns c ON c.shop_id = s.id WHERE s.id <> '%[1]s'`,
		`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, due_at, created_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[3]d)
			SELECT c.shop_id, 'e' || (10000000 + n.i), c.id, 'k' || (10000000 + n.i), c.version, 'p', '', %[2]d, %[2]d, 'active', %[2]d, %[2]d
			FROM n, campaigns c WHERE c.shop_id = '%[1]s'`,
	} {
		if _, err := c.db.ExecContext(ctx, fmt.Sprintf(statement+`%[4]s`, c.large, now, rows, "")); err != nil {
			return fmt.Errorf("%.40s: %w", statement, err)
		}
	}
	return c.count(ctx)
}

// count has PostgreSQL count the rows, as after every bulk load.
func (c *crowd) count(ctx context.Context) error {
	if c.store.Embedded() {
		return nil
	}
	_, err := c.db.ExecContext(ctx, "ANALYZE")
	return err
}

func (c *crowd) close() (err error) {
	if c.store != nil {
		err = c.store.Close()
	}
	if c.db != nil {
		err = errors.Join(err, c.db.Close())
	}
	return errors.Join(err, c.remove())
}
