package server_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/delight/loyalty"
	"flywheel/links"
	"flywheel/store"
	"flywheel/store/storetest"
)

// member is Ada at a shop with a program, the link of a mail of hers, and her browser.
type member struct {
	*mailed
	db     *sql.DB
	whole  commerce.Shop
	person commerce.PersonID
	order  commerce.OrderID
	weak   string // path of the mail's link
	cookie *http.Cookie
}

func clubProgram() loyalty.Program {
	return loyalty.Program{
		Rules: []loyalty.Rule{{ID: "spend", Kind: loyalty.ForSpend, Points: 5, Per: 100}, {ID: "hello", Kind: loyalty.ForSignUp, Points: 50}},
		Rewards: []loyalty.Reward{
			{ID: "five", Kind: loyalty.AmountOff, Cost: 100, Amount: 500},
			{ID: "slide", Kind: loyalty.AmountOff, Cost: 10, Amount: 100, Sliding: true, Least: 2, Most: 20},
			{ID: "dear", Kind: loyalty.PercentOff, Cost: 5000, Percent: 5000, Worth: 100},
			{ID: "hidden", Kind: loyalty.AmountOff, Cost: 1, Amount: 1, Hidden: true},
		},
		Budget: 2000, Policy: loyalty.Policy{Months: 12, ReturnDays: 14},
		Tiers: loyalty.Tiers{By: loyalty.ByPoints, Months: 12, Levels: []loyalty.Tier{{ID: "silver", From: 40, Multiplier: 100}, {ID: "gold", From: 1000, Multiplier: 150}}},
	}
}

func openClub(t *testing.T, engine string, change ...func(*commerce.Person)) *member {
	t.Helper()
	address := storetest.Prepared(t, engine)
	s := storetest.OpenURL(t, address)
	m := &member{mailed: mail(t, s, gate.Transactional, "points", append([]func(*commerce.Person){func(p *commerce.Person) { p.FirstName, p.LastName = "Ada", "Lovelace" }}, change...)...), db: storetest.DB(t, address)}
	hash, err := links.Hash(strings.TrimPrefix(m.path, "/u/"))
	require.NoError(t, err)
	target, err := s.LinkByHash(t.Context(), hash, string(links.Unsubscribe))
	require.NoError(t, err)
	m.person, m.order = target.Person, target.Order
	token, weak := links.NewToken()
	m.weak = "/account/" + token
	storetest.Do(t, s, func(tx *store.Tx) error {
		return tx.AddLinks(m.shop, []store.Link{{Hash: weak, Purpose: string(links.Account), Effect: m.effect, Person: m.person, Expires: s.Now().Add(60 * 24 * time.Hour)}})
	})
	_, err = s.ChangeSettings(t.Context(), m.shop, func(shop *commerce.Shop) error { return nil })
	require.NoError(t, err)
	saved, err := s.SaveProgram(t.Context(), m.shop, clubProgram(), 0, "owner")
	require.NoError(t, err)
	require.NoError(t, s.SetProgramState(t.Context(), m.shop, store.ProgramLive, saved.Rev))
	m.whole, err = s.Shop(t.Context(), m.shop)
	require.NoError(t, err)
	return m
}

func (m *member) desk() club.Desk { return club.Desk{Store: m.store} }

// joins makes Ada a member with so many points.
func (m *member) joins(points int64) *member {
	m.t.Helper()
	require.NoError(m.t, m.desk().Join(m.t.Context(), m.whole, m.person, "account"))
	require.NoError(m.t, m.desk().Adjust(m.t.Context(), m.whole, m.person, points-50, store.NewID(), "owner", "a secret reason"))
	return m
}

func (m *member) points() int64 {
	m.t.Helper()
	got, err := m.store.LoyaltyMember(m.t.Context(), m.shop, m.person)
	require.NoError(m.t, err)
	return got.Points
}

