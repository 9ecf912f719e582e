// Package hookfake plays a receiver of webhooks: it checks what comes as a
// careful receiver would, drops doubles by webhook-id, keeps what it took, and
// goes wrong on demand. It is an http.Handler; who serves it decides where.
// Only the demo, apptest and tests use it.
package hookfake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	tolerance = 5 * time.Minute // how far a signed time may be from ours, either way
	maxBody   = 64 << 10
)

// Delivery is one webhook that was taken, however often it came.
type Delivery struct {
	ID    string
	Body  []byte // as it came first
	Count int    // how often it came and was taken
	// Changed says that it came again with another body, which a receiver that
	// drops doubles never sees.
	Changed bool
	// Signed is the webhook-timestamp of each time it came.
	Signed []time.Time
}

// Receiver is the server. Its methods may be called from several goroutines.
type Receiver struct {
	// Now is the receiver's clock, real time unless it is set before serving.
	Now func() time.Time

	mu      sync.Mutex
	by      *standardwebhooks.Webhook
	taken   []*Delivery
	refused []string
	trouble Trouble
	left    int
}

// New makes a receiver that knows one secret, whsec_....
func New(secret string) (*Receiver, error) {
	r := &Receiver{Now: time.Now}
	return r, r.Rotate(secret)
}

// Rotate makes it know another secret, and the former no more.
func (r *Receiver) Rotate(secret string) error {
	by, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return errors.New("hookfake: the secret cannot be read")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.by = by
	return nil
}

// Deliveries are copies of what was taken, in the order in which each came first.
func (r *Receiver) Deliveries() []Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Delivery, len(r.taken))
	for i, d := range r.taken {
		out[i] = *d
		out[i].Signed = slices.Clone(d.Signed)
	}
	return out
}

// Refused says of each request that a sender must not make what was wrong with it.
func (r *Receiver) Refused() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.refused)
}

// ServeHTTP takes one webhook, or refuses it: 401 for a signature that does not fit.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	var status int
	if err == nil {
		status, err = r.check(req, body)
	} else {
		status = http.StatusRequestEntityTooLarge
	}
	if err != nil {
		r.mu.Lock()
		r.refused = append(r.refused, err.Error())
		r.mu.Unlock()
		http.Error(w, err.Error(), status)
		return
	}
	trouble := r.nextTrouble()
	if trouble == nil || trouble.Taken {
		r.take(req, body)
	}
	if trouble != nil {
		trouble.answer(w, req)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// check returns the status of a refusal and the reason, nil if all is well.
func (r *Receiver) check(req *http.Request, body []byte) (int, error) {
	r.mu.Lock()
	by := r.by
	r.mu.Unlock()
	if req.Method != http.MethodPost {
		return http.StatusMethodNotAllowed, fmt.Errorf("method %s", req.Method)
	}
	// The library holds the time against the real clock only, so ours is asked below.
	if err := by.VerifyIgnoringTimestamp(body, req.Header); err != nil {
		return http.StatusUnauthorized, err
	}
	if off := r.Now().Sub(signedAt(req)).Abs(); off > tolerance {
		return http.StatusUnauthorized, fmt.Errorf("signed %s from now", off)
	}
	if kind, _, err := mime.ParseMediaType(req.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return http.StatusUnsupportedMediaType, errors.New("content type is not JSON")
	}
	if !json.Valid(body) {
		return http.StatusBadRequest, errors.New("body is not JSON")
	}
	return 0, nil
}

func (r *Receiver) take(req *http.Request, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := req.Header.Get(standardwebhooks.HeaderWebhookID)
	i := slices.IndexFunc(r.taken, func(d *Delivery) bool { return d.ID == id })
	if i < 0 {
		i = len(r.taken)
		r.taken = append(r.taken, &Delivery{ID: id, Body: body})
	}
	d := r.taken[i]
	d.Count++
	d.Changed = d.Changed || !bytes.Equal(d.Body, body)
	d.Signed = append(d.Signed, signedAt(req))
}

// signedAt is the webhook-timestamp; the library has seen that it is a number.
func signedAt(req *http.Request) time.Time {
	seconds, _ := strconv.ParseInt(req.Header.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	return time.Unix(seconds, 0).UTC()
}
