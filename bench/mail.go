package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"flywheel/app"
	"flywheel/demo"
)

const (
	mailRound = 5000
	burst     = 1000
	idleMails = 41
)

// mails measures the whole way from 5,000 posted orders to 5,000 mails at the
// sink, first post to last mail. M sends as many into the same sink before it.
func mails(ctx context.Context, where string, pairs int, atLeastM float64) ([]figure, error) {
	s, err := openSite(ctx, where, app.Parts{Web: true, Work: true})
	if err != nil {
		return nil, err
	}
	eml, err := s.warmUp(ctx)
	if err != nil {
		return nil, joinClose(err, s)
	}
	ratio := figure{
		Name: "mails_" + where, Unit: "M", Goal: atLeast(atLeastM),
		Note: fmt.Sprintf("mails a second by mails of M a second; one mail is %d bytes", len(eml)),
	}
	for round := range pairs {
		requests, err := s.orders(ctx, 10_000+round*mailRound, mailRound)
		if err != nil {
			return nil, joinClose(err, s)
		}
		s.sink.Clear()
		before := cpuTime()
		m, err := mailLoop(ctx, s.sink.URL(), eml, mailRound)
		if err != nil {
			return nil, joinClose(fmt.Errorf("the reference M: %w", err), s)
		}
		if s.sink.Count() != mailRound {
			return nil, joinClose(fmt.Errorf("the reference M left %d of %d mails at the sink", s.sink.Count(), mailRound), s)
		}
		s.sink.Clear()
		between, began := cpuTime(), time.Now()
		if _, err := fire(lean, s.Addr(), requests); err != nil {
			return nil, joinClose(err, s)
		}
		if err := s.waitForMails(ctx, mailRound, time.Minute); err != nil {
			return nil, joinClose(err, s)
		}
		ratio.Pairs = append(ratio.Pairs, pair{
			perSecond(mailRound, s.lastMail().Sub(began)), perSecond(mailRound, m),
			each(cpuTime()-between, mailRound), each(between-before, mailRound),
		})
		if err := s.settle(ctx); err != nil {
			return nil, joinClose(err, s)
		}
	}
	return []figure{ratio}, joinClose(nil, s)
}

// latency measures webhook to mail: one order at a time on an idle machine, and
// 1,000 at once.
func latency(ctx context.Context, where string, _ int, bound float64) ([]figure, error) {
	s, err := openSite(ctx, where, app.Parts{Web: true, Work: true})
	if err != nil {
		return nil, err
	}
	idle := figure{Name: "webhook_to_mail_p50_" + where, Unit: "ms", Goal: atMost(bound), Exact: true, Note: "one order at a time on an idle machine"}
	full := figure{Name: "webhook_to_mail_p99_of_1000_" + where, Unit: "ms", Goal: atMost(5000), Exact: true, Note: "1,000 orders at once"}
	if _, err := s.warmUp(ctx); err != nil {
		return nil, joinClose(err, s)
	}
	requests, err := s.orders(ctx, 10_000, idleMails)
	if err != nil {
		return nil, joinClose(err, s)
	}
	var waits []float64
	for i := range requests {
		began := time.Now()
		if _, err := fire(lean, s.Addr(), requests[i:i+1]); err != nil {
			return nil, joinClose(err, s)
		}
		if err := s.waitForMails(ctx, i+1, time.Minute); err != nil {
			return nil, joinClose(err, s)
		}
		waits = append(waits, s.lastMail().Sub(began).Seconds()*1000)
		if err := s.settle(ctx); err != nil {
			return nil, joinClose(err, s)
		}
		time.Sleep(40*time.Millisecond + time.Duration(i%7)*5*time.Millisecond) // in step with nothing
	}
	idle.Values = []float64{quantile(waits, 0.5)}

	if requests, err = s.orders(ctx, 20_000, burst); err != nil {
		return nil, joinClose(err, s)
	}
	s.sink.Clear()
	began := time.Now()
	if _, err := fire(lean, s.Addr(), requests); err != nil {
		return nil, joinClose(err, s)
	}
	if err := s.waitForMails(ctx, burst, time.Minute); err != nil {
		return nil, joinClose(err, s)
	}
	waits = nil
	for _, m := range s.sink.Mails() {
		waits = append(waits, m.At.Sub(began).Seconds()*1000)
	}
	full.Values = []float64{quantile(waits, 0.99)}
	return []figure{idle, full}, joinClose(s.settle(ctx), s)
}

// warmUp lets some orders through, so that statements are prepared, pages warm
// and rows counted, and returns a thank-you as it arrived.
func (s *site) warmUp(ctx context.Context) (string, error) {
	requests, err := s.orders(ctx, 0, burst)
	if err != nil {
		return "", err
	}
	if _, err := fire(lean, s.Addr(), requests); err != nil {
		return "", err
	}
	if err := s.waitForMails(ctx, burst, time.Minute); err != nil {
		return "", err
	}
	m := s.sink.Mails()[0]
	if c, err := m.Read(); err != nil || !strings.HasPrefix(c.Subject, "Thank you") {
		return "", errors.Join(err, fmt.Errorf("the mail of a paid order begins %q", c.Subject))
	}
	s.sink.Clear()
	return string(m.Raw), errors.Join(s.settle(ctx), s.analyze(ctx))
}

// waitForMails waits until the sink has got n mails.
func (s *site) waitForMails(ctx context.Context, n int, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for s.sink.Count() < n {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d mails came within %s", s.sink.Count(), n, limit)
		case <-ticker.C:
		}
	}
	return nil
}

func (s *site) lastMail() (at time.Time) {
	for _, m := range s.sink.Mails() {
		if m.At.After(at) {
			at = m.At
		}
	}
	return at
}

// settle waits until nothing is left to do.
func (s *site) settle(ctx context.Context) error { return demo.Settle(ctx, s.App) }

func joinClose(err error, s *site) error { return errors.Join(err, s.close()) }