func (m *member) in() string { return "/account/in/" + string(m.shop) }

// ask makes a request of her browser, from our own page.
func (m *member) ask(method, path string, form url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	m.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if m.cookie != nil {
		r.AddCookie(m.cookie)
	}
	for _, c := range change {
		c(r)
	}
	return m.do(r)
}

func (m *member) see(path string) string {
	m.t.Helper()
	got := m.ask(http.MethodGet, path, nil)
	require.Equal(m.t, http.StatusOK, got.Code, got.Body)
	return unquoted(read(m.t, got))
}

// unquoted is a page's text without what keeps names apart in it.
func unquoted(page string) string {
	return regexp.MustCompile(`</?bdi[^>]*>|(?s)<style.*</style>`).ReplaceAllString(strings.ReplaceAll(page, "&#39;", "'"), "")
}

func (m *member) act(did string, pairs ...string) *httptest.ResponseRecorder {
	m.t.Helper()
	form := url.Values{"do": {did}}
	for i := 1; i < len(pairs); i += 2 {
		form.Set(pairs[i-1], pairs[i])
	}
	return m.ask(http.MethodPost, m.in(), form)
}

// said is what the page says after an act.
func (m *member) said(did string, pairs ...string) string {
	m.t.Helper()
	got := m.act(did, pairs...)
	require.Equal(m.t, http.StatusSeeOther, got.Code, got.Body)
	_, said, _ := strings.Cut(got.Header().Get("Location"), "?said=")
	return said
}

// letter makes the link that is mailed to her.
func (m *member) letter() string {
	m.t.Helper()
	token, hash := links.NewToken()
	storetest.Do(m.t, m.store, func(tx *store.Tx) error {
		return tx.AddLinks(m.shop, []store.Link{{Hash: hash, Purpose: string(links.SignIn), Person: m.person, Expires: tx.Now().Add(30 * time.Minute)}})
	})
	return m.in() + "/" + token
}

// opens opens the page in her browser.
func (m *member) opens() *member {
	m.t.Helper()
	got := m.ask(http.MethodPost, m.letter(), nil)
	require.Equal(m.t, http.StatusSeeOther, got.Code, got.Body)
	require.Equal(m.t, m.in(), got.Header().Get("Location"))
	require.Len(m.t, got.Result().Cookies(), 1)
	m.cookie = got.Result().Cookies()[0]
	return m
}

