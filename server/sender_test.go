package server_test

import (
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/install"
	outgoing "flywheel/integrations/mail"
	"flywheel/integrations/mail/dnsfake"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify"
	"flywheel/sender"
	"flywheel/server"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// posted is a framed app with a shared sender, a DNS server and a mail server.
type posted struct {
	*framed
	dns  *dnsfake.Server
	sink *mailfake.Sink
}

func withSenders(t *testing.T, s *store.Store) posted {
	t.Helper()
	f := frame(t, s)
	api := httptest.NewServer(f.shopify.Handler())
	t.Cleanup(api.Close)
	dns, err := dnsfake.Start()
	require.NoError(t, err)
	t.Cleanup(dns.Stop)
	sink, err := mailfake.Start(mailfake.Options{User: "layla", Password: "s3cret"})
	require.NoError(t, err)
	t.Cleanup(sink.Stop)
	out, err := outgoing.Open(sink.URL(), outgoing.Options{})
	require.NoError(t, err)
	t.Cleanup(out.Close)
	desk := sender.New(sender.Options{
		Store: s, Domain: "mail.flywheel.example", Mail: out, Resolver: dns.Resolver(), BaseURL: "https://flywheel.example", Account: outgoing.Options{AllowPrivate: true},
	})
	t.Cleanup(desk.Close)
	log := slog.New(slog.DiscardHandler)
	client := shopify.New(shopify.Options{Key: "key", Secrets: []string{"new"}, URL: api.URL})
	f.handler, err = server.New(server.Options{
		Store: s, Queue: &hints{}, Log: log, Now: storetest.ClockOf(s).Now, BaseURL: "https://flywheel.example", Senders: desk,
		ShopifyKey: "key", ShopifySecrets: []string{"new"}, Install: &install.Desk{Store: s, Shopify: client, Log: log},
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, f.opens("/admin").Code)
	return posted{f, dns, sink}
}

// fills sends a form of the page, as somebody who reads English.
func (p posted) fills(path string, pairs ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return p.sends(http.MethodPost, path+"?locale=en", form)
}

var copied = regexp.MustCompile(`<input class="form-control" readonly dir="ltr" value="([^"]*)">`)

// From the shared sender to an own domain: the page lists what is to be
// published, sees it, and says so in the merchant's language.
func TestTheSenderPageLeadsToAnOwnDomain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := withSenders(t, s)
		require.Contains(t, p.opens("/admin/settings").Body.String(), "/admin/sender?")
		first := p.opens("/admin/sender", "locale", "en").Body.String()
		require.Contains(t, first, "shops@mail.flywheel.example")
		require.Contains(t, first, "0 of 100 mails today")
		require.NotContains(t, first, "data-copy>", "there is nothing to publish yet")
		require.Contains(t, p.opens("/admin/sender", "locale", "ar").Body.String(), templates.Say("ar", "sender_change_title", nil))

		refused := p.fills("/admin/sender/domain", "address", "layla@gmail.com")
		require.Equal(t, http.StatusUnprocessableEntity, refused.Code, refused.Body.String())
		require.Contains(t, refused.Body.String(), "DMARC")
		require.Contains(t, refused.Body.String(), `value="layla@gmail.com"`, "the form stays as it was typed")
		require.Contains(t, refused.Body.String(), `aria-invalid="true" aria-describedby="wrong-domain"`)
		inArabic := p.sends(http.MethodPost, "/admin/sender/domain", url.Values{"address": {"layla@gmail.com"}}).Body.String()
		require.Contains(t, inArabic, templates.Say("ar", "refused_dmarc", map[string]string{"Address": "\u2068layla@gmail.com\u2069", "Domain": "\u2068gmail.com\u2069"}))

		got := p.acts("/admin/sender/domain?locale=en", "address", "hello@layla.example", "name", "Layla <&>")
		values := copied.FindAllStringSubmatch(got, -1)
		published := 0
		for i := 0; i+1 < len(values); i += 2 {
			if name := html.UnescapeString(values[i][1]); strings.Contains(name, "._domainkey.layla.example") {
				p.dns.TXT(name, html.UnescapeString(values[i+1][1]))
				published++
			}
		}
		require.Equal(t, 2, published, "as they are to be copied")
		require.Contains(t, got, "is not in use yet")
		got = p.acts("/admin/sender/check?locale=en")
		require.Contains(t, got, "is in use")
		require.Contains(t, got, "as it should be")

		require.Contains(t, p.acts("/admin/sender/test?locale=en"), "A test is on its way to")
		require.Len(t, p.sink.Mails(), 1)
		require.Contains(t, string(p.sink.Mails()[0].Raw), "hello@layla.example")

		p.acts("/admin/sender/rotate")
		require.Contains(t, p.acts("/admin/sender/shared?locale=en"), "shops@mail.flywheel.example")
	})
}

func TestTheSenderPageTakesAnAccount(t *testing.T) {
	p := withSenders(t, storetest.Open(t, "sqlite"))
	u, err := url.Parse(p.sink.URL())
	require.NoError(t, err)
	account := []string{"address", "hello@layla.example", "provider", "other", "host", u.Hostname(), "port", u.Port(), "user", "layla", "password"}
	got := p.fills("/admin/sender/smtp", append(account, "wrong-one")...)
	require.Equal(t, http.StatusUnprocessableEntity, got.Code)
	require.NotContains(t, got.Body.String(), "wrong-one", "a password is never sent back")
	require.Contains(t, got.Body.String(), `value="`+u.Port()+`"`)
	many := p.fills("/admin/sender/smtp", "port", "many")
	require.Equal(t, http.StatusUnprocessableEntity, many.Code)
	require.Contains(t, many.Body.String(), `aria-describedby="wrong-smtp"`)
	account[7] = strings.NewReplacer("1", "١", "2", "۲", "3", "٣", "4", "۴", "5", "٥").Replace(account[7]) // as an Arabic keyboard types a port
	require.Contains(t, p.acts("/admin/sender/smtp?locale=en", append(account, "s3cret")...), "by your own mail account")
	require.NotContains(t, p.opens("/admin/sender").Body.String(), "s3cret")
}

// Where nobody knows about senders there is no page, and no link to one.
func TestWithoutSendersThereIsNoPage(t *testing.T) {
	f := frame(t, storetest.Open(t, "sqlite"))
	require.NotContains(t, f.opens("/admin/settings").Body.String(), "/admin/sender")
	require.Equal(t, http.StatusNotFound, f.opens("/admin/sender").Code)
	for _, path := range []string{"check", "rotate", "shared", "domain", "smtp", "test"} {
		require.Equal(t, http.StatusNotFound, f.calls(http.MethodPost, "/admin/sender/"+path).Code, path)
	}
}
