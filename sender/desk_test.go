package sender

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// A new shop writes by the shared sender: in our name and its own, answers go to
// the shop, links lead to its pages and ours alone, and so many go a day.
func TestANewShopIsShared(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		conn := storetest.Connection(t, w.Store, w.shop)
		require.NoError(t, w.Store.SaveSettings(t.Context(), w.shop, commerce.Settings{StoreURL: "https://www.shop.example/en", ReviewURL: "https://reviews.elsewhere.example/nour"}))
		way := w.way()
		require.Equal(t, Shared, way.Kind)
		require.True(t, way.OnlyBuyers)
		require.False(t, way.Stopped)
		require.Nil(t, way.Signer, "DNS shows no key of ours yet")
		require.EqualValues(t, 100, way.DailyLimit)
		require.Equal(t, []string{"app.flywheel.example", "mail.flywheel.example", conn.ExternalID, "shop.example"}, way.LinkHosts)

		shop, err := w.Store.Shop(t.Context(), w.shop)
		require.NoError(t, err)
		shop.Name = "Nour\u202e\r\nBcc: x@evil.example"
		for lang, want := range map[string]string{"en": "via Flywheel", "ar": "عبر Flywheel", "fa": "از طریق Flywheel", "de": "via Flywheel"} {
			from := way.Writer(shop, lang)
			require.Equal(t, "shops@mail.flywheel.example", from.Address)
			require.Equal(t, "hello@shop.example", from.ReplyTo)
			require.Contains(t, from.Name, want)
			require.Contains(t, from.Name, "Nour")
			require.NotContains(t, from.Name, "\u202e")
			require.NotContains(t, from.Name, "\n")
		}
		m := way.Stamp(mail.Message{From: shop.Email, FromName: shop.Name, Headers: [][2]string{{"X-Flywheel-ID", "e"}}}, shop, "en", store.NewID())
		require.Equal(t, "shops@mail.flywheel.example", m.From)
		ref, err := w.Refs.Decode(m.ReturnPath)
		require.NoError(t, err)
		require.Equal(t, string(w.shop), ref.Shop)
		require.True(t, strings.HasSuffix(m.ReturnPath, "@mail.flywheel.example"))
		require.Contains(t, m.Headers, [2]string{mail.RefHeader, w.Refs.Encode(ref)})
	})
}

// Where the operator has no shared domain, shops write as themselves, as ever.
func TestWithoutASharedDomainShopsWriteAsThemselves(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	w := open(t, s, func(o *Options) { o.Domain = "" })
	shop, err := s.Shop(t.Context(), w.shop)
	require.NoError(t, err)
	before := mail.Message{From: "hello@shop.example", FromName: "Shop", ReplyTo: "hello@shop.example", Headers: [][2]string{{"X-Flywheel-ID", "e"}}}
	for range 2 { // none has chosen anything, then another has
		way := w.way()
		require.Equal(t, Own, way.Kind)
		require.Zero(t, way.DailyLimit)
		require.Nil(t, way.LinkHosts)
		require.Same(t, w.Desk.Mail, way.Mail)
		require.Equal(t, before, way.Stamp(before, shop, "en", store.NewID()), "nothing of a mail changes")
		other := storetest.Shop(t, s)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.SaveSender(other, store.Sender{Kind: store.SenderShared, State: store.SenderReady})
		})
		w.forget(w.shop)
	}
	require.NoError(t, w.WeighComplaints(t.Context(), w.shop))
}