// everything is what the database holds.
func (m *member) everything() map[string]string {
	out := map[string]string{}
	for _, table := range texts(m.t, m.db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`) {
		columns := texts(m.t, m.db, `SELECT 'quote(' || name || ')' FROM pragma_table_info('`+table+`')`)
		all := texts(m.t, m.db, `SELECT `+strings.Join(columns, "||'|'||")+` FROM `+table+` ORDER BY 1`)
		out[table] = fmt.Sprintf("%d %x", len(all), sha256.Sum256([]byte(strings.Join(all, "\n"))))
	}
	return out
}

// The link of a mail may have been forwarded: it tells figures, and of nobody.
func TestAForwardedLinkTellsFiguresAlone(t *testing.T) {
	m := openClub(t, "sqlite").joins(350)
	_, err := m.desk().Redeem(t.Context(), m.whole, m.person, "five", 1, "r1")
	require.NoError(t, err)
	execute(t, m.db, `UPDATE rewards SET state = 'made', code = 'SECRET-CODE'`)
	execute(t, m.db, `UPDATE persons SET phone = '+442079460000'`)
	got := m.ask(http.MethodGet, m.weak, nil)
	require.Equal(t, http.StatusOK, got.Code)
	require.Equal(t, "no-store", got.Header().Get("Cache-Control"))
	require.Equal(t, "no-referrer", got.Header().Get("Referrer-Policy"))
	require.Empty(t, got.Header().Values("Set-Cookie"))
	page := unquoted(read(t, got))
	require.Contains(t, page, `<meta name="robots" content="noindex, nofollow">`)
	require.Contains(t, page, "You have 250 points to spend")
	require.Contains(t, page, "950 points more and you reach gold")
	require.Contains(t, page, "for 100 points")
	p, err := m.store.Person(t.Context(), m.shop, m.person)
	require.NoError(t, err)
	for _, secret := range []string{"Ada", "Lovelace", p.Email, "@", "SECRET-CODE", "442079460000", "a secret reason", "Changed by the shop", "You joined"} {
		require.NotContains(t, strings.ReplaceAll(page, m.whole.Email, ""), secret)
	}
	require.Equal(t, []string{"letter"}, dosIn(page), "it does nothing but have the rest mailed")
	for _, did := range []string{"take", "join", "leave", "birthday", "data", "friends", "mails", "out", ""} {
		before := m.points()
		form := url.Values{"do": {did}, "reward": {"five"}, "steps": {"1"}, "request": {"r2"}, "email": {"eve@example.com"}}
		got := m.ask(http.MethodPost, m.weak, form, func(r *http.Request) { r.RemoteAddr = "198.51.100.7:1" })
		require.Contains(t, []int{http.StatusOK, http.StatusTooManyRequests}, got.Code)
		require.Equal(t, before, m.points(), did)
	}
	require.Equal(t, []string{"1"}, texts(t, m.db, `SELECT COUNT(*) FROM rewards`))
	require.Equal(t, []string{"0"}, texts(t, m.db, `SELECT COUNT(*) FROM notices WHERE subject LIKE '%`+m.emailHash("eve@example.com")+`'`), "it goes to her alone")
	require.NotEqual(t, []string{"0"}, texts(t, m.db, `SELECT COUNT(*) FROM notices WHERE subject LIKE '%`+m.emailHash(p.Email)+`'`))
}

func (m *member) emailHash(email string) string {
	hash, err := m.store.AddressHash(m.t.Context(), m.shop, email)
	require.NoError(m.t, err)
	return hash
}

func execute(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), text)
	require.NoError(t, err)
}

func dosIn(page string) (all []string) {
	for _, found := range regexp.MustCompile(`name="do" value="(\w+)"`).FindAllStringSubmatch(page, -1) {
		all = append(all, found[1])
	}
	return all
}

// Looking, in whatever way, changes nothing in the database.
func TestLookingAtAPageChangesNothing(t *testing.T) {
	m := openClub(t, "sqlite").joins(350)
	m.opens()
	open := m.letter()
	before := m.everything()
	for _, path := range []string{
		m.weak, m.in(), m.in() + "?take=five", m.in() + "?take=slide&steps=3", m.in() + "?leave=1", m.in() + "?said=took", m.in() + "?below=1", open,
		m.weak + "?do=letter", m.in() + "?do=take&reward=five&steps=1&request=x", m.in() + "?do=leave",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			require.Less(t, m.ask(method, path, nil).Code, http.StatusInternalServerError, path)
		}
	}
	require.Equal(t, before, m.everything())
}

// Whoever types an address learns nothing of it, and nobody but its mailbox gets anything.
func TestTheDoorAnswersAllAlike(t *testing.T) {
	m := openClub(t, "sqlite").joins(100)
	p, err := m.store.Person(t.Context(), m.shop, m.person)
	require.NoError(t, err)
	page := m.see(m.in())
	require.Equal(t, []string{"letter"}, dosIn(page))
	require.NotContains(t, page, "points to spend")
	nonce := regexp.MustCompile(`nonce="[^"]+"`)
	answer := func(email string) string {
		got := m.act("letter", "email", email)
		require.Equal(t, http.StatusOK, got.Code)
		return nonce.ReplaceAllString(read(t, got), "")
	}
	require.Equal(t, answer(p.Email), answer("stranger@example.com"))
	require.Equal(t, []string{"2"}, texts(t, m.db, `SELECT COUNT(*) FROM notices WHERE kind = 'sign_in'`), "a worker finds out which is a customer's")
	wrong := m.act("letter", "email", "no address")
	require.Equal(t, http.StatusUnprocessableEntity, wrong.Code)
	require.Contains(t, read(t, wrong), "not a mail address")
	for range 4 {
		m.act("letter", "email", p.Email)
	}
	require.Equal(t, http.StatusTooManyRequests, m.act("letter", "email", p.Email).Code, "a mailbox is not flooded")
	require.Equal(t, "ended", m.said("take", "reward", "five", "steps", "1", "request", "x"))
	require.EqualValues(t, 100, m.points())
	require.Equal(t, http.StatusNotFound, m.ask(http.MethodGet, "/account/in/nothing", nil).Code)
	require.Equal(t, http.StatusNotFound, m.ask(http.MethodPost, "/account/in/nothing", url.Values{"do": {"letter"}, "email": {"a@example.com"}}).Code)
}

