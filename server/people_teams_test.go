package server_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

var codeShown = regexp.MustCompile(`value="([0-9A-Z]{5}-[0-9A-Z]{5})"`)

// code has somebody make a code in a shop.
func (b *guest) code(shop commerce.ShopID, pairs ...string) string {
	b.t.Helper()
	rec := b.post("/shops/"+string(shop)+"/team/invite", pairs...)
	require.Equal(b.t, http.StatusOK, rec.Code)
	return codeShown.FindStringSubmatch(read(b.t, rec))[1]
}

// An agency comes in by a code, does what it may, is seen doing it, and is out at once.
func TestAnAgencyComesAndGoes(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("ada@shop.example")
		at := "/shops/" + string(shop)
		owner := h.browser().enter("ada@shop.example")
		code := owner.code(shop, "kind", "agency", "role", "publisher", "until", storetest.ClockOf(h.store).Now().AddDate(0, 1, 0).Format(time.DateOnly))

		agent := h.browser()
		typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		rec := agent.post("/join", "code", typed)
		offer := rec.Header().Get("Location")
		page := read(t, agent.get(offer))
		require.Contains(t, page, "Publisher")
		require.Contains(t, page, "/login?back=")
		require.Equal(t, http.StatusSeeOther, agent.post(offer, "name", "Agency").Code, "one signs in first")
		agent.post("/login", "email", "new@agency.example", "back", offer) // nobody knew them: the code lets them in
		require.Equal(t, offer, agent.post(linkOf(h.mail("new@agency.example"))).Header().Get("Location"))
		require.Equal(t, http.StatusUnprocessableEntity, agent.post(offer, "name", " ").Code, "the new account needs a name")
		require.Equal(t, at+"?said=joined", agent.post(offer, "name", "Agency").Header().Get("Location"))
		require.Equal(t, http.StatusNotFound, h.browser().enter("eve@example.com").post(offer, "name", "Evil").Code, "a code is good once")

		require.Equal(t, http.StatusOK, agent.get(at).Code)
		require.Equal(t, http.StatusSeeOther, agent.post(at+"/pause").Code)
		require.Equal(t, http.StatusForbidden, agent.post(at+"/team/invite", "kind", "agency", "role", "owner").Code, "a publisher lets nobody in")
		require.Equal(t, http.StatusForbidden, agent.get(at+"/team/invite").Code)
		team := read(t, owner.get(at+"/team"))
		require.Contains(t, team, "Agency")
		did := regexp.MustCompile(`href="([^"]*/audit\?account=[^"]+)"`).FindStringSubmatch(team)[1]
		log := read(t, owner.get(did))
		require.Contains(t, log, "Paused everything")
		require.NotContains(t, log, ">Invited somebody</bdi>", "that was the owner")

		require.Equal(t, []string{"/pause", "/join"}, h.acts(shop, "new@agency.example"), "nothing that was refused")

		revoke := regexp.MustCompile(`action="([^"]*/team/accounts/[^"]+/revoke)"`).FindStringSubmatch(team)[1]
		require.Equal(t, http.StatusSeeOther, owner.post(revoke).Code)
		require.Equal(t, http.StatusNotFound, agent.get(at).Code, "the next request is refused")
		require.Equal(t, http.StatusNotFound, agent.post(at+"/resume").Code)
		require.Equal(t, http.StatusOK, agent.get("/shops").Code, "and still they are somebody")
	})
}

// acts is what somebody has done in a shop, the latest first.
func (h *house) acts(shop commerce.ShopID, who string) (acts []string) {
	h.t.Helper()
	lines, err := h.store.AuditLines(h.t.Context(), shop, store.AuditFilter{Who: who}, 50)
	require.NoError(h.t, err)
	for _, l := range lines {
		require.True(h.t, l.Done)
		require.Empty(h.t, l.Subject, "the shop is no subject of its own log")
		acts = append(acts, l.Act)
	}
	return acts
}

