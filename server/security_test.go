package server_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/billing"
	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/install"
	outgoing "flywheel/integrations/mail"
	"flywheel/integrations/mail/dnsfake"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/sender"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// These stories are told of every page and act of a shop, as the table of routes
// has them: a route that is added is in them at once. Who may do what is decided
// before any SQL, so one engine will do.

// guarded is a shop in which every kind of thing that a route may name is there.
type guarded struct {
	*bought
	ids    map[string]string // by the names of the routes' parameters
	framed *framed           // another shop, in the admin of Shopify
}

func guard(t *testing.T) *guarded {
	t.Helper()
	t.Parallel()
	address := storetest.Prepared(t, "sqlite")
	s := storetest.OpenURL(t, address)
	g := &guarded{bought: &bought{house: openHouse(t, s), db: storetest.DB(t, address)}, framed: &framed{t: t, store: s, shopify: shopifyfake.New("new")}}
	g.serve()
	g.shop = g.house.shop("owner@example.com")
	g.base, g.conn = "/shops/"+string(g.shop), storetest.Connection(t, s, g.shop)
	g.fill()
	g.furnish()
	g.framed.shopify.Install(arabicDomain, shopifyfake.ShopInfo{ID: 77, Name: "Layla", Email: "owner@layla.example", Zone: "Asia/Riyadh", Currency: "SAR", Country: "SA", Locales: []string{"en"}})
	require.Equal(t, http.StatusOK, g.framed.opens("/admin").Code)
	g.owner = g.browser().enter("owner@example.com")
	for _, path := range []string{"", "/customers"} { // when somebody was seen here is kept once an hour, and what follows of an order is caught up with
		require.Equal(t, http.StatusOK, g.owner.get(g.base+path).Code)
	}
	return g
}

// serve makes the server one on which everything is switched on.
func (g *guarded) serve() {
	t, s, log := g.t, g.store, slog.New(slog.DiscardHandler)
	api := httptest.NewServer(g.framed.shopify.Handler())
	t.Cleanup(api.Close)
	dns, err := dnsfake.Start()
	require.NoError(t, err)
	t.Cleanup(dns.Stop)
	sink, err := mailfake.Start(mailfake.Options{})
	require.NoError(t, err)
	t.Cleanup(sink.Stop)
	out, err := outgoing.Open(sink.URL(), outgoing.Options{})
	require.NoError(t, err)
	t.Cleanup(out.Close)
	desk := sender.New(sender.Options{Store: s, Domain: "mail.flywheel.example", Mail: out, Resolver: dns.Resolver(), BaseURL: "https://flywheel.example", Account: outgoing.Options{AllowPrivate: true}})
	t.Cleanup(desk.Close)
	plans, err := billing.ParsePlans(templates.Plans())
	require.NoError(t, err)
	client := shopify.New(shopify.Options{Key: "key", Secrets: []string{"new"}, URL: api.URL})
	e, err := server.New(server.Options{
		Policy: lawful(t),
		Store:  s, Queue: &hints{}, Log: log, Now: storetest.ClockOf(s).Now, RealNow: storetest.ClockOf(s).Now, BaseURL: "https://flywheel.example", People: g.desk, Limits: g.desk.Limits, Senders: desk, Plans: plans, AppHandle: "flywheel",
		ShopifyKey: "key", ShopifySecrets: []string{"new"}, Install: &install.Desk{Store: s, Shopify: client, Log: log}, Support: "help@flywheel.example",
	})
	require.NoError(t, err)
	g.handler, g.framed.handler = e, e
}

