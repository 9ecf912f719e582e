package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/delight/referral"
	"flywheel/store"
	"flywheel/store/storetest"
)

// invited is a shop whose customer sends friends.
type invited struct {
	*world
	shop     commerce.ShopID
	advocate store.Advocate
}

func invites(t *testing.T, s *store.Store) *invited {
	t.Helper()
	w := serve(t, s)
	i := &invited{world: w, shop: w.shopify.ShopID}
	p, err := s.SaveProgram(t.Context(), i.shop, loyalty.Program{
		Rewards: []loyalty.Reward{{ID: "welcome", Kind: loyalty.PercentOff, Percent: 1000, Worth: 2000, Days: 30}}, Budget: 100_000,
		Referral: loyalty.Referral{On: true, Friend: "welcome"},
	}, 0, "owner")
	require.NoError(t, err)
	require.NoError(t, s.SetProgramState(t.Context(), i.shop, store.ProgramLive, p.Rev))
	who := storetest.Person(t, s, i.shop)
	storetest.Do(t, s, func(tx *store.Tx) error {
		i.advocate, err = tx.Advocate(i.shop, who.ID)
		return err
	})
	return i
}

func (i *invited) ask(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for n := 1; n < len(headers); n += 2 {
		r.Header.Set(headers[n-1], headers[n])
	}
	return i.do(r)
}

func (i *invited) path() string { return "/r/" + i.advocate.Code }

func (i *invited) visits(t *testing.T, s *store.Store) int64 {
	t.Helper()
	a, err := s.AdvocateOf(t.Context(), i.shop, i.advocate.Person)
	require.NoError(t, err)
	return a.Visits
}

// nonces differ from page to page.
var nonces = regexp.MustCompile(`nonce="[^"]*"`)

func TestAnInvitationIsShownAndAnswered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		i := invites(t, s)
		got := i.ask(http.MethodGet, i.path(), nil)
		require.Equal(t, http.StatusOK, got.Code, got.Body)
		page := got.Body.String()
		for _, part := range []string{`property="og:title"`, `property="og:url" content="`, `property="og:description"`, "10%", `name="robots" content="noindex, nofollow"`, `<form method="post"`} {
			require.Contains(t, page, part)
		}
		require.Zero(t, i.visits(t, s), "what fetches previews is no visitor")
		i.ask(http.MethodGet, i.path(), nil, "Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate", "Sec-Purpose", "prefetch")
		require.Zero(t, i.visits(t, s))
		i.ask(http.MethodGet, i.path(), nil, "Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate")
		require.EqualValues(t, 1, i.visits(t, s))
		require.Equal(t, http.StatusOK, i.ask(http.MethodGet, strings.ToLower(i.path()), nil).Code)
		require.Equal(t, http.StatusNotFound, i.ask(http.MethodGet, "/r/BBBBBBBB", nil).Code)

		bad := i.ask(http.MethodPost, i.path(), url.Values{"email": {"no<b>"}})
		require.Equal(t, http.StatusUnprocessableEntity, bad.Code)
		require.Contains(t, bad.Body.String(), `aria-invalid="true"`)
		known := storetest.Person(t, s, i.shop)
		storetest.Order(t, s, i.shop, known.ID)
		var answers []string
		for _, email := range []string{"new@example.com", known.Email} {
			got := i.ask(http.MethodPost, i.path(), url.Values{"email": {email}})
			require.Equal(t, http.StatusOK, got.Code)
			answers = append(answers, nonces.ReplaceAllString(got.Body.String(), ""))
		}
		require.Equal(t, answers[0], answers[1], "nobody learns who is a customer")
		n, found, err := s.NextNotice(t.Context(), time.Minute)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, store.NoticeFriend, n.Kind)

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.BanAdvocate(i.shop, i.advocate.Person, "Owner", "spam") })
		closed := i.ask(http.MethodGet, i.path(), nil).Body.String()
		require.NotContains(t, closed, "<form")
		require.NotContains(t, closed, "10%")
	})
}

// A link from the mail shows what there is, and gives it to who presses the button, once.
func TestAFriendTakesTheirOffer(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) { takesTheirOffer(t, storetest.Prepared(t, engine)) })
	}
}