func TestAGrantEndsByItself(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("ada@shop.example")
		owner, agent := h.browser().enter("ada@shop.example"), h.browser().enter("bob@agency.example")
		day := storetest.ClockOf(h.store).Now().Format(time.DateOnly)
		agent.post("/join/"+owner.code(shop, "kind", "agency", "role", "viewer", "until", day), "name", "Agency")
		at := "/shops/" + string(shop)
		require.Equal(t, http.StatusOK, agent.get(at).Code)
		storetest.ClockOf(h.store).Advance(24 * time.Hour)
		require.Equal(t, http.StatusNotFound, agent.get(at).Code)
		for until, want := range map[string]string{"yesterday": "is a date", "2020-01-01": "has to be ahead"} {
			rec := owner.post(at+"/team/invite", "kind", "agency", "role", "viewer", "until", until)
			require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
			page := read(t, rec)
			require.Contains(t, page, want)
			require.Contains(t, page, `value="`+until+`"`, "what was typed stays")
		}
	})
}

// An invitation to one address is that address's alone, whoever has its link.
func TestAnInvitationForAnotherAddress(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("ada@shop.example")
		at := "/shops/" + string(shop)
		owner := h.browser().enter("ada@shop.example")
		rec := owner.post(at+"/team/invite", "kind", "person", "role", "builder", "email", "Bob@shop.example")
		require.Equal(t, http.StatusOK, rec.Code)
		link := linkOf(h.mail("bob@shop.example"))
		require.Contains(t, read(t, rec), link)

		eve := h.browser().enter("eve@example.com")
		page := read(t, eve.get(link))
		require.NotContains(t, page, "bob@", "it does not say whose")
		require.Equal(t, http.StatusForbidden, eve.post(link).Code)
		require.Equal(t, http.StatusNotFound, eve.get(at).Code)
		before := h.count()
		eve2 := h.browser()
		eve2.post("/login", "email", "other@example.com", "back", link)
		require.Equal(t, before, h.count(), "an invitation to somebody else lets nobody else begin")

		bob := h.browser()
		bob.post("/login", "email", "bob@shop.example", "back", link) // invited, so known
		bob.post(linkOf(h.mail("bob@shop.example")))
		require.Equal(t, at+"?said=joined", bob.post(link).Header().Get("Location"))
		require.Equal(t, http.StatusForbidden, bob.post(at+"/pause").Code, "a builder lets nothing reach customers")
		require.Equal(t, http.StatusOK, bob.get(at+"/team").Code)

		members, err := h.store.Members(t.Context(), h.home(shop))
		require.NoError(t, err)
		require.Len(t, members, 2, "they belong to the shop's own account")
	})
}

func (h *house) home(shop commerce.ShopID) commerce.AccountID {
	h.t.Helper()
	home, err := h.store.HomeAccount(h.t.Context(), shop)
	require.NoError(h.t, err)
	return home
}

// A code is looked for only so often.
func TestGuessingInvitations(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		b, last := h.browser(), 0
		for range 61 {
			last = b.post("/join", "code", "7K2PM-94QXA").Code
		}
		require.Equal(t, http.StatusTooManyRequests, last)
		require.Equal(t, http.StatusUnprocessableEntity, b.do(http.MethodPost, "/join", url.Values{"code": {"<b>"}}, func(r *http.Request) { r.RemoteAddr = "203.0.113.9:1" }).Code)
		require.Equal(t, http.StatusNotFound, h.browser().do(http.MethodGet, "/join/nothing", nil, func(r *http.Request) { r.RemoteAddr = "203.0.113.10:1" }).Code)
	})
}

