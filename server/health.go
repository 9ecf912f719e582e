package server

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// healthz says that the process lives.
func (s *Server) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether deliveries can be taken: database and schema decide.
// Without Redis everything is still taken and kept, so that is only degraded.
// Where the pages' style and script were not built in, it says so, and a public
// installation (BASE_URL is https) is not ready: a deploy of such a binary stops
// before merchants see it. On a laptop, in tests and in the demo all goes on.
func (s *Server) readyz(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		s.Log.Warn("not ready", "error", err)
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "unavailable", "database": "does not answer"})
	}
	if err := s.Store.CheckSchema(ctx); err != nil {
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "unavailable", "database": err.Error()})
	}
	said := map[string]string{"status": "ok", "database": "ok", "redis": "ok"}
	if err := s.Queue.Ping(); err != nil {
		said["status"], said["redis"] = "degraded", "does not answer; deliveries are kept and wait"
	}
	if s.MissingUI == "" {
		return c.JSON(http.StatusOK, said)
	}
	said["pages"] = s.MissingUI
	if strings.HasPrefix(s.BaseURL, "https://") {
		said["status"] = "unavailable"
		return c.JSON(http.StatusServiceUnavailable, said)
	}
	return c.JSON(http.StatusOK, said)
}

// ipExtractor believes X-Forwarded-For only from the networks listed.
func ipExtractor(proxies []string) (echo.IPExtractor, error) {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect(), nil
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		_, network, err := net.ParseCIDR(p)
		if err != nil {
			return nil, fmt.Errorf("TRUSTED_PROXIES: %q is not a network such as 10.0.0.0/8", p)
		}
		options = append(options, echo.TrustIPRange(network))
	}
	return echo.ExtractIPFromXFFHeader(options...), nil
}
