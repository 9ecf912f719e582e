package account

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

const (
	// Idle is how long a session lives unused, Life how long at all.
	Idle = 12 * time.Hour
	Life = 30 * 24 * time.Hour
	// strangerLife is how long a browser is remembered that is not signed in yet.
	strangerLife = time.Hour
	// seenStep is how exactly it is kept when a browser came last.
	seenStep = time.Minute
	maxAgent = 300
)

// What a session holds. All of it is text.
const (
	keyUser     = "user"
	keyRev      = "rev" // of the user when the session got its token
	keyAgent    = "agent"
	keyBegun    = "begun"
	keyBrowser  = "browser"  // what tells the browser that asked for a link
	keyAsked    = "asked"    // the address it asked for, to show it
	keyCeremony = "ceremony" // a passkey's, under way
)

// caller is who makes a request, beside what the session holds.
type caller struct {
	loaded string // the hash of the token that came and is good
	agent  string
	user   User
	ok     bool
}

type callerKey struct{}

func of(ctx context.Context) *caller {
	who, ok := ctx.Value(callerKey{}).(*caller)
	if !ok {
		panic("account: no session was loaded for this request")
	}
	return who
}

// newSessions sets up scs by hand: scs.New begins with a store in memory, whose
// goroutine would stay for ever. When a session is idle, our own store knows.
func (d *Desk) newSessions() *scs.SessionManager {
	name, secure := "flywheel", strings.HasPrefix(d.BaseURL, "https:")
	if secure {
		name = "__Host-flywheel" // no other host can set it (RFC 6265bis, 4.1.3.2)
	}
	return &scs.SessionManager{
		Store: sessionStore{d}, Codec: codec{}, HashTokenInStore: true, Lifetime: Life,
		Cookie: scs.SessionCookie{Name: name, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode, Persist: true},
	}
}

// Load reads the session of a request. Where what its user may do has changed,
// it gets another token.
func (d *Desk) Load(r *http.Request) (context.Context, error) {
	token := ""
	if cookie, err := r.Cookie(d.sessions.Cookie.Name); err == nil {
		token = cookie.Value
	}
	who := &caller{agent: r.UserAgent()[:min(len(r.UserAgent()), maxAgent)]}
	ctx, err := d.sessions.Load(context.WithValue(r.Context(), callerKey{}, who), token)
	if err != nil {
		return nil, err
	}
	id := commerce.UserID(d.sessions.GetString(ctx, keyUser))
	if id == "" {
		return ctx, nil
	}
	u, err := d.Store.User(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return ctx, d.sessions.Destroy(ctx)
	}
	if err != nil {
		return nil, err
	}
	if d.sessions.GetString(ctx, keyRev) != strconv.FormatInt(u.Rev, 10) {
		if going, err := d.rotate(ctx, u); err != nil || !going {
			return ctx, err
		}
	}
	who.user, who.ok = User{u.ID, u.Email, u.Name, u.Locale, u.Theme}, true
	return ctx, nil
}

// Save keeps what a request has changed of its session and sets the cookie. It
// comes before the answer's first byte.
func (d *Desk) Save(ctx context.Context, w http.ResponseWriter) error {
	w.Header().Add("Vary", "Cookie")
	switch d.sessions.Status(ctx) {
	case scs.Modified:
		token, until, err := d.sessions.Commit(ctx)
		if err != nil {
			return err
		}
		d.sessions.WriteSessionCookie(ctx, w, token, until)
	case scs.Destroyed:
		d.sessions.WriteSessionCookie(ctx, w, "", time.Time{})
	}
	return nil
}

// Current is who is signed in.
func (d *Desk) Current(ctx context.Context) (User, bool) { return of(ctx).user, of(ctx).ok }

// Asked is the address that this browser asked a link for; "" = for none.
func (d *Desk) Asked(ctx context.Context) string { return d.sessions.GetString(ctx, keyAsked) }

// signIn makes the session that of a user. Its token is another from here on, and
// nothing of what it held before is left.
func (d *Desk) signIn(ctx context.Context, u store.User) error {
	if err := d.sessions.RenewToken(ctx); err != nil {
		return err
	}
	if err := d.sessions.Clear(ctx); err != nil {
		return err
	}
	now := d.Now()
	d.sessions.SetDeadline(ctx, now.Add(Life))
	d.sessions.Put(ctx, keyUser, string(u.ID))
	d.sessions.Put(ctx, keyRev, strconv.FormatInt(u.Rev, 10))
	d.sessions.Put(ctx, keyAgent, of(ctx).agent)
	d.sessions.Put(ctx, keyBegun, strconv.FormatInt(now.UnixMilli(), 10))
	who := of(ctx)
	who.user, who.ok = User{u.ID, u.Email, u.Name, u.Locale, u.Theme}, true
	return nil
}

// rotate gives the session another token, and the same end. It is false where
// the session was signed out at this moment.
func (d *Desk) rotate(ctx context.Context, u store.User) (bool, error) {
	was, err := d.Store.DropSession(ctx, of(ctx).loaded)
	if err != nil {
		return false, err
	}
	if !was {
		return false, d.sessions.Destroy(ctx)
	}
	until := d.sessions.Deadline(ctx)
	if err := d.sessions.RenewToken(ctx); err != nil {
		return false, err
	}
	d.sessions.SetDeadline(ctx, until)
	d.sessions.Put(ctx, keyRev, strconv.FormatInt(u.Rev, 10))
	return true, nil
}

