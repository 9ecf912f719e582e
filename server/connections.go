package server

import (
	"context"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
)

// connectionAge is how long a connection read for the door is believed: a new
// secret or an uninstall counts after that at the latest.
const connectionAge = 2 * time.Second

// connectionFor finds whom a delivery is for: by the path's own connection,
// else by the account it names. No connection is no error: the signature with
// the app's secret decides what becomes of it.
func (s *Server) connectionFor(c echo.Context, p commerce.Platform, account string, live bool) (commerce.Connection, error) {
	ctx := c.Request().Context()
	if id := c.Param("connection"); id != "" {
		conn, err := s.connections.get("id "+id, func() (commerce.Connection, error) {
			return s.Store.ConnectionByID(ctx, commerce.ConnectionID(id))
		})
		if err == nil && (conn.ID == "" || conn.Platform != p) {
			err = fault.New(fault.Denied, "there is no such connection")
		}
		return conn, err
	}
	return s.connections.get(string(p)+" "+account+mode(live), func() (commerce.Connection, error) {
		return s.lookUp(ctx, p, account, live)
	})
}

func (s *Server) lookUp(ctx context.Context, p commerce.Platform, account string, live bool) (commerce.Connection, error) {
	if account == "" {
		return s.Store.OwnAccount(ctx, p, live)
	}
	return s.Store.ConnectionByAccount(ctx, p, account, live)
}

func mode(live bool) string {
	if live {
		return " live"
	}
	return " test"
}

// connectionCache keeps the door from asking the database about each delivery.
type connectionCache struct {
	mu    sync.Mutex
	known map[string]cachedConnection
}

type cachedConnection struct {
	connection commerce.Connection
	until      time.Time
}

// connectionBound is how many are kept; strangers can name any account, so over it the cache starts afresh.
const connectionBound = 20_000

func newConnectionCache() *connectionCache {
	return &connectionCache{known: map[string]cachedConnection{}}
}

// get returns what find finds; a connection that is not there is the zero one.
func (cc *connectionCache) get(key string, find func() (commerce.Connection, error)) (commerce.Connection, error) {
	now := time.Now()
	cc.mu.Lock()
	hit, ok := cc.known[key]
	cc.mu.Unlock()
	if ok && now.Before(hit.until) {
		return hit.connection, nil
	}
	conn, err := find()
	switch {
	case fault.Is(err, fault.NotFound):
		return commerce.Connection{}, nil // not kept: an install must count at once
	case err != nil:
		return conn, fault.Wrap(fault.Temporary, err, "the connection cannot be looked up just now")
	}
	cc.mu.Lock()
	defer cc.mu.Unlock()
	if len(cc.known) >= connectionBound {
		cc.known = map[string]cachedConnection{}
	}
	cc.known[key] = cachedConnection{conn, now.Add(connectionAge)}
	return conn, nil
}
