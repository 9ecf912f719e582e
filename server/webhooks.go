package server

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// maxBody bounds a delivery. Shopify's largest orders stay well below.
const maxBody = 8 << 20

// delivery is a verified webhook with whom it is for; a zero Connection means
// that no shop has the account yet.
type delivery struct {
	commerce.Delivery
	connection commerce.Connection
	account    string
	live       bool
}

func (s *Server) shopifyDoor(c echo.Context) error { return s.door(c, commerce.Shopify, s.readShopify) }

func (s *Server) stripeDoor(c echo.Context) error { return s.door(c, commerce.Stripe, s.readStripe) }

// door is the way of every webhook: read the raw body once, verify, save,
// answer after the commit. The queue is told afterwards and only hinted at.
func (s *Server) door(c echo.Context, p commerce.Platform, read func(echo.Context, []byte) (delivery, error)) error {
	began := time.Now()
	var d delivery
	result := "accepted"
	body, err := readBody(c)
	if err == nil {
		d, err = read(c, body)
	}
	switch {
	case err == nil && d.connection.ID == "" && s.needless(p, d):
		result = "test_ignored"
	case err == nil && d.connection.ID == "":
		result = "unknown_shop"
		d.connection, err = s.keepPending(c, p, d)
		switch {
		case d.connection.ID != "":
			result = "accepted"
		case p == commerce.Stripe && errors.Is(err, store.ErrPendingFull):
			result, err = "pending_full", nil // who connects the account has its events listed
		}
	case err == nil && s.closed(p, d):
		result = "closed"
	case err == nil:
		var fresh bool
		if fresh, err = s.Store.AddInbox(c.Request().Context(), d.connection.ShopID, d.Delivery); !fresh {
			result = "duplicate"
		}
	}
	if err != nil {
		result = failure(err)
	} else if result == "accepted" {
		s.Queue.InboxArrived(d.connection.ShopID)
	}
	s.metrics.delivered(p, result, began)
	s.Log.Info("webhook", "platform", p, "result", result, "topic", d.Topic, "shop", d.connection.ShopID, "connection", d.connection.ID,
		"delivery", d.ExternalID, "bytes", len(body), "ms", float64(time.Since(began).Microseconds())/1000, "error", errorText(err))
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// needless reports whether a delivery of an account that no shop has can never
// be asked about: a live endpoint of Connect gets the test events of every
// account too, and without a test key nobody can connect a test account.
func (s *Server) needless(p commerce.Platform, d delivery) bool {
	return p == commerce.Stripe && !d.live && (s.Accounts == nil || s.Accounts.Keys.Test == "")
}

// closed reports whether a delivery is of a Stripe account that has left: nothing
// of it is kept, as who comes back has the past read, and the events listed.
// Whether the app is there is still heard of. Shopify's deliveries after an
// uninstall are duties.
func (s *Server) closed(p commerce.Platform, d delivery) bool {
	return p == commerce.Stripe && !d.connection.Open() && !strings.HasPrefix(d.Topic, "account.application.")
}

// keepPending keeps the delivery of an account that no shop has. One may have got
// it since the door looked, and has then taken up what waited without this one:
// that shop is returned, with the delivery in its inbox.
func (s *Server) keepPending(c echo.Context, p commerce.Platform, d delivery) (commerce.Connection, error) {
	ctx := c.Request().Context()
	if err := s.Store.AddPending(ctx, d.account, d.live, d.Delivery); err != nil {
		return commerce.Connection{}, err
	}
	conn, err := s.connectionFor(c, p, d.account, d.live)
	if err == nil && conn.ID != "" {
		_, err = s.Store.TakePending(ctx, conn)
	}
	return conn, err
}

// firstRead is what a body gets at first; nearly all deliveries are smaller.
const firstRead = 32 << 10

func readBody(c echo.Context) ([]byte, error) { return readAtMost(c, maxBody) }

// readAtMost reads a body of at most so many bytes, a multiple of 1 MiB.
func readAtMost(c echo.Context, most int64) ([]byte, error) {
	r := c.Request()
	tooMuch := fault.New(fault.TooLarge, "the body is larger than %d MiB", most>>20)
	if r.ContentLength > most {
		return nil, tooMuch
	}
	// What a stranger announces is not yet sent: memory grows with what comes.
	size := r.ContentLength
	if size < 0 || size > firstRead {
		size = firstRead
	}
	body := make([]byte, 0, size+1)
	limited := http.MaxBytesReader(c.Response(), r.Body, most)
	for {
		n, err := limited.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		var tooLarge *http.MaxBytesError
		switch {
		case err == io.EOF:
			return body, nil
		case errors.As(err, &tooLarge):
			return nil, tooMuch
		case err != nil:
			return nil, fault.Wrap(fault.Invalid, err, "the body did not arrive whole and in time")
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
	}
}

// readShopify picks the connection by the shop header, which lies outside the
// signature, and then checks the signature with that connection's secret, so
// that the header cannot choose another shop's data.
func (s *Server) readShopify(c echo.Context, body []byte) (delivery, error) {
	header := c.Request().Header
	domain := header.Get("X-Shopify-Shop-Domain")
	if shopify.ValidShop(domain) {
		domain = strings.ToLower(domain) // as connections have it
	}
	conn, err := s.connectionFor(c, commerce.Shopify, domain, true)
	if err != nil {
		return delivery{}, err
	}
	if err := shopify.Verify(header, body, secrets(conn, s.ShopifySecrets)); err != nil {
		return delivery{}, err
	}
	d, domain, err := shopify.Read(header, body)
	if err != nil {
		return delivery{}, err
	}
	if conn.ID != "" && conn.ExternalID != domain {
		return delivery{}, fault.New(fault.Denied, "this address belongs to another shop")
	}
	return s.received(d, conn, domain, true), nil
}

// readStripe picks the connection by the event's account and mode and checks
// the signature with its own secret, else the platform's. On the shared path both
// may be right: an account with an endpoint of its own may have the app as well.
func (s *Server) readStripe(c echo.Context, body []byte) (delivery, error) {
	d, account, live, err := stripe.Read(body)
	if err != nil { // unsigned, so nobody learns more than that it was refused
		if verr := stripe.Verify(c.Request().Header, body, s.StripeSecrets, s.Now()); verr != nil {
			return delivery{}, verr
		}
		return delivery{}, err
	}
	conn, err := s.connectionFor(c, commerce.Stripe, account, live)
	if err != nil {
		return delivery{}, err
	}
	known := secrets(conn, s.StripeSecrets)
	if c.Param("connection") == "" {
		known = slices.Concat(s.StripeSecrets, conn.Secrets)
	}
	if err := stripe.Verify(c.Request().Header, body, known, s.Now()); err != nil {
		return delivery{}, err
	}
	switch {
	case conn.ID == "" && account == "":
		return delivery{}, fault.New(fault.Denied, "the event names no account and no connection is marked as the own account")
	case conn.ID != "" && conn.Live != live:
		return delivery{}, fault.New(fault.Denied, "a test event cannot reach a live connection, nor a live event a test connection")
	case conn.ID != "" && account != "" && account != conn.ExternalID:
		return delivery{}, fault.New(fault.Denied, "this address belongs to another account")
	}
	s.noteVersion(conn, body)
	return s.received(d, conn, account, live), nil
}

// noteVersion counts verified events of an API version whose shapes nobody has
// looked at yet, for an alert. They are taken all the same: what cannot be read
// of them is quarantined.
func (s *Server) noteVersion(conn commerce.Connection, body []byte) {
	version, known := stripe.VersionKnown(body)
	if known {
		return
	}
	s.metrics.drift.Inc()
	if s.warned.first("version", time.Minute, time.Now()) {
		s.Log.Warn("an event of Stripe is of an API version that is not known yet: create the endpoint with "+stripe.APIVersion,
			"version", version, "connection", conn.ID)
	}
}

func (s *Server) received(d commerce.Delivery, conn commerce.Connection, account string, live bool) delivery {
	d.ConnectionID, d.ShopID, d.ReceivedAt = conn.ID, conn.ShopID, commerce.At(s.Now())
	return delivery{Delivery: d, connection: conn, account: account, live: live}
}

func secrets(conn commerce.Connection, app []string) []string {
	if len(conn.Secrets) > 0 {
		return conn.Secrets
	}
	return app
}

// failure names the result of a refused delivery for figures and logs.
func failure(err error) string {
	switch fault.KindOf(err) {
	case fault.Denied:
		return "bad_signature"
	case fault.TooLarge:
		return "too_large"
	case fault.Invalid, fault.NotFound, fault.Permanent:
		return "malformed"
	}
	return "unavailable"
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
