package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// pageCase is one way in which a page is asked, with different values.
type pageCase struct {
	route, name string
	of          []string
}

func (p pageCase) String() string { return strings.TrimSpace(p.route + " " + p.name) }

// known is what addresses of a filled database may name.
type known struct {
	ctx  context.Context
	db   *sql.DB
	shop string
	err  error
}

// column is the first column of what a statement about the shop $1 finds.
func (k *known) column(text string) (out []string) {
	rows, err := k.db.QueryContext(k.ctx, text, k.shop)
	if err != nil {
		k.err = fmt.Errorf("%s: %w", text, err)
		return []string{""}
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		k.err = rows.Scan(&one)
		out = append(out, one)
	}
	if len(out) == 0 && k.err == nil {
		k.err = fmt.Errorf("nothing is found by %s", text)
	}
	return out
}

// pageCases are all pages of the route table as they are asked; a page that has
// none is an error, so that whoever adds a page adds how it is measured.
func pageCases(ctx context.Context, db *sql.DB, routes []*echo.Route) ([]pageCase, error) {
	k := &known{ctx: ctx, db: db}
	if err := db.QueryRowContext(ctx, `SELECT id FROM shops WHERE name = $1`, usualShop().Name).Scan(&k.shop); err != nil {
		return nil, err
	}
	cases := slices.Concat(k.plainPages(), k.peoplePages(), k.listPages(), k.campaignPages())
	if k.err != nil {
		return nil, k.err
	}
	var missing []string
	for _, r := range routes {
		asked := strings.HasPrefix(r.Path, "/shops") || strings.HasPrefix(r.Path, "/me") || strings.HasPrefix(r.Path, "/accounts/")
		if r.Method == http.MethodGet && asked && !slices.ContainsFunc(cases, func(p pageCase) bool { return p.route == r.Path }) {
			missing = append(missing, r.Path)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("say in bench/pages_cases.go how these pages are asked: %s", strings.Join(missing, " "))
	}
	return cases, nil
}

// at is a page of the shop with what may stand behind its address; values take
// the place of the route's last parameter.
func (k *known) at(route, name, query string, values ...string) pageCase {
	out := pageCase{route: "/shops/:shop" + route, name: name}
	if len(values) == 0 {
		values = []string{""}
	}
	for _, value := range values {
		path := route
		if at := strings.Index(route, "/:"); at >= 0 && value != "" {
			rest := ""
			if next := strings.Index(route[at+2:], "/"); next >= 0 {
				rest = route[at+2+next:]
			}
			path = route[:at] + "/" + url.PathEscape(value) + rest
		}
		out.of = append(out.of, "/shops/"+k.shop+path+query)
	}
	return out
}

// with is a page of the shop with one field that takes different values.
func (k *known) with(route, name, field string, values ...string) pageCase {
	out := pageCase{route: "/shops/:shop" + route, name: name}
	for _, value := range values {
		out.of = append(out.of, "/shops/"+k.shop+route+"?"+url.Values{field: {value}}.Encode())
	}
	return out
}

// plainPages have no choices.
func (k *known) plainPages() (out []pageCase) {
	for _, route := range []string{
		"", "/now", "/setup", "/settings", "/settings/consent", "/settings/danger", "/settings/calendar", "/settings/notices", "/settings/brand", "/settings/delivery", "/settings/caps", "/settings/languages",
		"/settings/data", "/settings/jobs", "/settings/integrations", "/plan", "/sender", "/team", "/team/invite", "/campaigns/new", "/messages",
	} {
		out = append(out, k.at(route, "", ""))
	}
	for _, step := range []string{"mail", "who", "thanks", "review", "first"} {
		out = append(out, k.at("/setup/:step", step, "", step))
	}
	agency := k.column(`SELECT id FROM accounts WHERE kind = 'agency' AND $1 <> ''`)[0]
	return append(out,
		pageCase{"/shops", "", []string{"/shops"}}, pageCase{"/shops", "by name", []string{"/shops?q=shop+1"}}, pageCase{"/shops", "what is wrong", []string{"/shops?wrong=unknown"}},
		pageCase{"/me", "", []string{"/me"}}, pageCase{"/accounts/:account", "", []string{"/accounts/" + agency}}, pageCase{"/accounts/:account/invite", "", []string{"/accounts/" + agency + "/invite"}},
		k.at("/audit", "", ""), k.with("/audit", "who", "who", "Person 1", "Person 7"), k.with("/audit", "what", "act", "/pause", "/campaigns/:campaign/edit"), k.with("/audit", "account", "account", "agency", agency),
		k.with("/audit", "100th page", "after", k.column(`SELECT id FROM audit WHERE shop_id = $1 ORDER BY id DESC OFFSET (SELECT COUNT(*) * 5000 / 100000 FROM audit) LIMIT 1`)...))
}

// somePersons are customers of every age, with orders and without.
const somePersons = `SELECT id FROM (SELECT id FROM persons TABLESAMPLE SYSTEM (5) WHERE shop_id = $1 LIMIT 5000) p ORDER BY md5(id) LIMIT 100`

func (k *known) peoplePages() []pageCase {
	busiest := k.column(`SELECT person_id FROM orders WHERE shop_id = $1 GROUP BY person_id ORDER BY COUNT(*) DESC LIMIT 1`)
	persons, buyers := k.column(somePersons), k.column(`SELECT person_id FROM (SELECT person_id, id FROM orders TABLESAMPLE SYSTEM (5) WHERE shop_id = $1 LIMIT 5000) o ORDER BY md5(id) LIMIT 100`)
	emails := k.column(`SELECT email FROM persons WHERE shop_id = $1 AND id IN (SELECT id FROM persons TABLESAMPLE SYSTEM (3) LIMIT 100)`)
	numbers := k.column(`SELECT name FROM orders WHERE shop_id = $1 AND id IN (SELECT id FROM orders TABLESAMPLE SYSTEM (3) LIMIT 100)`)
	effects := k.column(`SELECT id FROM effects WHERE shop_id = $1 AND id IN (SELECT id FROM effects TABLESAMPLE SYSTEM (3) LIMIT 100)`)
	middle := k.column(`SELECT MAX(at)::text FROM (SELECT occurred_at AS at FROM events WHERE shop_id = $1 AND person_id = '` + busiest[0] + `' ORDER BY occurred_at LIMIT 700) e`)
	var bare []string
	for _, n := range numbers {
		bare = append(bare, strings.TrimPrefix(n, "#"))
	}
	out := []pageCase{
		k.at("/customers", "", ""), k.with("/customers", "100th page", "after", k.column(`SELECT id FROM persons WHERE shop_id = $1 ORDER BY id DESC OFFSET (SELECT COUNT(*) / 200 FROM persons) LIMIT 1`)...),
		k.at("/customers/file", "first step", ""),
		k.at("/customers/:person", "any", "", persons...), k.at("/customers/:person", "buyers", "", buyers...), k.at("/customers/:person", "2,000 entries", "", busiest...),
		k.at("/customers/:person", "2,000 entries, orders", "?show=orders", busiest...), k.at("/customers/:person", "2,000 entries, messages", "?show=messages", busiest...),
		k.at("/customers/:person", "2,000 entries, from the middle", "?before="+middle[0], busiest...), k.at("/customers/:person", "why", "?why=win_back", buyers...), k.at("/customers/:person", "2,000 entries, why", "?why=win_back", busiest...),
		k.at("/customers/:person/erase", "", "", append(persons[:10:10], busiest...)...),
		k.with("/search", "order", "q", append(numbers, bare...)...), k.with("/search", "message", "q", effects...),
	}
	for name, asked := range map[string][]string{
		"frequent name": {"maria", "mohammed", "محمد", "smith", "ali", "john"}, "rare name": {"hartcombe", "hartgate", "dvorak", "hurst", "شیرین", "آرش", "zoe"},
		"beginning": {"m", "ma", "a", "al", "مح", "s", "j", "hart"}, "frequent pair": {"maria smith", "محمد علی", "محمد حسن", "john muller", "anna gmail"}, "rare pair": {"maria hartcombe", "ida strauss", "کیان اکبری", "leo yorcombe", "gmail hartgate"},
		"pair that nobody is": {"maria alotaibi", "محمد smith", "zoe محمدی", "john ahmadi"}, "spellings": {"احمد", "أحمد", "علی", "على", "فاطمة", "فاطمه", "ابراهيم", "علیرضا", "علی رضا", "کریمی", "كريمي"},
		"address": emails, "domain": {"gmail.com", "@gmail.com", "mail.example.com", "example.com", "gmx"}, "telephone": {"+44 7100 000 389", "0710000", "٧١٠٠", "4471"}, "nobody": {"zzqxy", "qqqq", "ڤڤڤ", "nobody@nowhere.example", "123456789012345"},
	} {
		out = append(out, k.with("/customers", name, "q", asked...), k.with("/search", name, "q", asked...))
	}
	slices.SortFunc(out, func(a, b pageCase) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func (k *known) listPages() []pageCase {
	offset := func(table, what string) []string {
		return k.column(`SELECT ` + what + ` FROM ` + table + ` WHERE shop_id = $1 ORDER BY id DESC OFFSET (SELECT LEAST(5000, COUNT(*) / 2) FROM ` + table + ` WHERE shop_id = $1) LIMIT 1`)
	}
	stop := k.column(`SELECT at || ' ' || address_hash || ' ' || scope FROM suppressions WHERE shop_id = $1 ORDER BY at DESC, address_hash DESC, scope DESC OFFSET (SELECT LEAST(5000, COUNT(*) / 2) FROM suppressions) LIMIT 1`)
	sealed := k.column(`SELECT id FROM inbox WHERE shop_id = $1 AND external_id LIKE 'sealed%'`)
	emails := k.column(`SELECT email FROM persons WHERE shop_id = $1 AND id IN (SELECT id FROM persons TABLESAMPLE SYSTEM (3) LIMIT 100)`)
	messages, webhooks := "/lists/messages", "/lists/webhooks"
	out := []pageCase{
		k.at(messages, "", ""), k.with(messages, "100th page", "after", offset("effects", "id")...),
		k.at(messages, "file, first step", "?as=csv"), k.at(messages, "file of what failed, first step", "?as=csv&state=failed"),
		k.with(messages, "campaign", "campaign", "win_back", "thank_you", "review_request", "anniversary", "nothing"), k.at(messages, "campaign and state", "?campaign=win_back&state=failed"),
		k.at("/lists/unknown", "", ""), k.at("/lists/unknown", "file", "?as=csv"), k.at(webhooks, "", ""), k.with(webhooks, "100th page", "after", offset("inbox", "id")...),
		k.with(webhooks, "topic", "topic", "orders/paid", "orders/updated", "refunds/create"), k.at(webhooks, "topic and state", "?topic=orders/paid&state=quarantined"), k.at(webhooks, "file, first step", "?as=csv"),
		k.at("/lists/webhooks/:delivery", "", "", sealed...), k.at("/lists/webhooks/:delivery/body", "", "", sealed...),
		k.at("/lists/findings", "", ""), k.with("/lists/findings", "kind", "kind", "fuse", "missed", "nothing"), k.at("/lists/findings", "file, first step", "?as=csv"),
		k.at("/lists/suppression", "", ""), k.with("/lists/suppression", "100th page", "after", stop...), k.with("/lists/suppression", "address", "q", emails...), k.at("/lists/suppression/file", "first step", ""),
		k.at("/lists/tasks", "", ""), k.at("/lists/tasks", "made", "?state=done"), k.at("/lists/tasks", "file, first step", "?as=csv"),
		k.at("/exports/:export", "", "", k.column(`SELECT id FROM exports WHERE shop_id = $1`)...),
		k.at("/lists/walks", "", ""), k.with("/lists/walks", "100th page", "after", offset("enrollments", "id")...), k.with("/lists/walks", "campaign", "campaign", "win_back", "thank_you", "anniversary"),
		k.with("/lists/walks", "state", "state", "active", "ended"), k.at("/lists/walks", "campaign and state", "?campaign=thank_you&state=active"), k.at("/lists/walks", "file, first step", "?as=csv"),
		k.at("/lists/held", "", ""), k.with("/lists/held", "campaign", "campaign", "win_back", "anniversary"), k.at("/lists/held", "file, first step", "?as=csv"),
		k.with("/lists/held", "100th page", "after", k.column(`SELECT last_at::text FROM decisions WHERE shop_id = $1 AND answer = 'hold' ORDER BY last_at DESC OFFSET (SELECT LEAST(5000, COUNT(*) / 2) FROM decisions WHERE answer = 'hold' AND shop_id = $1) LIMIT 1`)...),
		k.at("/lists/tasks/:task", "", "", k.column(`SELECT id FROM tasks WHERE shop_id = $1 LIMIT 50`)...),
	}
	for _, state := range []string{"claimed", "sending", "sent", "retry", "failed", "withdrawn", "expired", "unknown"} {
		out = append(out, k.with(messages, "state "+state, "state", state))
	}
	for _, state := range []string{"new", "done", "quarantined"} {
		out = append(out, k.with(webhooks, "state "+state, "state", state))
	}
	return out
}

func (k *known) campaignPages() (out []pageCase) {
	out = []pageCase{k.at("/campaigns", "", ""), k.at("/campaigns", "by state", "?state=live")}
	for _, c := range []string{"thank_you", "review_request", "win_back", "anniversary"} {
		for _, route := range []string{"", "/file", "/versions", "/edit", "/live"} {
			out = append(out, k.at("/campaigns/:campaign"+route, c, "", c))
		}
		out = append(out, k.at("/campaigns/:campaign/edit", c+", who enters", "?card=start", c), k.at("/messages/:campaign", c, "", c))
	}
	for _, m := range []string{"thank_you/thanks", "review_request/ask", "win_back/news"} {
		one, step, _ := strings.Cut(m, "/")
		for _, more := range []string{"", "/now", "/edit"} {
			p := k.at("/messages/:campaign/:step"+more, m, "")
			p.of = []string{"/shops/" + k.shop + "/messages/" + one + "/" + step + more}
			out = append(out, p)
		}
	}
	return out
}
