package server_test

import (
	"database/sql"
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// hostile is a name of somebody who tries what pages do with it.
const hostile = "<script>alert(1)</script>\u202egnp"

// bought is a shop whose customer Sara has an order, a mail and a walk that goes on; its people have one role each.
type bought struct {
	*house
	shop                              commerce.ShopID
	conn                              commerce.Connection
	db                                *sql.DB
	sara, ali                         commerce.Person
	order                             *store.StoredOrder
	walk                              campaign.Enrollment
	effect                            store.EffectID
	viewer, builder, publisher, owner *guest
	base                              string
}

func withCustomers(t *testing.T, story func(t *testing.T, b *bought)) {
	t.Helper()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Prepared(t, engine)
			s := storetest.OpenURL(t, address)
			b := &bought{house: openHouse(t, s), db: storetest.DB(t, address)}
			b.shop = b.house.shop("owner@example.com")
			b.base = "/shops/" + string(b.shop)
			b.conn = storetest.Connection(t, s, b.shop)
			b.fill()
			as := func(role commerce.Role) *guest {
				email := string(role) + "@example.com"
				b.belongs(b.known(email), b.shop, role)
				return b.browser().enter(email)
			}
			b.viewer, b.builder, b.publisher, b.owner = as(commerce.RoleViewer), as(commerce.RoleBuilder), as(commerce.RolePublisher), as(commerce.RoleOwner)
			story(t, b)
		})
	}
}

func (b *bought) fill() {
	t, s := b.t, b.store
	data, err := templates.Playbook("thank_you")
	require.NoError(t, err)
	d, err := campaign.Parse(data)
	require.NoError(t, err)
	_, err = s.SaveCampaign(t.Context(), b.shop, "thank_you", d, campaign.Live)
	require.NoError(t, err)
	b.sara = storetest.Person(t, s, b.shop, func(p *commerce.Person) {
		p.FirstName, p.LastName, p.Email, p.Phone, p.Timezone = "فاطمة", "أحمدي", "fatima@nour.example", "+966501234567", "Asia/Riyadh"
	})
	b.ali = storetest.Person(t, s, b.shop, func(p *commerce.Person) { p.FirstName, p.LastName, p.Email = hostile, "=cmd()", "ali@nour.example" })
	b.order = storetest.Order(t, s, b.shop, b.sara.ID, func(o *store.StoredOrder) {
		o.Detail.Name = "#1001"
		o.Detail.Lines = append(o.Detail.Lines, commerce.Line{ID: "2", Title: "Cup " + hostile, Quantity: 2, Current: 1, Price: o.Detail.Total})
	})
	b.walk = storetest.Enroll(t, s, b.shop, b.order, func(e *campaign.Enrollment) {
		e.Campaign, e.Position, e.DueAt = "thank_you", campaign.Position{}, s.Now().Add(time.Hour)
	})
	hash, err := s.AddressHash(t.Context(), b.shop, b.sara.Email)
	require.NoError(t, err)
	storetest.Do(t, s, func(tx *store.Tx) error {
		claims, err := tx.ClaimEffects(b.shop, []store.Effect{storetest.Effect(b.walk, b.conn, hash, func(f *store.Effect) { f.StepID = d.Steps[len(d.Steps)-1].ID })})
		b.effect = claims[b.walk.ID].ID
		if err != nil {
			return err
		}
		return tx.SaveEvents(b.shop, []commerce.Event{{Kind: commerce.OrderPaid, Subject: string(b.order.ID), OrderID: b.order.ID, PersonID: b.sara.ID, OccurredAt: s.Now().Add(-time.Hour)}})
	})
	for {
		n, err := s.WordPersons(t.Context())
		require.NoError(t, err)
		if n == 0 {
			return
		}
	}
}

// park makes a mail one of which nobody knows whether it arrived.
func (b *bought) park() {
	b.t.Helper()
	_, err := b.db.ExecContext(b.t.Context(), fmt.Sprintf(`UPDATE effects SET state = 'unknown', parked = 1, note = '451 later' WHERE id = '%s'`, b.effect))
	require.NoError(b.t, err)
}

func (b *bought) customer(p commerce.Person) string { return b.base + "/customers/" + string(p.ID) }

