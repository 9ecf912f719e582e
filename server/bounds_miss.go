package server

import (
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"flywheel/account"
	"flywheel/fault"
)

// missing bounds how often one address of the network comes with what is no
// secret of ours.
type missing struct {
	door string // what is counted together
	n    int
	per  time.Duration
}

// The doors that are knocked at. A good one is never turned away, whatever others
// at the same address have tried, for a customer who wants no more mails, a
// platform or a merchant's other tools share theirs with anybody: only the answer
// to bad ones changes. None can be guessed: each is a secret of 128 bits, or signed.
var (
	signed   = &missing{door: "signed", n: 600, per: 10 * time.Minute}
	linked   = &missing{door: "linked", n: 300, per: 10 * time.Minute}
	begun60  = &missing{door: "begun", n: 60, per: 10 * time.Minute}
	signs60  = &missing{door: "sign in", n: 60, per: 10 * time.Minute}
	tokens60 = &missing{door: "token", n: 60, per: 10 * time.Minute}
	marks60  = &missing{door: "mark", n: 60, per: 10 * time.Minute}
)

// missed serves a route and counts where nothing came of it.
func (s *Server) missed(c echo.Context, m *missing, next echo.HandlerFunc) error {
	key, now := m.door+" "+networkOf(c), s.RealNow()
	wait := s.misses.left(key, now)
	err := next(c)
	if !m.isMiss(c, err) {
		return err
	}
	if wait > 0 && !c.Response().Committed {
		return account.TooOften{Wait: wait}
	}
	s.misses.note(key, m, now)
	return err
}

// isMiss reports whether a request came with what is none of ours. A program with
// a good token that asks for what is not there has missed nothing.
func (m *missing) isMiss(c echo.Context, err error) bool {
	code := c.Response().Status
	var routed *echo.HTTPError
	switch {
	case errors.As(err, &routed):
		code = routed.Code
	case err != nil:
		code = status[fault.KindOf(err)]
	}
	switch code {
	case http.StatusUnauthorized:
		return true
	case http.StatusNotFound, http.StatusGone:
		return m != tokens60
	}
	return false
}

// networkOf is where a request came from, as one who counts: an address, of IPv6
// the network of 64 bits that one household or server has to choose from.
func networkOf(c echo.Context) string {
	ip, err := netip.ParseAddr(c.RealIP())
	if err != nil || ip.Unmap().Is4() {
		return c.RealIP()
	}
	network, _ := ip.WithZone("").Prefix(64) // a v6 address has one
	return network.String()
}

// maxMisses is how many addresses are remembered; over it the idle ones are forgotten.
const maxMisses = 10_000

// misses count them in this process, in the server's RealNow.
type misses struct {
	mu sync.Mutex
	of map[string]*rate.Limiter
}

func newMisses() *misses { return &misses{of: map[string]*rate.Limiter{}} }

// left is how long nothing is to be tried any more under a key; 0 = it may.
func (m *misses) left(key string, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.of[key]
	if l == nil {
		return 0
	}
	if left := l.TokensAt(now); left < 1 {
		return time.Duration((1 - left) / float64(l.Limit()) * float64(time.Second))
	}
	return 0
}

// note counts one.
func (m *misses) note(key string, bound *missing, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.of[key]
	if l == nil {
		m.makeRoom(now)
		l = rate.NewLimiter(rate.Every(bound.per/time.Duration(bound.n)), bound.n)
		m.of[key] = l
	}
	l.AllowN(now, 1)
}

// makeRoom forgets who has tried nothing lately; where all have, it starts afresh.
func (m *misses) makeRoom(now time.Time) {
	if len(m.of) < maxMisses {
		return
	}
	for key, l := range m.of {
		if l.TokensAt(now) >= float64(l.Burst()) {
			delete(m.of, key)
		}
	}
	if len(m.of) >= maxMisses {
		clear(m.of)
	}
}
