package server_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
)

// posts sends a form as the admin's script does.
func (f *framed) posts(path string, form url.Values) *httptest.ResponseRecorder {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Authorization", "Bearer "+f.token())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return f.do(r)
}

// goes sends a form that must lead on, and returns the page it leads to.
func (f *framed) goes(path string, form url.Values) string {
	f.t.Helper()
	got := f.posts(path, form)
	require.Equal(f.t, http.StatusSeeOther, got.Code, got.Body.String())
	return f.sees(got.Header().Get("Location"))
}

// sees loads a page in English.
func (f *framed) sees(path string) string {
	f.t.Helper()
	u, err := url.Parse(path)
	require.NoError(f.t, err)
	q := u.Query()
	q.Set("locale", "en")
	got := f.calls(http.MethodGet, u.Path+"?"+q.Encode())
	require.Equal(f.t, http.StatusOK, got.Code, got.Body.String())
	require.NotRegexp(f.t, `>[^<]*\b(editor|campaigns|condition)_[a-z_]+[^<]*<`, got.Body.String(), "a string has no words")
	return got.Body.String()
}

func (f *framed) state(id campaign.CampaignID) campaign.State {
	f.t.Helper()
	c, err := manage.Desk{Store: f.store}.Campaign(f.t.Context(), f.shop().ID, id)
	require.NoError(f.t, err)
	return c.State
}

// campaigns is a shop whose campaigns are looked at in English.
func campaigns(t *testing.T, s *store.Store) *framed {
	t.Helper()
	f := frame(t, s)
	f.opens("/admin")
	return f
}

// The list shows what is live first, and each campaign opens.
func TestTheListOfCampaigns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := campaigns(t, s)
		page := f.sees("/admin/campaigns")
		require.Contains(t, page, "/admin/campaigns/thank_you")
		require.Contains(t, page, "Draft")
		desk := manage.Desk{Store: s}
		require.NoError(t, desk.GoLive(t.Context(), f.shop().ID, "review_request", false))
		page = f.sees("/admin/campaigns")
		require.Less(t, strings.Index(page, "/admin/campaigns/review_request"), strings.Index(page, "/admin/campaigns/thank_you"), "live stands first")
		only := f.sees("/admin/campaigns?state=live")
		require.Contains(t, only, "review_request")
		require.NotContains(t, only, "/admin/campaigns/thank_you")
		for _, locale := range []string{"ar", "fa"} {
			got := f.calls(http.MethodGet, "/admin/campaigns?locale="+locale).Body.String()
			require.NotRegexp(t, `>[^<]*\b(editor|campaigns|condition)_[a-z_]+[^<]*<`, got)
		}
		require.Equal(t, http.StatusNotFound, f.calls(http.MethodGet, "/admin/campaigns/nothing").Code)
	})
}

// A playbook is taken up once, a file is read or its mistakes are named with their place.
func TestNewCampaigns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := campaigns(t, s)
		page := f.sees("/admin/campaigns/new")
		require.Contains(t, page, `name="playbook" value="win_back"`)
		require.NotContains(t, page, `name="playbook" value="thank_you"`, "the shop has it")
		require.Contains(t, f.goes("/admin/campaigns/new", url.Values{"playbook": {"win_back"}}), "is a draft now")
		require.Equal(t, campaign.Draft, f.state("win_back"))
		require.Equal(t, http.StatusUnprocessableEntity, f.posts("/admin/campaigns/new", url.Values{"playbook": {"win_back"}}).Code)
		require.Equal(t, http.StatusNotFound, f.posts("/admin/campaigns/new", url.Values{"playbook": {"../../etc/passwd"}}).Code)

		file := f.calls(http.MethodGet, "/admin/campaigns/win_back/file")
		require.Equal(t, `attachment; filename="win_back.yaml"`, file.Header().Get("Content-Disposition"))
		text := file.Body.String()
		bad := f.posts("/admin/campaigns/file?locale=en", url.Values{"text": {strings.Replace(text, "class: marketing", "clas: <script>", 1)}})
		require.Equal(t, http.StatusUnprocessableEntity, bad.Code)
		require.Regexp(t, `Line \d+, column \d+`, bad.Body.String())
		require.NotContains(t, bad.Body.String(), "<script>\n")
		require.Contains(t, bad.Body.String(), "clas: &lt;script&gt;", "it comes back as it was typed")
		again := f.posts("/admin/campaigns/file?locale=en", url.Values{"text": {text}})
		require.Equal(t, http.StatusUnprocessableEntity, again.Code)
		require.Contains(t, again.Body.String(), "can become its next version")
		f.goes("/admin/campaigns/file", url.Values{"text": {text}, "do": {"over"}})
		f.goes("/admin/campaigns/file", url.Values{"text": {strings.Replace(text, "name: win_back", "name: win_back_too", 1)}})
		require.Equal(t, campaign.Draft, f.state("win_back_too"))
		versions := f.sees("/admin/campaigns/win_back/versions")
		require.Contains(t, versions, "The two versions are the same")
	})
}

