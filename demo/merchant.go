package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
)

// Install is a merchant pressing Install in the Shopify App Store and opening
// the app. It returns the shop as the app knows it then.
func (w *World) Install(ctx context.Context, domain string, info shopifyfake.ShopInfo) (commerce.Shop, error) {
	w.Shopify.Install(domain, info)
	if _, err := w.OpenApp(ctx, domain); err != nil {
		return commerce.Shop{}, err
	}
	c, err := w.App.Store.ConnectionByAccount(ctx, commerce.Shopify, domain, true)
	if err != nil {
		return commerce.Shop{}, err
	}
	return w.App.Store.Shop(ctx, c.ShopID)
}

// OpenApp loads the app as the Shopify admin does, and returns the page.
func (w *World) OpenApp(ctx context.Context, domain string) (string, error) {
	return w.OpenPage(ctx, domain, "/admin")
}

// OpenPage is a merchant opening a page of the app, such as /admin/sender.
func (w *World) OpenPage(ctx context.Context, domain, path string) (string, error) {
	q := url.Values{"embedded": {"1"}, "shop": {domain}, "id_token": {w.Shopify.IDToken(domain, 1, time.Now())}}
	return w.asMerchant(ctx, http.MethodGet, path+"?"+q.Encode(), "", nil)
}

// Press is a merchant pressing a button of the app, such as
// /admin/campaigns/thank_you/live.
func (w *World) Press(ctx context.Context, domain, path string) error {
	_, err := w.Submit(ctx, domain, path, nil)
	return err
}

// Submit is a merchant sending a form of the app; it returns the page that comes back.
func (w *World) Submit(ctx context.Context, domain, path string, form url.Values) (string, error) {
	if form == nil {
		form = url.Values{}
	}
	return w.asMerchant(ctx, http.MethodPost, path, w.Shopify.IDToken(domain, 1, time.Now()), form)
}

// asMerchant makes one request from inside the admin, and goes on where a form
// leads to; another answer than 200 is an error.
func (w *World) asMerchant(ctx context.Context, method, path, token string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, w.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if method == http.MethodPost && r.Response.StatusCode == http.StatusSeeOther {
			return nil
		}
		return http.ErrUseLastResponse
	}}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fault.New(fault.Conflict, "%s %s answered %d: %s", method, req.URL.Path, resp.StatusCode, body)
	}
	return string(body), err
}

// Uninstall is a merchant removing the app: its tokens die at once, and Shopify tells us.
func (w *World) Uninstall(ctx context.Context, domain string) error {
	body := w.Shopify.Uninstalled(domain)
	w.Shopify.Uninstall(domain)
	return w.deliver(ctx, domain, "app/uninstalled", body)
}

// deliver posts a signed delivery and demands that it is taken.
func (w *World) deliver(ctx context.Context, domain, topic string, body []byte, opts ...shopifyfake.SendOption) error {
	status, err := w.FromShopify(ctx, domain, topic, body, opts...)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s was answered by %d", topic, status)
	}
	return err
}