func TestCustomersAreFoundAndShownByRole(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		page := read(t, b.viewer.get(b.base+"/customers?q=فاطمه+احمدی"))
		require.Contains(t, page, "أحمدي")
		require.Contains(t, page, "f•••@nour.example")
		require.NotContains(t, page, "fatima@nour.example", "who only looks sees no addresses")
		require.NotContains(t, page, "alert(1)", "somebody else")
		require.NotContains(t, page, "/customers/file", "nor takes them along")
		all := read(t, b.builder.get(b.base+"/customers"))
		require.Contains(t, all, "fatima@nour.example")
		require.Contains(t, all, "&lt;script&gt;alert(1)&lt;/script&gt;gnp", "escaped, and without the mark that turns what follows")
		require.NotContains(t, all, "<script>alert")
		require.Contains(t, read(t, b.owner.get(b.base+"/customers")), "/customers/file")
		require.Contains(t, read(t, b.viewer.get(b.base+"/customers?q=nobody")), "Nothing matches")

		for _, guest := range []*guest{b.viewer, b.builder, b.publisher} {
			require.Equal(t, http.StatusForbidden, guest.get(b.base+"/customers/file").Code)
		}
		file := b.owner.get(b.base + "/customers/file")
		require.Equal(t, http.StatusOK, file.Code)
		text := read(t, file)
		require.True(t, strings.HasPrefix(text, "\uFEFF"))
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF"))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 3)
		require.Equal(t, "'=cmd()", rows[1][2], "no spreadsheet takes a name for a formula")
		require.Equal(t, "fatima@nour.example", rows[2][3])
		require.Equal(t, []string{"1", "40.00", "EUR"}, rows[2][7:10])
		lines, err := b.store.AuditLines(t.Context(), b.shop, store.AuditFilter{Act: "/customers/file"}, 10)
		require.NoError(t, err)
		require.Len(t, lines, 1)
		require.True(t, lines[0].Done)
	})
}

func TestOneBoxFindsAll(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		to := func(q string) string { return b.viewer.get(b.base + "/search?q=" + q).Header().Get("Location") }
		require.Equal(t, b.customer(b.sara), to("فاطمه"), "one hit is opened at once")
		order := b.customer(b.sara) + "?to=order-" + string(b.order.ID) + "#order-" + string(b.order.ID)
		for _, q := range []string{"%231001", "1001", "١٠٠١", "%23۱۰۰۱", b.order.Keys[0].ID} {
			require.Equal(t, order, to(q), q)
		}
		require.Equal(t, b.customer(b.sara)+"?to=message-"+string(b.effect)+"#message-"+string(b.effect), to(strings.ToUpper(string(b.effect))))
		storetest.Do(t, b.store, func(tx *store.Tx) error { // so much came after it that it lies on a later page
			var later []commerce.Event
			for i := range 150 {
				later = append(later, commerce.Event{Kind: commerce.CustomKind("visit"), Name: "visit", Subject: fmt.Sprint(i), PersonID: b.sara.ID, OccurredAt: b.store.Now().Add(time.Duration(i+1) * time.Minute)})
			}
			return tx.SaveEvents(b.shop, later)
		})
		for _, q := range []string{string(b.effect), "1001"} {
			at, place, _ := strings.Cut(to(q), "#")
			require.Contains(t, read(t, b.viewer.get(at)), `id="`+place+`"`, "the link leads to the page that holds it")
			require.NotContains(t, read(t, b.viewer.get(b.customer(b.sara))), `id="`+place+`"`)
		}
		both := read(t, b.viewer.get(b.base+"/search?q=nour.example"))
		require.Contains(t, both, "أحمدي")
		require.Contains(t, both, "&lt;script&gt;")
		require.Contains(t, read(t, b.viewer.get(b.base+"/search?q=%3Cscript%3Enothing")), "Nothing was found")
		require.Equal(t, http.StatusOK, b.viewer.get(b.base+"/search?q=").Code)
	})
}

