package account_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/stretchr/testify/require"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

const origin = "https://flywheel.example"

// device is an authenticator with one passkey (w3.org/TR/webauthn-3, 6.1).
type device struct {
	t       *testing.T
	id      []byte
	key     *ecdsa.PrivateKey
	handle  string // of the user, base64url
	count   uint32
	flags   byte // user present 1, user verified 4
	origin  string
	replays string // a challenge that it answers instead of the one it is asked
}

func newDevice(t *testing.T) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return &device{t: t, id: []byte(rand.Text()), key: key, flags: 1 | 4, origin: origin}
}

func text(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// asked is what a page's script is told.
type asked struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"`
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
		UserVerification       string `json:"userVerification"`
		AuthenticatorSelection struct {
			UserVerification string `json:"userVerification"`
			ResidentKey      string `json:"residentKey"`
		} `json:"authenticatorSelection"`
		ExcludeCredentials []struct {
			ID string `json:"id"`
		} `json:"excludeCredentials"`
	} `json:"publicKey"`
}

func read(t *testing.T, options any, err error) (a asked) {
	t.Helper()
	require.NoError(t, err)
	data, err := json.Marshal(options)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &a))
	return a
}

func (d *device) client(kind, challenge string) []byte {
	if d.replays != "" {
		challenge = d.replays
	}
	data, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	require.NoError(d.t, err)
	return data
}

func (d *device) data(flags byte) []byte {
	rp := sha256.Sum256([]byte("flywheel.example"))
	return binary.BigEndian.AppendUint32(append(rp[:], flags), d.count)
}

func (d *device) answer(response map[string]string) []byte {
	data, err := json.Marshal(map[string]any{"id": text(d.id), "rawId": text(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	require.NoError(d.t, err)
	return data
}

// make makes the passkey, without an attestation.
func (d *device) make(a asked) []byte {
	d.handle = a.PublicKey.User.ID
	point, err := d.key.PublicKey.Bytes()
	require.NoError(d.t, err)
	public, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]}) // RFC 9053, 7.1.1
	require.NoError(d.t, err)
	data := append(d.data(d.flags|0x40), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(d.id))), d.id...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": append(data, public...)})
	require.NoError(d.t, err)
	return d.answer(map[string]string{"clientDataJSON": text(d.client("webauthn.create", a.PublicKey.Challenge)), "attestationObject": text(object)})
}

// show signs a challenge.
func (d *device) show(a asked) []byte {
	d.count++
	client, data := d.client("webauthn.get", a.PublicKey.Challenge), d.data(d.flags)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	require.NoError(d.t, err)
	return d.answer(map[string]string{"clientDataJSON": text(client), "authenticatorData": text(data), "signature": text(signature), "userHandle": d.handle})
}

// visit is one request of a browser whose cookie it keeps.
func visit(t *testing.T, d *account.Desk, cookie *string, do func(context.Context) error) error {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, origin+"/", nil)
	if *cookie != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-flywheel", Value: *cookie})
	}
	ctx, err := d.Load(r)
	require.NoError(t, err)
	did := do(ctx)
	rec := httptest.NewRecorder()
	require.NoError(t, d.Save(ctx, rec))
	for _, c := range rec.Result().Cookies() {
		*cookie = c.Value
	}
	return did
}

// signedIn is a browser of somebody, by a passkey that they have just made.
func signedIn(t *testing.T, s *store.Store, d *account.Desk, key *device) (cookie string, user commerce.UserID) {
	t.Helper()
	var u store.User
	storetest.Do(t, s, func(tx *store.Tx) (err error) { u, err = tx.MakeUser("ada@example.com"); return err })
	require.NoError(t, s.AddSession(t.Context(), sessionOf(u.ID, "first")))
	cookie = "first"
	require.NoError(t, visit(t, d, &cookie, func(ctx context.Context) error {
		options, err := d.BeginPasskey(ctx)
		a := read(t, options, err)
		require.Equal(t, "flywheel.example", a.PublicKey.RP.ID)
		require.Equal(t, []string{"required", "required"}, []string{a.PublicKey.AuthenticatorSelection.UserVerification, a.PublicKey.AuthenticatorSelection.ResidentKey})
		return d.FinishPasskey(ctx, " My <b>phone ", key.make(a))
	}))
	return cookie, u.ID
}

func login(t *testing.T, d *account.Desk, cookie *string, key *device) error {
	t.Helper()
	var a asked
	require.NoError(t, visit(t, d, cookie, func(ctx context.Context) error {
		options, err := d.BeginKeyLogin(ctx, "192.0.2.1")
		a = read(t, options, err)
		require.Equal(t, "required", a.PublicKey.UserVerification)
		return err
	}))
	return visit(t, d, cookie, func(ctx context.Context) error { return d.FinishKeyLogin(ctx, key.show(a)) })
}

