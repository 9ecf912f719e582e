package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/templates"
)

const (
	pagesOwner   = "owner@bench.example"
	pagesDays    = 730 // of the shop's past
	pagesInstall = 400 // days since it has Flywheel
	dayMS        = 24 * 60 * 60 * 1000
)

// filling is a database that gets one large shop and an agency's 300 others.
type filling struct {
	place
	store   *store.Store
	db      *sql.DB
	shop    commerce.ShopID
	persons int // and as many orders
	from    int64
	now     int64
}

// fillPages fills a fresh database by statements over whole sets: tables first,
// without their indexes, which are made at the end.
func fillPages(ctx context.Context, p place, persons int) (err error) {
	now := time.Now()
	f := &filling{place: p, persons: persons, now: now.UnixMilli(), from: now.AddDate(0, 0, -pagesDays).UnixMilli()}
	if err := p.migrate(ctx); err != nil {
		return err
	}
	config, err := p.config("")
	if err != nil {
		return err
	}
	if f.store, err = app.OpenStore(ctx, config); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.store.Close()) }()
	if f.db, err = p.database(); err != nil {
		return err
	}
	defer f.db.Close()
	for _, step := range []func(context.Context) error{f.addShop, f.fillTables, f.addFleet, f.addByStore, f.settle} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// addShop makes the shop with its campaigns: all that there are templates of,
// three of them live.
func (f *filling) addShop(ctx context.Context) (err error) {
	installed := commerce.Instant(f.now - pagesInstall*dayMS)
	f.shop, _, err = app.AddShop(ctx, f.store, usualShop(), commerce.Connection{Platform: commerce.Shopify, ExternalID: domain, Live: true})
	if err != nil {
		return err
	}
	for _, name := range templates.Playbooks() {
		data, err := templates.Playbook(name)
		if err != nil {
			return err
		}
		d, err := campaign.Parse(data)
		if err != nil {
			return err
		}
		state := campaign.Draft
		if name == "win_back" || name == "thank_you" || name == "review_request" {
			state = campaign.Live
		}
		if _, err := f.store.SaveCampaign(ctx, f.shop, campaign.CampaignID(name), d, state); err != nil {
			return err
		}
		if name == "win_back" { // another version, beside which people are in the first
			d.Title["en"] += " again"
			if _, err := f.store.SaveCampaign(ctx, f.shop, campaign.CampaignID(name), d, state); err != nil {
				return err
			}
		}
	}
	return f.run(ctx,
		`UPDATE campaigns SET live_at = $1 WHERE state = 'live'`, installed,
		`UPDATE connections SET installed_at = $1, granted_at = $1`, installed,
		`UPDATE shops SET created_at = $1`, installed)
}

// run executes statements, each of which may be followed by its only argument.
func (f *filling) run(ctx context.Context, statements ...any) error {
	for i := 0; i < len(statements); i++ {
		text, args := statements[i].(string), []any(nil)
		if i+1 < len(statements) {
			if at, ok := statements[i+1].(commerce.Instant); ok {
				args, i = []any{int64(at)}, i+1
			}
		}
		if _, err := f.db.ExecContext(ctx, text, args...); err != nil {
			return fmt.Errorf("%.60s: %w", strings.Join(strings.Fields(text), " "), err)
		}
	}
	return nil
}

var largeTables = []string{"persons", "identities", "person_words", "orders", "order_keys", "events", "enrollments", "effects", "decisions", "consents", "touches", "audit", "inbox"}

// fillTables fills the large tables, two at a time, and makes their indexes.
func (f *filling) fillTables(ctx context.Context) error {
	for _, table := range largeTables {
		if err := f.run(ctx, `ALTER TABLE `+table+` SET (autovacuum_enabled = false)`); err != nil {
			return err
		}
	}
	indexes, err := f.dropIndexes(ctx, largeTables)
	if err != nil {
		return err
	}
	if err := f.copyPeople(ctx); err != nil {
		return err
	}
	for _, stage := range f.stages() {
		if err := f.together(ctx, stage); err != nil {
			return err
		}
	}
	return f.together(ctx, indexes)
}

// together runs statements two at a time.
func (f *filling) together(ctx context.Context, statements []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, text := range statements {
		g.Go(func() error {
			c, err := f.db.Conn(ctx)
			if err != nil {
				return err
			}
			defer c.Close()
			if _, err := c.ExecContext(ctx, `SET synchronous_commit = off; SET jit = off; SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'`); err != nil {
				return err
			}
			if _, err = c.ExecContext(ctx, text); err != nil {
				return fmt.Errorf("%.90s: %w", strings.Join(strings.Fields(text), " "), err)
			}
			return nil
		})
	}
	return g.Wait()
}

// dropIndexes takes the indexes off tables and returns what makes them again.
func (f *filling) dropIndexes(ctx context.Context, tables []string) (again []string, err error) {
	rows, err := f.db.QueryContext(ctx, `SELECT t.relname, i.relname, pg_get_indexdef(i.oid), COALESCE(pg_get_constraintdef(c.oid), '')
		FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_constraint c ON c.conindid = i.oid
		WHERE t.relname = ANY($1)`, tables)
	if err != nil {
		return nil, err
	}
	var drops []any
	for rows.Next() {
		var table, index, makes, constraint string
		if err := rows.Scan(&table, &index, &makes, &constraint); err != nil {
			return nil, err
		}
		if constraint != "" {
			drops = append(drops, fmt.Sprintf(`ALTER TABLE %s DROP CONSTRAINT %s`, table, index))
			makes = fmt.Sprintf(`ALTER TABLE %s ADD CONSTRAINT %s %s`, table, index, constraint)
		} else {
			drops = append(drops, `DROP INDEX `+index)
		}
		again = append(again, makes)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	return again, f.run(ctx, drops...)
}

// settle drops what only the filling needed and has PostgreSQL look at its
// tables, as it does by itself after a while.
func (f *filling) settle(ctx context.Context) error {
	for _, table := range largeTables {
		if err := f.run(ctx, `ALTER TABLE `+table+` RESET (autovacuum_enabled)`); err != nil {
			return err
		}
	}
	return f.run(ctx, `DROP TABLE fill_people, fill_orders, fill_walks`, `VACUUM (ANALYZE)`, `CHECKPOINT`)
}
