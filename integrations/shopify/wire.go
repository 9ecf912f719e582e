package shopify

import (
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"flywheel/fault"
)

// wire is the way to Shopify: it leads a request to the fake where there is
// one, and reads the answer with a limit, which go-shopify does not.
type wire struct {
	base *url.URL // nil: the shop's own host
	next http.RoundTripper
}

// ask returns the answer with its body read and closed. Its errors are faults.
// It follows no redirect: that would carry a token to another host.
func (w wire) ask(req *http.Request, limit int64) (*http.Response, []byte, error) {
	if w.base != nil {
		req = req.Clone(req.Context())
		req.Host = req.URL.Host // the fake sees which shop was meant
		req.URL.Scheme, req.URL.Host = w.base.Scheme, w.base.Host
		req.URL.Path = strings.TrimSuffix(w.base.Path, "/") + req.URL.Path
	}
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, nil, fault.Wrap(fault.Temporary, err, "shopify could not be reached")
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, nil, fault.Wrap(fault.Temporary, err, "shopify's answer broke off")
	}
	if int64(len(body)) > limit {
		return nil, nil, fault.New(fault.Permanent, "shopify's answer is larger than %d bytes", limit)
	}
	return resp, body, nil
}

// unsent reports whether a request certainly did not leave: nobody took the
// connection, or its name is unknown.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// retryAfter reads the header of that name: Shopify sends seconds with a
// fraction ("2.0"), which go-shopify cuts, so that 0.6 becomes no wait at all.
// 0 = not told.
func retryAfter(h http.Header) time.Duration {
	s, err := strconv.ParseFloat(h.Get("Retry-After"), 64)
	if err != nil {
		return 0
	}
	return seconds(s)
}

// seconds makes a length of time of what a platform says; 0 for nonsense.
func seconds(s float64) time.Duration {
	if math.IsNaN(s) || s <= 0 {
		return 0
	}
	return time.Duration(min(s, 86_400) * float64(time.Second))
}