func TestSigningInByPasskey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, key := account.New(account.Options{Store: s, BaseURL: origin}), newDevice(t)
		cookie, user := signedIn(t, s, d, key)
		all, err := s.Passkeys(t.Context(), user)
		require.NoError(t, err)
		require.Len(t, all, 1)
		require.Equal(t, "My <b>phone", all[0].Name)
		require.NoError(t, visit(t, d, &cookie, func(ctx context.Context) error {
			options, err := d.BeginPasskey(ctx)
			require.Len(t, read(t, options, err).PublicKey.ExcludeCredentials, 1, "a device makes no second one")
			return err
		}))

		fresh := ""
		require.NoError(t, login(t, d, &fresh, key))
		require.NoError(t, visit(t, d, &fresh, func(ctx context.Context) error {
			u, in := d.Current(ctx)
			require.True(t, in)
			require.Equal(t, user, u.ID)
			return nil
		}))
		require.NoError(t, login(t, d, &fresh, key), "and again")

		require.NoError(t, s.DropPasskey(t.Context(), user, all[0].ID))
		require.True(t, fault.Is(login(t, d, new(string), key), fault.Denied), "one that was removed")
	})
}

// Whatever is not the owner's device, here, now, is refused.
func TestPasskeysThatAreRefused(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	d, key := account.New(account.Options{Store: s, BaseURL: origin}), newDevice(t)
	signedIn(t, s, d, key)
	for name, change := range map[string]func(*device){
		"another site":               func(x *device) { x.origin = "https://evil.example" },
		"nobody was verified":        func(x *device) { x.flags = 1 },
		"another key":                func(x *device) { x.key = newDevice(t).key },
		"another passkey":            func(x *device) { x.id = []byte("unknown") },
		"another user":               func(x *device) { x.handle = text([]byte("somebody")) },
		"no user":                    func(x *device) { x.handle = "" },
		"an answer to what was once": func(x *device) { x.replays = text([]byte("0123456789abcdef0123456789abcdef")) },
	} {
		bad := *key
		change(&bad)
		cookie := ""
		require.True(t, fault.Is(login(t, d, &cookie, &bad), fault.Denied), name)
		require.NoError(t, visit(t, d, &cookie, func(ctx context.Context) error {
			_, in := d.Current(ctx)
			require.False(t, in, name)
			return nil
		}))
	}
	cookie := ""
	var once asked
	require.NoError(t, visit(t, d, &cookie, func(ctx context.Context) error {
		options, err := d.BeginKeyLogin(ctx, "192.0.2.1")
		once = read(t, options, err)
		return err
	}))
	for _, answer := range [][]byte{[]byte("{}"), key.show(once)} {
		require.True(t, fault.Is(visit(t, d, &cookie, func(ctx context.Context) error { return d.FinishKeyLogin(ctx, answer) }), fault.Denied), "one answer to one question")
	}
	key.count = 10
	require.NoError(t, login(t, d, new(string), key))
	key.count = 3
	require.True(t, fault.Is(login(t, d, new(string), key), fault.Denied), "it counts lower than before: it was copied")

	var a asked
	cookie = ""
	require.NoError(t, visit(t, d, &cookie, func(ctx context.Context) error {
		options, err := d.BeginKeyLogin(ctx, "192.0.2.1")
		a = read(t, options, err)
		return err
	}))
	key.count = 20
	answer := key.show(a)
	require.True(t, fault.Is(visit(t, d, new(string), func(ctx context.Context) error { return d.FinishKeyLogin(ctx, answer) }), fault.Denied), "in another browser")
	require.NoError(t, visit(t, d, &cookie, func(ctx context.Context) error { return d.FinishKeyLogin(ctx, answer) }))
	require.True(t, fault.Is(visit(t, d, &cookie, func(ctx context.Context) error { return d.FinishKeyLogin(ctx, answer) }), fault.Denied), "twice")
}

func TestWherePasskeysCanBe(t *testing.T) {
	for base, can := range map[string]bool{"https://flywheel.example": true, "http://localhost:8080": true, "http://127.0.0.1:8080": false, "http://flywheel.example": false, "https://192.0.2.1": false} {
		require.Equal(t, can, account.New(account.Options{BaseURL: base}).Passkeys(), base)
	}
}

// A session that was there before somebody came in by a passkey is worth nothing
// afterwards, whoever has planted it.
func TestAPlantedSessionIsNoWayIn(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	d, key := account.New(account.Options{Store: s, BaseURL: origin}), newDevice(t)
	_, user := signedIn(t, s, d, key)
	planted := ""
	require.NoError(t, visit(t, d, &planted, func(ctx context.Context) error {
		_, err := d.BeginKeyLogin(ctx, "192.0.2.9") // somebody's own session, not signed in
		return err
	}))
	for _, before := range []string{planted, "made-up"} {
		cookie, kept := before, before
		require.NoError(t, login(t, d, &cookie, key))
		require.NotEqual(t, kept, cookie)
		who := func(token string) (id commerce.UserID) {
			require.NoError(t, visit(t, d, &token, func(ctx context.Context) error {
				u, _ := d.Current(ctx)
				id = u.ID
				return nil
			}))
			return id
		}
		require.Equal(t, user, who(cookie))
		require.Empty(t, who(kept), "%q was there before", kept)
	}
}
