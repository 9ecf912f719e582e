package jobs

import (
	"context"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/sender"
)

const (
	// laneAll is how many chunks of shops' own accounts are under way at once, over all accounts: fewer than
	// there are workers of steps, so that accounts which are slow leave some for everybody else.
	laneAll = 12
	// laneSlow is how long a chunk of an account may take before the account counts as slow: such ones have one
	// line each, and leave a quarter of all to the others.
	laneSlow = 10 * time.Second
	// lanePause is after how long what an account had no room for is tried first, and laneSpace how far apart
	// such mails are where nobody knows what the account takes.
	lanePause = 10 * time.Second
	laneSpace = 100 * time.Millisecond
)

// lanes keep shops' own accounts at mail servers apart: each has as many chunks
// under way as it has connections, and one that is slow holds up neither SMTP_URL
// nor other accounts. What finds no room is put off in a row, not waited for.
type lanes struct {
	mu   sync.Mutex
	all  int
	busy map[string]int              // chunks under way, by account
	slow map[string]bool             // whose last chunk took long
	last map[string]commerce.Instant // until when what was put off is planned, by account
}

func newLanes() *lanes {
	return &lanes{busy: map[string]int{}, slow: map[string]bool{}, last: map[string]commerce.Instant{}}
}

// enter takes a place for a chunk; leave gives it back. An account has a second
// one only while half of all are free. SMTP_URL has no lane: w.sends bounds it.
func (l *lanes) enter(ctx context.Context, way sender.Way) (leave func(), ok bool) {
	if way.Lines == 0 {
		return func() {}, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	room, lines := laneAll, way.Lines
	if l.busy[way.Account] > 0 {
		room = laneAll / 2
	}
	if l.slow[way.Account] {
		room, lines = laneAll*3/4, 1
	}
	if ctx.Err() != nil || l.all >= room || l.busy[way.Account] >= lines {
		return nil, false
	}
	l.all++
	l.busy[way.Account]++
	began := time.Now()
	return func() { l.leave(way.Account, time.Since(began)) }, true
}

func (l *lanes) leave(account string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if delete(l.slow, account); took > laneSlow {
		l.slow[account] = true
	}
	if l.busy[account]--; l.busy[account] == 0 {
		delete(l.busy, account)
	}
}

// later is when the next mail of an account is tried that had no room: one after
// the other as fast as the account takes them, so that they do not come at once again.
func (l *lanes) later(way sender.Way, now commerce.Instant) commerce.Instant {
	space := laneSpace
	if way.Rate > 0 {
		space = time.Second / time.Duration(way.Rate)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for account, at := range l.last {
		if at <= now {
			delete(l.last, account)
		}
	}
	at := max(now.Add(lanePause), l.last[way.Account]).Add(space)
	l.last[way.Account] = at
	return at
}

// sideBySide is how many chunks of a turn's mails go at once: what an own account
// has connections for, so that the others follow at once and need not be put off.
func (w *Worker) sideBySide(ctx context.Context, shop commerce.ShopID) int64 {
	if way, err := w.way(ctx, shop); err == nil && way.Lines > 0 {
		return int64(way.Lines)
	}
	return decideChunk
}
