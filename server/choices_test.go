package server_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// live lets a campaign of a topic go live.
func (m *mailed) live(topic string, class gate.Class, trigger campaign.TriggerKind, state campaign.State) {
	m.t.Helper()
	data, err := templates.Playbook("thank_you")
	require.NoError(m.t, err)
	d, err := campaign.Parse(data)
	require.NoError(m.t, err)
	d.Name, d.Title, d.Class, d.Topic, d.Trigger = topic, campaign.Texts{"en": "Whales who lapsed"}, class, topic, campaign.Trigger{Kind: trigger}
	_, err = m.store.SaveCampaign(m.t.Context(), m.shop, campaign.CampaignID(topic), d, state)
	require.NoError(m.t, err)
}

// settings changes the shop's.
func (m *mailed) settings(change func(*commerce.Settings)) {
	m.t.Helper()
	shop, err := m.store.Shop(m.t.Context(), m.shop)
	require.NoError(m.t, err)
	change(&shop.Settings)
	require.NoError(m.t, m.store.SaveSettings(m.t.Context(), m.shop, shop.Settings))
}

// person is who got the mail.
func (m *mailed) person() commerce.Person {
	m.t.Helper()
	all, err := m.store.ListPersons(m.t.Context(), m.shop, "", 10)
	require.NoError(m.t, err)
	return all[0]
}

// said lists what is kept of the visitor's words, the oldest first.
func (m *mailed) said() []commerce.ConsentChange {
	m.t.Helper()
	facts, err := m.store.AddressByHash(m.t.Context(), m.shop, m.hash)
	require.NoError(m.t, err)
	return facts.Consents
}

// asks lists who is to confirm a yes.
func (m *mailed) asks() (all []store.ConsentAsk) {
	m.t.Helper()
	rows, err := m.store.NextInbox(m.t.Context(), m.shop, 10)
	require.NoError(m.t, err)
	for _, row := range rows {
		ask, err := store.ReadConsentAsk(row.Body)
		require.NoError(m.t, err)
		all = append(all, ask)
	}
	return all
}

func do(what string, more ...string) url.Values {
	form := url.Values{"do": {what}}
	for i := 1; i < len(more); i += 2 {
		form.Add(more[i-1], more[i])
	}
	return form
}

// boxes returns the topics on a page, by whether they are on.
func boxes(page string) map[string]bool {
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`name="topic" value="([^"]+)"( checked)?`).FindAllStringSubmatch(page, -1) {
		out[m[1]] = m[2] != ""
	}
	return out
}

func TestTopicsAreThoseOfLiveCampaignsAndThoseThatAreStopped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := mail(t, s, gate.Service, "reviews")
		m.live("reviews", gate.Service, campaign.OnOrderArrived, campaign.Live)
		m.live("tea_club", gate.Marketing, campaign.OnOrderPaid, campaign.Live)
		m.live("orders", gate.Transactional, campaign.OnOrderPaid, campaign.Live)
		m.live("care", gate.Service, campaign.OnOrderPaid, campaign.Draft)
		page := read(t, m.get(http.MethodGet))
		require.Equal(t, map[string]bool{"reviews": true, "tea_club": true}, boxes(page))
		require.Contains(t, page, "Review requests")
		require.Contains(t, page, "tea club", "a topic of the shop's own")
		require.NotContains(t, page, "Whales", "what merchants call a campaign is for their eyes")

		require.Contains(t, read(t, m.post(do("save", "shown", "reviews", "shown", "tea_club", "topic", "tea_club"))), "Your choice is kept")
		require.Equal(t, []gate.Scope{gate.TopicScope("reviews")}, m.stops())
		require.Equal(t, map[string]bool{"reviews": false, "tea_club": true}, boxes(read(t, m.get(http.MethodGet))))
		require.NoError(t, s.SetCampaignState(t.Context(), m.shop, "reviews", campaign.Archived, ""))
		require.Equal(t, map[string]bool{"reviews": false, "tea_club": true}, boxes(read(t, m.get(http.MethodGet))), "it is still stopped")

		m.post(do("save", "shown", "reviews", "topic", "reviews", "topic", "tea_club"))
		require.Empty(t, m.stops(), "only what the page showed changes")
		require.Equal(t, http.StatusBadRequest, m.post(do("save", "shown", strings.Repeat("x", 65))).Code)
	})
}