// What is another's is as if it did not exist: shops, accounts, members, invitations.
func TestForeignShopsAndAccounts(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		mine, theirs := h.shop("ada@shop.example"), h.shop("bob@other.example")
		ada, bob := h.browser().enter("ada@shop.example"), h.browser().enter("bob@other.example")
		foreign := "/accounts/" + string(h.home(theirs))
		bob.post(foreign+"/invite", "email", "new@other.example", "role", "owner")
		invitations, err := h.store.AccountInvitations(t.Context(), h.home(theirs))
		require.NoError(t, err)
		require.Len(t, invitations, 1)
		victim := string(h.known("bob@other.example"))
		for _, path := range []string{"", "/invite", "/name", "/members/" + victim + "/role", "/members/" + victim + "/drop", "/invitations/" + invitations[0].ID + "/drop"} {
			require.Equal(t, http.StatusNotFound, map[bool]int{true: ada.get(foreign).Code, false: ada.post(foreign+path, "role", "viewer", "name", "x", "email", "e@example.com").Code}[path == ""], path)
			if path != "" && path != "/name" {
				require.Equal(t, http.StatusNotFound, ada.post("/shops/"+string(theirs)+"/team"+path, "role", "viewer").Code, path)
			}
		}
		// In their own shop they name what is another's.
		at := "/shops/" + string(mine) + "/team"
		require.NotEqual(t, http.StatusSeeOther, ada.post(at+"/members/"+victim+"/role", "role", "viewer").Code)
		require.NotEqual(t, http.StatusSeeOther, ada.post(at+"/members/"+victim+"/drop").Code)
		require.NotEqual(t, http.StatusSeeOther, ada.post(at+"/invitations/"+invitations[0].ID+"/drop").Code)
		require.NotEqual(t, http.StatusSeeOther, ada.post(at+"/accounts/"+string(h.home(theirs))+"/revoke").Code)
		members, err := h.store.Members(t.Context(), h.home(theirs))
		require.NoError(t, err)
		require.Len(t, members, 1)
		require.Equal(t, commerce.RoleOwner, members[0].Role)
		// A shop is taken only into an account that one leads, and never into a merchant's own.
		code := bob.code(theirs, "kind", "agency", "role", "owner")
		require.Equal(t, http.StatusForbidden, ada.post("/join/"+code, "into", string(h.home(mine))).Code)
		require.Equal(t, http.StatusForbidden, ada.post("/join/"+code, "into", string(h.home(theirs))).Code)
		var agency commerce.AccountID
		adas := h.known("ada@shop.example")
		storetest.Do(t, h.store, func(tx *store.Tx) (err error) {
			if agency, err = tx.AddAccount("Agency", store.AgencyAccount); err == nil {
				err = tx.SetMember(agency, adas, commerce.RolePublisher)
			}
			return err
		})
		require.NotContains(t, read(t, ada.get("/join/"+code)), string(agency), "nor is it offered to who does not lead it")
		require.Equal(t, http.StatusForbidden, ada.post("/join/"+code, "into", string(agency)).Code)
		require.Equal(t, http.StatusNotFound, ada.get("/shops/"+string(theirs)).Code)
	})
}

func TestAnAccountsMembers(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("ada@shop.example")
		at := "/accounts/" + string(h.home(shop))
		bobs := h.known("bob@shop.example")
		h.belongs(bobs, shop, commerce.RoleViewer)
		ada, bob := h.browser().enter("ada@shop.example"), h.browser().enter("bob@shop.example")
		require.Equal(t, http.StatusOK, bob.get(at).Code)
		require.Equal(t, http.StatusForbidden, bob.post(at+"/members/"+string(bobs)+"/role", "role", "owner").Code, "nobody lifts themselves")
		me := string(h.known("ada@shop.example"))
		rec := ada.post(at+"/members/"+me+"/role", "role", "viewer")
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
		require.Contains(t, read(t, rec), "always has an owner")
		require.Equal(t, http.StatusConflict, ada.post(at+"/members/"+me+"/drop").Code)
		require.Equal(t, http.StatusSeeOther, ada.post(at+"/members/"+string(bobs)+"/role", "role", "owner").Code)
		require.Equal(t, http.StatusSeeOther, ada.post(at+"/members/"+me+"/drop").Code, "now there is another")
		require.Equal(t, http.StatusNotFound, ada.get(at).Code)
		require.Equal(t, http.StatusNotFound, ada.get("/shops/"+string(shop)).Code)
		require.Equal(t, http.StatusSeeOther, bob.post(at+"/name", "name", "Bobs <b>tea</b>").Code)
		page := read(t, bob.get(at))
		require.Contains(t, page, "Bobs &lt;b&gt;tea&lt;/b&gt;")
		for _, line := range []string{"changed a role:", "removed", "renamed the account"} {
			require.Contains(t, page, line)
		}
	})
}