// furnish adds what routes name beside customers and campaigns.
func (g *guarded) furnish() {
	t, s := g.t, g.store
	d := storetest.AddDelivery(t, s, g.conn)
	member, agency := g.known("member@example.com"), commerce.AccountID("")
	g.belongs(member, g.shop, commerce.RoleViewer)
	token, err := s.AddToken(t.Context(), g.shop, "till", store.Builder, []byte("hash"))
	require.NoError(t, err)
	var invitation string
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		if agency, err = tx.AddAccount("Agency", "agency"); err != nil {
			return err
		}
		if err = tx.GrantShop(g.shop, agency, commerce.RoleViewer, 0); err != nil {
			return err
		}
		if err = tx.AddTask(g.shop, store.Task{ID: "f1", Person: g.sara.ID, Order: g.order.ID, Campaign: "thank_you", Title: "Call", Script: "Say", DueAt: s.Now()}); err != nil {
			return err
		}
		if err = tx.AddFinding(g.shop, "strange", "x", "y"); err != nil {
			return err
		}
		invitation, err = tx.AddInvitation(g.shop, store.Invitation{Hash: "h", Role: commerce.RoleViewer, By: "owner", ExpiresAt: s.Now().Add(time.Hour)})
		return err
	})
	reward := g.furnishClub()
	g.ids = map[string]string{
		"campaign": "thank_you", "person": string(g.sara.ID), "walk": string(g.walk.ID), "effect": string(g.effect), "from": string(g.ali.ID), "delivery": string(d.ID), "task": "f1",
		"hook": "till", "token": token, "export": "e1", "reward": reward, "referral": g.sentFriend(), "user": string(member), "invitation": invitation, "account": string(agency), "step": "who",
	}
}

// furnishClub adds a program that is live, with a member who has points and a reward.
func (g *guarded) furnishClub() (reward string) {
	t, s := g.t, g.store
	p, err := s.SaveProgram(t.Context(), g.shop, loyalty.Program{
		Rules: []loyalty.Rule{{ID: "hello", Kind: loyalty.ForSignUp, Points: 500}}, Rewards: []loyalty.Reward{{ID: "off", Kind: loyalty.AmountOff, Cost: 100, Amount: 500, Sliding: true}},
		Tiers: loyalty.Tiers{By: loyalty.BySpend, Months: 12, Levels: []loyalty.Tier{{ID: "gold", From: 100, Multiplier: 150}}}, Budget: 100_000,
	}, 0, "owner")
	require.NoError(t, err)
	require.NoError(t, s.SetProgramState(t.Context(), g.shop, store.ProgramLive, p.Rev))
	shop, err := s.Shop(t.Context(), g.shop)
	require.NoError(t, err)
	d := club.Desk{Store: s}
	require.NoError(t, d.Join(t.Context(), shop, g.sara.ID, "staff"))
	given, err := d.GiveByStaff(t.Context(), shop, g.sara.ID, "off", "a1", "owner", "because")
	require.NoError(t, err)
	return given.ID
}

var parameter = regexp.MustCompile(`:(\w+)`)

// at is a route's path with ids; a parameter that nobody knows an id for fails.
func (g *guarded) at(base, path string) string {
	return base + parameter.ReplaceAllStringFunc(path, func(name string) string {
		id, known := g.ids[name[1:]]
		require.True(g.t, known, "what does %s name? add one to furnish", name)
		if name == ":step" && strings.HasPrefix(path, "/messages/") {
			id = "thanks"
		}
		return url.PathEscape(id)
	})
}

// typed is secret, or somebody's, wherever it stands in a form.
const typed = "canary@private.example"

// form has what acts ask for, so that as many as can be are done.
func form(path string) url.Values {
	f := url.Values{
		"title": {"T " + typed}, "playbook": {"win_back"}, "version": {"1"}, "lock": {"0"}, "back": {"campaign"}, "do": {"head"}, "priority": {"7"}, "days": {"7"}, "scope": {"all"},
		"state": {"subscribed"}, "source": {typed}, "outcome": {"reached"}, "note": {typed}, "other": {""}, "word": {"erase"}, "email": {typed}, "address": {typed}, "role": {"viewer"}, "kind": {"person"},
		"name": {typed}, "url": {"https://canary.example/hook"}, "password": {"canary-password"}, "secret": {"canary-secret"}, "user": {typed}, "lines": {"address\n" + typed + "\n"}, "id": {"x"},
	}
	switch path {
	case "/settings/integrations/hooks":
		f.Set("name", "till")
	case "/settings/integrations/tokens":
		f.Set("role", "builder")
	case "/settings/integrations/slack":
		f.Set("address", "https://hooks.slack.com/services/T0/B0/canary")
	}
	return f
}