// Another topic's stop is not the fault of the mail whose link was used.
func TestOnlyItsOwnTopicIsTheMailsFault(t *testing.T) {
	address := storetest.Prepared(t, "sqlite")
	m := mail(t, storetest.OpenURL(t, address), gate.Service, "reviews")
	m.live("reviews", gate.Service, campaign.OnOrderPaid, campaign.Live)
	m.live("care", gate.Service, campaign.OnOrderPaid, campaign.Live)
	m.post(do("save", "shown", "reviews", "shown", "care"))
	rows, err := storetest.DB(t, address).QueryContext(t.Context(), `SELECT scope, effect_id <> '' FROM suppressions ORDER BY scope`)
	require.NoError(t, err)
	defer rows.Close()
	got := map[string]bool{}
	for rows.Next() {
		var scope string
		var blamed bool
		require.NoError(t, rows.Scan(&scope, &blamed))
		got[scope] = blamed
	}
	require.NoError(t, rows.Err())
	require.Equal(t, map[string]bool{"topic:reviews": true, "topic:care": false}, got)
}

func TestLanguageOfMailsIsChosenOnThePage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := mail(t, s, gate.Service, "reviews")
		page := read(t, m.get(http.MethodGet))
		for _, name := range []string{"English", "العربية", "فارسی"} {
			require.Contains(t, page, ">"+name+"</option>")
		}
		require.Contains(t, read(t, m.post(do("save", "language", "fa"))), `<html lang="fa" dir="rtl">`, "at once")
		require.Equal(t, "fa", m.person().Choice)
		page = read(t, m.get(http.MethodGet))
		require.Contains(t, page, `<html lang="fa"`)
		require.Contains(t, page, `<option value="fa" lang="fa" selected>`)
		require.Equal(t, http.StatusBadRequest, m.post(do("save", "language", "tlh")).Code)
		require.Equal(t, "fa", m.person().Choice)
		m.post(do("save", "shown", "reviews", "topic", "reviews"))
		require.Equal(t, "fa", m.person().Choice, "a form without it leaves it")
		require.Contains(t, read(t, m.post(do("save", "language", ""))), `<html lang="en"`)
		require.Empty(t, m.person().Choice)

		m.settings(func(s *commerce.Settings) { s.Languages = []string{"de", "en-GB"} })
		page = read(t, m.get(http.MethodGet))
		require.Contains(t, page, ">Deutsch</option>")
		require.Contains(t, page, `value="en-GB"`)
		require.NotContains(t, page, "فارسی", "the shop does not write it")
		m.settings(func(s *commerce.Settings) { s.Languages = []string{"en"} })
		require.NotContains(t, read(t, m.get(http.MethodGet)), "<select", "there is nothing to choose")
	})
}

func TestPauseAndItsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := mail(t, s, gate.Service, "reviews", func(p *commerce.Person) { p.Country = "GB" })
		e := storetest.Enroll(t, s, m.shop, storetest.Order(t, s, m.shop, m.person().ID), func(e *campaign.Enrollment) { e.DueAt += 5000 })
		require.Contains(t, read(t, m.post(do("pause", "days", "30"))), "until 1 April 2026")
		stops, err := s.Suppressions(t.Context(), m.shop, m.hash)
		require.NoError(t, err)
		require.Equal(t, []gate.Suppression{{Scope: gate.ScopePause, Reason: "asked", At: s.Now(), Until: s.Now().Add(30 * 24 * time.Hour)}}, stops)
		require.Contains(t, read(t, m.get(http.MethodGet)), "until 1 April 2026")
		walks, err := s.ListEnrollments(t.Context(), m.shop, e.Campaign, store.WalkFilter{}, "", 10)
		require.NoError(t, err)
		for _, walk := range walks {
			require.Equal(t, s.Now(), walk.DueAt, "what waits is decided anew")
		}
		for _, days := range []string{"", "0", "-7", "8", "36500", "x"} {
			require.Equal(t, http.StatusBadRequest, m.post(do("pause", "days", days)).Code, days)
		}
		require.Contains(t, read(t, m.post(do("resume"))), "The break is over")
		require.Empty(t, m.stops())

		m.post(do("pause", "days", "7"))
		require.Contains(t, read(t, m.get(http.MethodGet)), "taking a break")
		require.NoError(t, s.Transact(t.Context(), func(tx *store.Tx) error { return tx.Pause(m.shop, m.hash, s.Now()) }))
		page := read(t, m.get(http.MethodGet))
		require.NotContains(t, page, "taking a break", "it has ended")
		require.Contains(t, page, "7 days")
	})
}

// An address to which nothing goes at all is told so; nothing on the page changes that.
func TestABlockedAddressIsToldSo(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	m := mail(t, s, gate.Service, "reviews")
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.Suppress(m.shop, m.hash, gate.ScopeAll, "complained") })
	page := read(t, m.get(http.MethodGet))
	require.Contains(t, page, "No mails are sent to this address at all")
	require.NotContains(t, page, "<form")
	m.post(do("undo"))
	m.post(do("yes"))
	require.Equal(t, []gate.Scope{gate.ScopeAll}, m.stops())
}

func TestAYesToNewsAndOffers(t *testing.T) {
	for name, c := range map[string]struct {
		country string
		double  bool
	}{"one yes is enough": {"GB", false}, "it is to be confirmed": {"DE", true}} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				m := mail(t, s, gate.Service, "reviews", func(p *commerce.Person) { p.Country = c.country })
				m.live("confirm", gate.Transactional, asksToConfirm(), campaign.Live)
				m.post(do("stop_all"))
				page := read(t, m.get(http.MethodGet))
				require.Contains(t, page, "Yes, I want news and offers from")
				shown := html.UnescapeString(regexp.MustCompile(`Yes, I want news[^<]*`).FindString(page))

				answer := read(t, m.post(do("yes")))
				require.Equal(t, []commerce.ConsentChange{{
					Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, Source: "preference page", Wording: "en: " + shown, At: s.Now(),
				}}, m.said(), "the very words that were shown")
				require.Empty(t, m.stops(), "who wants news wants to be written to")
				require.Empty(t, m.toTell())
				if !c.double {
					require.Contains(t, answer, "You now get news and offers")
					require.Empty(t, m.asks())
					require.Contains(t, read(t, m.get(http.MethodGet)), "You said yes to news and offers on 2 March 2026")
					return
				}
				require.Contains(t, answer, "A mail with one more button")
				require.Equal(t, []store.ConsentAsk{{Person: m.person().ID, Email: m.person().Email, SaidAt: s.Now()}}, m.asks())
				require.Equal(t, []commerce.ShopID{m.shop}, m.queue.shops, "the worker is told")
				require.Contains(t, read(t, m.get(http.MethodGet)), "It counts once you confirm it")
				m.clock.Advance(time.Hour)
				require.Contains(t, read(t, m.post(do("yes"))), "A mail with one more button")
				require.Len(t, m.asks(), 1, "not again on the same day")
				require.Len(t, m.said(), 1)
			})
		})
	}
}

// asksToConfirm is the trigger that begins with a yes to be confirmed.
func asksToConfirm() campaign.TriggerKind {
	for _, spec := range campaign.Triggers() {
		if spec.Events[0] == commerce.ConsentAsked {
			return spec.Kind
		}
	}
	return ""
}

// No mail is announced where none is sent.
func TestNobodyAsksToConfirm(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews")
	require.Contains(t, read(t, m.post(do("yes"))), "does not ask for that yet")
	require.Len(t, m.said(), 1, "the yes is kept all the same")
	require.Len(t, m.asks(), 1)
}

