package server_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	people "flywheel/account"
	"flywheel/commerce"
	"flywheel/links"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
)

// free are the columns in which text of somebody else's stands: a merchant's, a
// customer's, a platform's, a mail server's. A test writes a hostile one into each.
var free = map[string][]string{
	"accounts": {"name"}, "shops": {"name", "email"}, "connections": {"external_id", "scopes"}, "persons": {"first_name", "last_name", "phone", "language", "country", "timezone"},
	"inbox": {"topic", "note", "external_id", "order_ref", "customer_ref"}, "consents": {"source", "wording"}, "suppressions": {"reason"}, "person_merges": {"reason"},
	"orders": {"name"}, "events": {"name"}, "campaigns": {"paused_reason"}, "campaign_versions": {"author", "note"}, "effects": {"note"},
	"findings": {"kind", "subject", "detail"}, "tasks": {"title", "script", "outcome", "note"}, "hooks": {"name", "url"}, "api_tokens": {"name"}, "transit": {"method"},
	"backfills": {"note"}, "reconciliations": {"note", "stuck"}, "writebacks": {"note"}, "promotions": {"note"}, "senders": {"name", "stopped_reason"},
	"bounces": {"note", "source", "code"}, "notices": {"note"}, "team_channels": {"note"}, "users": {"name"}, "passkeys": {"name"}, "sessions": {"agent"}, "sign_ins": {"back"},
	"invitations": {"email", "made_by"}, "audit": {"who", "act", "subject"}, "account_audit": {"who", "act", "subject"}, "drafts": {"said", "by_whom"}, "draft_heads": {"said", "by_whom"},
	"loyalty_members": {"note"}, "ledger": {"note"}, "advocates": {"ban_note"}, "referrals": {"note"}, "rewards": {"note", "why", "recall_note"}, "estimates": {"note"}, "touches": {"source", "external_id", "campaign"}, "pending_deliveries": {"topic"},
}

// ours are the columns whose texts are made or checked by us: ids and hashes,
// words of a list, addresses that were looked at, documents that are read back into
// what they were (poison writes into those).
var ours = map[string]string{
	"accounts":           "id kind",
	"account_shops":      "account_id role",
	"shops":              "id locale timezone country currency state leading_platform settings learned site",
	"connections":        "id platform platform_id token_state refresh_owner refused_key",
	"pending_deliveries": "id platform account external_id",
	"link_tokens":        "purpose effect_id person_id",
	"shop_work":          "lease_owner",
	"inbox":              "id connection_id platform email_hash",
	"inbox_bodies":       "inbox_id",
	"persons":            "id merged_into email language_choice",
	"identities":         "kind value person_id",
	"person_merges":      "id from_id into_id stood",
	"consents":           "address_hash channel class state",
	"suppressions":       "address_hash scope effect_id",
	"orders":             "id person_id facts reporting_currency twin_key",
	"order_keys":         "platform kind external_id order_id",
	"events":             "kind subject order_id person_id props platform",
	"campaigns":          "id state",
	"campaign_versions":  "campaign_id definition",
	"enrollments":        "id campaign_id entry_key person_id order_id step_id state reason task_id lease_owner cause waits_for next_class next_topic skip_step",
	"effects":            "id enrollment_id step_id kind class topic campaign_id person_id order_id address_hash connection_id state",
	"decisions":          "campaign_id entry_key step_id reason person_id answer detail",
	"privacy_requests":   "id kind subject platform request_id export_id report persons",
	"findings":           "id",
	"switches":           "name value",
	"leases":             "name owner",
	"touches":            "id address_hash class channel",
	"passes":             "enrollment_id step_id campaign_id branch person_id order_id",
	"tasks":              "id person_id order_id campaign_id step_id state",
	"products":           "id facts",
	"fanouts":            "id kind campaign_id subject cursor state lease_owner",
	"api_tokens":         "id account_id role",
	"transit":            "country",
	"backfills":          "connection_id state operation lease_owner",
	"reconciliations":    "connection_id cursor lease_owner sweep_cursor",
	"writebacks":         "id platform kind person_id",
	"consent_reads":      "platform customer_id",
	"exports":            "id person_id",
	"tombstones":         "mark person_id",
	"erasures":           "id kind marks report",
	"entitlements":       "plan state pending_plan",
	"promotions":         "connection_id cause rule customer_id code coupon_id promotion_id state terms",
	"senders":            "kind state address reply_to domain provider endpoint looked",
	"sender_keys":        "domain selector kind state public",
	"platform_keys":      "domain selector kind state public",
	"sender_days":        "sender",
	"bounces":            "id event_key kind effect_id address_hash",
	"soft_runs":          "address_hash",
	"message_acts":       "effect_id kind person_id campaign_id",
	"notices":            "id kind subject channel data state",
	"team_channels":      "kind",
	"users":              "id email locale theme",
	"members":            "account_id user_id role",
	"passkeys":           "id user_id credential",
	"sessions":           "hash user_id",
	"sign_ins":           "hash email browser code",
	"invitations":        "id hash account_id role used_by",
	"audit":              "id user_id account_id via detail",
	"account_audit":      "account_id id user_id detail",
	"drafts":             "campaign_id body",
	"draft_heads":        "campaign_id",
	"setups":             "step state answer",
	"estimates":          "id kind campaign_id question state position answer",
	"person_words":       "word person_id",
	"day_figures":        "campaign_id",
	"loyalty":            "state pauses",
	"loyalty_programs":   "body by_whom",
	"loyalty_members":    "person_id state how tier blocked_by tag tagged",
	"loyalty_awards":     "cause_kind cause_id rule person_id terms",
	"ledger":             "person_id id kind cause_kind cause_id rule terms by_whom",
	"advocates":          "person_id code banned_by",
	"referral_touches":   "id advocate_id person_id via email_hash mailbox_hash net_hash language reward_id",
	"referrals":          "id advocate_id friend_id order_id via code verdict state reason decision decided_by reward_id",
	"referral_looks":     "person_id",
	"rewards":            "id person_id cause_kind cause_id reward offer state code connection_id platform_id recalled_by order_id by_whom",
}

