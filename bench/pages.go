package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	manyPersons = 1_000_000 // of one shop, with as many orders
	fewPersons  = 10_000    // of the one it is compared with
	pagesAsked  = 200       // times each page is asked at most
	pagesMost   = 600 * time.Millisecond
)

// pageTime is how long a page takes.
type pageTime struct {
	pageCase
	n        int
	p50, p95 float64
	few95    float64 // of the same page in the small shop
}

// pagesAt is a database that is filled once and kept, for who works on pages; "" = a fresh one.
var pagesAt string

// pages measures every page of a shop with 1,000,000 customers and orders, and
// beside it the same pages of one with 10,000. The figure is the slowest page.
func pages(ctx context.Context, where string, _ int, bound float64) ([]figure, error) {
	many, ping, err := pagesOf(ctx, where, manyPersons)
	if err != nil {
		return nil, err
	}
	few, _, err := pagesOf(ctx, where, fewPersons)
	if err != nil {
		return nil, err
	}
	for i := range many {
		at := slices.IndexFunc(few, func(p pageTime) bool { return p.String() == many[i].String() })
		if at >= 0 {
			many[i].few95 = few[at].p95
		}
	}
	slices.SortStableFunc(many, func(a, b pageTime) int { return cmp.Compare(b.p95, a.p95) })
	fmt.Fprintln(os.Stderr, "  p50 ms   p95 ms  by 10,000  asked")
	for _, p := range many {
		fmt.Fprintf(os.Stderr, "%8.1f %8.1f %9.1fx %6d  %s\n", p.p50, p.p95, p.p95/p.few95, p.n, p)
	}
	var worst []string
	for _, p := range many[:min(5, len(many))] {
		worst = append(worst, fmt.Sprintf("%s %.0f ms (%.0f ms with 10,000)", p, p.p95, p.few95))
	}
	note := fmt.Sprintf("p95 of the slowest of %d pages as they are asked, server time; SELECT 1 takes %.2f ms. The slowest: %s", len(many), ping, strings.Join(worst, "; "))
	return []figure{{Name: "pages_million_p95", Unit: "ms", Goal: atMost(bound), Exact: true, Values: []float64{many[0].p95}, Note: note}}, nil
}

// pagesOf fills a shop and asks for all of its pages; ping is a round trip to the database.
func pagesOf(ctx context.Context, where string, persons int) (out []pageTime, ping float64, err error) {
	p, err := pagesPlace(ctx, where, persons)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	v, err := visitPages(ctx, p)
	if v != nil {
		defer func() { err = errors.Join(err, v.close()) }()
	}
	if err != nil {
		return nil, 0, err
	}
	db, err := p.database()
	if err != nil {
		return nil, 0, err
	}
	defer db.Close()
	cases, err := pageCases(ctx, db, v.handler.Routes())
	if err != nil {
		return nil, 0, err
	}
	times := pagesAsked
	if persons == fewPersons {
		times /= 5
	}
	for _, one := range cases {
		if len(pagesOnly) > 0 && !strings.Contains(one.String(), pagesOnly) {
			continue
		}
		took, err := v.timed(one.of, times, pagesMost)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, pageTime{pageCase: one, n: len(took), p50: quantile(took, 0.5), p95: quantile(took, 0.95)})
		if pagesAt != "" { // who works on pages does not want to wait for the table
			fmt.Fprintf(os.Stderr, "%8.1f %8.1f %6d  %s\n", out[len(out)-1].p50, out[len(out)-1].p95, len(took), one)
		}
	}
	var trips []time.Duration
	for range 200 {
		at, one := time.Now(), 0
		if err := db.QueryRowContext(ctx, `SELECT 1`).Scan(&one); err != nil {
			return nil, 0, err
		}
		trips = append(trips, time.Since(at))
	}
	return out, quantile(millis(trips), 0.5), ctx.Err()
}

// pagesOnly are the pages that are asked, by a part of their names; "" = all.
var pagesOnly string

// pagesPlace is a filled database: a fresh one, or the one that is kept.
func pagesPlace(ctx context.Context, where string, persons int) (place, error) {
	if pagesAt != "" {
		p := place{name: where, databaseURL: fmt.Sprintf(pagesAt, persons), remove: func() error { return nil }}
		db, err := p.database()
		if err != nil {
			return p, err
		}
		defer db.Close()
		var filled bool
		if err := db.QueryRowContext(ctx, `SELECT to_regclass('shops') IS NOT NULL`).Scan(&filled); err != nil || filled {
			return p, err
		}
		return p, fillPages(ctx, p, persons)
	}
	p, err := newPlace(ctx, where)
	if err != nil {
		return p, err
	}
	began := time.Now()
	if err := fillPages(ctx, p, persons); err != nil {
		return p, errors.Join(err, p.remove())
	}
	fmt.Fprintf(os.Stderr, "%d persons filled in %.0f s\n", persons, time.Since(began).Seconds())
	return p, nil
}