func TestANoToNewsAndOffers(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews", func(p *commerce.Person) { p.Language = "ar" })
	m.post(do("yes"))
	m.clock.Advance(time.Minute)
	m.post(do("no"))
	said := m.said()
	require.Len(t, said, 2)
	require.Equal(t, commerce.Unsubscribed, said[1].State)
	require.True(t, strings.HasPrefix(said[1].Wording, "ar: لا أريد"), said[1].Wording)
	require.Empty(t, m.stops(), "review requests go on")
	require.Len(t, m.toTell(), 1, "Shopify is told of a no")
	require.Contains(t, read(t, m.get(http.MethodGet)), "نعم، أريد الأخبار والعروض", "and may say yes again")
}

// Where nobody need say yes the page does not ask for one, unless they said no before.
func TestNewsWhereNoYesIsNeeded(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	m := mail(t, s, gate.Service, "reviews", func(p *commerce.Person) { p.Country = "US" })
	require.NotContains(t, read(t, m.get(http.MethodGet)), "news and offers")
	m.post(do("no"))
	require.Contains(t, read(t, m.get(http.MethodGet)), "Yes, send me news and offers")
	m.post(do("yes"))
	require.Empty(t, m.asks())
}

func TestBrandOfThePage(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews")
	m.settings(func(s *commerce.Settings) {
		s.Brand = commerce.Brand{Logo: "https://cdn.nour.example/logo.png", Accent: "#7a1f3d"}
	})
	rec := m.get(http.MethodGet)
	page := read(t, rec)
	require.Contains(t, page, `<img class="logo" src="https://cdn.nour.example/logo.png" alt="Shop`)
	require.Contains(t, page, "--press:#7a1f3d;--on-press:#ffffff;")
	require.Contains(t, rec.Header().Get("Content-Security-Policy"), "img-src https://cdn.nour.example")
	for _, logo := range []string{"http://cdn.nour.example/logo.png", "javascript:alert(1)", "https://a.example;script-src/x", "//cdn.example/x", "x"} {
		m.settings(func(s *commerce.Settings) { s.Brand = commerce.Brand{Logo: logo, Accent: "red;}body{display:none"} })
		rec := m.get(http.MethodGet)
		require.NotContains(t, read(t, rec), "<img", logo)
		require.NotContains(t, rec.Header().Get("Content-Security-Policy"), "img-src")
	}
}

// A form larger than any of ours is refused.
func TestFormsAreBounded(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews")
	require.Equal(t, http.StatusBadRequest, m.post(do("save", "shown", strings.Repeat("x", 100<<10))).Code)
}

// confirming is a mail that asks to confirm a yes, with its link.
func confirming(t *testing.T, s *store.Store, change ...func(*commerce.Person)) *mailed {
	t.Helper()
	m := mail(t, s, gate.Transactional, "orders", change...)
	token, hash := links.NewToken()
	target, err := links.Hash(strings.TrimPrefix(m.path, "/u/"))
	require.NoError(t, err)
	old, err := s.LinkByHash(t.Context(), target, string(links.Unsubscribe))
	require.NoError(t, err)
	storetest.Do(t, s, func(tx *store.Tx) error {
		return tx.AddLinks(m.shop, []store.Link{{
			Hash: hash, Shop: m.shop, Purpose: string(links.Confirm), Effect: old.Effect, Person: old.Person, Expires: s.Now() + 1000*3600,
		}})
	})
	m.path = "/confirm/" + token
	return m
}

