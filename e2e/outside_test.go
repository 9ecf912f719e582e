package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/apptest"
	"flywheel/commerce"
	"flywheel/demo"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// started is when a walk begins, by the shop's clock: a Tuesday morning in
// London, noon in Riyadh, far from any feast in the two months before.
var started = time.Date(2026, time.September, 15, 9, 0, 0, 0, time.UTC)

// outside is what surrounds an app for one walk: the make-believe Shopify, whose
// admin is another site than the app, and a clock and a mail server that the
// script moves and reads over HTTP.
type outside struct {
	*demo.World
	t     *testing.T
	lang  string
	shop  merchant
	Admin string // address of the make-believe Shopify admin, with all that only the script asks
	sold  int64
}

// startOutside runs an app that no shop has yet, on an engine of storetest.Engines.
func startOutside(t *testing.T, engine, lang string) *outside {
	t.Helper()
	// The admin has a name of its own, so that the frame in it is of another site.
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	o := &outside{t: t, lang: lang, shop: merchants[lang], Admin: "http://admin.localhost:" + port}
	options := demo.WorldOptions{
		Start: started, DatabaseURL: storetest.Prepared(t, engine), Log: slog.New(slog.DiscardHandler),
		Change: func(c *app.Config) {
			c.AppBridge, c.AdminOrigin, c.NoReconcile = o.Admin+"/app-bridge.js", o.Admin, true
		},
	}
	if engine == "postgres" {
		options.RedisURL = apptest.RedisURL(t)
	}
	o.World, err = demo.NewWorld(context.Background(), options)
	require.NoError(t, err)
	t.Cleanup(o.Stop)
	o.Shopify.SetToday(o.shop.Domain, started)
	for n := range pastOrders {
		o.Shopify.PutOrder(o.shop.Domain, o.shop.order(started, n+1))
	}
	o.serve(mux)
	return o
}

// serve answers what the browser and the script ask of the world outside the app.
func (o *outside) serve(mux *http.ServeMux) {
	mux.Handle("/", o.Shopify.Admin(o.URL+"/admin", ""))
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /listing", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!DOCTYPE html><html lang="en"><title>App store</title><form method="post" action="/install"><button>Install</button></form></html>`)
	})
	mux.HandleFunc("POST /install", func(w http.ResponseWriter, r *http.Request) {
		o.Shopify.SlowBulk(1 << 30) // its past stays unread until the script has seen that nobody has to wait for it
		o.Shopify.Install(o.shop.Domain, o.shop.info)
		http.Redirect(w, r, "/store?shop="+o.shop.Domain+"&locale="+o.lang, http.StatusSeeOther)
	})
	for path, do := range map[string]func(*http.Request) (any, error){
		"read": o.read, "buy": o.buy, "pass": o.pass, "settle": o.settle, "mails": o.mails,
	} {
		mux.HandleFunc("POST /outside/"+path, func(w http.ResponseWriter, r *http.Request) {
			answer, err := do(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(answer) // the script has gone with its test
		})
	}
}

func (o *outside) read(r *http.Request) (any, error) { return true, o.readPast(r.Context()) }

// readPast lets the shop's past be read, to its end.
func (o *outside) readPast(ctx context.Context) error {
	o.Shopify.SlowBulk(0)
	c, err := o.App.Store.ConnectionByAccount(ctx, commerce.Shopify, o.shop.Domain, true)
	if err != nil {
		return err
	}
	return o.until(ctx, "the past is read", func() (bool, error) {
		b, err := o.App.Store.Backfill(ctx, c.ShopID, c.ID)
		return !b.State.Open(), err
	})
}

// until has the workers look for work until something is so, and all is done.
func (o *outside) until(ctx context.Context, what string, is func() (bool, error)) error {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-look.C {
		if so, err := is(); so || err != nil {
			return errors.Join(err, o.Settle(ctx))
		}
		o.App.Worker.Poke()
	}
	return fault.New(fault.Temporary, "not within a minute: %s", what)
}

// bought is an order that came in while the walk was on.
type bought struct{ Name, Product, First, Last, Email, Search string }

// buy is a purchase: Shopify delivers its signed webhook.
func (o *outside) buy(r *http.Request) (any, error) {
	o.sold++
	b := buyers[o.lang]
	order := o.shop.sold(6_000_000_000_500+o.sold, o.Clock.Now(), shopifyfake.Customer{ID: 8_000_000_000_001, Email: b.Email, FirstName: b.First, LastName: b.Last})
	o.Shopify.PutOrder(o.shop.Domain, order)
	status, err := o.FromShopify(r.Context(), o.shop.Domain, "orders/paid", order.Body())
	if err == nil && status != http.StatusOK {
		err = fault.New(fault.Conflict, "the webhook was answered by %d", status)
	}
	if err == nil {
		err = o.Settle(r.Context())
	}
	if err == nil {
		err = o.until(r.Context(), "the customer can be found", func() (bool, error) {
			some, err := o.App.Store.Unworded(r.Context())
			return !some, err
		})
	}
	return bought{order.Name, o.shop.goods.Title, b.First, b.Last, b.Email, b.Search}, err
}

// pass lets the shop's time pass, everything at its own moment.
func (o *outside) pass(r *http.Request) (any, error) {
	d, err := time.ParseDuration(r.FormValue("time"))
	if err != nil {
		return nil, err
	}
	return o.Clock.Now(), o.Advance(r.Context(), d)
}

// settle lets what is due happen.
func (o *outside) settle(r *http.Request) (any, error) { return true, o.Settle(r.Context()) }

// letter is a mail as the script reads it.
type letter struct{ To, Subject, Text, HTML, Language string }

// mails are those that reached an address.
func (o *outside) mails(r *http.Request) (any, error) {
	out := []letter{}
	if refused := o.Mail.Refused(); len(refused) > 0 {
		return nil, fault.New(fault.Conflict, "the mail server refused: %s", strings.Join(refused, "; "))
	}
	for _, m := range o.Mail.Mails() {
		if m.To != r.FormValue("to") {
			continue
		}
		c, err := m.Read()
		if err != nil {
			return nil, err
		}
		out = append(out, letter{m.To, c.Subject, c.Text, c.HTML, c.Get("Content-Language")})
	}
	return out, nil
}

// env is what a script needs to know of the world.
func (o *outside) env() []string {
	return []string{
		"APP=" + o.URL, "ADMIN=" + o.Admin, "LANGUAGE=" + o.lang, "SHOP=" + o.shop.Domain, "SHOP_NAME=" + o.shop.info.Name, "TEAM=" + o.shop.info.Email, "OWNER=" + demo.OwnerEmail,
		"PRODUCT=" + o.shop.goods.Title, fmt.Sprint("THANKED=", pastOrders), fmt.Sprint("ASKED=", o.shop.asked()), fmt.Sprint("REFUSED=", o.shop.refused()), "WORDS=" + wordsOf(o.t, o.lang),
	}
}

// wordsOf writes all that the app says in a language into one file, for scripts.
func wordsOf(t *testing.T, lang string) string {
	t.Helper()
	all := map[string]any{}
	names, err := filepath.Glob("../templates/locales/*" + lang + ".yaml")
	require.NoError(t, err)
	for _, name := range names {
		if base := filepath.Base(name); base != lang+".yaml" && !strings.HasSuffix(base, "."+lang+".yaml") {
			continue
		}
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		var part map[string]any
		require.NoError(t, yaml.Unmarshal(data, &part), name)
		maps.Copy(all, part)
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "words.json")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}
