package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/loyalty"
	"flywheel/links"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
)

// poisonProgram gives a shop a program whose every name is hostile.
func (g *guarded) poisonProgram() {
	t, s := g.t, g.store
	p, err := s.LoyaltyProgram(t.Context(), g.shop)
	require.NoError(t, err)
	names := map[string]string{"en": evil, "ar": evil, "fa": evil}
	program := p.Program
	program.Name = names
	program.Rules = append(program.Rules, loyalty.Rule{ID: "told", Kind: loyalty.ForEvent, Event: evil, Points: 5})
	for i := range program.Rewards {
		program.Rewards[i].Name = names
	}
	program.Rewards = append(program.Rewards, loyalty.Reward{ID: "gift", Kind: loyalty.FreeProduct, Name: names, Product: evil, Cost: 10, Worth: 100})
	for i := range program.Tiers.Levels {
		program.Tiers.Levels[i].Name, program.Tiers.Levels[i].Tag = names, evil
	}
	program.Referral = loyalty.Referral{On: true, Friend: "off", Advocate: "gift"}
	saved, err := s.SaveProgram(t.Context(), g.shop, program, p.Rev, evil)
	require.NoError(t, err)
	require.NoError(t, s.SetProgramState(t.Context(), g.shop, store.ProgramLive, saved.Rev))
}

// What a merchant calls things is text on the pages of members and of their
// friends, too, whoever opens them: by the link of a mail, by the one that shows
// all, or by an advocate's.
func TestSecurityHostileTextsOnMembersPages(t *testing.T) {
	g := guard(t)
	weak, weakHash := links.NewToken()
	strong, strongHash := links.NewToken()
	until := g.store.Now().Add(time.Hour)
	storetest.Do(t, g.store, func(tx *store.Tx) error {
		return tx.AddLinks(g.shop, []store.Link{
			{Hash: weakHash, Purpose: string(links.Account), Effect: g.effect, Person: g.sara.ID, Expires: until},
			{Hash: strongHash, Shop: g.shop, Purpose: string(links.SignIn), Person: g.sara.ID, Expires: until},
		})
	})
	advocate, err := g.store.AdvocateOf(t.Context(), g.shop, g.sara.ID)
	require.NoError(t, err)
	require.NotEmpty(t, advocate.Code)
	g.poisonProgram()
	g.poison()
	_, err = g.db.ExecContext(t.Context(), `UPDATE persons SET first_name = ?, last_name = ?`, evil, evil)
	require.NoError(t, err)

	in := "/account/in/" + string(g.shop)
	her := g.browser()
	opening := her.get(in + "/" + strong)
	require.Equal(t, http.StatusOK, opening.Code, opening.Body)
	harmless(t, in, opening)
	require.Equal(t, http.StatusSeeOther, her.post(in+"/"+strong).Code)

	named := 0
	show := func(who *guest, path, lang string) {
		got := who.do(http.MethodGet, path, nil, func(r *http.Request) { r.Header.Set("Accept-Language", lang) })
		require.Equal(t, http.StatusOK, got.Code, "%s: %s", path, got.Body)
		named += strings.Count(got.Body.String(), "zq{{7*7}}zq")
		harmless(t, path, got)
	}
	for _, lang := range []string{"en", "ar", "fa"} {
		_, err = g.db.ExecContext(t.Context(), `UPDATE persons SET language_choice = ?`, lang)
		require.NoError(t, err)
		for _, path := range []string{"", "?take=off", "?take=gift", "?leave=1", "?said=joined", "?said=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "?below=%22%3E"} {
			show(her, in+path, lang)
		}
		stranger := g.browser()
		show(stranger, "/account/"+weak, lang)
		show(stranger, in, lang)
		show(stranger, "/r/"+advocate.Code+"?lang="+lang, lang)
		asked := stranger.post("/r/"+advocate.Code+"?lang="+lang, "email", evil)
		require.Equal(t, http.StatusUnprocessableEntity, asked.Code, asked.Body)
		harmless(t, "/r/", asked)
		asked = stranger.post(in, "do", "letter", "email", evil)
		require.Equal(t, http.StatusUnprocessableEntity, asked.Code, asked.Body)
		harmless(t, in, asked)
	}
	require.Greater(t, named, 60, "the texts are on the pages")

	shown := 0
	for _, r := range server.AdminRoutes() { // those of the program, for whoever works here
		if r.Method == http.MethodGet && (strings.Contains(r.Path, "loyalty") || strings.Contains(r.Path, "referral")) {
			for _, lang := range []string{"en", "ar", "fa"} {
				path := g.at(g.base, r.Path) + "?locale=" + lang
				got := g.owner.get(path)
				require.Less(t, got.Code, http.StatusInternalServerError, "%s: %s", path, got.Body)
				if got.Code == http.StatusOK && strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") {
					shown++
					harmless(t, path, got)
				}
			}
		}
	}
	require.Greater(t, shown, 20)
}