// A file that is uploaded counts, whatever stands in the field beside it.
func TestAFileIsUploaded(t *testing.T) {
	f := campaigns(t, storetest.Open(t, "sqlite"))
	text := f.calls(http.MethodGet, "/admin/campaigns/thank_you/file").Body.String()
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.yaml\"\r\n\r\n" + strings.Replace(text, "name: thank_you", "name: thanks", 1) + "\r\n--x--\r\n"
	r := httptest.NewRequest(http.MethodPost, "/admin/campaigns/file", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+f.token())
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	got := f.do(r)
	require.Equal(t, http.StatusSeeOther, got.Code, got.Body.String())
	require.Equal(t, campaign.Draft, f.state("thanks"))
}

// A campaign's page says how it goes; what can be done to it depends on its state.
func TestACampaignsPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := campaigns(t, s)
		page := f.sees("/admin/campaigns/review_request")
		require.Contains(t, page, `data-step="ask"`)
		require.NotContains(t, page, "data-spot", "nothing is changed here")
		require.Contains(t, f.goes("/admin/campaigns/review_request/rehearse", nil), "rehearsal")
		require.Equal(t, campaign.Rehearsal, f.state("review_request"))
		f.goes("/admin/campaigns/review_request/pause", url.Values{"back": {"campaign"}})
		require.Equal(t, campaign.Draft, f.state("review_request"))

		live := f.sees("/admin/campaigns/review_request/live")
		require.Contains(t, live, "what happened before enrolls nobody")
		require.Contains(t, f.goes("/admin/campaigns/review_request/live", url.Values{"back": {"campaign"}}), "The campaign is live")
		f.goes("/admin/campaigns/review_request/pause", url.Values{"back": {"campaign"}})
		f.goes("/admin/campaigns/review_request/resume", url.Values{"back": {"campaign"}})
		require.Equal(t, campaign.Live, f.state("review_request"))
		require.Equal(t, http.StatusConflict, f.posts("/admin/campaigns/review_request/archive", nil).Code)

		f.goes("/admin/campaigns/thank_you/rename?locale=en", url.Values{"title": {"Our <b>thanks</b>"}})
		require.Contains(t, f.sees("/admin/campaigns/thank_you"), "Our &lt;b&gt;thanks&lt;/b&gt;")
		empty := f.posts("/admin/campaigns/thank_you/rename", url.Values{"title": {"  "}})
		require.Equal(t, http.StatusUnprocessableEntity, empty.Code)
		diff := f.sees("/admin/campaigns/thank_you/versions")
		require.Contains(t, diff, "<ins")
		f.goes("/admin/campaigns/thank_you/versions", url.Values{"version": {"1"}})
		require.NotContains(t, f.sees("/admin/campaigns/thank_you"), "Our &lt;b&gt;")
		require.Equal(t, http.StatusNotFound, f.posts("/admin/campaigns/thank_you/versions", url.Values{"version": {"99"}}).Code)
		f.goes("/admin/campaigns/thank_you/archive", nil)
		require.NotContains(t, f.sees("/admin/campaigns"), "/admin/campaigns/thank_you")
		require.Contains(t, f.sees("/admin/campaigns?state=archived"), "/admin/campaigns/thank_you")
	})
}

