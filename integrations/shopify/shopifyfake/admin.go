package shopifyfake

import (
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Admin plays the Shopify admin for one app: the page that holds the app in a
// frame (/store?shop=NAME.myshopify.com&locale=ar), App Bridge (/app-bridge.js)
// and the ID tokens that the two hand to the app. appURL is where the app is
// opened, path the folder under which the handler is mounted ("" = the root).
func (f *Fake) Admin(appURL, path string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path+"/app-bridge.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write([]byte(bridgeScript))
	})
	mux.HandleFunc("GET "+path+"/token", func(w http.ResponseWriter, r *http.Request) {
		shop := r.URL.Query().Get("shop")
		if !f.Installed(shop) {
			http.Error(w, "the app is not installed there", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"token": f.IDToken(shop, 1, time.Now())})
	})
	mux.HandleFunc("POST "+path+"/scopes", func(w http.ResponseWriter, r *http.Request) {
		shop := r.URL.Query().Get("shop")
		if !f.Installed(shop) {
			http.Error(w, "the app is not installed there", http.StatusNotFound)
			return
		}
		f.Allow(shop, r.URL.Query().Get("scope"))
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET "+path+"/store", func(w http.ResponseWriter, r *http.Request) {
		shop, locale := r.URL.Query().Get("shop"), r.URL.Query().Get("locale")
		if !f.Installed(shop) {
			http.Error(w, "the app is not installed there", http.StatusNotFound)
			return
		}
		page := adminPage{Shop: shop, Locale: locale, Tokens: path + "/token?shop=" + url.QueryEscape(shop), Scopes: path + "/scopes?shop=" + url.QueryEscape(shop) + "&scope=", Frame: f.appAddress(appURL, shop, locale)}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = adminTemplate.Execute(w, page)
	})
	return mux
}

// appAddress is where the admin opens the app: with what it always tells.
func (f *Fake) appAddress(appURL, shop, locale string) string {
	store, _, _ := strings.Cut(shop, ".")
	q := url.Values{
		"embedded": {"1"}, "shop": {shop}, "host": {base64.RawStdEncoding.EncodeToString([]byte("admin.shopify.com/store/" + store))},
		"id_token": {f.IDToken(shop, 1, time.Now())},
	}
	if locale != "" {
		q.Set("locale", locale)
	}
	return appURL + "?" + q.Encode()
}

type adminPage struct{ Shop, Locale, Tokens, Scopes, Frame string }

var adminTemplate = template.Must(template.New("admin").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Admin of {{.Shop}}</title>
<style>html,body{margin:0;block-size:100%}body{display:flex;flex-direction:column;font:14px system-ui,sans-serif}header{padding:.5rem 1rem;background:#1a1a1a;color:#fff}iframe{flex:1;border:0;inline-size:100%}nav{display:flex;flex-wrap:wrap;padding:0 .5rem;background:#ebebeb}nav button{min-block-size:2.5rem;padding:0 .75rem;border:0;background:none;color:#1a1a1a;font:inherit;cursor:pointer}</style></head>
<body><header>{{.Shop}} · a make-believe admin</header><nav aria-label="App"></nav><iframe src="{{.Frame}}" title="App"></iframe>
<script>
addEventListener('message', async (event) => {
  if (event.source !== document.querySelector('iframe').contentWindow) return;
  const reply = (said) => event.source.postMessage({answer: event.data.number, said}, event.origin);
  if (event.data?.nav) {
    document.querySelector('nav').replaceChildren(...event.data.nav.map((word, i) => {
      const button = document.createElement('button');
      button.textContent = word;
      button.onclick = () => event.source.postMessage({go: i}, event.origin);
      return button;
    }));
    return;
  }
  if (event.data?.ask === 'idToken') reply((await (await fetch({{.Tokens}})).json()).token);
  if (event.data?.ask === 'scopes') {
    const allowed = confirm('The app asks for ' + event.data.scopes);
    if (allowed) for (const scope of event.data.scopes) await fetch({{.Scopes}} + encodeURIComponent(scope), {method: 'POST'});
    reply({result: allowed ? 'granted-all' : 'declined-all'});
  }
});
</script></body></html>`))

// bridgeScript does what App Bridge does for us: it gives ID tokens, asks the
// merchant for optional scopes, shows the links of s-app-nav in the admin's own
// navigation and tells by shopify:navigate which was chosen there, and where the
// address names a way back it fetches a token and goes there.
const bridgeScript = `'use strict';
(() => {
  const waiting = new Map();
  let count = 0;
  addEventListener('message', (event) => {
    if (event.source !== parent) return;
    if (Number.isInteger(event.data?.go)) {
      const link = document.querySelectorAll('s-app-nav s-link')[event.data.go];
      const handled = link && !link.dispatchEvent(new CustomEvent('shopify:navigate', {bubbles: true, cancelable: true}));
      if (link && !handled) location.assign(link.getAttribute('href'));
      return;
    }
    if (!event.data?.answer) return;
    waiting.get(event.data.answer)?.(event.data.said);
    waiting.delete(event.data.answer);
  });
  const ask = (what) => new Promise((resolve) => {
    waiting.set(++count, resolve);
    parent.postMessage({...what, number: count}, '*');
  });
  window.shopify = {
    idToken: () => ask({ask: 'idToken'}),
    scopes: {request: (scopes) => ask({ask: 'scopes', scopes})},
  };
  let told = '';
  const tell = () => {
    const nav = [...document.querySelectorAll('s-app-nav s-link')].map((link) => link.textContent.trim());
    if (told !== (told = nav.join())) parent.postMessage({nav}, '*');
  };
  addEventListener('DOMContentLoaded', () => {
    tell();
    new MutationObserver(tell).observe(document.body, {childList: true});
  });
  const back = new URLSearchParams(location.search).get('shopify-reload');
  if (!back) return;
  window.shopify.idToken().then((token) => {
    const address = new URL(back);
    address.searchParams.set('id_token', token);
    location.replace(address);
  });
})();
`
