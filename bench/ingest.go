package main

import (
	"context"
	"fmt"
	"time"

	"flywheel/app"
)

// How many deliveries a round posts.
const (
	ingestRound = 6000
	loadedRound = 2000
)

// load is what R and the durable ingest are asked by.
var load generator = plain

// ingest measures durable ingest without a worker: a delivery is answered once
// it is compressed, sealed and committed. R gets the same bytes before it.
func ingest(ctx context.Context, where string, pairs int, atLeastR float64) ([]figure, error) {
	addr, stop, err := startEcho(secret)
	if err != nil {
		return nil, err
	}
	defer stop()
	s, err := openSite(ctx, where, app.Parts{Web: true})
	if err != nil {
		return nil, err
	}
	ratio := figure{Name: "ingest_" + where, Unit: "R", Goal: atLeast(atLeastR), Note: "durable deliveries a second by requests of R a second"}
	late := figure{Name: "ingest_p99_" + where, Unit: "ms", Goal: atMost(50)}
	for round := range pairs + 1 {
		requests, err := s.orders(ctx, round*ingestRound, ingestRound)
		if err != nil {
			return nil, joinClose(err, s)
		}
		before := cpuTime()
		r, err := fire(load, addr, requests)
		if err != nil {
			return nil, joinClose(fmt.Errorf("the reference R: %w", err), s)
		}
		between := cpuTime()
		ours, err := fire(load, s.Addr(), requests)
		if err != nil {
			return nil, joinClose(err, s)
		}
		if round == 0 {
			continue // statements are prepared, pages are warm
		}
		ratio.Pairs = append(ratio.Pairs, pair{
			perSecond(ingestRound, ours.took), perSecond(ingestRound, r.took),
			each(cpuTime()-between, ingestRound), each(between-before, ingestRound),
		})
		late.Values = append(late.Values, quantile(millis(ours.waits), 0.99))
	}
	stats, err := s.Store.Stats(ctx, false)
	if want := int64(pairs+1) * ingestRound; err == nil && stats.InboxNew != want {
		err = fmt.Errorf("%d deliveries were answered with 200, %d are kept", want, stats.InboxNew)
	}
	return []figure{ratio, late}, joinClose(err, s)
}

// loaded measures the door while the worker sends, and counts that nothing is lost.
func loaded(ctx context.Context, where string, rounds int, bound float64) ([]figure, error) {
	s, err := openSite(ctx, where, app.Parts{Web: true, Work: true})
	if err != nil {
		return nil, err
	}
	late := figure{Name: "ingest_p99_worker_on_" + where, Unit: "ms", Goal: atMost(bound)}
	lost := figure{Name: "ingest_lost_worker_on_" + where, Unit: "orders", Goal: atMost(0), Exact: true}
	for round := range rounds + 1 {
		requests, err := s.orders(ctx, round*loadedRound, loadedRound)
		if err != nil {
			return nil, joinClose(err, s)
		}
		v, err := fire(lean, s.Addr(), requests)
		if err != nil {
			return nil, joinClose(err, s)
		}
		if round > 0 {
			late.Values = append(late.Values, quantile(millis(v.waits), 0.99))
		}
	}
	want := (rounds + 1) * loadedRound
	if err := s.waitForMails(ctx, want, 2*time.Minute); err != nil {
		return nil, joinClose(err, s)
	}
	lost.Values = []float64{float64(want - s.sink.Count())}
	return []figure{late, lost}, joinClose(s.settle(ctx), s)
}
