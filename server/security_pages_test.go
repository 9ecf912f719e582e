package server_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// evil leaves a text, an attribute and a template, if one of them lets it, and turns what follows.
const (
	evil    = `zq{{7*7}}zq"><script>alert(1)</script><img src=x onerror=alert(2)>'` + "\u202e"
	evilURL = `javascript:alert(3)//"><script>alert(1)</script>`
)

// poison writes it wherever merchants, customers and platforms can.
func (g *guarded) poison() {
	t, s := g.t, g.store
	exec := func(query string, args ...any) {
		_, err := g.db.ExecContext(t.Context(), query, args...)
		require.NoError(t, err, query)
	}
	exec(`UPDATE shops SET name = ? WHERE id = ?`, evil, string(g.shop))
	exec(`UPDATE accounts SET name = ?`, evil)
	exec(`UPDATE users SET name = ?`, evil)
	exec(`UPDATE findings SET kind = ?, detail = ?`, evil, evil)
	exec(`UPDATE api_tokens SET name = ?`, evil)
	exec(`UPDATE invitations SET email = ?, made_by = ?`, evil, evil)
	exec(`UPDATE effects SET note = ?`, evil)
	exec(`INSERT INTO hooks (shop_id, name, url, secrets, created_at) VALUES (?, ?, ?, x'00', 1)`, string(g.shop), evil, evilURL)
	_, err := s.BeginAudit(t.Context(), g.shop, store.Audit{Who: evil, Via: commerce.Via(evil), Act: evil, Subject: evil, Detail: map[string]string{"state": evil}})
	require.NoError(t, err)

	shop, err := s.Shop(t.Context(), g.shop)
	require.NoError(t, err)
	shop.Settings = commerce.Settings{
		PayOnDelivery: []string{evil}, ReviewURL: evilURL, StoreURL: evilURL, PostalAddress: evil, Team: []string{evil}, Languages: []string{"en", evil},
		Transit: []commerce.Transit{{Country: evil, Method: evil, Days: 2}}, Exclude: commerce.Exclude{Tags: []string{evil}, Products: []string{evil}, Customers: []string{evil}, Staff: []string{evil}},
		Owners:  map[commerce.Job]commerce.Owner{commerce.JobThanks: evil},
		Brand:   commerce.Brand{Logo: evilURL, Accent: evil, Page: evil, Font: evil, Footer: map[string]string{"en": evil}},
		Contact: commerce.Contact{Phone: evil, Chat: evilURL, WhatsApp: evil, Meeting: evilURL}, Social: commerce.Social{Instagram: evilURL, Telegram: evilURL},
	}
	require.NoError(t, s.SaveSettings(t.Context(), g.shop, shop.Settings))

	data, err := templates.Playbook("thank_you")
	require.NoError(t, err)
	d, err := campaign.Parse(data)
	require.NoError(t, err)
	d.Name, d.Title, d.Goal = "evil", campaign.Texts{"en": evil}, campaign.Texts{"en": evil}
	for _, state := range []campaign.State{campaign.Draft, campaign.Live} {
		_, err = s.SaveCampaign(t.Context(), g.shop, "evil", d, state)
		require.NoError(t, err)
	}
	person := storetest.Person(t, s, g.shop, func(p *commerce.Person) {
		p.FirstName, p.LastName, p.Phone, p.Language, p.Country, p.Timezone = evil, evil, evil, evil, evil, evil
	})
	order := storetest.Order(t, s, g.shop, person.ID, func(o *store.StoredOrder) {
		o.Detail.Name, o.Detail.Lines[0].Title = evil, evil
	})
	walk := storetest.Enroll(t, s, g.shop, order, func(e *campaign.Enrollment) {
		e.Campaign, e.Position, e.DueAt = "evil", campaign.Position{StepID: "thanks"}, s.Now().Add(time.Hour)
	})
	delivery := storetest.AddDelivery(t, s, g.conn, func(d *commerce.Delivery) { d.Topic, d.Body = evil, []byte(`{"x":"`+evilURL+`"}`) })
	hash, err := s.AddressHash(t.Context(), g.shop, person.Email)
	require.NoError(t, err)
	storetest.Do(t, s, func(tx *store.Tx) error {
		if err := tx.AddTask(g.shop, store.Task{ID: "f2", Person: person.ID, Order: order.ID, Campaign: "evil", Title: evil, Script: evil, DueAt: s.Now()}); err != nil {
			return err
		}
		if err := tx.FinishInbox(g.shop, []store.InboxResult{{ID: delivery.ID, Quarantined: true, Note: evil}}); err != nil {
			return err
		}
		return tx.Suppress(g.shop, hash, gate.ScopeAll, evil)
	})
	require.NoError(t, s.FinishTask(t.Context(), g.shop, "f2", evil, evil))
	g.poisonColumns(evil)
	g.poisonDocuments(d)
	for range 100 {
		n, err := s.WordPersons(t.Context())
		require.NoError(t, err)
		if n == 0 {
			break
		}
	}
	for name, id := range map[string]string{"campaign": "evil", "person": string(person.ID), "walk": string(walk.ID), "delivery": string(delivery.ID), "task": "f2", "export": g.exported(person)} {
		g.ids[name] = id
	}
}

