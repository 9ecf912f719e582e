package demo

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

// connectLink is what the page about connections inside the Shopify admin offers a shop without Stripe.
var connectLink = regexp.MustCompile(`href="(/install/stripe\?for=[^"]+)"`)

// ConnectStripe is a merchant pressing Connect Stripe on the page about
// connections inside the Shopify admin, and Install on Stripe's own page.
func (w *World) ConnectStripe(ctx context.Context, domain, account string, facts stripefake.AccountInfo) error {
	w.Stripe.AddAccount(account, facts)
	page, err := w.OpenPage(ctx, domain, "/admin/settings/integrations")
	if err != nil {
		return err
	}
	link := connectLink.FindStringSubmatch(page)
	if link == nil {
		return fault.New(fault.NotFound, "the app of %s does not offer to connect Stripe", domain)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	begun, err := visit(ctx, browser, w.URL+html.UnescapeString(link[1]), http.StatusFound, nil)
	if err != nil {
		return err
	}
	at := begun.Get("Location")
	if _, err = visit(ctx, browser, at, http.StatusOK, nil); err != nil {
		return err
	}
	chosen, err := visit(ctx, browser, at, http.StatusFound, url.Values{"account": {account}, "act": {"install"}})
	if err != nil {
		return err
	}
	_, err = visit(ctx, browser, chosen.Get("Location"), http.StatusOK, nil)
	return err
}

// visit opens a page, or sends a form to it, and demands to be answered with code.
func visit(ctx context.Context, browser *http.Client, address string, code int, form url.Values) (http.Header, error) {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := browser.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode != code {
		err = fault.New(fault.Conflict, "%s answered %d: %s", req.URL.Path, resp.StatusCode, body)
	}
	return resp.Header, err
}
