package server

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/integrations/stripe"
	"flywheel/templates"
)

const (
	stripePath         = "/install/stripe"
	stripeCallbackPath = "/install/stripe/callback"
	stripeCookie       = "flywheel_install_stripe"
	// stripeLife is how long an install may take: people log in at Stripe, or sign up.
	stripeLife = time.Hour
	// joinLife is how long the way from a shop's home to Stripe is open.
	joinLife = 10 * time.Minute
)

// The purposes of marks (sealMark).
const (
	stripeStatePurpose = "flywheel stripe install state"
	joinPurpose        = "flywheel stripe joins a shop"
)

// StripeApp is what merchants install in their Stripe accounts.
type StripeApp struct {
	Secrets  []string // signing secrets (absec_...), tried in turn
	Link     string   // install link of the live mode; "" = the app cannot be installed
	TestLink string   // install link of the test mode; "" = likewise
}

func (a StripeApp) link(live bool) string {
	if live {
		return a.Link
	}
	return a.TestLink
}

// joinToken says for ten minutes that user has an account of Stripe join shop:
// it is the parameter "for" of the address at which that begins. "" = no app is set up.
func (s *Server) joinToken(shop commerce.ShopID, user string) string {
	if len(s.StripeApp.Secrets) == 0 || shop == "" {
		return ""
	}
	mark := sealMark(s.StripeApp.Secrets[0], joinPurpose, time.Now().Add(joinLife), string(shop), user)
	return mark + "." + string(shop) + "." + base64.RawURLEncoding.EncodeToString([]byte(user))
}

// readJoin is what joinToken wrote.
func (s *Server) readJoin(token string, now time.Time) (shop commerce.ShopID, user string, err error) {
	parts := strings.Split(token, ".")
	if len(parts) == 4 {
		mark := parts[0] + "." + parts[1]
		name, decodeErr := base64.RawURLEncoding.DecodeString(parts[3])
		if decodeErr == nil && !now.After(endOf(mark)) && fits(s.StripeApp.Secrets, joinPurpose, mark, parts[2], string(name)) {
			return commerce.ShopID(parts[2]), string(name), nil
		}
	}
	return "", "", fault.New(fault.Denied, "this link is older than ten minutes: go back to Flywheel in the Shopify admin and press Connect Stripe again")
}

// startStripe begins to connect an account: it goes on at once to Stripe's
// install page, with a state that this browser must bring back. ?mode=test means
// the test mode, ?for= a shop of ours that the account joins (joinToken).
func (s *Server) startStripe(c echo.Context) error {
	live := c.QueryParam("mode") != "test"
	link := s.StripeApp.link(live)
	if s.Accounts == nil || link == "" || len(s.StripeApp.Secrets) == 0 {
		return fault.New(fault.NotFound, "no Stripe app is set up here for this mode")
	}
	now := time.Now() // browsers and Stripe live in real time
	shop, user := commerce.ShopID(""), ""
	if token := c.QueryParam("for"); token != "" {
		var err error
		if shop, user, err = s.readJoin(token, now); err != nil {
			return err
		}
		if sentFromElsewhere(c.Request()) {
			return s.askSure(c, shop)
		}
	}
	address, err := url.Parse(link)
	if err != nil {
		return err
	}
	state := rand.Text()
	q := address.Query()
	q.Set("redirect_uri", s.BaseURL+stripeCallbackPath)
	q.Set("state", state)
	address.RawQuery = q.Encode()
	begun := begun{live: live, shop: shop}
	s.keepStripe(c, begun.cookie(s.StripeApp.Secrets[0], state, now.Add(stripeLife)), stripeLife)
	s.Log.Info("Stripe install begun", "shop", shop, "user", user, "live", live)
	return c.Redirect(http.StatusFound, address.String())
}

// sentFromElsewhere reports whether another site, a mail or the address bar led
// here: who sends somebody the link of their own shop would get that somebody's
// account. A browser that does not say is taken at its word.
func sentFromElsewhere(r *http.Request) bool {
	from := r.Header.Get("Sec-Fetch-Site")
	return from != "" && from != "same-origin"
}

