package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
)

// played is a month that has been played, with its pages.
type played struct {
	*World
	books  *books
	stands []*stand
	sent   map[string]map[answered]int
}

// opened runs the demo until the test ends.
func opened(t *testing.T) *played {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan *played, 1), make(chan error, 1)
	var out bytes.Buffer
	go func() {
		ended <- Run(ctx, Options{Out: &out, Log: slog.New(slog.DiscardHandler), played: func(p *play, b *books) {
			ready <- &played{p.World, b, p.stands, p.sent}
		}})
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended, "it ends in order")
		for _, want := range []string{
			"/demo/mailbox", ShopifySecret, EnglishDomain, ArabicDomain, "Harbour & Pine", "متجر النخيل", "thank_you", "The books balance",
			"signed by harbourandpine.example", "via Flywheel <shops@mail.flywheel.example>, signed by mail.flywheel.example", "Nils Falk: The mail came back", "came back: 1, called spam: 1; notices at Slack: 2",
		} {
			require.Contains(t, out.String(), want)
		}
		left, err := os.ReadDir(os.TempDir())
		require.NoError(t, err)
		require.Empty(t, left, "nothing is kept")
	})
	select {
	case p := <-ready:
		return p
	case err := <-ended:
		ended <- err
		require.NoError(t, err)
		return nil
	}
}

