package account

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// newKeys speaks of passkeys for a public address; nil where that can have none:
// their scope is a domain, and they need https or this very machine
// (w3.org/TR/webauthn-3, 13.4.9 and 5.1.2).
func newKeys(base string) *webauthn.WebAuthn {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Hostname() != "localhost" {
		return nil
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Flywheel", RPOrigins: []string{u.Scheme + "://" + u.Host}, AttestationPreference: protocol.PreferNoAttestation,
		Timeouts: webauthn.TimeoutsConfig{Login: webauthn.TimeoutConfig{Enforce: true}, Registration: webauthn.TimeoutConfig{Enforce: true}},
	})
	if err != nil { // an address of numbers is no domain
		return nil
	}
	return w
}

// keyWindow is within which time a client may begin 60 times.
const keyWindow = time.Hour

// holder is a user with their passkeys, as the library wants them.
type holder struct {
	store.User
	keys []webauthn.Credential
}

// WebAuthnID is the handle that a passkey keeps of its user.
func (h holder) WebAuthnID() []byte { return []byte(h.ID) }

// WebAuthnName is what a device shows of them.
func (h holder) WebAuthnName() string { return h.Email }

// WebAuthnDisplayName is what they are called.
func (h holder) WebAuthnDisplayName() string { return cmp.Or(h.Name, h.Email) }

// WebAuthnCredentials are their passkeys.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (d *Desk) holder(ctx context.Context, id commerce.UserID) (h holder, err error) {
	if h.User, err = d.Store.User(ctx, id); err != nil {
		return h, err
	}
	all, err := d.Store.Passkeys(ctx, id)
	for _, p := range all {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(p.Credential), &c); err != nil {
			return h, err
		}
		h.keys = append(h.keys, c)
	}
	return h, err
}

var errNoKeys = fault.New(fault.NotFound, "passkeys cannot be used at this address")

// errKey is the answer to a ceremony that failed, whatever the cause: it is logged.
func (d *Desk) errKey(err error) error {
	return fault.Wrap(fault.Denied, err, "the passkey was not taken: try again, or sign in by mail")
}

// BeginPasskey begins to make a passkey for whoever is signed in, and returns
// what their browser has to know.
func (d *Desk) BeginPasskey(ctx context.Context) (any, error) {
	if d.keys == nil {
		return nil, errNoKeys
	}
	u, _ := d.Current(ctx)
	h, err := d.holder(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	options, ceremony, err := d.keys.BeginRegistration(h,
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}),
		webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}
	return options, d.keepCeremony(ctx, ceremony)
}

// FinishPasskey keeps the passkey that a browser has made, under a name.
func (d *Desk) FinishPasskey(ctx context.Context, name string, answer []byte) error {
	ceremony, err := d.takeCeremony(ctx)
	if err != nil {
		return err
	}
	u, _ := d.Current(ctx)
	h, err := d.holder(ctx, u.ID)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return d.errKey(err)
	}
	c, err := d.keys.CreateCredential(h, ceremony, parsed)
	if err != nil {
		return d.errKey(err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return d.Store.AddPasskey(ctx, store.Passkey{ID: keyID(c.ID), User: u.ID, Name: cmp.Or(templates.Clean(name, 60), Browser(of(ctx).agent), "Passkey"), Credential: string(text)})
}

func keyID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// BeginKeyLogin begins to sign in by a passkey, whoever it is.
func (d *Desk) BeginKeyLogin(ctx context.Context, ip string) (any, error) {
	if d.keys == nil {
		return nil, errNoKeys
	}
	if err := d.allow(ctx, "key "+ip, 60, keyWindow); err != nil {
		return nil, err
	}
	options, ceremony, err := d.keys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, err
	}
	if _, in := d.Current(ctx); !in {
		d.sessions.SetDeadline(ctx, d.Now().Add(strangerLife))
	}
	return options, d.keepCeremony(ctx, ceremony)
}

// FinishKeyLogin signs in whose passkey a browser has shown. A passkey that
// counts lower than before was copied, and is refused.
func (d *Desk) FinishKeyLogin(ctx context.Context, answer []byte) error {
	ceremony, err := d.takeCeremony(ctx)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return d.errKey(err)
	}
	found, c, err := d.keys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		return d.holder(ctx, commerce.UserID(handle))
	}, ceremony, parsed)
	if err != nil {
		return d.errKey(err)
	}
	h := found.(holder)
	if c.Authenticator.CloneWarning {
		d.Log.Warn("a passkey counts lower than before", "user", h.ID)
		return d.errKey(nil)
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := d.Store.UsePasskey(ctx, h.ID, keyID(c.ID), string(text)); err != nil {
		return d.errKey(err)
	}
	d.Log.Info("signed in", "user", h.ID, "by", "passkey")
	return d.signIn(ctx, h.User)
}

// keepCeremony keeps what was asked of a browser until it answers.
func (d *Desk) keepCeremony(ctx context.Context, ceremony *webauthn.SessionData) error {
	text, err := json.Marshal(ceremony)
	if err == nil {
		d.sessions.Put(ctx, keyCeremony, string(text))
	}
	return err
}

// takeCeremony returns it, once.
func (d *Desk) takeCeremony(ctx context.Context) (ceremony webauthn.SessionData, err error) {
	text := d.sessions.PopString(ctx, keyCeremony)
	if text == "" || d.keys == nil {
		return ceremony, d.errKey(nil)
	}
	return ceremony, json.Unmarshal([]byte(text), &ceremony)
}