// The link that is mailed opens the page once, in time, at its own shop, in a
// browser that gets a secret made now.
func TestAPageOpensOnce(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			m := openClub(t, engine).joins(100)
			path := m.letter()
			page := m.see(path)
			require.Contains(t, page, "a•••@example.com")
			planted, _ := links.NewToken()
			probe := m.ask(http.MethodPost, m.letter(), nil)
			name := probe.Result().Cookies()[0].Name
			require.Regexp(t, `^__Host-account-[0-9a-f]{8}$`, name)
			m.cookie = &http.Cookie{Name: name, Value: planted}
			require.NotContains(t, m.see(m.in()), "points to spend", "what we have not made is none")
			got := m.ask(http.MethodPost, path, nil)
			require.Equal(t, http.StatusSeeOther, got.Code)
			c := got.Result().Cookies()[0]
			require.True(t, c.HttpOnly && c.Secure && c.SameSite == http.SameSiteLaxMode && c.Path == "/" && c.Domain == "")
			require.NotEqual(t, planted, c.Value)
			require.NotContains(t, path, c.Value)
			again := m.ask(http.MethodPost, path, nil)
			require.Equal(t, http.StatusNotFound, again.Code, "once")
			require.Contains(t, read(t, again), "ask for a new one")
			require.Equal(t, http.StatusNotFound, m.ask(http.MethodGet, path, nil).Code)

			late := m.letter()
			m.clock.Advance(31 * time.Minute)
			require.Equal(t, http.StatusNotFound, m.ask(http.MethodPost, late, nil).Code, "in time")
			elsewhere := storetest.Shop(t, m.store)
			_, token, _ := strings.Cut(m.letter(), m.in())
			require.Equal(t, http.StatusNotFound, m.ask(http.MethodPost, "/account/in/"+string(elsewhere)+token, nil).Code, "at its own shop")
			require.Equal(t, http.StatusForbidden, m.ask(http.MethodPost, m.letter(), nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }).Code)

			m.cookie = c
			require.Contains(t, m.see(m.in()), "You have 100 points to spend")
			m.clock.Advance(13 * time.Hour)
			require.NotContains(t, m.see(m.in()), "points to spend", "for twelve hours")
		})
	}
}