func TestConfirming(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := confirming(t, s)
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
			m.get(method)
		}
		require.Empty(t, m.said(), "a scanner that follows the link confirms nothing")
		page := read(t, m.get(http.MethodGet))
		require.Contains(t, page, "Yes, that was me")
		require.Contains(t, page, "a•••@example.com")
		for _, form := range []url.Values{{}, oneClick, do("stop_all")} {
			require.Equal(t, http.StatusBadRequest, m.post(form).Code)
		}
		require.Empty(t, m.said())

		require.Contains(t, read(t, m.post(do("yes"))), "You now get news and offers")
		said := m.said()
		require.Len(t, said, 1)
		require.True(t, said[0].Double)
		require.Equal(t, "confirmed by mail", said[0].Source)
		require.True(t, strings.HasPrefix(said[0].Wording, "en: Yes, I want news and offers from"), said[0].Wording)
		require.Contains(t, read(t, m.get(http.MethodGet)), "You said yes to news and offers on")
		m.clock.Advance(time.Minute)
		require.Contains(t, read(t, m.post(do("no"))), "no more news and offers")
		require.Equal(t, commerce.Unsubscribed, m.said()[1].State)
	})
}

// A link of one purpose opens no other door.
func TestLinksOfOnePurpose(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	m := confirming(t, s)
	token := strings.TrimPrefix(m.path, "/confirm/")
	require.Equal(t, http.StatusNotFound, m.do(httptest.NewRequest(http.MethodGet, "/u/"+token, nil)).Code)
	other := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews")
	rec := other.do(httptest.NewRequest(http.MethodGet, strings.Replace(other.path, "/u/", "/confirm/", 1), nil))
	require.Equal(t, http.StatusNotFound, rec.Code)
	require.Contains(t, read(t, rec), "This link does not work")
}

// Only what the page shows can be saved: a forged form adds nothing, and breaks nothing.
func TestForgedTopics(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := mail(t, s, gate.Service, "reviews")
		form := url.Values{"do": {"save"}, "shown": {"a\x00b", "a\xff"}}
		for i := range 500 {
			form.Add("shown", "topic"+strconv.Itoa(i))
		}
		require.Equal(t, http.StatusOK, m.post(form).Code)
		require.Empty(t, m.stops())
	})
}

// The link lives longer than an address: a no counts for the one the person has now, too,
// and a yes cannot be said for it.
func TestAnAddressThatHasChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := mail(t, s, gate.Marketing, "news")
		p := m.person()
		old := p.Email
		p.Email = "new@other.example"
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SavePersons(m.shop, []commerce.Person{p}) })
		require.Equal(t, http.StatusOK, m.post(do("stop_all")).Code)
		storetest.Do(t, s, func(tx *store.Tx) error {
			known, err := tx.Addresses(m.shop, []string{old, p.Email})
			require.Len(t, known[old].Suppressions, 1)
			require.Len(t, known[p.Email].Suppressions, 1)
			return err
		})
		require.NotContains(t, read(t, m.get(http.MethodGet)), "Yes, send me news")
		require.Equal(t, http.StatusBadRequest, m.post(do("yes")).Code)
	})
}

// Whoever holds a link cannot have mail after mail sent by changing their mind.
func TestYesAndNoAndYesAsksOnce(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews", func(p *commerce.Person) { p.Country = "DE" })
	for range 3 {
		m.post(do("yes"))
		m.clock.Advance(time.Second)
		m.post(do("no"))
		m.clock.Advance(time.Second)
	}
	require.Len(t, m.asks(), 1)
}

// The page promises the mail that confirms only where one is sent.
func TestAYesThatNobodyAsksToConfirm(t *testing.T) {
	m := mail(t, storetest.Open(t, "sqlite"), gate.Service, "reviews", func(p *commerce.Person) { p.Country = "DE" })
	require.Contains(t, read(t, m.post(do("yes"))), "does not ask for that yet")
	require.Contains(t, read(t, m.get(http.MethodGet)), "does not send that mail yet")
	m.live("orders", gate.Transactional, campaign.OnConsentAsked, campaign.Live)
	page := read(t, m.get(http.MethodGet))
	require.Contains(t, page, "with the button in the mail about it")
	require.NotContains(t, page, "Send the mail again")
	m.clock.Advance(25 * time.Hour)
	require.Contains(t, read(t, m.get(http.MethodGet)), "Send the mail again")
	m.post(do("yes"))
	require.Len(t, m.asks(), 2)
}