// get asks for a page of the demo.
func (p *played) get(t *testing.T, path string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+path, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

// The whole month is played once and looked at from all sides.
func TestTheMonth(t *testing.T) {
	p := opened(t)
	require.WithinDuration(t, time.Now(), p.Clock.Now(), 2*time.Minute, "the month ends now") // but for what it takes to read the books

	t.Run("the books balance", func(t *testing.T) { require.NoError(t, p.books.balance(p.stands, p.sent)) })
	t.Run("the books can fail", p.booksCanFail)
	t.Run("money has its decimals", p.decimals)
	t.Run("the rest of a purchase is what a review speaks of", func(t *testing.T) {
		mails := p.mailsTo(t, "ben@example.com")
		require.Contains(t, mails[0].Text, "Merino scarf")
		require.NotContains(t, mails[len(mails)-1].Text, "Merino scarf")
		require.Contains(t, mails[len(mails)-1].Text, "Beeswax candle")
	})
	t.Run("every link leads somewhere", p.crawl)
	t.Run("a timeline says why", p.timelines)
	t.Run("the mailbox as JSON", p.json)
	t.Run("a mail in its frame", p.framed)
	t.Run("what happened to mails", p.happened)
	t.Run("who writes", p.writes)
	t.Run("a mail that came back", p.cameBack)
	t.Run("what anybody may say of mails", p.forged)
	t.Run("what is not there", p.missing)
	t.Run("a cap moves what matters less", p.capped)
	t.Run("at night it waits for the morning", p.quiet)
	t.Run("another system is told", p.posted)
	t.Run("a rehearsal reaches the team alone", p.rehearsal)
	t.Run("calls for staff", p.called)
	t.Run("what came of a campaign", p.figures)
	t.Run("why, and why not", p.whys)
	t.Run("a visitor's order", p.visitor)
}

func (p *played) mailsTo(t *testing.T, email string) (out []mailfake.Content) {
	t.Helper()
	for _, m := range p.Mail.Mails() {
		if m.To == email {
			c, err := m.Read()
			require.NoError(t, err)
			out = append(out, c)
		}
	}
	return out
}

func (p *played) decimals(t *testing.T) {
	require.Contains(t, p.mailsTo(t, "yuki@example.jp")[0].Text, "¥11,300")
	require.Contains(t, p.mailsTo(t, "noura@example.kw")[0].Text, "٢١٫٢٥٠")
	require.Contains(t, p.mailsTo(t, "ada@example.com")[0].Text, "£82.90")
}

var (
	hrefs  = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	styles = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
)

// crawl follows every link from the start page and holds each page to the rules of all.
func (p *played) crawl(t *testing.T) {
	seen, todo, gone, alike := map[string]bool{}, []string{"/demo"}, 0, map[string]int{}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		if page, _, asks := strings.Cut(path, "?"); asks {
			if alike[page]++; alike[page] > 15 { // there are hundreds, each of which reads much
				continue
			}
		}
		resp, body := p.get(t, path)
		if strings.HasPrefix(path, "/u/") && resp.StatusCode == http.StatusNotFound {
			gone++
			continue
		}
		require.Equal(t, 200, resp.StatusCode, path)
		if strings.HasPrefix(path, adminPath) { // plays a page of somebody else, with the app in a frame
			p.opens(t, body)
			continue
		}
		if !strings.HasPrefix(path, "/demo") || strings.HasSuffix(path, "/html") || strings.HasPrefix(path, "/demo/mailbox.json") {
			continue
		}
		policy := resp.Header.Get("Content-Security-Policy")
		require.NotContains(t, policy, "unsafe", path)
		sum := sha256.Sum256([]byte(styles.FindStringSubmatch(body)[1]))
		require.Contains(t, policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'", path)
		require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
		require.NotContains(t, body, "<script", path)
		require.NotContains(t, body, " style=", path)
		require.NotContains(t, body, "the reason is in the code", path)
		require.NotContains(t, body, "ZgotmplZ", path)
		for _, m := range hrefs.FindAllStringSubmatch(body, -1) {
			todo = append(todo, strings.TrimPrefix(strings.ReplaceAll(m[1], "&amp;", "&"), p.URL))
		}
	}
	require.Equal(t, 2, gone, "the links of her who was forgotten lead nowhere any more")
	require.Greater(t, len(seen), 200, "mails, their HTML, people, orders")
}

var inFrame = regexp.MustCompile(`<iframe src="([^"]+)"`)

// opens loads what the make-believe admin holds in its frame: the home of that shop, or its page about the sender.
func (p *played) opens(t *testing.T, admin string) {
	t.Helper()
	m := inFrame.FindStringSubmatch(admin)
	require.NotNil(t, m, "the admin holds no app")
	framed := strings.TrimPrefix(strings.ReplaceAll(m[1], "&amp;", "&"), p.URL)
	resp, home := p.get(t, framed)
	require.Equal(t, 200, resp.StatusCode)
	require.Contains(t, resp.Header.Get("Content-Security-Policy"), "frame-ancestors https://")
	if strings.HasPrefix(framed, "/admin/sender") {
		require.Contains(t, home, `action="/admin/sender/test?`)
	} else {
		require.Contains(t, home, `action="/admin/campaigns/thank_you/pause?`)
	}
	require.Contains(t, home, "app-bridge.js")
}

// pathOf is the timeline of the person of that name.
func (p *played) pathOf(t *testing.T, name string) string {
	t.Helper()
	_, body := p.get(t, "/demo/people")
	m := regexp.MustCompile(`href="(/demo/shops/[^"]+)"><bdi>` + name).FindStringSubmatch(body)
	require.NotNil(t, m, name)
	return m[1]
}

func (p *played) timelines(t *testing.T) {
	for name, sentences := range map[string][]string{
		"Ada Byrne":    {"Order #1001 was placed", "Order #1001 was paid", "Order #1001 arrived", "Mail sent: Thank you for order #1001", "Mail sent: Review request for order #1001"},
		"Ben Okafor":   {"<del><bdi>Merino scarf · Moss green</bdi> × 1</del>", "Order #1002 had a refund: £49.00"},
		"Chloe Martin": {"Not sent: everything was refunded", "<code>refunded"},
		"Dan Hughes":   {"Held: the order is not paid yet", "order_unpaid · pending"},
		"Harbour":      {"Not sent: it is a test order, nobody bought anything"},
		"Maya Cohen":   {"(before the shop was connected)", "Not sent: it happened before the shop was connected"},
		"Quinn Abbott": {"condition_not_met", "(assumed, nobody said so)"},
		"Uma Patel":    {"the bank has decided for the customer", "customer&#39;s bank took the payment back"},
		"Yuki Tanaka":  {"¥11,300"},
		"Otto Nilsen":  {"Mail refused for good", "550"},
		"عمر":          {"Held: where this customer lives a message of this kind needs their consent", "times are Asia/Riyadh"},
		"سارة":         {"the parcel was to be paid at the door, and came back or was called off"},
		"نورة":         {"KWD 21.250"},
		"Lena Fischer": {"It went the way ", "Put off: a message that matters more goes first", "yielded · delivery_check_in", "frequency_cap · asks: 2 in 7 days", "Mail sent: Care tips"},
		"Milo Evans":   {"Another tool sent a message: newsletters: Scarves of the season", "expired · frequency_cap (asks: 2 in 7 days) until after the latest useful time"},
		"Haruka Sato":  {"it is a quiet hour where the customer lives", "Asia/Tokyo, address", "What it waited for did not come in time, at a_problem"},
		"Beth Nolan":   {"What it waited for came, at a_problem", "Another system told of an event: problem_reported", "Notice to the team sent"},
		"Joel Price":   {"Win back for order #1028. What it waited for did not come in time, at after_help"},
		"Iris Moreau":  {"the customer has bought again"},
		"Olaf Berg":    {"it was bought at a marketplace", "marketplace · amazon"},
		"Petra Olsson": {"Staff have a call to make: Thank Petra", "Webhook sent: Packing note", "Its condition fitted, at first_order"},
		"Rosa Klein":   {"where this customer lives a message of this kind needs their consent"},
		"عبدالله":      {"Staff have a call to make: شكر عبدالله"},
		"Somebody who": {"the customer asked to be forgotten, and was"},
	} {
		_, body := p.get(t, p.pathOf(t, name))
		body = unwrapped(strings.ReplaceAll(body, "\u00a0", " "))
		for _, s := range sentences {
			require.Contains(t, body, s, name)
		}
	}
}

// unwrapped leaves out what isolates a name, which is not what is asked for.
func unwrapped(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '\u2066' && r <= '\u2069' {
			return -1
		}
		return r
	}, s)
}