func TestTheTimelineOfOneCustomer(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		b.park()
		page := read(t, b.publisher.get(b.customer(b.sara)))
		require.Contains(t, page, "<bdi>فاطمة أحمدي</bdi>")
		require.Contains(t, page, "was paid")
		require.Contains(t, page, `id="order-`+string(b.order.ID)+`"`)
		require.Contains(t, page, "Teapot")
		require.Contains(t, page, "<s>1 × <bdi>Cup &lt;script&gt;", "what came back is struck through")
		require.Contains(t, page, `id="message-`+string(b.effect)+`"`)
		require.Contains(t, page, "nobody ever said whether it was taken")
		require.NotContains(t, page, "<script>alert")
		require.Contains(t, page, "/walks/"+string(b.walk.ID)+"/skip")
		viewer := read(t, b.viewer.get(b.customer(b.sara)))
		for _, hidden := range []string{"/skip", "/pause\"><label", "/unstop", "/consent", "/erase", "fatima@nour", "+966501234567", "/resend"} {
			require.NotContains(t, strings.ReplaceAll(viewer, b.base+"/pause", ""), hidden)
		}
		require.Contains(t, viewer, "•••67")

		decisions := read(t, b.viewer.get(b.customer(b.sara)+"?show=decisions"))
		require.NotContains(t, decisions, "was paid")
		require.Contains(t, decisions, "Entered")
		for _, lang := range []string{"ar", "fa"} {
			got := read(t, b.viewer.get(b.customer(b.sara)+"?why=thank_you&locale="+lang))
			require.Equal(t, http.StatusOK, b.viewer.get(b.customer(b.sara)).Code)
			require.NotContains(t, got, "timeline_")
		}
		why := read(t, b.viewer.get(b.customer(b.sara)+"?why=thank_you"))
		require.Contains(t, why, "may have been sent")
		require.Contains(t, why, "send it again, or treat it as sent")
		require.NotContains(t, read(t, b.viewer.get(b.customer(b.sara)+"?why=<b>")), "<b>")
		require.Contains(t, read(t, b.viewer.get(b.customer(b.ali))), "Nothing has happened here yet")
		require.Equal(t, http.StatusOK, b.viewer.get(b.customer(b.sara)+"?before=1").Code)
	})
}

// Whoever belongs to another shop does not exist here, and what hangs on one person is no other's.
func TestOthersCustomersDoNotExist(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		other := storetest.Person(t, b.store, storetest.Shop(t, b.store))
		for _, path := range []string{"", "/erase"} {
			require.Equal(t, http.StatusNotFound, b.owner.get(b.customer(other)+path).Code, path)
			require.Equal(t, http.StatusNotFound, b.owner.get(b.base+"/customers/nobody"+path).Code, path)
		}
		for _, path := range []string{"/pause", "/stop", "/unstop", "/consent", "/export"} {
			require.Equal(t, http.StatusNotFound, b.owner.post(b.customer(other)+path, "days", "7", "scope", "all", "state", "subscribed", "source", "x").Code, path)
		}
		require.Equal(t, http.StatusNotFound, b.owner.post(b.customer(other)+"/erase", "word", "erase").Code)
		for _, path := range []string{"/walks/" + string(b.walk.ID) + "/stop", "/effects/" + string(b.effect) + "/resend", "/merged/" + string(b.sara.ID) + "/split"} {
			require.Equal(t, http.StatusNotFound, b.owner.post(b.customer(b.ali)+path).Code, path)
		}
		e, err := b.store.Enrollment(t.Context(), b.shop, b.walk.ID)
		require.NoError(t, err)
		require.False(t, e.Ended)
	})
}

func TestActingOnOneCustomer(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		at := b.customer(b.sara)
		facts := func() store.AddressFacts {
			got, err := b.store.ContactsOf(t.Context(), b.shop, b.sara)
			require.NoError(t, err)
			return got[0].AddressFacts
		}
		act := func(path string, pairs ...string) string {
			rec := b.publisher.post(at+path, pairs...)
			require.Equal(t, http.StatusSeeOther, rec.Code, "%s %s", path, rec.Body)
			page := read(t, b.publisher.get(rec.Header().Get("Location")))
			require.Contains(t, page, "alert-success")
			return page
		}
		for _, path := range []string{"/pause", "/stop", "/unstop", "/consent", "/walks/" + string(b.walk.ID) + "/now", "/effects/" + string(b.effect) + "/sent"} {
			require.Equal(t, http.StatusForbidden, b.builder.post(at+path).Code, path)
		}
		for _, days := range []string{"", "0", "366", "x"} {
			rec := b.publisher.post(at+"/pause", "days", days)
			require.Equal(t, http.StatusUnprocessableEntity, rec.Code, days)
			require.Contains(t, read(t, rec), `aria-invalid="true" aria-describedby="wrong"`)
		}
		require.Contains(t, act("/pause", "days", "١٤"), "A break from messages until")
		require.Equal(t, gate.ScopePause, facts().Suppressions[0].Scope)
		require.Equal(t, b.store.Now().Add(14*24*time.Hour), facts().Suppressions[0].Until)
		act("/unstop", "scope", "pause")
		require.Empty(t, facts().Suppressions)
		require.Equal(t, http.StatusUnprocessableEntity, b.publisher.post(at+"/unstop", "scope", "pause").Code, "it is over")
		require.Contains(t, act("/stop", "scope", "all"), "Nothing goes to the address any more: by the shop")
		require.Equal(t, http.StatusUnprocessableEntity, b.publisher.post(at+"/stop", "scope", "topic:x").Code)
		act("/unstop", "scope", "all")
		require.Equal(t, http.StatusUnprocessableEntity, b.publisher.post(at+"/consent", "state", "subscribed", "source", " ").Code, "a yes without a source shows nothing")
		require.Contains(t, act("/consent", "state", "subscribed", "source", "by phone <b>"), "by phone &lt;b&gt;")
		require.Equal(t, commerce.Subscribed, facts().Consents[0].State)
		require.Equal(t, "marketing", facts().Consents[0].Class)
		storetest.ClockOf(b.store).Advance(time.Second)
		act("/consent", "state", "unsubscribed", "source", "letter")
		require.Equal(t, commerce.Unsubscribed, facts().Consents[1].State)

		b.park()
		act("/effects/" + string(b.effect) + "/sent")
		o, err := b.store.Outward(t.Context(), b.shop, b.effect)
		require.NoError(t, err)
		require.Equal(t, store.Sent, o.State)
		require.Equal(t, http.StatusNotFound, b.publisher.post(at+"/effects/"+string(b.effect)+"/resend").Code, "it is settled")
		act("/walks/" + string(b.walk.ID) + "/stop")
		rec := b.publisher.post(at + "/walks/" + string(b.walk.ID) + "/now")
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
		require.Contains(t, read(t, rec), "has ended already")

		act("/pause", "days", "3")
		list := func() string { return read(t, b.viewer.get(b.base+"/customers?q=فاطمه")) }
		require.Contains(t, list(), ">paused<")
		storetest.ClockOf(b.store).Advance(4 * 24 * time.Hour)
		require.NotContains(t, list(), ">paused<", "it has ended by itself")
		require.NotContains(t, read(t, b.publisher.get(at)), `name="scope" value="pause"`, "so there is nothing to take back")
	})
}

