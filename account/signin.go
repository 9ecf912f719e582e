package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/links"
	"flywheel/store"
	"flywheel/templates"
)

const (
	// linkLife is how long a link to sign in by is good, codeTries how many codes may be typed for one.
	linkLife  = 15 * time.Minute
	codeTries = 5
	codeSize  = 8 // digits
)

// Asking is somebody who wants to sign in.
type Asking struct{ Email, Back, Lang, IP string }

// Ask has a link mailed to whoever is known by an address, or invited. What it
// returns and how long it takes says nothing of which: it is fault.Invalid for
// what is no address, and ErrTooOften.
func (d *Desk) Ask(ctx context.Context, a Asking) error {
	email := commerce.NormalEmail(a.Email)
	if email == "" {
		return fault.New(fault.Invalid, "this is not a mail address")
	}
	if d.Post == nil {
		return fault.New(fault.Temporary, "no mail can be sent from here: the operator has to set SMTP_URL")
	}
	if err := d.allow(ctx, "ask "+a.IP, 20, time.Hour); err != nil {
		return err
	}
	if err := d.allow(ctx, "mail "+email, 5, 15*time.Minute); err != nil {
		return err
	}
	browser := d.sessions.GetString(ctx, keyBrowser)
	if browser == "" {
		browser = rand.Text()
		d.sessions.Put(ctx, keyBrowser, browser)
	}
	if _, in := d.Current(ctx); !in {
		d.sessions.SetDeadline(ctx, d.Now().Add(strangerLife))
	}
	d.sessions.Put(ctx, keyAsked, email)
	d.later(ctx, func(ctx context.Context) error { return d.mailLink(ctx, a, email, browser) })
	return nil
}

// later does something after the answer, so that nobody learns from how long it takes.
func (d *Desk) later(ctx context.Context, do func(context.Context) error) {
	ctx = context.WithoutCancel(ctx)
	d.writing.Go(func() {
		d.slots <- struct{}{}
		defer func() { <-d.slots }()
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if err := do(ctx); err != nil {
			d.Log.Error("a mail of an account did not go out", "error", err)
		}
	})
}

func (d *Desk) mailLink(ctx context.Context, a Asking, email, browser string) error {
	known, err := d.expected(ctx, email, a.Back)
	if err != nil || !known {
		return err
	}
	token, hash := links.NewToken()
	code, err := newCode()
	if err != nil {
		return err
	}
	now := commerce.At(d.Now())
	if err := d.Store.AddSignIn(ctx, store.SignIn{
		Hash: hex.EncodeToString(hash), Email: email, Browser: mark(browser), Code: mark(browser + code), Back: Back(a.Back), MadeAt: now, ExpiresAt: now.Add(linkLife),
	}); err != nil {
		return err
	}
	m, err := letter(a.Lang, "signin", d.BaseURL+"/login/"+token, map[string]string{"Code": templates.IsolateLTR(a.Lang, code[:codeSize/2]+" "+code[codeSize/2:])})
	if err != nil {
		return err
	}
	m.To = email
	return d.Post(ctx, m)
}

// expected reports whether an address may sign in: it is somebody's, or an
// invitation is open that it may take up.
func (d *Desk) expected(ctx context.Context, email, back string) (bool, error) {
	if _, err := d.Store.UserByEmail(ctx, email); !fault.Is(err, fault.NotFound) {
		return err == nil, err
	}
	if invited, err := d.Store.Invited(ctx, email); err != nil || invited {
		return invited, err
	}
	u, err := url.Parse(Back(back))
	if err != nil {
		return false, nil
	}
	token, joins := strings.CutPrefix(u.Path, "/join/")
	if !joins {
		return false, nil
	}
	i, err := d.Store.InvitationByHash(ctx, hashOf(token))
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && i.Email == "", err
}

// Link is how it stands with a link that somebody has opened.
type Link string

// The states of a link.
const (
	LinkGood      Link = "good"
	LinkElsewhere Link = "elsewhere" // another browser asked for it: there the code is typed
	LinkSpent     Link = "spent"     // used, too old, or none of ours
)

// Open says how it stands with a link in the browser of a request. It changes
// nothing: programs that look links over open them too.
func (d *Desk) Open(ctx context.Context, token string) (Link, error) {
	x, err := d.signInOf(ctx, token)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && (x.UsedAt != 0 || x.ExpiresAt <= commerce.At(d.Now())):
		return LinkSpent, nil
	case err == nil && !d.asks(ctx, x):
		return LinkElsewhere, nil
	}
	return LinkGood, err
}

func (d *Desk) signInOf(ctx context.Context, token string) (store.SignIn, error) {
	hash, err := links.Hash(token)
	if err != nil {
		return store.SignIn{}, err
	}
	return d.Store.SignIn(ctx, hex.EncodeToString(hash))
}

// asks reports whether the browser of a request is the one that asked.
func (d *Desk) asks(ctx context.Context, x store.SignIn) bool {
	browser := d.sessions.GetString(ctx, keyBrowser)
	return browser != "" && same(x.Browser, mark(browser))
}

// UseLink signs in by a link, once, in the browser that asked for it, and says
// where to go on. Any other is fault.Denied.
func (d *Desk) UseLink(ctx context.Context, token string) (back string, err error) {
	x, err := d.signInOf(ctx, token)
	if fault.Is(err, fault.NotFound) || err == nil && !d.asks(ctx, x) {
		return "", errLink
	}
	if err != nil {
		return "", err
	}
	return d.enter(ctx, x.Hash)
}

var errLink = fault.New(fault.Denied, "this link cannot be used here: ask for another")

// UseCode signs in by the code of the mail, typed in the browser that asked. A
// wrong one is fault.Invalid; after five of them none counts any more, which is
// fault.Denied.
func (d *Desk) UseCode(ctx context.Context, code, ip string) (back string, err error) {
	browser := d.sessions.GetString(ctx, keyBrowser)
	if browser == "" {
		return "", errLink
	}
	if err := d.allow(ctx, "code "+ip, 30, time.Hour); err != nil {
		return "", err
	}
	x, err := d.Store.TrySignIn(ctx, mark(browser), commerce.At(d.Now()), codeTries)
	if err != nil {
		return "", err
	}
	if !same(x.Code, mark(browser+plain(code))) {
		return "", fault.New(fault.Invalid, "this is not the code of the mail")
	}
	return d.enter(ctx, x.Hash)
}

// enter takes a link and signs its address in, which is a user from now on.
func (d *Desk) enter(ctx context.Context, hash string) (string, error) {
	var u store.User
	var x store.SignIn
	err := d.Store.Transact(ctx, func(tx *store.Tx) (err error) {
		if x, err = tx.UseSignIn(hash, commerce.At(d.Now())); err != nil {
			return err
		}
		u, err = tx.MakeUser(x.Email)
		return err
	})
	if err != nil {
		return "", err
	}
	d.Log.Info("signed in", "user", u.ID, "by", "link")
	return Back(x.Back), d.signIn(ctx, u)
}

// mark is what is kept of a secret.
func mark(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// newCode makes a code of digits: they are on every keyboard.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", codeSize, n), nil
}