// Older versions are shown, and their people are moved by choice.
func TestPeopleInOlderVersions(t *testing.T) {
	f := campaigns(t, storetest.Open(t, "sqlite"))
	shop, desk := f.shop().ID, manage.Desk{Store: f.store}
	require.NoError(t, desk.GoLive(t.Context(), shop, "review_request", false))
	o := storetest.Order(t, f.store, shop, storetest.Person(t, f.store, shop).ID)
	storetest.Enroll(t, f.store, shop, o, func(e *campaign.Enrollment) {
		e.Campaign, e.Version, e.Position = "review_request", 1, campaign.Position{StepID: "ask", Anchor: f.store.Now()}
	})
	f.goes("/admin/campaigns/review_request/rename?locale=en", url.Values{"title": {"Reviews"}})
	require.Contains(t, f.sees("/admin/campaigns/review_request"), "can be moved")
	require.Contains(t, f.goes("/admin/campaigns/review_request/move", nil), "One person was moved")
	require.NotContains(t, f.sees("/admin/campaigns/review_request"), "can be moved")
}

// What refuses going live stands on the page; two for one job take a reason.
func TestGoingLiveIsRefusedInWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := campaigns(t, s)
		desk, shop := manage.Desk{Store: s}, f.shop().ID
		require.NoError(t, desk.GoLive(t.Context(), shop, "thank_you", false))
		text := f.calls(http.MethodGet, "/admin/campaigns/thank_you/file").Body.String()
		f.goes("/admin/campaigns/file", url.Values{"text": {strings.Replace(text, "name: thank_you", "name: thanks", 1)}})
		require.Contains(t, f.sees("/admin/campaigns/thanks/live"), `name="force" value="yes"`)
		plain := f.posts("/admin/campaigns/thanks/live?locale=en", url.Values{"back": {"campaign"}})
		require.Equal(t, http.StatusUnprocessableEntity, plain.Code)
		require.Contains(t, plain.Body.String(), "is live and does the same")
		noReason := f.posts("/admin/campaigns/thanks/live?locale=en", url.Values{"back": {"campaign"}, "force": {"yes"}, "why": {" "}})
		require.Equal(t, http.StatusUnprocessableEntity, noReason.Code)
		require.Contains(t, noReason.Body.String(), "Say why both are to be live")
		f.goes("/admin/campaigns/thanks/live", url.Values{"back": {"campaign"}, "force": {"yes"}, "why": {"one is for companies"}})
		require.Equal(t, campaign.Live, f.state("thanks"))

		require.Contains(t, f.goes("/admin/campaigns/review_request/replay", nil), "It is being worked out")
		_, found, err := s.LastEstimate(t.Context(), shop, store.EstimateReplay, "review_request", nil)
		require.NoError(t, err)
		require.True(t, found)
	})
}

// The lists of a shop show nothing of another's.
func TestAnotherShopsCampaignIsNotThere(t *testing.T) {
	f := campaigns(t, storetest.Open(t, "sqlite"))
	other := storetest.Shop(t, f.store)
	d, wrong := manage.ReadDefinition(f.calls(http.MethodGet, "/admin/campaigns/thank_you/file").Body.Bytes())
	require.Empty(t, wrong)
	d.Name = "theirs"
	_, err := manage.Desk{Store: f.store}.Save(t.Context(), other, d, manage.Note{})
	require.NoError(t, err)
	for _, path := range []string{"", "/file", "/versions", "/edit", "/live"} {
		require.Equal(t, http.StatusNotFound, f.calls(http.MethodGet, "/admin/campaigns/theirs"+path).Code, path)
	}
	for _, path := range []string{"/rename", "/versions", "/edit", "/save", "/count", "/replay", "/rehearse", "/move", "/archive", "/live", "/pause", "/resume"} {
		got := f.posts("/admin/campaigns/theirs"+path, url.Values{"title": {"x"}, "version": {"1"}, "do": {"undo"}, "lock": {"0"}, "back": {"campaign"}})
		require.Equal(t, http.StatusNotFound, got.Code, path)
	}
	c, err := manage.Desk{Store: f.store}.Campaign(t.Context(), other, "theirs")
	require.NoError(t, err)
	require.Equal(t, 1, c.Version)
}

// inputs reads the hidden fields of the form that has a button.
func inputs(t *testing.T, page, button string) url.Values {
	t.Helper()
	for _, form := range regexp.MustCompile(`(?s)<form.*?</form>`).FindAllString(page, -1) {
		if !strings.Contains(form, button) {
			continue
		}
		out := url.Values{}
		for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
			out.Add(m[1], html.UnescapeString(m[2]))
		}
		return out
	}
	t.Fatalf("there is no form with %s", button)
	return nil
}
