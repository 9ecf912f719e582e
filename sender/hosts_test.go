package sender

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store/storetest"
)

// homes has the shop say where its store is, and returns where its mails may then lead.
func (w *world) homes(address string) []string {
	w.t.Helper()
	require.NoError(w.t, w.Store.SaveSettings(w.t.Context(), w.shop, commerce.Settings{StoreURL: address}))
	w.forget(w.shop)
	return w.way().LinkHosts
}

// A shop's own word for where its store is opens no door: neither to everybody's
// pages nor to a domain that it has not proved to be its own.
func TestTheStoresAddressIsNotBelieved(t *testing.T) {
	w := open(t, storetest.Open(t, "sqlite"))
	told := []string{"app.flywheel.example", "mail.flywheel.example", "shop.example"}
	for _, address := range []string{
		"", "https://google.com", "https://sites.google.com/x", "https://bit.ly/x", "https://t.co", "https://myshopify.com", "https://other.myshopify.com", "https://x.github.io", "https://wixsite.com", "https://com",
		"https://nour.example", "https://shop.example.nour.example", "https://notshop.example", "https://www.shop.example/en", "https://de.shop.example", "https://a.b.c.d.e.f.g.nour.example", "://",
	} {
		require.Equal(t, told, w.homes(address), address)
	}
}

// Below a domain whose key was seen in DNS it is believed, also after the shop went back to the shared sender.
func TestAProvedDomainIsLinked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		require.NoError(t, w.UseDomain(ctx, w.shop, Writer{Address: "hello@nour.example"}))
		require.NotContains(t, w.homes("https://nour.example"), "nour.example", "its key is not published yet")
		w.publish()
		require.NoError(t, w.Check(ctx, w.shop))
		require.NoError(t, w.UseShared(ctx, w.shop, ""))
		require.Equal(t, Shared, w.way().Kind)
		require.Contains(t, w.homes("https://www.Nour.example./en"), "nour.example")
		require.Contains(t, w.homes("https://shop.nour.example"), "shop.nour.example")
		require.NotContains(t, w.homes("https://shop.nour.example"), "nour.example")
		for _, other := range []string{"https://nour2.example", "https://example", "https://nour.example.evil.example"} {
			require.Len(t, w.homes(other), 3, other)
		}
		neighbour := storetest.Shop(t, w.Store)
		require.NoError(t, w.Store.SaveSettings(ctx, neighbour, commerce.Settings{StoreURL: "https://nour.example"}))
		way, err := w.Of(ctx, neighbour)
		require.NoError(t, err)
		require.NotContains(t, way.LinkHosts, "nour.example", "another shop's proof is no proof")
	})
}

// An address at a provider, or at a place where anybody has pages, says nothing about the shop's own pages.
func TestMailboxesThatAreNoHome(t *testing.T) {
	for email, linked := range map[string]string{
		"hello@nour.example": "nour.example", "hello@mail.nour.example": "mail.nour.example", "hello@gmail.com": "", "me@google.com": "", "me@eu.google.com": "", "me@bit.ly": "", "me@github.io": "", "me@co.uk": "",
	} {
		w := open(t, storetest.Open(t, "sqlite"))
		w.shop = storetest.Shop(t, w.Store, func(s *commerce.Shop) { s.Email = email })
		want := []string{"app.flywheel.example", "mail.flywheel.example"}
		if linked != "" {
			want = append(want, linked)
		}
		require.Equal(t, want, w.way().LinkHosts, email)
	}
}

// What the platform tells of the shop's home page is believed, whatever address
// its people write from; a page at everybody's is still none of its own.
func TestThePlatformsWordIsBelieved(t *testing.T) {
	for site, linked := range map[string]string{"https://www.nour.example/": "nour.example", "https://nour.github.io": "nour.github.io", "https://google.com/maps": "", "": ""} {
		w := open(t, storetest.Open(t, "sqlite"))
		w.shop = storetest.Shop(t, w.Store, func(s *commerce.Shop) { s.Email, s.Site = "hello@gmail.com", site })
		want := []string{"app.flywheel.example", "mail.flywheel.example"}
		if linked != "" {
			want = append(want, linked)
		}
		require.Equal(t, want, w.way().LinkHosts, site)
	}
}

// Where the platform names the site, an address that is not of it opens no door: its domain was only typed.
func TestAnAddressElsewhereIsNotBelieved(t *testing.T) {
	for email, linked := range map[string]bool{"hello@nour.example": true, "hello@mail.nour.example": true, "pay@bank.example": false, "hello@nour.example.evil.example": false} {
		w := open(t, storetest.Open(t, "sqlite"))
		w.shop = storetest.Shop(t, w.Store, func(s *commerce.Shop) { s.Email, s.Site = email, "https://shop.nour.example" })
		_, host, _ := strings.Cut(email, "@")
		require.Equal(t, linked, slices.Contains(w.way().LinkHosts, host), email)
	}
}