// poisonColumns writes a text into all of them, and fails where nobody has said
// whose text a column holds.
func (g *guarded) poisonColumns(text string) {
	t := g.t
	for _, table := range texts(t, g.db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'goose%'`) {
		columns := texts(t, g.db, `SELECT name FROM pragma_table_info('`+table+`') WHERE type = 'TEXT'`)
		for _, column := range columns {
			if !slices.Contains(free[table], column) {
				require.True(t, column == "shop_id" || slices.Contains(strings.Fields(ours[table]), column), "%s.%s: whose text is it? say so in free or ours", table, column)
				continue
			}
			_, err := g.db.ExecContext(t.Context(), `UPDATE OR IGNORE `+table+` SET `+column+` = ? WHERE `+column+` IS NOT NULL`, text)
			require.NoError(t, err, "%s.%s", table, column)
		}
	}
}

// asked are the names by which pages read their addresses and forms.
func asked(t *testing.T) (out []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	read := regexp.MustCompile(`(?:QueryParam|FormValue|asked\.Get|form\.Get|q\.Get)\("([a-z_.]+)"\)`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range read.FindAllStringSubmatch(string(data), -1) {
			if !strings.HasSuffix(file, "_test.go") && !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	require.Greater(t, len(out), 40)
	return out
}

// What an address says is text as well, whatever part of it a page reads.
func TestSecurityHostileAddresses(t *testing.T) {
	g := guard(t)
	names := asked(t)
	shown := 0
	for _, r := range g.routes() {
		if r.Method != http.MethodGet || strings.HasPrefix(r.Path, "/admin") && r.Path != "/admin/token" || r.keeper == byKey {
			continue
		}
		path := g.bounded(r.Path)
		pages := []string{}
		for _, name := range []string{"locale", "said", "back", "q", "after", "state"} {
			pages = append(pages, path+"?"+name+"="+url.QueryEscape(evil))
		}
		for _, text := range []string{evil, evilURL} {
			all := url.Values{}
			for _, name := range names {
				all.Set(name, text)
			}
			pages = append(pages, path+"?"+all.Encode())
		}
		if strings.Contains(r.Path, ":") && r.keeper != byShops {
			pages = append(pages, parameter.ReplaceAllString(r.Path, strings.ReplaceAll(url.PathEscape(evil), "%2F", "")))
		}
		for _, page := range pages {
			got := g.owner.get(page)
			require.Less(t, got.Code, http.StatusInternalServerError, "%s: %s", page, got.Body)
			require.NotRegexp(t, `(?i)^\s*(javascript|data):|^//|\n`, got.Header().Get("Location"), page)
			if strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") {
				shown++
				harmless(t, page, got)
			}
		}
	}
	require.Greater(t, shown, 300)
}