func (p *played) json(t *testing.T) {
	resp, body := p.get(t, "/demo/mailbox.json")
	require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	var letters []letter
	require.NoError(t, json.Unmarshal([]byte(body), &letters))
	require.Len(t, letters, perPage)
	_, body = p.get(t, "/demo/mailbox.json?page=2")
	var older []letter
	require.NoError(t, json.Unmarshal([]byte(body), &older))
	letters = append(letters, older...)
	require.Len(t, letters, p.Mail.Count())
	for i, l := range letters {
		require.NotEmpty(t, l.Shop)
		require.NotEmpty(t, l.Text)
		require.Contains(t, l.HTML, "<html")
		require.Equal(t, []string{l.ID}, l.Headers["x-flywheel-id"])
		if i > 0 {
			require.False(t, l.At.After(letters[i-1].At), "newest first")
		}
	}
	_, body = p.get(t, "/demo/mailbox.json?to=Layla@example.sa")
	require.NoError(t, json.Unmarshal([]byte(body), &letters))
	require.Len(t, letters, 6)
	require.Contains(t, letters[5].Subject, "شكرًا لك")
	require.Contains(t, letters[5].HTML, `dir="rtl"`)
}

func (p *played) framed(t *testing.T) {
	mail := p.books.mails[0]
	_, body := p.get(t, "/demo/mailbox/"+mail.effect())
	require.Contains(t, body, `<iframe src="/demo/mailbox/`+mail.effect()+`/html"`)
	require.NotContains(t, body, "allow-scripts")
	resp, body := p.get(t, "/demo/mailbox/"+mail.effect()+"/html")
	require.Equal(t, mail.HTML, strings.Replace(body, `<base target="_blank">`, "", 1), "as it was sent")
	policy := resp.Header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.Contains(t, policy, "sandbox ")
	require.NotContains(t, policy, "script")
}

func (p *played) missing(t *testing.T) {
	shop := string(p.stands[0].Shop.ID)
	for _, path := range []string{
		"/demo/nothing", "/demo/mailbox/nothing", "/demo/mailbox/nothing/html", "/demo/shops/nothing/people/nothing",
		"/demo/shops/" + shop + "/people/nothing", "/demo/shops/" + shop + "/orders?playbook=nothing",
		strings.Replace(p.pathOf(t, "Ada"), shop, string(p.stands[1].Shop.ID), 1),
	} {
		resp, body := p.get(t, path)
		require.Equal(t, 404, resp.StatusCode, path)
		require.Contains(t, body, "here is no", path)
		require.NotEmpty(t, resp.Header.Get("Content-Security-Policy")+resp.Header.Get("X-Content-Type-Options"), path)
	}
}

// visitor posts after the month, when business time is real time.
func (p *played) visitor(t *testing.T) {
	o := shopifyfake.NewOrder(999, p.Clock.Now())
	o.Customer.Email = "visitor@example.com"
	o.Name = `<b onmouseover=alert(1)>`
	status, err := p.FromShopify(t.Context(), EnglishDomain, "orders/create", o.Body())
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.NoError(t, p.Settle(t.Context()))
	require.Len(t, p.mailsTo(t, "visitor@example.com"), 1)
	_, body := p.get(t, "/demo/mailbox?to=visitor@example.com")
	require.Contains(t, body, "visitor@example.com")
	require.NotContains(t, body, "<b onmouseover")
}