// poisonDocuments does it within what is kept as documents: products, and what
// somebody is changing of a campaign.
func (g *guarded) poisonDocuments(d campaign.Definition) {
	t, s := g.t, g.store
	storetest.Do(t, s, func(tx *store.Tx) error {
		return tx.SaveProducts(g.shop, []commerce.Product{{ID: "1", Title: evil, Handle: evil, URL: evilURL, Image: evilURL, Type: evil, Vendor: evil, Tags: []string{evil}, UpdatedAt: s.Now()}})
	})
	before := d
	d.Title = campaign.Texts{"en": evil + " draft"}
	_, err := s.SaveDraft(t.Context(), g.shop, "evil", d, store.DraftChange{Base: 1, From: before, Said: evil, By: evil})
	require.NoError(t, err)
}

var exportIn = regexp.MustCompile(`/exports/([\w-]+)`)

// exported asks for a customer's data and returns the id of its file.
func (g *guarded) exported(p commerce.Person) string {
	rec := g.owner.post(g.customer(p) + "/export")
	require.Equal(g.t, http.StatusSeeOther, rec.Code, rec.Body)
	found := exportIn.FindStringSubmatch(g.owner.get(rec.Header().Get("Location")).Body.String())
	require.NotEmpty(g.t, found)
	return found[1]
}

// Every page of a shop whose every text is hostile shows them as text, in each
// language, under a policy that would run nothing of them.
func TestSecurityHostileTexts(t *testing.T) {
	g := guard(t)
	g.poison()
	shown, named := 0, 0
	for _, r := range server.AdminRoutes() {
		if r.Method != http.MethodGet {
			continue
		}
		for _, query := range []string{"?locale=en", "?locale=ar", "?locale=fa", "?as=html", "?as=csv", "?q=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "?said=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"} {
			path := g.at(g.base, r.Path) + query
			got := g.owner.get(path)
			require.Less(t, got.Code, http.StatusInternalServerError, "%s: %s", path, got.Body)
			if got.Code != http.StatusOK {
				continue
			}
			shown++
			require.Equal(t, "nosniff", got.Header().Get("X-Content-Type-Options"), path)
			if strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") {
				named += strings.Count(got.Body.String(), "zq{{7*7}}zq")
				harmless(t, path, got)
			}
		}
	}
	require.Greater(t, shown, 150)
	require.Greater(t, named, 100, "the texts are on the pages")
}

// linkAttributes are the attributes that lead somewhere.
var linkAttributes = map[string]bool{"href": true, "src": true, "action": true, "formaction": true, "hx-get": true, "hx-post": true, "data-url": true}

// harmless reads a page as a browser does: no element or attribute in it is one that a text has made.
func harmless(t *testing.T, path string, got *httptest.ResponseRecorder) {
	t.Helper()
	body, policy := got.Body.String(), got.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src ", path)
	file := got.Header().Get("Content-Disposition") != "" // a document of its own, which the app frames nowhere
	if !file {
		require.NotContains(t, policy, "unsafe", path)
		require.NotContains(t, body, "\u202e", "%s: a mark that turns what follows", path)
	}
	require.NotContains(t, body, "<script>alert", path)
	require.NotContains(t, body, "zq49zq", path)
	doc, err := html.Parse(strings.NewReader(body))
	require.NoError(t, err)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attributes := map[string]string{}
		for _, a := range n.Attr {
			attributes[a.Key] = a.Val
			require.Regexp(t, `^[a-z][a-z0-9:-]*$`, strings.ToLower(a.Key), "%s: <%s>", path, n.Data)
			require.False(t, strings.HasPrefix(a.Key, "on"), "%s: <%s %s>", path, n.Data, a.Key)
			require.False(t, a.Key == "style" && !file, "%s: <%s style=%q>", path, n.Data, a.Val)
			if linkAttributes[a.Key] {
				require.NotRegexp(t, `(?i)^[\s\x00-\x1f]*(javascript|vbscript|data):`, a.Val, "%s: <%s %s>", path, n.Data, a.Key)
			}
		}
		require.False(t, n.Data == "script" && attributes["src"] == "", "%s: a script in the page", path)
		require.NotEqual(t, "x", attributes["src"], path)
	}
}