// What somebody typed into a form comes back as text, whichever field it was.
func TestSecurityHostileForms(t *testing.T) {
	g := guard(t)
	names := slices.Concat(asked(t), []string{"brand.logo", "brand.accent", "contact.phone", "review_url", "languages.more", "calendar.quiet.from", "calendar.closed", "team", "pay_on_delivery", "transit.method", "transit.country", "exclude.tags", "owners.thanks.tool"})
	back := 0
	for _, r := range server.AdminRoutes() {
		if r.Method != http.MethodPost {
			continue
		}
		all := form(r.Path)
		for _, name := range names {
			all.Set(name, evil)
		}
		forms := []url.Values{all}
		for _, name := range []string{"title", "note", "source", "email", "address", "name", "url", "user", "lines", "days"} {
			one := form(r.Path)
			one.Set(name, evil)
			forms = append(forms, one)
		}
		for _, f := range forms {
			got := g.owner.do(http.MethodPost, g.at(g.base, r.Path), f)
			require.Less(t, got.Code, http.StatusInternalServerError, "%s %v: %s", r.Path, f, got.Body)
			switch kind := got.Header().Get("Content-Type"); {
			case strings.HasPrefix(kind, "text/html"):
				back++
				harmless(t, r.Path, got)
			case kind != "":
				require.Regexp(t, `^application/json`, kind, r.Path)
			}
		}
	}
	require.Greater(t, back, 100)
}

// The pages beside shops, and those of customers, show hostile texts as text too.
func TestSecurityHostileTextsBesideShops(t *testing.T) {
	g := guard(t)
	made, err := g.desk.Invite(t.Context(), people.Offer{Account: commerce.AccountID(g.ids["account"]), Role: commerce.RoleOwner, By: commerce.Actor{Name: evil}})
	require.NoError(t, err)
	g.owner.post("/join/" + made.Code)
	made, err = g.desk.Invite(t.Context(), people.Offer{Shop: g.shop, Role: commerce.RoleViewer, By: commerce.Actor{Name: evil}})
	require.NoError(t, err)
	token, hash := links.NewToken()
	now := g.store.Now()
	storetest.Do(t, g.store, func(tx *store.Tx) error {
		return tx.AddLinks(g.shop, []store.Link{{Hash: hash, Purpose: string(links.Unsubscribe), Effect: g.effect, Person: g.sara.ID, Expires: now.Add(time.Hour)}, {Hash: hash, Purpose: string(links.Confirm), Effect: g.effect, Person: g.sara.ID, Expires: now.Add(time.Hour)}})
	})
	g.poison()
	_, err = g.db.ExecContext(t.Context(), `UPDATE persons SET first_name = ?, last_name = ?, language_choice = ?`, evil, evil, evil)
	require.NoError(t, err)
	named := 0
	for _, path := range []string{"/shops", "/me", "/accounts/" + g.ids["account"], "/join/" + made.Code, "/login", "/u/" + token, "/confirm/" + token, "/privacy", "/terms", "/support"} {
		for _, lang := range []string{"en", "ar", "fa"} {
			got := g.owner.get(path + "?locale=" + lang)
			if path == "/login" {
				require.Equal(t, http.StatusSeeOther, got.Code)
				got = g.browser().get(path + "?locale=" + lang)
			}
			require.Contains(t, []int{http.StatusOK, http.StatusNotFound}, got.Code, "%s: %s", path, got.Body)
			named += strings.Count(got.Body.String(), "zq{{7*7}}zq")
			harmless(t, path, got)
		}
	}
	require.Greater(t, named, 20, "the texts are on the pages")
}

// A cell of a file that a spreadsheet would run is text there (OWASP, CSV injection).
func TestSecurityHostileFiles(t *testing.T) {
	g := guard(t)
	files := 0
	for _, text := range []string{"=HYPERLINK(\"https://evil.example\")", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", evil} {
		g.poisonColumns(text)
		for _, r := range server.AdminRoutes() {
			if r.Method != http.MethodGet {
				continue
			}
			got := g.owner.get(g.at(g.base, r.Path) + "?as=csv")
			require.Less(t, got.Code, http.StatusInternalServerError, r.Path)
			if got.Code != http.StatusOK || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/csv") {
				continue
			}
			files++
			require.Regexp(t, `^attachment`, got.Header().Get("Content-Disposition"), r.Path)
			require.Equal(t, "nosniff", got.Header().Get("X-Content-Type-Options"), r.Path)
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.Body.String(), "\ufeff"))).ReadAll()
			require.NoError(t, err, r.Path)
			for _, row := range rows {
				for _, cell := range row {
					require.NotRegexp(t, `^[=+@\t\r]|^-[^0-9]|^-[0-9.]*[^0-9.]`, cell, "%s: %q", r.Path, row)
				}
			}
		}
	}
	require.Greater(t, files, 7*7)
}