func takesTheirOffer(t *testing.T, address string) {
	t.Helper()
	s := storetest.OpenURL(t, address)
	i := invites(t, s)
	link := func(email string) string {
		var token string
		storetest.Do(t, s, func(tx *store.Tx) (err error) {
			token, err = tx.SealOffer(i.shop, store.OfferClaim{Code: i.advocate.Code, Email: email, Lang: "en", Until: tx.Now() + 1_000_000_000})
			return err
		})
		return i.path() + "/" + token
	}
	path := link("bo@example.com")
	given := func() (n int) {
		offers := 0
		storetest.Do(t, s, func(tx *store.Tx) (err error) {
			offers, _, err = tx.FriendOffers(i.shop, i.advocate.Person, 0, 0)
			return err
		})
		return offers
	}
	for range 2 {
		got := i.ask(http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, got.Code, got.Body)
		require.Contains(t, got.Body.String(), "Give me the code")
		require.Contains(t, got.Body.String(), `name="robots" content="noindex, nofollow"`)
		require.Equal(t, "no-referrer", got.Header().Get("Referrer-Policy"))
	}
	require.Zero(t, given(), "looking gives nothing")
	for range 2 {
		got := i.ask(http.MethodPost, path, nil)
		require.Equal(t, http.StatusSeeOther, got.Code, got.Body)
		require.True(t, strings.HasPrefix(got.Header().Get("Location"), path))
	}
	require.Equal(t, 1, given())
	require.Contains(t, i.ask(http.MethodGet, path, nil).Body.String(), "is being made")
	_, err := storetest.DB(t, address).ExecContext(t.Context(), `UPDATE rewards SET state = 'made', code = 'HELLO-BO'`)
	require.NoError(t, err)
	require.Contains(t, i.ask(http.MethodGet, path, nil).Body.String(), "HELLO-BO")
	for lang, dir := range map[string]string{"ar": "rtl", "fa": "rtl"} {
		require.NoError(t, s.SaveSettings(t.Context(), i.shop, commerce.Settings{Languages: []string{"en", "ar", "fa"}}))
		require.Contains(t, i.ask(http.MethodGet, path+"?lang="+lang, nil).Body.String(), `lang="`+lang+`" dir="`+dir+`"`)
	}
	me, err := s.Person(t.Context(), i.shop, i.advocate.Person)
	require.NoError(t, err)
	require.Contains(t, i.ask(http.MethodPost, link(strings.Replace(me.Email, "@", "+friend@", 1)), nil).Body.String(), "people who are new here")
	require.Equal(t, 1, given())
	require.Equal(t, http.StatusNotFound, i.ask(http.MethodGet, i.path()+"/none", nil).Code)
	require.Equal(t, http.StatusNotFound, i.ask(http.MethodPost, path[:len(path)-3], nil).Code)
	_, err = storetest.DB(t, address).ExecContext(t.Context(), `UPDATE shops SET state = 'closed'`)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, i.ask(http.MethodGet, i.path(), nil).Code, "of a shop that is gone")
}

func TestAnInvitationSpeaksTheVisitorsLanguage(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	i := invites(t, s)
	require.NoError(t, s.SaveSettings(t.Context(), i.shop, commerce.Settings{Languages: []string{"en", "ar", "fa"}}))
	for header, lang := range map[string]string{"fa-IR,fa;q=0.9": `lang="fa" dir="rtl"`, "ar": `lang="ar" dir="rtl"`, "de": `lang="en" dir="ltr"`, "": `lang="en" dir="ltr"`} {
		require.Contains(t, i.ask(http.MethodGet, i.path(), nil, "Accept-Language", header).Body.String(), "<html "+lang, header)
	}
	require.Contains(t, i.ask(http.MethodGet, i.path()+"?lang=ar", nil, "Accept-Language", "fa").Body.String(), `<html lang="ar"`)
	require.Contains(t, i.ask(http.MethodGet, i.path()+"?lang=xx", nil, "Accept-Language", "fa").Body.String(), `<html lang="fa"`)
}

func TestStaffDecideAboutReferrals(t *testing.T) {
	g := guard(t)
	r, err := g.store.Referral(t.Context(), g.shop, g.ids["referral"])
	require.NoError(t, err)
	path := g.base + "/loyalty/referrals/" + r.ID
	list := g.owner.get(g.base + "/loyalty/referrals?state=flagged").Body.String()
	require.Contains(t, list, "Look at it")
	require.Contains(t, list, "1 referral waits")
	require.Contains(t, g.owner.get(path).Body.String(), "Both have the same name")
	require.Contains(t, g.owner.get(g.base+"/loyalty/referrals?as=csv").Body.String(), "same_name")
	require.Equal(t, http.StatusUnprocessableEntity, g.owner.do(http.MethodPost, path+"/decide", url.Values{"decision": {"let"}}).Code, "a reason is asked for")
	require.Equal(t, http.StatusBadRequest, g.owner.do(http.MethodPost, path+"/decide", url.Values{"decision": {"pay"}, "note": {"x"}}).Code)
	require.Equal(t, http.StatusSeeOther, g.owner.do(http.MethodPost, path+"/decide", url.Values{"decision": {"let"}, "note": {"a club"}}).Code)
	r, err = g.store.Referral(t.Context(), g.shop, r.ID)
	require.NoError(t, err)
	require.Equal(t, []any{referral.Let, "a club"}, []any{r.Decision, r.Note})
	require.NotEmpty(t, r.DecidedBy)
	require.Equal(t, http.StatusSeeOther, g.owner.do(http.MethodPost, path+"/decide", url.Values{"decision": {""}}).Code)
	require.Equal(t, http.StatusSeeOther, g.owner.do(http.MethodPost, path+"/ban", url.Values{"note": {"spam"}}).Code)
	require.Contains(t, g.owner.get(path).Body.String(), "Shut out since")
	require.Equal(t, http.StatusSeeOther, g.owner.do(http.MethodPost, path+"/unban", nil).Code)
	a, err := g.store.AdvocateOf(t.Context(), g.shop, r.Advocate)
	require.NoError(t, err)
	require.Zero(t, a.BannedAt)
}

// sentFriend adds a referral that waits for somebody to look at it.
func (g *guarded) sentFriend() string {
	g.t.Helper()
	r := store.Referral{
		ID: store.NewID(), Advocate: g.sara.ID, Friend: g.ali.ID, Order: "none", Via: referral.ByCode, Code: "SUMMER", Verdict: referral.Verdict{Flags: []referral.Reason{referral.SameName}},
		State: referral.Flagged, Reason: referral.SameName, SaleAt: g.store.Now(), Counts: 4900,
	}
	storetest.Do(g.t, g.store, func(tx *store.Tx) error {
		if _, err := tx.Advocate(g.shop, g.sara.ID); err != nil {
			return err
		}
		return tx.SaveReferral(g.shop, r)
	})
	return r.ID
}