// SignOut ends the session of a request.
func (d *Desk) SignOut(ctx context.Context) error {
	who := of(ctx)
	who.user, who.ok = User{}, false
	return d.sessions.Destroy(ctx)
}

// SignOutEverywhere ends all sessions of whoever makes a request, this one too.
func (d *Desk) SignOutEverywhere(ctx context.Context) error {
	if who := of(ctx); who.ok {
		if _, err := d.Store.DropSessions(ctx, who.user.ID, "", ""); err != nil {
			return err
		}
	}
	return d.SignOut(ctx)
}

// SignOutOne ends one of their sessions, by its hash.
func (d *Desk) SignOutOne(ctx context.Context, hash string) error {
	who := of(ctx)
	if hash == who.loaded {
		return d.SignOut(ctx)
	}
	_, err := d.Store.DropSessions(ctx, who.user.ID, "", hash)
	return err
}

// Seen is a browser in which somebody is signed in.
type Seen struct {
	Hash          string
	Agent         string // as Browser says it
	Begun, SeenAt time.Time
	This          bool
}

// Sessions lists where whoever makes a request is signed in.
func (d *Desk) Sessions(ctx context.Context) ([]Seen, error) {
	who := of(ctx)
	all, err := d.Store.Sessions(ctx, who.user.ID, commerce.At(d.Now()), Idle)
	var out []Seen
	for _, x := range all {
		out = append(out, Seen{x.Hash, Browser(x.Agent), x.BegunAt.Time(), x.SeenAt.Time(), x.Hash == who.loaded})
	}
	return out, err
}

// Browser names a browser and its system as people know them; "" = neither is known.
func Browser(agent string) string {
	name := func(of [][2]string) string {
		for _, one := range of {
			if strings.Contains(agent, one[0]) {
				return one[1]
			}
		}
		return ""
	}
	// the order matters: each of these calls itself by the names of later ones too
	browser := name([][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS", "Chrome"}, {"Safari/", "Safari"}})
	system := name([][2]string{{"Windows", "Windows"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}})
	return strings.Trim(browser+" · "+system, " ·")
}

// codec writes a session as JSON. All that it holds is text.
type codec struct{}

type written struct {
	Until  time.Time      `json:"until"`
	Values map[string]any `json:"values"`
}

// Encode writes a session.
func (codec) Encode(until time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(written{until, values})
}

// Decode reads one.
func (codec) Decode(data []byte) (time.Time, map[string]any, error) {
	w := written{Values: map[string]any{}}
	err := json.Unmarshal(data, &w)
	return w.Until, w.Values, err
}

// sessionStore keeps sessions in the database, by the hash of their token.
type sessionStore struct{ d *Desk }

// FindCtx returns what is kept of a session that has not ended.
func (s sessionStore) FindCtx(ctx context.Context, hash string) ([]byte, bool, error) {
	now := commerce.At(s.d.Now())
	x, found, err := s.d.Store.Session(ctx, hash, now, Idle)
	if err != nil || !found {
		return nil, false, err
	}
	of(ctx).loaded = hash
	if x.SeenAt < now.Add(-seenStep) {
		err = s.d.Store.SawSession(ctx, hash, x.User, now)
	}
	return x.Data, true, err
}

// CommitCtx keeps a session. One that came with the request and was signed out
// meanwhile is not made again.
func (s sessionStore) CommitCtx(ctx context.Context, hash string, data []byte, until time.Time) error {
	_, values, err := codec{}.Decode(data)
	if err != nil {
		return err
	}
	text := func(key string) string {
		v, _ := values[key].(string)
		return v
	}
	now := s.d.Now()
	x := store.Session{Hash: hash, User: commerce.UserID(text(keyUser)), Data: data, Agent: text(keyAgent), BegunAt: commerce.At(now), SeenAt: commerce.At(now), ExpiresAt: commerce.At(until)}
	if begun, err := strconv.ParseInt(text(keyBegun), 10, 64); err == nil {
		x.BegunAt = commerce.Instant(begun)
	}
	if hash == of(ctx).loaded {
		return s.d.Store.UpdateSession(ctx, x)
	}
	if err := s.d.Store.AddSession(ctx, x); err != nil || x.User == "" {
		return err
	}
	return s.d.Store.SawSession(ctx, hash, x.User, x.SeenAt)
}

// DeleteCtx forgets a session.
func (s sessionStore) DeleteCtx(ctx context.Context, hash string) error {
	_, err := s.d.Store.DropSession(ctx, hash)
	return err
}

// Find, Commit and Delete are the same without a context; scs does not call them.
func (s sessionStore) Find(hash string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), hash)
}

// Commit is described at Find.
func (s sessionStore) Commit(hash string, data []byte, until time.Time) error {
	return s.CommitCtx(context.Background(), hash, data, until)
}

// Delete is described at Find.
func (s sessionStore) Delete(hash string) error { return s.DeleteCtx(context.Background(), hash) }