// rows is what each table holds of a shop, as a digest of its rows.
func (g *guarded) rows(shop commerce.ShopID, but ...string) map[string]string {
	t := g.t
	out := map[string]string{}
	for _, table := range texts(t, g.db, `SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'shop_id' OR m.name = 'shops' AND c.name = 'id')`) {
		if slices.Contains(but, table) {
			continue
		}
		column := map[bool]string{true: "id", false: "shop_id"}[table == "shops"]
		columns := texts(t, g.db, `SELECT 'quote(' || name || ')' FROM pragma_table_info('`+table+`')`)
		all := texts(t, g.db, `SELECT `+strings.Join(columns, "||'|'||")+` FROM `+table+` WHERE `+column+` = '`+string(shop)+`' ORDER BY 1`)
		out[table] = fmt.Sprintf("%d %x", len(all), sha256.Sum256([]byte(strings.Join(all, "\n"))))
	}
	require.Greater(t, len(out), 40)
	return out
}

func texts(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err, query)
	defer rows.Close()
	for rows.Next() {
		var one string
		require.NoError(t, rows.Scan(&one))
		out = append(out, one)
	}
	require.NoError(t, rows.Err())
	return out
}

// send asks for a route as its page would.
func (b *guest) send(r server.AdminRoute, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	if r.Method == http.MethodGet {
		return b.do(http.MethodGet, path, nil, change...)
	}
	return b.do(http.MethodPost, path, form(r.Path), change...)
}

// Whoever owns one shop finds nothing of another, by its address or by the ids of what it has.
func TestSecurityAnotherShopIsNotThere(t *testing.T) {
	g := guard(t)
	mine := g.house.shop("eve@example.com")
	storetest.Connection(t, g.store, mine)
	eve := g.browser().enter("eve@example.com")
	before := g.rows(g.shop)
	for _, r := range server.AdminRoutes() {
		require.Equal(t, http.StatusNotFound, eve.send(r, g.at(g.base, r.Path)).Code, "%s %s", r.Method, r.Path)
		require.Equal(t, http.StatusNotFound, eve.send(r, g.at("/shops/nothing", r.Path)).Code, "%s %s", r.Method, r.Path)
		got := eve.send(r, g.at("/shops/"+string(mine), r.Path))
		require.Less(t, got.Code, http.StatusInternalServerError, "%s %s", r.Method, r.Path)
		require.NotContains(t, got.Body.String(), g.sara.Email, "%s %s", r.Method, r.Path)
	}
	require.Equal(t, before, g.rows(g.shop))
}

// Without a session, or an ID token that is good here and now, nothing is shown or done.
func TestSecurityNobodyComesInUnknown(t *testing.T) {
	g := guard(t)
	stranger := g.browser()
	other := shopifyfake.New("another app's")
	tokens := []string{"", "x.y.z", g.framed.shopify.IDToken(arabicDomain, 1, time.Now().Add(-2*time.Minute)), other.IDToken(arabicDomain, 1, time.Now())}
	installed := g.framed.shop().ID
	before, theirs := g.rows(g.shop), g.rows(installed)
	for _, r := range server.AdminRoutes() {
		got := stranger.send(r, g.at(g.base, r.Path))
		if r.Method == http.MethodGet {
			require.Equal(t, http.StatusSeeOther, got.Code, r.Path)
			require.Regexp(t, `^/login\?back=`, got.Header().Get("Location"), r.Path)
		} else {
			require.Equal(t, http.StatusUnauthorized, got.Code, r.Path)
		}
		for _, token := range tokens {
			got = g.owner.send(r, g.at("/admin", r.Path), func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+token) })
			require.Equal(t, http.StatusUnauthorized, got.Code, "%s %s: a cookie opens nothing inside Shopify", r.Method, r.Path)
		}
		bare := g.owner.send(r, g.at("/admin", r.Path)+"?shop="+arabicDomain)
		require.Equal(t, map[string]int{http.MethodGet: http.StatusFound, http.MethodPost: http.StatusUnauthorized}[r.Method], bare.Code, r.Path)
	}
	require.Equal(t, before, g.rows(g.shop))
	require.Equal(t, theirs, g.rows(installed))
}

// A role opens what needs it or less. What is named does not exist, so that nothing happens that another role's turn would meet.
func TestSecurityRoles(t *testing.T) {
	g := guard(t)
	for name := range g.ids {
		g.ids[name] = "nothing"
	}
	for _, role := range commerce.Roles() {
		who := g.browser().enter(string(role) + "@role.example")
		g.belongs(g.known(string(role)+"@role.example"), g.shop, role)
		before := g.rows(g.shop)
		for _, r := range server.AdminRoutes() {
			if !role.Allows(r.Needs) {
				require.Equal(t, http.StatusForbidden, who.send(r, g.at(g.base, r.Path)).Code, "%s: %s %s", role, r.Method, r.Path)
			}
		}
		require.Equal(t, before, g.rows(g.shop), "%s: what is refused changes nothing", role)
		for _, r := range server.AdminRoutes() {
			if role.Allows(r.Needs) {
				got := who.send(r, g.at(g.base, r.Path))
				require.NotEqual(t, http.StatusForbidden, got.Code, "%s: %s %s", role, r.Method, r.Path)
				require.Less(t, got.Code, http.StatusInternalServerError, "%s: %s %s: %s", role, r.Method, r.Path, got.Body)
			}
		}
	}
}