// A session is of one shop and one person, ends where it is closed, and is not lent to other sites.
func TestAPagesSessionIsTheirs(t *testing.T) {
	m := openClub(t, "sqlite").joins(100).opens()
	other := storetest.Shop(t, m.store)
	saved, err := m.store.SaveProgram(t.Context(), other, clubProgram(), 0, "owner")
	require.NoError(t, err)
	require.NoError(t, m.store.SetProgramState(t.Context(), other, store.ProgramLive, saved.Rev))
	for _, name := range []string{m.cookie.Name, strings.Replace(m.cookie.Name, m.cookie.Name[len("__Host-account-"):], "00000000", 1)} {
		page := unquoted(read(t, m.ask(http.MethodGet, "/account/in/"+string(other), nil, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: name, Value: m.cookie.Value}) })))
		require.NotContains(t, page, "points to spend")
	}
	for _, from := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
	} {
		form := url.Values{"do": {"take"}, "reward": {"five"}, "steps": {"1"}, "request": {"x"}}
		require.Equal(t, http.StatusForbidden, m.ask(http.MethodPost, m.in(), form, from).Code)
		require.Equal(t, http.StatusForbidden, m.ask(http.MethodPost, m.weak, nil, from).Code)
	}
	require.EqualValues(t, 100, m.points())
	held := m.cookie
	out := m.act("out")
	require.Equal(t, http.StatusSeeOther, out.Code)
	require.Negative(t, out.Result().Cookies()[0].MaxAge)
	m.cookie = held
	require.NotContains(t, m.see(m.in()), "points to spend", "a copy of it is worth nothing")
}

// What is known of them is shown to who has opened the page: in words, a page at a time.
func TestAMemberSeesWhatHappened(t *testing.T) {
	m := openClub(t, "sqlite").joins(350).opens()
	for range 25 {
		require.NoError(t, m.desk().Adjust(t.Context(), m.whole, m.person, 1, store.NewID(), "owner", "a secret reason"))
	}
	page := m.see(m.in())
	require.Contains(t, page, "For a•••@example.com")
	require.Contains(t, page, "You have 375 points to spend")
	require.Equal(t, 20, strings.Count(page, "Changed by the shop"))
	require.NotContains(t, page, "a secret reason", "staff write it for themselves")
	require.NotContains(t, page, "You joined")
	require.Contains(t, page, "+1")
	older := regexp.MustCompile(`href="([^"]+below=\d+)#history"`).FindStringSubmatch(page)
	require.NotNil(t, older)
	page = m.see(strings.ReplaceAll(older[1], "&amp;", "&"))
	require.Equal(t, 6, strings.Count(page, "Changed by the shop"))
	require.Contains(t, page, "You joined")
	require.NotContains(t, page, "below=")
}

// A reward is taken once for a form, after it was said what it costs and what is left.
func TestAMemberTakesAReward(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			m := openClub(t, engine).joins(350).opens()
			page := m.see(m.in())
			require.NotContains(t, page, `value="hidden"`)
			require.Contains(t, page, "4,650 points more are needed")
			page = m.see(m.in() + "?take=slide&steps=12")
			require.Contains(t, page, "12.00")
			require.Contains(t, page, "It costs 120 points. Then 230 points are left.")
			require.Contains(t, page, "It can be used for 90 days.")
			request := regexp.MustCompile(`name="request" value="(\w+)"`).FindStringSubmatch(page)[1]
			require.Equal(t, "took", m.said("take", "reward", "slide", "steps", "12", "request", request))
			require.Equal(t, "took", m.said("take", "reward", "slide", "steps", "12", "request", request), "sent twice")
			require.EqualValues(t, 230, m.points())
			rewards, err := m.store.RewardsOf(t.Context(), m.shop, m.person, 10)
			require.NoError(t, err)
			require.Len(t, rewards, 1)
			page = m.see(m.in() + "?said=took")
			require.Contains(t, page, "It is yours")
			require.Contains(t, page, "Its code is being made")
			require.Contains(t, page, "Spent: ")

			require.Equal(t, "few", m.said("take", "reward", "dear", "steps", "1", "request", "a"))
			require.Equal(t, "refused", m.said("take", "reward", "hidden", "steps", "1", "request", "b"))
			require.Equal(t, "refused", m.said("take", "reward", "slide", "steps", "1", "request", "c"), "it begins at two")
			require.Equal(t, "refused", m.said("take", "reward", "nothing", "steps", "1", "request", "d"))
			require.Equal(t, http.StatusBadRequest, m.act("take", "reward", "five", "steps", "x", "request", "e").Code)
			require.Equal(t, http.StatusBadRequest, m.act("take", "reward", "five", "steps", "1").Code)
			require.Equal(t, "took", m.said("take", "reward", "five", "steps", "1", "request", "f"))
			require.Equal(t, "budget", m.said("take", "reward", "five", "steps", "1", "request", "g"), "the month's 20.00 are used up")
			require.EqualValues(t, 130, m.points())
			for _, path := range []string{"?take=dear", "?take=hidden", "?take=slide&steps=99", "?take=nothing"} {
				require.Equal(t, http.StatusSeeOther, m.ask(http.MethodGet, m.in()+path, nil).Code, path)
			}
		})
	}
}

