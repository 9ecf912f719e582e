package shopify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"flywheel/fault"
)

const (
	// filePatience is how long a file may send nothing. Its length says nothing about how long all of it takes.
	filePatience = time.Minute
	maxRedirects = 3
)

var errStalled = errors.New("nothing came for too long")

// bulkFile is the rest of a file from some byte on.
type bulkFile struct {
	body     io.ReadCloser
	patience time.Duration
	timer    *time.Timer
	stop     context.CancelCauseFunc
}

// Read implements io.Reader. The time runs only while we wait for bytes, not
// while somebody works on those that came.
func (f *bulkFile) Read(b []byte) (int, error) {
	f.timer.Reset(f.patience)
	defer f.timer.Stop()
	return f.body.Read(b)
}

// Close ends the connection.
func (f *bulkFile) Close() {
	f.timer.Stop()
	f.stop(nil)
	if f.body != nil {
		_ = f.body.Close()
	}
}

// openFile asks for a file from byte from on; nil where it ends there. The
// address came from Shopify, but is no shop's: it gets no token, must be public
// and is asked by https only, wherever it leads. Errors are fault.NotFound where
// the file is gone, fault.Invalid, fault.Temporary and fault.Permanent.
func (c *Client) openFile(ctx context.Context, address string, from int64, patience time.Duration) (*bulkFile, error) {
	hc, err := c.fileClient(address)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	f := &bulkFile{patience: patience, stop: stop, timer: time.AfterFunc(patience, func() { stop(errStalled) })}
	more, err := f.open(ctx, hc, address, from)
	if err != nil {
		err = brokenOff(ctx, err)
	}
	if err != nil || !more {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (f *bulkFile) open(ctx context.Context, hc *http.Client, address string, from int64) (more bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false, err
	}
	if from > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-")
	}
	resp, err := hc.Do(req)
	if err != nil {
		return false, err
	}
	f.body = resp.Body
	return positioned(f, resp, from)
}

// positioned leads f to byte from; false where the file ends there.
func positioned(f *bulkFile, resp *http.Response, from int64) (bool, error) {
	switch status := resp.StatusCode; {
	case status == http.StatusOK: // whoever sends it knows no ranges
		if _, err := io.CopyN(io.Discard, f, from); err != nil {
			return false, fault.Wrap(fault.Temporary, err, "the file broke off before byte %d", from)
		}
		return true, nil
	case status == http.StatusPartialContent:
		if !strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", from)) {
			return false, fault.New(fault.Permanent, "the file's server sent another part than was asked for")
		}
		return true, nil
	case status == http.StatusRequestedRangeNotSatisfiable && resp.Header.Get("Content-Range") == fmt.Sprintf("bytes */%d", from):
		return false, nil
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		return false, fault.New(fault.Temporary, "the file cannot be had now (HTTP %d)", status)
	case status == http.StatusBadRequest, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusGone:
		// What is past its seven days is answered so, in one of these ways. Bulk may tell a new address.
		return false, fault.New(fault.NotFound, "the file is not there any more (HTTP %d)", status)
	default:
		return false, fault.New(fault.Permanent, "the file's server refused it (HTTP %d)", status)
	}
}

// fileClient is whom to ask for a file at address.
func (c *Client) fileClient(address string) (*http.Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, fault.New(fault.Invalid, "the address of the file is not a URL")
	}
	if fake, err := url.Parse(c.URL); c.URL != "" && err == nil && fake.Host == u.Host {
		return &http.Client{Transport: c.HTTP.Transport, CheckRedirect: noRedirect}, nil
	}
	if err := public(u); err != nil {
		return nil, err
	}
	// Guarded at each connection, with the very address that is called: a name
	// that changes its address between check and use gains nothing.
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: ssrf.New(ssrf.WithPorts(443)).Safe}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:             nil, // the guard would look at a proxy's address instead
			DialContext:       dialer.DialContext,
			TLSClientConfig:   &tls.Config{MinVersion: tls.VersionTLS12},
			DisableKeepAlives: true, // one file, one connection
			// What is packed on its way has other byte offsets.
			DisableCompression: true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fault.New(fault.Permanent, "the file is moved on and on")
			}
			return public(req.URL)
		},
	}, nil
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func public(u *url.URL) error {
	if u.Scheme != "https" || u.User != nil {
		return fault.New(fault.Invalid, "the address of the file is not one of https")
	}
	return nil
}

// brokenOff says why a file could not be read on.
func brokenOff(ctx context.Context, err error) error {
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, ssrf.ErrProhibitedIP), errors.Is(err, ssrf.ErrProhibitedPort), errors.Is(err, ssrf.ErrProhibitedNetwork):
		return fault.Wrap(fault.Invalid, err, "the address of the file is not public")
	case context.Cause(ctx) != nil:
		err = context.Cause(ctx)
	}
	return fault.Wrap(fault.Temporary, err, "the file broke off")
}
