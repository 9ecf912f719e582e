package server

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/manage"
)

// A mail is shown in a frame of its own, so that neither its styles touch the
// page nor the page's rules touch the mail. A frame asks without an ID token:
// its address is signed for a while, and names nobody but by our ids.
const (
	mailPurpose = "flywheel preview of a mail"
	mailLife    = 10 * time.Minute
)

// frameAddress is where the frame finds the mail; "" where nothing can be signed.
func (s *Server) frameAddress(domain string, shop commerce.ShopID, p manage.Preview, sample manage.Sample, dark bool) string {
	secrets := s.markSecrets()
	if len(secrets) == 0 {
		return ""
	}
	q := url.Values{"shop": {domain}, "id": {string(shop)}, "campaign": {string(p.Campaign.ID)}, "step": {p.Step}, "lang": {sample.Lang}}
	switch {
	case p.MadeUp:
	case p.Order != nil:
		q.Set("order", string(p.Order.ID))
	default:
		q.Set("person", string(p.Person.ID))
	}
	if dark {
		q.Set("dark", "1")
	}
	if sample.Draft {
		q.Set("draft", strconv.FormatInt(p.Lock, 10)) // another draft has another address
	}
	q.Set("mark", sealMark(secrets[0], mailPurpose, time.Now().Add(mailLife), mailParts(q)...))
	return "/admin/preview?" + q.Encode()
}

// markSecrets are those that marks of pages are made with, the first, and read by.
func (s *Server) markSecrets() []string { return slices.Concat(s.ShopifySecrets, s.StripeApp.Secrets) }

// mailParts is what a mark stands for.
func mailParts(q url.Values) []string {
	parts := make([]string, 0, 9)
	for _, name := range []string{"shop", "id", "campaign", "step", "lang", "order", "person", "dark", "draft"} {
		parts = append(parts, q.Get(name))
	}
	return parts
}

// showMail is the mail alone.
func (s *Server) showMail(c echo.Context) error {
	q := c.QueryParams()
	mark := q.Get("mark")
	if time.Now().After(endOf(mark)) || !fits(s.markSecrets(), mailPurpose, mark, mailParts(q)...) {
		return fault.New(fault.Denied, "this view has ended: load the page again")
	}
	parents := "'self'" // outside Shopify the page is ours alone
	if domain := q.Get("shop"); shopify.ValidShop(domain) {
		c.Set(visitKey, domain)
		parents += " " + s.ancestors(c)
	}
	ctx := c.Request().Context()
	shop, err := s.Store.Shop(ctx, commerce.ShopID(q.Get("id")))
	if err != nil {
		return err
	}
	sample, err := s.byItsSender(ctx, shop, manage.Sample{
		Campaign: campaign.CampaignID(q.Get("campaign")), Step: q.Get("step"), Lang: q.Get("lang"),
		Order: commerce.OrderID(q.Get("order")), Person: commerce.PersonID(q.Get("person")), Draft: q.Get("draft") != "",
	})
	if err != nil {
		return err
	}
	p, err := s.desk().Message(ctx, shop.ID, sample)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'none'; img-src https: data:; font-src https: data:; style-src 'unsafe-inline'; base-uri 'self'; form-action 'none'; "+
		"sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors "+parents)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	return c.HTMLBlob(http.StatusOK, framedMail(p.Message.HTML, q.Get("dark") != ""))
}

// prefersDark is the condition under which a mail's styles for the dark count.
var prefersDark = regexp.MustCompile(`\(\s*prefers-color-scheme\s*:\s*dark\s*\)`)

// framedMail is a mail as a mail program in the light or in the dark shows it,
// whatever the browser's own choice is; its links open beside the page.
func framedMail(html string, dark bool) []byte {
	scheme, condition := "light", "(max-width:0)"
	if dark {
		scheme, condition = "dark", "(min-width:0)"
	}
	html = prefersDark.ReplaceAllString(html, condition)
	head := `<base target="_blank"><style>:root{color-scheme:` + scheme + ` !important}</style>`
	var b bytes.Buffer
	if before, after, found := strings.Cut(html, "</head>"); found {
		b.WriteString(before + head + "</head>" + after)
	} else {
		b.WriteString(head + html)
	}
	return b.Bytes()
}
