package demo

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/integrations/shopify/shopifyfake"
)

// What those need who look at every page there is, as the checks of e2e do: the
// list of pages as the server itself has it, and a shop in which nothing has happened.

// routesOf answers with the paths of everything that app answers a GET of.
func routesOf(app http.Handler) http.HandlerFunc {
	paths := []string{}
	if e, ok := app.(*echo.Echo); ok {
		for _, r := range e.Routes() {
			if r.Method == http.MethodGet && !slices.Contains(paths, r.Path) {
				paths = append(paths, r.Path)
			}
		}
	}
	slices.Sort(paths)
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(paths)
	}
}

// addShop has one more merchant press Install, whose shop shop=NAME.myshopify.com
// speaks the language locale and is empty. It answers with the shop's id.
func (p *pages) addShop(w http.ResponseWriter, r *http.Request) {
	domain, locale := r.FormValue("shop"), cmp.Or(r.FormValue("locale"), "en")
	info := shopifyfake.ShopInfo{Name: "Quiet & Co", Email: "hello@quiet.example", Zone: "Europe/London", Currency: "GBP", Country: "GB", Locales: []string{locale}}
	if locale != "en" {
		info = shopifyfake.ShopInfo{Name: "متجر الهدوء", Email: "hello@hudu.example", Zone: "Asia/Riyadh", Currency: "SAR", Country: "SA", Locales: []string{locale}}
	}
	if !strings.HasSuffix(domain, ".myshopify.com") || p.world.Shopify.Installed(domain) {
		http.Error(w, "a new NAME.myshopify.com is needed", http.StatusBadRequest)
		return
	}
	shop, err := p.world.Install(ctx(r), domain, info)
	if err == nil {
		err = p.world.SeatOwner(ctx(r), OwnerEmail)
	}
	if err != nil {
		p.world.App.Log.Error("no shop was added", "shop", domain, "error", err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"id": string(shop.ID)})
}