// Who has one shop is led there; who has several sees the worst first and acts on those they may.
func TestTheFleet(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		one := h.shop("ada@shop.example")
		ada := h.browser().enter("ada@shop.example")
		require.Equal(t, "/shops/"+string(one), ada.get("/shops").Header().Get("Location"))
		well, sick := storetest.Shop(t, h.store, func(s *commerce.Shop) { s.Name = "Aardvark" }), storetest.Shop(t, h.store, func(s *commerce.Shop) { s.Name = "Zebra" })
		user := h.known("ada@shop.example")
		h.belongs(user, well, commerce.RolePublisher)
		h.belongs(user, sick, commerce.RoleViewer)
		storetest.Connection(t, h.store, one)
		storetest.Connection(t, h.store, well) // the third has none
		page := read(t, ada.get("/shops"))
		require.Less(t, strings.Index(page, ">Zebra<"), strings.Index(page, ">Aardvark<"))
		require.Contains(t, page, "One shop needs somebody")
		require.Contains(t, page, "No platform is connected")
		require.NotContains(t, read(t, ada.get("/shops?q=zeb")), "Aardvark")
		require.NotContains(t, read(t, ada.get("/shops?wrong=closed")), "Aardvark")

		foreign := h.shop("eve@example.com")
		rec := ada.post("/shops/pause", "id", string(well), "id", string(sick), "id", string(foreign), "id", string(well))
		require.Equal(t, "/shops?said=fleet_paused&number=1", rec.Header().Get("Location"), "a viewer pauses nothing, nor does a stranger")
		for shop, want := range map[commerce.ShopID]commerce.ShopState{well: commerce.ShopPaused, sick: commerce.ShopActive, foreign: commerce.ShopActive} {
			got, err := h.store.Shop(t.Context(), shop)
			require.NoError(t, err)
			require.Equal(t, want, got.State)
		}
		lines, err := h.store.AuditLines(t.Context(), well, store.AuditFilter{}, 5)
		require.NoError(t, err)
		require.Len(t, lines, 1)
		require.Empty(t, lines[0].Subject)
		require.Equal(t, "ada@shop.example /pause true", lines[0].Who+" "+lines[0].Act+" "+map[bool]string{true: "true"}[lines[0].Done])
	})
}

func TestTheAuditAsAFile(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("ada@shop.example")
		ada := h.browser().enter("ada@shop.example")
		ada.post("/me", "name", "=cmd()")
		at := "/shops/" + string(shop)
		ada.post(at + "/pause")
		ada.post(at + "/resume")
		rec := ada.get(at + "/audit?as=csv&act=" + url.QueryEscape("/pause"))
		require.Contains(t, rec.Header().Get("Content-Disposition"), "audit.csv")
		text := read(t, rec)
		require.True(t, strings.HasPrefix(text, "\uFEFF"))
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF"))).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, 2)
		require.Equal(t, []string{"'=cmd()", "web", "/pause", "Paused everything"}, rows[1][1:5])
		page := read(t, ada.get(at+"/audit"))
		require.Contains(t, page, "Paused everything")
		require.Contains(t, page, "Let everything go on")
	})
}