// An own domain is used once DNS shows its RSA key, and no sooner; its mails then
// carry both signatures, which anybody can check.
func TestAnOwnDomain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		require.NoError(t, w.UseDomain(ctx, w.shop, Writer{Address: " Hello@Nour.example ", Name: "Nour"}))
		v, err := w.Show(ctx, w.shop)
		require.NoError(t, err)
		require.Equal(t, Shared, v.Way.Kind, "while it is checked the shared sender goes on")
		require.Len(t, v.Records, 2)
		require.NoError(t, w.Check(ctx, w.shop))
		require.Equal(t, Shared, w.way().Kind)
		require.Empty(t, w.told())

		w.publish("rsa")
		require.NoError(t, w.Check(ctx, w.shop))
		require.Equal(t, Shared, w.way().Kind, "many servers do not read Ed25519")
		w.publish()
		require.NoError(t, w.Check(ctx, w.shop))
		way := w.way()
		require.Equal(t, Domain, way.Kind)
		require.Equal(t, "hello@nour.example", way.From.Address)
		require.EqualValues(t, 50, way.DailyLimit)
		require.Len(t, way.Signer.Keys, 2)
		require.False(t, way.OnlyBuyers)
		require.Nil(t, way.LinkHosts)
		require.Equal(t, []store.NoticeKind{store.NoticeSenderReady}, w.told())
		require.NoError(t, w.Check(ctx, w.shop))
		require.Len(t, w.told(), 1, "once")

		to, err := w.Try(ctx, w.shop)
		require.NoError(t, err)
		require.Equal(t, "hello@shop.example", to)
		require.Len(t, w.sink.Mails(), 1)
		sent := w.sink.Mails()[0]
		found, err := dkim.VerifyWithOptions(strings.NewReader(string(sent.Raw)), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) { return w.dns.Resolver().LookupTXT(ctx, name) }})
		require.NoError(t, err)
		require.Len(t, found, 2)
		for _, f := range found {
			require.NoError(t, f.Err)
			require.Equal(t, "nour.example", f.Domain)
		}
		v, err = w.Show(ctx, w.shop)
		require.NoError(t, err)
		for _, r := range v.Records {
			if r.Key != "" {
				require.Equal(t, mail.Good, r.Condition, r.Name)
			}
		}
	})
}

// Records that go are told at once; after three days the shared sender takes
// over, and the domain comes back by itself with its records.
func TestADomainThatBreaksFallsBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.ownDomain()
		w.withdraw()
		w.advance(25 * time.Hour)
		require.NoError(t, w.Sweep(ctx))
		require.Equal(t, Domain, w.way().Kind)
		require.Equal(t, store.NoticeSenderShaky, w.told()[0])
		w.advance(71 * time.Hour)
		require.NoError(t, w.Sweep(ctx))
		require.Equal(t, Domain, w.way().Kind)
		w.advance(2 * time.Hour)
		require.NoError(t, w.Sweep(ctx))
		require.Equal(t, Shared, w.way().Kind)
		require.Equal(t, []store.NoticeKind{store.NoticeDomainBroken, store.NoticeSenderShaky, store.NoticeSenderReady}, w.told())
		w.publish()
		w.advance(time.Hour)
		require.NoError(t, w.Sweep(ctx))
		require.Equal(t, Domain, w.way().Kind)
	})
}

// New keys sign once they are seen; the old ones go a week later.
func TestKeysAreRotated(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.ownDomain()
		selectors := func() (out []string) {
			for _, k := range w.way().Signer.Keys {
				out = append(out, k.Selector)
			}
			return out
		}
		first := selectors()
		w.advance(181 * 24 * time.Hour)
		require.NoError(t, w.Sweep(ctx))
		require.Equal(t, store.NoticeSenderKeys, w.told()[0], "180 days are enough for a key")
		require.Equal(t, first, selectors(), "nobody has published the new ones")
		require.NoError(t, w.Rotate(ctx, w.shop))
		v, err := w.Show(ctx, w.shop)
		require.NoError(t, err)
		keys := 0
		for _, r := range v.Records {
			if r.Key != "" {
				keys++
			}
		}
		require.Equal(t, 4, keys, "asking again makes no third pair")
		w.publish()
		require.NoError(t, w.Check(ctx, w.shop))
		second := selectors()
		require.Len(t, second, 2)
		require.NotContains(t, second, first[0])
		w.advance(8 * 24 * time.Hour)
		require.NoError(t, w.Sweep(ctx))
		all, err := w.Store.SenderKeys(ctx, w.shop, "nour.example")
		require.NoError(t, err)
		require.Len(t, all, 2, "the old ones are gone")

		require.True(t, fault.Is(w.Rotate(ctx, storetest.Shop(t, w.Store)), fault.Invalid), "there is nothing to rotate")
	})
}

func TestWhoNobodyCanWriteAs(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	w := open(t, s)
	for address, why := range map[string]string{
		"nour@gmail.com": "DMARC", "nour@Yahoo.co.uk": "DMARC", "x@mail.flywheel.example": "shared sender", "x@shops.mail.flywheel.example": "shared sender",
		"hello": "no mail address", "a@nour.myshopify.com": "DNS records", "a@co.uk": "DNS records", "a@b@c.example": "no mail address",
	} {
		err := w.UseDomain(t.Context(), w.shop, Writer{Address: address})
		require.True(t, fault.Is(err, fault.Invalid), address)
		require.ErrorContains(t, err, why, address)
		a := anAccount(w, w.sink)
		a.Address = address
		require.ErrorContains(t, w.UseAccount(t.Context(), w.shop, a), why, address)
	}
	require.ErrorContains(t, w.UseDomain(t.Context(), w.shop, Writer{Address: "a@nour.example", ReplyTo: "nobody"}), "no mail address")
	require.True(t, fault.Is(w.UseDomain(t.Context(), "nobody", Writer{Address: "a@nour.example"}), fault.NotFound))
	row, err := s.Sender(t.Context(), w.shop)
	require.NoError(t, err)
	require.Zero(t, row.Rev)
}

