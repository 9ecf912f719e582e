package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

const (
	ledgerRows    = 1_000_000 // of one shop
	ledgerMembers = 20_000    // who have 40 rows each, but one
	ledgerFull    = ledgerRows - (ledgerMembers-1)*40
	ledgerAsked   = 400 // times each question is asked
	statementRows = 50
)

// ledger measures the reading of points in a shop whose ledger has 1,000,000
// rows: somebody's balance, and a page of their statement, also of the one
// member who has the most rows, in the middle of them.
func ledger(ctx context.Context, where string, rounds int, bound float64) (_ []figure, err error) {
	p, err := newPlace(ctx, where)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	if err := p.migrate(ctx); err != nil {
		return nil, err
	}
	config, err := p.config("")
	if err != nil {
		return nil, err
	}
	s, err := app.OpenStore(ctx, config)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	shop, _, err := app.AddShop(ctx, s, usualShop(), commerce.Connection{Platform: commerce.Shopify, ExternalID: domain, Live: true})
	if err != nil {
		return nil, err
	}
	if _, err := s.SaveProgram(ctx, shop, loyalty.Program{Policy: loyalty.Policy{Months: 12}}, 0, "bench"); err != nil {
		return nil, err
	}
	if err := fillLedger(ctx, p, shop); err != nil {
		return nil, err
	}
	return askLedger(ctx, s, shop, where, rounds, bound)
}

// fillLedger makes members and rows by statements over whole sets.
func fillLedger(ctx context.Context, p place, shop commerce.ShopID) error {
	db, err := p.database()
	if err != nil {
		return err
	}
	defer db.Close()
	now := time.Now().UnixMilli()
	words := strings.NewReplacer("{S}", "'"+string(shop)+"'", "{NOW}", fmt.Sprint(now), "{MEMBERS}", fmt.Sprint(ledgerMembers), "{FULL}", fmt.Sprint(ledgerFull), "{YEAR}", fmt.Sprint(int64(365)*dayMS))
	for _, text := range ledgerFills {
		if _, err := db.ExecContext(ctx, words.Replace(text)); err != nil {
			return fmt.Errorf("%.60s: %w", strings.Join(strings.Fields(text), " "), err)
		}
	}
	return nil
}

// ledgerFills are written so that both engines take them: a series is counted
// by a query that calls itself.
var ledgerFills = []string{
	`INSERT INTO persons (shop_id, id, email, phone, first_name, last_name, language, country, timezone, updated_at, created_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MEMBERS})
	SELECT {S}, 'p' || i, 'p' || i || '@bench.example', '', 'P' || i, 'Bench', 'en', 'DE', '', {NOW}, {NOW} FROM n`,
	`INSERT INTO loyalty_members (shop_id, person_id, state, how, joined_at, terms, seq, points, earned, ends_at, ending, made_at)
	SELECT {S}, id, 'member', 'checkout', {NOW} - {YEAR}, 1, 0, CASE WHEN id = 'p1' THEN {FULL} ELSE 40 END, CASE WHEN id = 'p1' THEN {FULL} ELSE 40 END, {NOW} + {YEAR}, 1, {NOW} - {YEAR} FROM persons WHERE shop_id = {S}`,
	`INSERT INTO ledger (shop_id, person_id, seq, id, kind, cause_kind, cause_id, rule, ordinal, pending, points, at, expires_at, balance)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
	SELECT {S}, m.person_id, n.i, 'r' || m.person_id || '-' || n.i, 'earn', 'order', 'o' || m.person_id || '-' || n.i, 'spend', 0, 0, 1, {NOW} - {YEAR} + n.i, {NOW} + {YEAR}, n.i FROM n CROSS JOIN loyalty_members m WHERE m.shop_id = {S}`,
	`INSERT INTO ledger (shop_id, person_id, seq, id, kind, cause_kind, cause_id, rule, ordinal, pending, points, at, expires_at, balance)
	WITH RECURSIVE n (i) AS (SELECT 41 UNION ALL SELECT i + 1 FROM n WHERE i < {FULL})
	SELECT {S}, 'p1', n.i, 'r' || 'p1' || '-' || n.i, 'earn', 'order', 'o' || 'p1' || '-' || n.i, 'spend', 0, 0, 1, {NOW} - {YEAR} + n.i, {NOW} + {YEAR}, n.i FROM n`,
	`ANALYZE`,
}

// askLedger asks as pages do, and gives the 95th percentile of each round.
func askLedger(ctx context.Context, s *store.Store, shop commerce.ShopID, where string, rounds int, bound float64) ([]figure, error) {
	balance := figure{Name: "ledger_balance_" + where, Unit: "ms", Goal: atMost(1), Note: "p95 of somebody's points in a shop with 1,000,000 ledger rows"}
	page := figure{Name: "ledger_statement_" + where, Unit: "ms", Goal: atMost(bound), Note: fmt.Sprintf("p95 of a page of 50 rows there, every other one in the middle of %d rows of one person", ledgerFull)}
	for range rounds {
		var balances, pages []time.Duration
		for i := range ledgerAsked {
			who := commerce.PersonID(fmt.Sprintf("p%d", 1+(i*7919)%ledgerMembers))
			began := time.Now()
			if m, err := s.LoyaltyMember(ctx, shop, who); err != nil || m.Points == 0 {
				return nil, errors.Join(err, errors.New("a member without points"))
			}
			balances = append(balances, time.Since(began))
			below := int64(0)
			if i%2 == 0 {
				who, below = "p1", int64(1+(i*104729)%ledgerFull)
			}
			began = time.Now()
			rows, _, err := s.Statement(ctx, shop, who, below, statementRows)
			if err != nil || len(rows) == 0 && below > 1 {
				return nil, errors.Join(err, errors.New("an empty page"))
			}
			pages = append(pages, time.Since(began))
		}
		balance.Values = append(balance.Values, quantile(millis(balances), 0.95))
		page.Values = append(page.Values, quantile(millis(pages), 0.95))
	}
	return []figure{balance, page}, ctx.Err()
}