func TestJoinedCustomersAndTheWayBack(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		storetest.Do(t, b.store, func(tx *store.Tx) error { return tx.MergePersons(b.shop, b.ali.ID, b.sara.ID, "test") })
		require.Equal(t, b.customer(b.sara), b.viewer.get(b.customer(b.ali)).Header().Get("Location"), "who was joined leads to who stays")
		require.Contains(t, read(t, b.publisher.get(b.customer(b.sara))), "/merged/"+string(b.ali.ID)+"/split")
		require.Equal(t, http.StatusSeeOther, b.publisher.post(b.customer(b.sara)+"/merged/"+string(b.ali.ID)+"/split").Code)
		require.Equal(t, http.StatusOK, b.viewer.get(b.customer(b.ali)).Code)
	})
}

func TestACustomersData(t *testing.T) {
	withCustomers(t, func(t *testing.T, b *bought) {
		at := b.customer(b.sara)
		for _, guest := range []*guest{b.viewer, b.builder, b.publisher} {
			require.Equal(t, http.StatusForbidden, guest.post(at+"/export").Code)
			require.Equal(t, http.StatusForbidden, guest.get(at+"/erase").Code)
			require.Equal(t, http.StatusForbidden, guest.post(at+"/erase", "word", "erase").Code)
		}
		rec := b.owner.post(at + "/export")
		require.Equal(t, http.StatusSeeOther, rec.Code, rec.Body)
		page := read(t, b.owner.get(rec.Header().Get("Location")))
		_, rest, _ := strings.Cut(page, b.base+"/exports/")
		id, _, _ := strings.Cut(rest, `"`)
		require.Contains(t, read(t, b.owner.get(b.base+"/exports/"+id)), "fatima@nour.example")

		require.Contains(t, read(t, b.owner.get(at+"/erase")), "1 order of theirs")
		wrong := b.owner.post(at+"/erase", "word", "yes")
		require.Equal(t, http.StatusUnprocessableEntity, wrong.Code)
		require.Contains(t, read(t, wrong), `value="yes"`, "as it was typed")
		require.Equal(t, http.StatusSeeOther, b.owner.post(at+"/erase", "word", " Erase ").Code)
		page = read(t, b.owner.get(at))
		require.Contains(t, page, "Erased customer")
		require.NotContains(t, page, "أحمدي")
		require.NotContains(t, page, "/export\"")
		require.NotContains(t, read(t, b.owner.get(b.base+"/customers")), string(b.sara.ID))
		lines, err := b.store.AuditLines(t.Context(), b.shop, store.AuditFilter{Act: "/customers/:person/erase"}, 10)
		require.NoError(t, err)
		require.NotEmpty(t, lines)
		for _, l := range lines {
			require.NotContains(t, fmt.Sprint(l), "fatima")
		}
	})
}
