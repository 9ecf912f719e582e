package templates

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// rawKey is a string's key that stands where its words should.
var rawKey = regexp.MustCompile(`>[^<>]*\b(login|join|offer|role|me|fleet|harm|harmkind|team|invite|invited|account|audit|act|said)_\w+[^<>]*<`)

// peoplePages are the pages of who comes in, each with everything on it.
func peoplePages() map[string][]any {
	at, a := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), Admin{Me: "Ada", Country: "SA", Zone: "Asia/Riyadh", Role: "owner", Base: "/shops/x", Shop: "Nour"}
	evil := "<script>alert(1)</script>"
	member := []Member{{ID: "u", Email: "ada@example.com", Name: evil, Role: "owner", Seen: at, Me: true}, {ID: "v", Email: "bob@example.com", Role: "viewer"}}
	offers := []OpenOffer{{ID: "i", Email: "eve@example.com", Role: "builder", By: evil, Place: true, Expires: at}, {ID: "j", Role: "viewer", By: "Ada", Place: true, Expires: at}, {ID: "k", Role: "owner", By: "Ada", Expires: at}}
	wrong := Refusal{Form: "invite", Said: evil, Detail: "in English"}
	var shops []FleetShop
	for _, harm := range []string{"closed", "revoked", "stopped", "frozen", "broken", "over", "paused"} {
		shops = append(shops, FleetShop{ID: "s", Name: evil, Role: "viewer", Tone: "bad", Wrongs: []FleetWrong{{Harm: harm}}})
	}
	for i, harm := range []string{"fuse", "unknown", "quarantined", "backfill"} {
		for _, n := range []int64{1, 2, 3, 11, 100} {
			shops = append(shops, FleetShop{ID: "s", Name: "Shop", Role: "owner", Tone: []string{"good", "wait", "bad", "off"}[i], Wrongs: []FleetWrong{{harm, n, "/x"}}, Last: at, Sent: n, Counted: at, Days: Sparks("words", []int64{n, 0}, []int64{0, 1}), Look: "/shops?open=s"})
		}
	}
	shops[0].Glance = &FleetGlance{Home: Home{Admin: a, Needs: []HomeNeed{{Key: "unknown", Data: map[string]string{"Count": "3"}, Href: "/lists/unknown"}}}, Live: 2, Figures: []ChartSaid{{Text: evil, Href: "/x"}}, At: at}
	shops[1].Glance = &FleetGlance{}
	fleet := Fleet{Admin: a, First: "/shops?q=", Next: "/shops?after=s", Count: 3, Wrong: 2, Plans: true, Shops: shops, Harms: []Choice{{Value: "fuse", Name: "x"}}, Accounts: []MeAccount{{ID: "a", Name: evil, Kind: "agency", Role: "owner"}}}
	audit := AuditPage{Admin: a, List: List{Name: "audit", Here: "/x", Columns: []Column{{Key: "audit_when"}, {Key: "audit_who"}, {Key: "audit_what"}, {Key: "audit_about"}}}}
	empty := audit
	for _, via := range []string{"shopify", "web", "cli"} {
		audit.List.Rows = append(audit.List.Rows, Row{Cells: []Cell{{At: at}, {Text: evil, Sub: Say("en", "audit_via_"+via, nil)}, {Text: "x"}, {Code: "y"}}})
	}
	return map[string][]any{
		"login":      {Login{Admin: a, Mail: true, Passkeys: true, Email: evil, Wrong: "login_too_often"}, Login{Admin: a}, Login{Admin: a, Mail: true, Wrong: "login_no_address"}},
		"login_sent": {LoginSent{Admin: a, Email: "ada@example.com", Wrong: "login_wrong_code"}, LoginSent{Admin: a, Email: evil, Wrong: "login_no_code"}},
		"login_link": {LoginLink{Admin: a, State: "good", Action: "/login/x"}, LoginLink{Admin: a, State: "elsewhere"}, LoginLink{Admin: a, State: "spent"}},
		"join":       {Join{Admin: a, Code: evil, Wrong: "join_unknown"}, Join{Admin: a, Wrong: "join_closed"}},
		"offer": {
			Offer{Admin: a, Name: evil, By: evil, Gives: "owner", Place: true, Expires: at},
			Offer{Admin: a, Name: "Nour", Gives: "viewer", Until: at, Expires: at, For: "b•••@x.example"},
			Offer{Admin: a, Name: "Nour", Gives: "builder", SignedIn: true, For: "b•••@x.example", MyEmail: "ada@example.com"},
			Offer{Admin: a, Name: "Nour", Gives: "publisher", SignedIn: true, Homes: []Choice{{Value: "a", Name: evil}}, Wrong: "join_name", MyEmail: "ada@example.com"},
		},
		"me": {Me{
			Admin: a, Email: "ada@example.com", Name: evil, Languages: LanguageNames(), Themes: []Choice{{Value: ""}, {Value: "light"}, {Value: "dark"}}, Passkeys: true,
			Sessions: []MeSession{{Hash: "h", Browser: "Firefox · Linux", Begun: at, Seen: at, This: true}, {Hash: "i", Begun: at, Seen: at}},
			Keys:     []MeKey{{ID: "k", Name: evil, Made: at, Used: at}}, Accounts: []MeAccount{{ID: "a", Name: "A", Kind: "agency", Role: "owner"}, {ID: "b", Name: "B", Kind: "merchant", Role: "viewer"}},
		}, Me{Admin: a, Passkeys: true}},
		"fleet": {fleet, Fleet{Admin: a}, Fleet{Admin: a, Count: 5, Chosen: true}},
		"account": {
			AccountPage{Admin: a, ID: "a", Name: evil, Kind: "agency", Wrong: wrong, Members: member, Offers: offers, Shops: []AccountShop{{ID: "s", Name: evil, Role: "viewer", Until: at}, {ID: "t", Name: "T", Role: "owner"}}, Next: "/accounts/a?after=x", Audit: []AccountLine{
				{at, evil, "invited", "x"}, {at, "A", "joined", "owner"}, {at, "A", "took_shop", "owner"}, {at, "A", "role", "x"}, {at, "A", "removed", "x"}, {at, "A", "uninvited", ""}, {at, "A", "renamed", ""},
			}}, AccountPage{Admin: a, ID: "a", Name: "x", Kind: "merchant", Wrong: Refusal{Form: "members", Said: "no"}},
		},
		"invited": {
			InvitedPage{Admin: a, Email: "ada@example.com", Address: "https://x.example/join/y", Mailed: true, Gives: "owner", Place: true, Back: "/x"},
			InvitedPage{Admin: a, Email: "ada@example.com", Gives: "viewer", Place: true},
			InvitedPage{Admin: a, Code: "7K2PM-94QXA", Gives: "builder", Until: at},
			InvitedPage{Admin: a, Code: "7K2PM-94QXA", Gives: "publisher", Place: true},
		},
		"team": {
			Team{Admin: a, Open: true, Wrong: wrong, Members: member, Offers: offers, Grants: []Grant{{Account: "a", Name: evil, Role: "builder", From: at, Until: at, Seen: at}, {Account: "b", Name: "B", Role: "owner", From: at}}},
			Team{Admin: Admin{Role: "viewer", Domain: "nour.myshopify.com", Base: "/admin", Embedded: true}, Members: member},
			Team{Admin: a},
		},
		"team_invite": {TeamInvite{Admin: a, Today: "2026-03-02"}, TeamInvite{Admin: a, Kind: "agency", End: evil, Wrong: wrong, Chosen: "owner"}, TeamInvite{Admin: a, Kind: "person", Email: evil, Wrong: wrong}},
		"audit":       {audit, empty},
	}
}