// A guest's points are theirs once they join; who leaves is told what they give up; who is blocked can do nothing.
func TestMembersComeAndGoByTheirPage(t *testing.T) {
	m := openClub(t, "sqlite")
	storetest.Do(t, m.store, func(tx *store.Tx) error {
		if _, err := tx.LockPersons(m.shop, []commerce.PersonID{m.person}); err != nil {
			return err
		}
		members, err := tx.LockMembers(m.shop, []commerce.PersonID{m.person})
		if err != nil {
			return err
		}
		terms := clubProgram().Rules[0].Freeze(1, 100, -1, commerce.Money{})
		_, err = tx.PostLedger(m.shop, members[m.person], []loyalty.Row{{Kind: loyalty.Pending, Cause: loyalty.Cause{Kind: loyalty.OfOrder, ID: string(m.order)}, Rule: "spend", Pending: 350, Terms: &terms, At: tx.Now()}}, loyalty.Policy{})
		return err
	})
	weak := m.see(m.weak)
	require.Contains(t, weak, "350 points wait for you")
	require.NotContains(t, weak, `value="join"`, "a link of a mail joins nobody")
	m.opens()
	page := m.see(m.in())
	require.Contains(t, page, "350 points wait for you")
	require.Contains(t, page, "They wait for 90 days")
	require.Equal(t, "refused", m.said("take", "reward", "five", "steps", "1", "request", "a"))
	require.Equal(t, "joined", m.said("join"))
	require.Equal(t, "joined", m.said("join"))
	require.EqualValues(t, 50, m.points(), "for joining, once")
	page = m.see(m.in() + "?said=joined")
	require.Contains(t, page, "350 points more wait")
	require.Contains(t, page, "until the time for returns is over")

	page = m.see(m.in() + "?leave=1")
	require.Contains(t, page, "50 points that you could spend")
	require.Contains(t, page, "350 points that still wait")
	require.Equal(t, "left", m.said("leave"))
	require.Equal(t, "refused", m.said("leave"))
	page = m.see(m.in())
	require.Contains(t, page, "You have left the program")
	require.NotContains(t, page, "points to spend")
	require.Equal(t, "refused", m.said("take", "reward", "five", "steps", "1", "request", "b"))

	require.Equal(t, "joined", m.said("join"))
	require.NoError(t, m.desk().Block(t.Context(), m.whole, m.person, "a resale ring", "owner"))
	for _, path := range []string{m.in(), m.weak} {
		page = m.see(path)
		require.Contains(t, page, "Your membership was closed by the shop")
		require.NotContains(t, page, "a resale ring")
		require.NotContains(t, page, `value="join"`)
		require.NotContains(t, page, `name="take"`)
	}
	require.Equal(t, "refused", m.said("join"))
	require.Equal(t, "refused", m.said("take", "reward", "five", "steps", "1", "request", "c"))
}

