package server

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/api"
	"flywheel/store"
)

// maxAPIBody bounds what a token may send at once.
const maxAPIBody = 256 << 10

// request is what every operation gets: who calls, and the body as it came.
type request struct {
	RawBody []byte `contentType:"application/json"`
	caller  store.Token
}

const (
	callerKey = "api caller"
	bodyKey   = "api body"
)

// Resolve takes over what the door found (huma.Resolver).
func (r *request) Resolve(ctx huma.Context) []error {
	c := humaecho.Unwrap(ctx)
	r.caller, _ = c.Get(callerKey).(store.Token)
	r.RawBody, _ = c.Get(bodyKey).([]byte) // huma's own copy goes back to a pool
	return nil
}

// apiDoor lets a request in: a token that is valid and may do this, not too
// often, with a body of our kind. Every answer is one log line.
func (s *Server) apiDoor(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		token, err := s.caller(c)
		c.Set(callerKey, token)
		var body []byte
		if err == nil && c.Request().ContentLength != 0 {
			body, err = readAPIBody(c)
		}
		if err == nil {
			c.Set(bodyKey, body)
			c.Request().Body = io.NopCloser(strings.NewReader(" ")) // read: huma asks only whether there is one
			err = next(c)
		}
		if wait := s.misses.left(tokens60.door+" "+networkOf(c), s.RealNow()); wait > 0 && fault.Is(err, fault.Denied) {
			err = &refusal{status: http.StatusTooManyRequests, sentence: "too many tokens from this address were none", retry: wait}
		}
		if err != nil {
			s.answerProblem(c, err)
		}
		s.metrics.api.WithLabelValues(c.Path(), http.StatusText(c.Response().Status)).Inc()
		s.Log.Info("api", "method", c.Request().Method, "path", c.Path(), "status", c.Response().Status, "shop", token.Shop, "token", token.ID,
			"bytes", len(body), "ms", float64(time.Since(began).Microseconds())/1000)
		return nil
	}
}

// caller says whose token a request carries. The token alone names the shop.
func (s *Server) caller(c echo.Context) (store.Token, error) {
	scheme, text, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return store.Token{}, fault.New(fault.Denied, "the header Authorization: Bearer %s... is missing", api.Prefix)
	}
	hash, err := api.HashToken(strings.TrimSpace(text))
	if err != nil {
		return store.Token{}, err
	}
	ctx := c.Request().Context()
	token, err := s.Store.TokenByHash(ctx, hash)
	if err != nil {
		return token, unavailable(err, "the token cannot be looked up just now")
	}
	if wait := s.buckets.take(token.ID, s.RealNow()); wait > 0 {
		return token, &refusal{status: http.StatusTooManyRequests, sentence: "this token asks too often: 20 times a second, or 100 in one go", retry: wait}
	}
	return token, s.may(ctx, token, c.Request())
}

// may says whether a token is enough for what it is used for.
func (s *Server) may(ctx context.Context, token store.Token, r *http.Request) error {
	if !token.Role.May(store.Builder) {
		return &refusal{status: http.StatusForbidden, sentence: "a token of the role " + string(token.Role) + " only reads: this needs builder"}
	}
	if r.URL.RawQuery != "" {
		return fault.New(fault.Invalid, "this address takes no query: the token names the shop, the body says the rest")
	}
	shop, err := s.Store.Shop(ctx, token.Shop)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && shop.State == commerce.ShopClosed:
		return &refusal{status: http.StatusForbidden, sentence: "the shop of this token is connected to no platform any more"}
	case err != nil:
		return unavailable(err, "the shop cannot be looked up just now")
	}
	return nil
}

// readAPIBody reads a JSON body of at most 256 KB.
func readAPIBody(c echo.Context) ([]byte, error) {
	r := c.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEApplicationJSON || r.Header.Get(echo.HeaderContentEncoding) != "" {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, sentence: "the body must be application/json, not compressed"}
	}
	large := fault.New(fault.TooLarge, "the body is larger than 256 KB: send several requests")
	if r.ContentLength > maxAPIBody {
		return nil, large
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, maxAPIBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, large
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, err, "the body did not arrive whole and in time")
	}
	return body, nil
}
