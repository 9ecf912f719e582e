package server

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/integrations/mail/events"
)

// mailDoor takes what a mail provider tells of mails, answering after the commit.
// Without an endpoint it is the operator's own; else that of a shop's account.
func (s *Server) mailDoor(c echo.Context) error {
	began := time.Now()
	if s.Feedback == nil {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	provider := c.Param("provider")
	body, err := readAtMost(c, events.MaxBody)
	if err != nil {
		return s.mailHeard(provider, began, err)
	}
	n, err := s.Feedback.Hear(c.Request().Context(), provider, c.Param("endpoint"), c.Request().Header, body)
	s.Log.Info("mail webhook", "provider", provider, "own", c.Param("endpoint") != "", "bytes", len(body), "fresh", n.Fresh, "known", n.Known,
		"ignored", n.Ignored, "ms", float64(time.Since(began).Microseconds())/1000, "error", errorText(err))
	if err := s.mailHeard(provider, began, err); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// mailHeard counts a delivery by its provider; names that strangers make up are none.
func (s *Server) mailHeard(provider string, began time.Time, err error) error {
	result := "accepted"
	if err != nil {
		result = failure(err)
	}
	if !events.Known(provider) {
		provider = "unknown"
	}
	s.metrics.mail.WithLabelValues(provider, result).Inc()
	s.metrics.durations.WithLabelValues("mail").Observe(time.Since(began).Seconds())
	return err
}
