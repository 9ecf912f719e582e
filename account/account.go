// Package account is who may come in: people who sign in by a mailed link or a
// passkey, the accounts they belong to, and the shops that are granted to those.
// Who opens the app inside Shopify needs none of it. It keeps sessions, makes
// and takes invitations and writes the mails about them; package server shows
// the pages, and whoever makes a Desk says how mails go out.
package account

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-webauthn/webauthn/webauthn"

	"flywheel/commerce"
	"flywheel/store"
)

// Options are what a Desk is made with.
type Options struct {
	Store   *store.Store
	BaseURL string
	// Post sends a mail; nil = none can be sent from here, and nobody signs in by one.
	Post func(ctx context.Context, m Letter) error
	// Limits bound how often somebody asks and guesses; nil = this process counts alone.
	Limits *Limiter
	Log    *slog.Logger
	// Now is real time, by which sessions and links end; nil = time.Now.
	Now func() time.Time
}

// Desk is where people are let in. Those of its methods that take a context of
// Load read and change the session of a request.
type Desk struct {
	Options
	sessions *scs.SessionManager
	keys     *webauthn.WebAuthn // nil = the public address can have no passkeys
	writing  sync.WaitGroup
	slots    chan struct{} // a place for each mail that is being written
}

// User is somebody who is signed in.
type User struct {
	ID            commerce.UserID
	Email, Name   string
	Locale, Theme string // "" = the browser's
}

// letterSlots is how many mails are written at once; who asks beyond that waits.
const letterSlots = 32

// New makes a desk.
func New(o Options) *Desk {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Limits == nil {
		o.Limits = &Limiter{}
	}
	d := &Desk{Options: o, slots: make(chan struct{}, letterSlots)}
	d.sessions = d.newSessions()
	d.keys = newKeys(o.BaseURL)
	return d
}

// Close waits for the mails that are being written.
func (d *Desk) Close() { d.writing.Wait() }

// Passkeys reports whether people can have passkeys here: they need a name in
// the public address, by https or on this very machine.
func (d *Desk) Passkeys() bool { return d.keys != nil }

// Access returns what a user may do in a shop, and by which account; see store.Access.
func (d *Desk) Access(ctx context.Context, user commerce.UserID, shop commerce.ShopID) (commerce.Role, commerce.AccountID, error) {
	return d.Store.Access(ctx, shop, user)
}

// ErrTooOften is the answer to whoever asks or guesses too often.
var ErrTooOften = errors.New("too often: wait a while")

// Back returns where to go on after signing in: a page of ours that needs it,
// whatever was asked for. Anything else is "/shops".
func Back(wanted string) string {
	const home = "/shops"
	u, err := url.Parse(wanted)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || len(wanted) > 1000 ||
		strings.ContainsFunc(wanted, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return home
	}
	for _, part := range []string{"/shops", "/me", "/accounts", "/join"} {
		if u.Path == part || strings.HasPrefix(u.Path, part+"/") {
			return wanted
		}
	}
	return home
}