// An own account is tried before it is used: what the server says is told, and
// nothing changes until it takes us.
func TestAnOwnAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		theirs, err := mailfake.Start(mailfake.Options{User: "nour", Password: "s3cret"})
		require.NoError(t, err)
		t.Cleanup(theirs.Stop)
		a := anAccount(w, theirs)
		a.Password = "wrong"
		err = w.UseAccount(ctx, w.shop, a)
		require.ErrorContains(t, err, "user and password")
		require.NotContains(t, err.Error(), "wrong")
		require.Equal(t, Shared, w.way().Kind)

		a.Password = "s3cret"
		require.NoError(t, w.UseAccount(ctx, w.shop, a))
		way := w.way()
		require.Equal(t, SMTP, way.Kind)
		require.Nil(t, way.Signer, "the provider signs")
		require.Zero(t, way.DailyLimit)
		require.Empty(t, way.ReturnPath(w.shop, store.NewID()))
		_, err = w.Try(ctx, w.shop)
		require.NoError(t, err)
		require.Len(t, theirs.Mails(), 1)
		require.Empty(t, w.sink.Mails())
		got, err := theirs.Mails()[0].Read()
		require.NoError(t, err)
		require.Contains(t, got.Get("From"), "hello@nour.example")

		row, err := w.Store.Sender(ctx, w.shop)
		require.NoError(t, err)
		require.NoError(t, w.UseAccount(ctx, w.shop, a))
		again, err := w.Store.Sender(ctx, w.shop)
		require.NoError(t, err)
		require.Equal(t, row.Endpoint, again.Endpoint, "what the provider was told stays true")
		_, err = w.Try(ctx, w.shop)
		require.NoError(t, err, "over the account as it is now")

		require.NoError(t, w.UseShared(ctx, w.shop, "team@nour.example"))
		require.Equal(t, "team@nour.example", w.way().From.ReplyTo)
		row, err = w.Store.Sender(ctx, w.shop)
		require.NoError(t, err)
		require.Zero(t, row.Account, "the password is forgotten")

		a.Provider, a.Host = mail.Postmark, "smtp.evil.example"
		require.ErrorContains(t, w.UseAccount(ctx, w.shop, a), "leave it out")
	})
}

// What waits for its mail is looked at anew whenever the shop's mails begin to go
// another way, since whom it may write to depends on that.
func TestAnotherWayHasDecisionsLookedAtAnew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		touched := func() bool {
			for any := false; ; any = true {
				more, err := w.Store.TouchMore(ctx)
				require.NoError(t, err)
				if !more {
					return any
				}
			}
		}
		complain(w, w.shop, 3)
		require.NoError(t, w.WeighComplaints(ctx, w.shop))
		require.True(t, touched(), "stopped")
		w.ownDomain()
		require.True(t, touched(), "ready")
		require.NoError(t, w.Check(ctx, w.shop))
		require.False(t, touched(), "as before")
		w.withdraw()
		require.NoError(t, w.Check(ctx, w.shop))
		require.Equal(t, Domain, w.way().Kind)
		require.False(t, touched(), "shaky, and still in use")
		w.advance(brokenFor)
		require.NoError(t, w.Check(ctx, w.shop))
		require.Equal(t, Shared, w.way().Kind)
		require.True(t, touched(), "broken")
	})
}