// Another site has nothing done, and a GET does nothing whoever sends it.
func TestSecurityOtherSitesAndGets(t *testing.T) {
	g := guard(t)
	foreign := []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
		func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
	}
	// A page that needs figures asks for them to be worked out, that of the plan for what
	// the platform says of it, and a file that was taken along is in the log.
	kept := []string{"estimates", "entitlements", "audit"}
	before, said := g.rows(g.shop, kept...), len(texts(t, g.db, `SELECT id FROM audit`))
	for _, r := range server.AdminRoutes() {
		if r.Method == http.MethodPost {
			for _, from := range foreign {
				require.Equal(t, http.StatusForbidden, g.owner.send(r, g.at(g.base, r.Path), from).Code, r.Path)
			}
		}
		got := g.owner.get(g.at(g.base, r.Path))
		require.Less(t, got.Code, http.StatusInternalServerError, "%s: %s", r.Path, got.Body)
		require.Equal(t, before, g.rows(g.shop, kept...), r.Path)
	}
	for _, act := range texts(t, g.db, fmt.Sprintf(`SELECT act FROM audit ORDER BY id LIMIT -1 OFFSET %d`, said)) {
		require.Regexp(t, `/(file|body)$`, act, "only who took data along is written down")
	}
}

// Every act that is done leaves one line, one that is refused none, and no line keeps what was typed.
func TestSecurityEveryActIsWrittenDown(t *testing.T) {
	g := guard(t)
	g.park()
	done := map[string]bool{}
	lines := func() []string {
		return texts(t, g.db, `SELECT act || ' ' || done FROM audit WHERE shop_id = '`+string(g.shop)+`' ORDER BY id`)
	}
	for _, r := range server.AdminRoutes() {
		if r.Method != http.MethodPost {
			continue
		}
		before := len(lines())
		got := g.owner.send(r, g.at(g.base, r.Path))
		require.Less(t, got.Code, http.StatusInternalServerError, "%s: %s", r.Path, got.Body)
		if got.Code >= http.StatusBadRequest {
			require.Len(t, lines(), before, "%s: %d", r.Path, got.Code)
			continue
		}
		done[r.Path] = true
		require.Equal(t, []string{r.Path + " 1"}, lines()[before:], r.Path)
	}
	require.Greater(t, len(done), 35, "too few acts were done for this to show anything: %v", slices.Sorted(maps.Keys(done)))
	require.NotContains(t, strings.Join(texts(t, g.db, `SELECT quote(subject) || quote(detail) || quote(who) FROM audit`), "\n"), "canary")
}

// A body over 1 MB is refused in words before anything is done, however it is packed.
func TestSecurityLargeBodies(t *testing.T) {
	g := guard(t)
	before := g.rows(g.shop)
	large := strings.Repeat("a", 1<<20)
	for _, r := range server.AdminRoutes() {
		if r.Method != http.MethodPost {
			continue
		}
		for kind, body := range map[string]string{
			"application/x-www-form-urlencoded": "name=" + large,
			"multipart/form-data; boundary=x":   "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + large + "\r\n--x--\r\n",
		} {
			got := g.owner.do(http.MethodPost, g.at(g.base, r.Path), nil, func(q *http.Request) {
				big := httptest.NewRequest(http.MethodPost, q.URL.String(), strings.NewReader(body))
				q.Body, q.ContentLength = big.Body, big.ContentLength
				q.Header.Set("Content-Type", kind)
			})
			require.Equal(t, http.StatusRequestEntityTooLarge, got.Code, "%s %s", r.Path, kind)
			require.Contains(t, got.Body.String(), "larger than 1 MB", "%s %s", r.Path, kind)
		}
	}
	require.Equal(t, before, g.rows(g.shop))
}