func TestPeoplePagesInEveryLanguage(t *testing.T) {
	for _, lang := range languages {
		for name, all := range peoplePages() {
			for _, data := range all {
				got := adminPage(t, name, lang, data)
				require.Contains(t, got, `dir="`+Dir(lang)+`"`)
				require.NotContains(t, got, "<script>alert", name)
				require.NotRegexp(t, `<[^>]+\s(style|onclick)=`, got, name)
				require.Empty(t, rawKey.FindAllString(got, -1), "%s in %s", name, lang)
				require.NotContains(t, got, "<no value>")
				require.Equal(t, 1, strings.Count(got, `<main id="main"`), name)
				require.Regexp(t, regexp.MustCompile(`<h1[^>]*>`), got, name)
			}
		}
	}
}

// What has no words of its own is said as it is.
func TestActsInWords(t *testing.T) {
	require.Equal(t, "Put a campaign live", ActWords("en", "/campaigns/:campaign/live"))
	require.Equal(t, "Changed somebody's role", ActWords("en", "/team/members/:user/role"))
	require.Equal(t, "/x/:y/z", ActWords("ar", "/x/:y/z"))
	for _, lang := range []string{"ar", "fa"} {
		require.NotRegexp(t, `[A-Za-z]`, ActWords(lang, "/pause"))
	}
}