// askSure names the shop before an account joins it; the link leads back here, from our own site.
func (s *Server) askSure(c echo.Context, id commerce.ShopID) error {
	shop, err := s.Store.Shop(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return s.installPage(c, http.StatusOK, templates.Note{
		Name: "stripe_sure", Data: map[string]string{"Shop": shop.Name}, Href: stripePath + "?" + c.QueryParams().Encode(),
	})
}

// finishStripe is where Stripe's install page comes back to. The signature says
// that Stripe does, the state that it is the browser which began; what mode it
// was is proved by asking in that mode.
func (s *Server) finishStripe(c echo.Context) error {
	if s.Accounts == nil || len(s.StripeApp.Secrets) == 0 {
		return fault.New(fault.NotFound, "no Stripe app is set up here")
	}
	q, now := c.QueryParams(), time.Now()
	live := q.Get("livemode") != "false"
	switch {
	case q.Get("error") == "access_denied":
		return s.installNote(c, "stripe_cancelled")
	case q.Get("error") != "":
		return fault.New(fault.Denied, "Stripe did not install the app")
	case q.Get("state") == "" && q.Get("account_id") != "": // who came from the marketplace begins with us, once
		return c.Redirect(http.StatusFound, stripePath+inMode(live))
	}
	in, err := stripe.VerifyInstall(q, s.StripeApp.Secrets, now)
	if err != nil {
		return err
	}
	b, err := s.begunStripe(c, in.State, now)
	if err != nil {
		return err
	}
	if b.live != live {
		return fault.New(fault.Denied, "the app was installed in another mode than was begun, live or test: begin again")
	}
	opened, err := s.Accounts.Join(c.Request().Context(), install.Joining{Account: in.Account, Live: live, Shop: b.shop})
	if err != nil {
		return err
	}
	s.keepStripe(c, "", -time.Second)
	s.Log.Info("Stripe account joined", "shop", opened.Shop.ID, "connection", opened.Connection.ID, "user", in.User, "fresh", opened.Fresh)
	return s.showJoined(c, opened)
}

func inMode(live bool) string {
	if live {
		return ""
	}
	return "?mode=test"
}

// showJoined says that the account is connected and what happens next.
func (s *Server) showJoined(c echo.Context, o install.Opened) error {
	note := templates.Note{Name: "stripe_joined", Data: map[string]string{"Shop": o.Shop.Name, "Account": o.Connection.ExternalID}}
	if !o.Connection.Live {
		note.Name = "stripe_joined_test"
	}
	connections, err := s.Store.Connections(c.Request().Context(), o.Shop.ID)
	if err != nil {
		return err
	}
	for _, other := range connections {
		if other.Platform == commerce.Shopify && other.Open() && s.ShopifyKey != "" {
			note.Href = "https://" + other.ExternalID + "/admin/apps/" + s.ShopifyKey
		}
	}
	if note.Href == "" { // who has no Shopify admin signs in with us
		if note.Href, err = s.wayIn(c.Request().Context(), o.Shop.ID, "Stripe"); err != nil {
			return err
		}
		if note.Href != "" {
			note.Name += "_way_in"
		}
	}
	return s.installPage(c, http.StatusOK, note)
}

// begun is an install under way, as a browser keeps it.
type begun struct {
	live bool
	shop commerce.ShopID // "" = the account's own
}

func (b begun) parts(state string) []string { return []string{b.mode(), string(b.shop), state} }

func (b begun) mode() string {
	if b.live {
		return "live"
	}
	return "test"
}

func (b begun) cookie(secret, state string, until time.Time) string {
	return sealMark(secret, stripeStatePurpose, until, b.parts(state)...) + "." + b.mode() + "." + string(b.shop)
}

// begunStripe returns what this browser began within the last hour with a state, and refuses any other.
func (s *Server) begunStripe(c echo.Context, state string, now time.Time) (begun, error) {
	cookie, err := c.Cookie(stripeCookie)
	if err != nil {
		return begun{}, fault.New(fault.Denied, "this browser has not begun to connect Stripe, or took longer than an hour: begin again")
	}
	parts := strings.Split(cookie.Value, ".")
	if len(parts) != 4 {
		return begun{}, fault.New(fault.Denied, "this browser has not begun to connect Stripe: begin again")
	}
	b, mark := begun{live: parts[2] == "live", shop: commerce.ShopID(parts[3])}, parts[0]+"."+parts[1]
	switch {
	case !fits(s.StripeApp.Secrets, stripeStatePurpose, mark, b.parts(state)...):
		return begun{}, fault.New(fault.Denied, "another install was begun in this browser: begin again")
	case now.After(endOf(mark)):
		return begun{}, fault.New(fault.Denied, "connecting Stripe took longer than an hour: begin again")
	}
	return b, nil
}

// keepStripe keeps the state in the browser; Lax, since the way back begins at Stripe.
func (s *Server) keepStripe(c echo.Context, value string, life time.Duration) {
	c.SetCookie(&http.Cookie{
		Name: stripeCookie, Value: value, Path: stripeCallbackPath, MaxAge: int(life / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.BaseURL, "https:"),
	})
}

// showStripeProblem says what went wrong on the way to or from Stripe.
func (s *Server) showStripeProblem(c echo.Context, code int, sentence string) error {
	return s.installPage(c, code, templates.Note{Name: "stripe_wrong", Said: sentence})
}