// Complaints stop the shop that caused them on the shared sender, and no other;
// what it has of its own goes on.
func TestComplaintsStopOneShop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, other := t.Context(), storetest.Shop(t, w.Store)
		weigh := func() {
			require.NoError(t, w.WeighComplaints(ctx, w.shop))
			require.NoError(t, w.WeighComplaints(ctx, other))
		}
		complain(w, w.shop, 2)
		weigh()
		require.False(t, w.way().Stopped)
		complain(w, w.shop, 1)
		weigh()
		weigh()
		require.True(t, w.way().Stopped)
		require.Equal(t, []store.NoticeKind{store.NoticeSenderStopped}, w.told(), "once")
		theirs, err := w.Of(ctx, other)
		require.NoError(t, err)
		require.False(t, theirs.Stopped)

		require.NoError(t, w.UseShared(ctx, w.shop, ""))
		require.True(t, w.way().Stopped, "choosing it again is no way round")
		w.ownDomain()
		require.False(t, w.way().Stopped)
		complain(w, w.shop, 9)
		weigh()
		require.Equal(t, Domain, w.way().Kind, "its own domain is its own matter")
		require.NoError(t, w.UseShared(ctx, w.shop, ""))
		require.True(t, w.way().Stopped)

		w.advance(time.Minute)
		require.NoError(t, w.Resume(ctx, w.shop))
		require.False(t, w.way().Stopped)
		weigh()
		require.False(t, w.way().Stopped, "what came before was looked at")
		complain(w, w.shop, 2)
		w.advance(time.Minute)
		w.ownDomain()
		w.advance(time.Minute)
		require.NoError(t, w.UseShared(ctx, w.shop, ""))
		complain(w, w.shop, 1)
		weigh()
		require.True(t, w.way().Stopped, "going to and fro forgets nothing")

		w.advance(time.Minute)
		require.NoError(t, w.Resume(ctx, w.shop))
		require.NoError(t, w.UseDomain(ctx, w.shop, Writer{Address: "hello@other.example"}))
		complain(w, w.shop, 1)
		weigh()
		require.False(t, w.way().Stopped, "while a domain is checked, what was looked at stays so")
		w.ownDomain()
		complain(w, w.shop, 9)
		w.advance(31 * 24 * time.Hour)
		complain(w, w.shop, 9)
		w.advance(time.Minute)
		require.NoError(t, w.UseShared(ctx, w.shop, ""))
		complain(w, w.shop, 1)
		weigh()
		require.False(t, w.way().Stopped, "what was said of its own sender for a month is not the shared one's")
	})
}

// The shared domain signs once DNS shows its keys, and its limits follow the days on which it sent.
func TestTheSharedDomain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		require.NoError(t, w.Sweep(ctx))
		keys, err := w.PlatformKeys(ctx)
		require.NoError(t, err)
		require.Len(t, keys, 2)
		require.Nil(t, w.way().Signer)
		for _, k := range keys {
			w.dns.TXT(mail.RecordName(k.Selector, k.Domain), k.Public)
		}
		require.NoError(t, w.Sweep(ctx))
		require.Len(t, w.way().Signer.Keys, 2)
		require.Equal(t, "mail.flywheel.example", w.way().Signer.Domain)
		require.NoError(t, w.RotatePlatform(ctx))
		require.NoError(t, w.RotatePlatform(ctx))
		keys, err = w.PlatformKeys(ctx)
		require.NoError(t, err)
		require.Len(t, keys, 4)

		for day, want := range []int64{100, 200, 400} {
			way := w.way()
			require.Equal(t, want, way.DailyLimit, "day %d", day)
			got, err := w.Store.TakeSending(ctx, w.shop, way.Counted, way.Day, 1, way.DailyLimit)
			require.NoError(t, err)
			require.EqualValues(t, 1, got)
			w.advance(24 * time.Hour)
		}
		w.advance(24 * time.Hour)
		require.EqualValues(t, 800, w.way().DailyLimit, "a day without mails teaches nobody anything")
	})
}

// Without a bound it is noted once a day that a domain is in use, so that it never begins anew.
func TestAKnownDomainStaysKnown(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	w := open(t, s)
	w.ownDomain()
	for range 8 {
		way := w.way()
		require.NotZero(t, way.DailyLimit)
		_, err := s.TakeSending(t.Context(), w.shop, way.Counted, way.Day, 1, 9)
		require.NoError(t, err)
		w.advance(24 * time.Hour)
	}
	for range 3 {
		require.Zero(t, w.way().DailyLimit)
		_, taken, err := s.SendingDays(t.Context(), w.shop, "nour.example", store.SendingDay(s.Now()))
		require.NoError(t, err)
		require.EqualValues(t, 1, taken)
		w.advance(24 * time.Hour)
	}
}

func TestOnlyWhatIsSomebodysOwn(t *testing.T) {
	for host, want := range map[string]bool{
		"nour.example": true, "nour.myshopify.com": true, "shop.nour.co.uk": true,
		"": false, "com": false, "co.uk": false, "myshopify.com": false, "github.io": false, "www.github.io": false, "localhost": false,
	} {
		require.Equal(t, want, ownable(host), host)
	}
}