// A birthday is told once, in the months of who reads.
func TestABirthdayIsToldOnce(t *testing.T) {
	m := openClub(t, "sqlite", func(p *commerce.Person) { p.Language, p.Country = "fa", "IR" }).joins(100).opens()
	page := m.see(m.in())
	require.Contains(t, page, `<html lang="fa" dir="rtl">`)
	require.Contains(t, page, "فروردین")
	require.Contains(t, page, "۱۰۰ امتیاز")
	require.Equal(t, "day", m.said("birthday", "month", "7", "day", "31"))
	require.Equal(t, "day", m.said("birthday", "month", "x", "day", "1"))
	require.Equal(t, "birthday", m.said("birthday", "month", "1", "day", "1"))
	got, err := m.store.LoyaltyMember(t.Context(), m.shop, m.person)
	require.NoError(t, err)
	require.Equal(t, 321, got.Birthday)
	require.Contains(t, m.see(m.in()), "۱ فروردین")
	require.Equal(t, "refused", m.said("birthday", "month", "2", "day", "2"))
}

// What else the page does: asking for data, once; the link of the mails; the end of a shop or a person.
func TestWhatElseThePageDoes(t *testing.T) {
	m := openClub(t, "sqlite").joins(100).opens()
	require.Equal(t, "data", m.said("data"))
	require.Equal(t, "data", m.said("data"))
	require.Equal(t, []string{"1"}, texts(t, m.db, `SELECT COUNT(*) FROM privacy_requests WHERE persons LIKE '%`+string(m.person)+`%'`))
	require.NotContains(t, m.see(m.in()), `value="data"`)
	require.NotContains(t, m.see(m.in()), `value="mails"`, "no mail went to her yet")
	require.Equal(t, http.StatusNotFound, m.act("mails").Code)
	execute(t, m.db, `UPDATE effects SET state = 'sent'`)
	require.Contains(t, m.see(m.in()), `value="mails"`)
	got := m.act("mails")
	require.Equal(t, http.StatusSeeOther, got.Code)
	require.Contains(t, m.see(got.Header().Get("Location")), "Your mail choices")
	require.Equal(t, http.StatusBadRequest, m.act("nothing").Code)

	m.clock.Advance(61 * 24 * time.Hour)
	old := m.ask(http.MethodGet, m.weak, nil)
	require.Equal(t, http.StatusSeeOther, old.Code)
	m.cookie = nil
	require.Contains(t, m.see(old.Header().Get("Location")), "This link is not good any more")
	m.opens()
	execute(t, m.db, `UPDATE persons SET erased = 1, email = ''`)
	require.NotContains(t, m.see(m.in()), "points to spend")
	require.NoError(t, m.store.SetShopState(t.Context(), m.shop, commerce.ShopClosed))
	require.Equal(t, http.StatusNotFound, m.ask(http.MethodGet, m.in(), nil).Code)
}

// The code of a reward that is being taken back is shown no more, and reviews that nobody can write are promised to nobody.
func TestThePageShowsWhatIsTrue(t *testing.T) {
	m := openClub(t, "sqlite").joins(350).opens()
	r, err := m.desk().Redeem(t.Context(), m.whole, m.person, "five", 1, "r")
	require.NoError(t, err)
	execute(t, m.db, `UPDATE rewards SET state = 'made', code = 'SPRING'`)
	require.Contains(t, m.see(m.in()), "SPRING")
	require.NoError(t, m.desk().Revoke(t.Context(), m.whole, r.ID, "a slip", "owner"))
	require.NotContains(t, m.see(m.in()), "SPRING")
	p, err := m.store.LoyaltyProgram(t.Context(), m.shop)
	require.NoError(t, err)
	p.Rules = append(p.Rules, loyalty.Rule{ID: "word", Kind: loyalty.ForReview, Points: 7_777}, loyalty.Rule{ID: "day", Kind: loyalty.ForBirthday, Points: 6_666})
	_, err = m.store.SaveProgram(t.Context(), m.shop, p.Program, p.Rev, "owner")
	require.NoError(t, err)
	page := m.see(m.in())
	require.Contains(t, page, "6,666")
	require.NotContains(t, page, "7,777")
}
