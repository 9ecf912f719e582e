package sender

import (
	"net/url"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// ratesOf are the rates of one process, counting at a Redis.
func ratesOf(t *testing.T, addr string) *Rates {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return NewRates(client)
}

// All processes together keep to the rate of the provider; without Redis each keeps to it alone.
func TestTheRateOfAProvider(t *testing.T) {
	mini := miniredis.RunT(t)
	ctx, addr := t.Context(), mini.Addr()
	one, two := ratesOf(t, addr), ratesOf(t, addr)
	require.Equal(t, 9, Way{rates: one}.Take(ctx, 9, time.Second), "no bound")
	require.Equal(t, 9, Way{Rate: 1}.Take(ctx, 9, time.Second), "nobody counts")

	began := time.Now()
	mini.SetTime(began) // it stands still
	first, _ := one.some(ctx, "mails", 20, 15)
	second, wait := two.some(ctx, "mails", 20, 15)
	require.Equal(t, 15, first)
	require.Equal(t, 5, second, "the other has taken its part")
	require.Positive(t, wait)
	mini.SetTime(time.Time{}) // it goes on
	require.Equal(t, 8, Way{Rate: 20, rates: two}.Take(ctx, 8, 10*time.Second))
	require.Greater(t, time.Since(began), 100*time.Millisecond, "it waits for its turn")
	require.Less(t, Way{Rate: 20, rates: two}.Take(ctx, 100, 50*time.Millisecond), 100, "though not for long")
	require.Equal(t, 8, Way{Rate: 20, rates: two, Account: "a"}.Take(ctx, 8, time.Millisecond), "an own account is counted for itself")

	alone := ratesOf(t, "127.0.0.1:1")
	got, wait := alone.some(ctx, "mails", 10, 15)
	require.Equal(t, 10, got)
	require.Equal(t, 100*time.Millisecond, wait)
	got, _ = alone.some(ctx, "mails:a", 10, 15)
	require.Equal(t, 10, got, "each account for itself")
}

// An own account keeps to what its provider takes, else to what the operator says; who shares it shares that.
func TestAnOwnAccountIsMetered(t *testing.T) {
	w := open(t, storetest.Open(t, "sqlite"), func(o *Options) { o.Rate, o.Rates = 3, ratesOf(t, miniredis.RunT(t).Addr()) })
	require.Equal(t, 3, w.way().Rate)
	require.Empty(t, w.way().Account)
	theirs, err := mailfake.Start(mailfake.Options{User: "nour", Password: "s3cret"})
	require.NoError(t, err)
	t.Cleanup(theirs.Stop)
	a := anAccount(w, theirs)
	require.NoError(t, w.UseAccount(t.Context(), w.shop, a))
	way := w.way()
	require.Equal(t, 3, way.Rate, "nothing is known of the server")
	require.Equal(t, accountLines, way.Lines)
	require.NotEmpty(t, way.Account)
	require.NotContains(t, way.Account, "nour", "a user may be a secret")

	other := storetest.Shop(t, w.Store)
	require.NoError(t, w.UseAccount(t.Context(), other, a))
	same, err := w.Of(t.Context(), other)
	require.NoError(t, err)
	require.Equal(t, way.Account, same.Account)

	row, err := w.Store.Sender(t.Context(), w.shop)
	require.NoError(t, err)
	row.Provider, row.Account.Host = string(mail.Resend), "smtp.resend.com"
	shop, err := w.Store.Shop(t.Context(), w.shop)
	require.NoError(t, err)
	w.forgetAccount()
	way, err = w.byAccount(shop, row, 0)
	require.NoError(t, err)
	require.Equal(t, 2, way.Rate)
	require.NotEqual(t, same.Account, way.Account)
}

// forgetAccount closes the shop's server, so that another is opened.
func (w *world) forgetAccount() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop(w.shop)
}

// A test mail counts like any other.
func TestATestMailIsMetered(t *testing.T) {
	w := open(t, storetest.Open(t, "sqlite"), func(o *Options) { o.Rate, o.Rates = 1, ratesOf(t, miniredis.RunT(t).Addr()) })
	began := time.Now()
	require.Equal(t, 1, w.way().Take(t.Context(), 1, time.Second))
	_, err := w.Try(t.Context(), w.shop)
	require.NoError(t, err)
	require.Greater(t, time.Since(began), 300*time.Millisecond, "it waits for its turn")
	require.Len(t, w.sink.Mails(), 1)
}

// What a server says of two signatures comes with what is to be done about it.
func TestAmazonSignsToo(t *testing.T) {
	w := open(t, storetest.Open(t, "sqlite"))
	ses, err := mailfake.Start(mailfake.Options{AsSES: true})
	require.NoError(t, err)
	t.Cleanup(ses.Stop)
	u, err := url.Parse(ses.URL())
	require.NoError(t, err)
	w.Desk.Mail, err = mail.Open(u.String(), mail.Options{})
	require.NoError(t, err)
	t.Cleanup(w.Desk.Mail.Close)
	w.ownDomain()
	_, err = w.Try(t.Context(), w.shop)
	require.ErrorContains(t, err, "switch Easy DKIM off")

	w.Provider = mail.SES
	w.forget(w.shop)
	_, err = w.Try(t.Context(), w.shop)
	require.NoError(t, err, "one signature is taken")
	require.Len(t, ses.Mails(), 1)
}

// At Resend and SendGrid every customer has the same user: whose account it is the password says.
func TestAccountsAreToldApartByTheirPassword(t *testing.T) {
	d := Desk{Options: Options{Pepper: []byte("pepper")}}
	one := store.Account{Host: "smtp.resend.com", User: "resend", Password: "re_one"}
	other, same, moved := one, one, one
	other.Password, same.Host, moved.User, moved.Password = "re_two", "SMTP.resend.com", "resendre", "_one"
	require.NotEqual(t, d.accountName(one), d.accountName(other))
	require.Equal(t, d.accountName(one), d.accountName(same), "a host is written in any case")
	require.NotEqual(t, d.accountName(one), d.accountName(moved))
	require.NotEqual(t, d.accountName(one), (&Desk{}).accountName(one), "the name tells nothing without the key")
}
