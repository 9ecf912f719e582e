// Command bench measures Flywheel with its references beside it and prints one
// line a figure: name, value, unit, goal, verdict. Run it with make bench, which
// starts a PostgreSQL and a Redis for it; make bench ARGS=ingest takes only the
// figures whose group begins so.
//
// R is Echo that checks an HMAC and keeps nothing, M a bare go-mail loop: a
// figure in R or M is our rate by the reference's in the same minute on the same
// machine, from pairs that alternate. The value is the better quartile of the
// rounds (figure.value says why); bench/results.json has all of them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"syscall"
	"time"
)

// group is some figures that are measured together, at one place.
type group struct {
	name, where string
	bound       float64 // of its main figure
	run         func(ctx context.Context, where string, rounds int, bound float64) ([]figure, error)
}

func (g group) String() string { return g.name + "_" + g.where }

var groups = []group{
	{"ingest", "embedded", 0.33, ingest},
	{"ingest", "servers", 0.28, ingest},
	{"loaded", "embedded", 100, loaded},
	{"loaded", "servers", 100, loaded},
	{"mails", "embedded", 0.35, mails},
	{"mails", "servers", 0.30, mails},
	{"latency", "embedded", 60, latency},
	{"latency", "servers", 80, latency},
	{"claim", "embedded", 2, claim},
	{"claim", "servers", 2, claim},
	{"rules", "memory", 5, rules},
	{"letters", "memory", 300, letters},
	{"waiting", "embedded", 2, waiting},
	{"waiting", "servers", 2, waiting},
	{"crowded", "embedded", 1.3, crowded},
	{"crowded", "servers", 1.3, crowded},
	{"backfill", "embedded", 120, backfill},
	{"backfill", "servers", 120, backfill},
	{"ledger_million", "embedded", 50, ledger},
	{"ledger_million", "servers", 50, ledger},
	{"pages", "million", 100, pages},
}

func main() {
	pairs := flag.Int("pairs", wanted, "rounds a figure rests on; below 7 there is no verdict")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the run here")
	out := flag.String("out", "bench/results.json", "where the results go")
	database := flag.String("worker", "", "be only the worker of this database")
	queue := flag.String("redis", "", "the worker's Redis; empty = in the process")
	bare := flag.Bool("lean", false, "ask R and the durable ingest over bare sockets")
	flag.StringVar(&pagesAt, "pages-at", "", "a PostgreSQL that is filled for pages once and kept, with %d for the number of persons")
	flag.StringVar(&pagesOnly, "pages-only", "", "of the pages, those whose names hold this")
	flag.Parse()
	if *bare {
		load = lean
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *database != "" {
		if err := work(ctx, *database, *queue); err != nil {
			fmt.Fprintln(os.Stderr, "worker:", err)
			stop()
			os.Exit(1)
		}
		return
	}
	if err := run(ctx, *pairs, *profile, *out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, pairs int, profile, out string, only []string) error {
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer func() {
			pprof.StopCPUProfile()
			f.Close()
		}()
	}
	began := time.Now()
	var figures []figure
	for _, g := range groups {
		if !chosen(g.String(), only) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%5.0fs %s\n", time.Since(began).Seconds(), g)
		got, err := g.run(ctx, g.where, pairs, g.bound)
		if err != nil {
			return fmt.Errorf("%s: %w", g, err)
		}
		for _, f := range got {
			fmt.Println(f.line())
		}
		figures = append(figures, got...)
	}
	return save(out, results{Machine: describe(ctx), Took: time.Since(began).Seconds(), Figures: figures})
}

// chosen reports whether a group is asked for: all are, unless some are named
// by how they begin.
func chosen(name string, only []string) bool {
	for _, o := range only {
		if strings.HasPrefix(name, o) {
			return true
		}
	}
	return len(only) == 0
}
