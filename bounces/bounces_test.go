package bounces_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/bounces"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/events/eventsfake"
	"flywheel/integrations/mail/reports"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Each provider's hard bounce stops the address at once, and its complaint
// takes the consent back, too.
func TestWhatProvidersTell(t *testing.T) {
	for _, name := range events.Providers() {
		t.Run(name, func(t *testing.T) {
			each(t, name, func(t *testing.T, w *world) {
				if name == events.Resend { // its events name no mail, so a common account's are of no shop: TestAShopsOwnAccount
					require.Equal(t, bounces.Taken{Ignored: 1}, w.tell(events.Hard, w.sent()))
					require.Empty(t, w.stops())
					return
				}
				require.Equal(t, bounces.Taken{Fresh: 1}, w.tell(events.Hard, w.sent()))
				require.Equal(t, []string{"bounced"}, w.stops())
				require.Empty(t, w.weighed)
				all := w.bounces()
				require.Len(t, all, 1)
				require.Equal(t, gate.HardBounce, all[0].Kind)
				require.Equal(t, name, all[0].Source)
				require.NotContains(t, all[0].Note, "@")

				o := w.beside()
				require.Empty(t, o.stops(), "the same address at another shop stays")
				require.Equal(t, bounces.Taken{Fresh: 1}, o.tell(events.Complaint, o.sent()))
				require.Equal(t, []string{"complained"}, o.stops())
			})
		})
	}
}

// A complaint ends everything, is kept as what it is, is told the platform, and
// has the shop's sender and its campaigns looked at.
func TestComplaint(t *testing.T) {
	each(t, events.Postmark, func(t *testing.T, w *world) {
		id := w.sent()
		d := w.provider.Tell(eventsfake.What{Kind: events.Complaint, To: w.person.Email, Ref: w.ref(id), ID: "77"})
		for i := range 2 {
			n, err := w.hear("", d)
			require.NoError(t, err)
			require.Equal(t, bounces.Taken{Fresh: 1 - i, Known: i}, n, "a repeat changes nothing")
		}
		require.Equal(t, []string{"complained"}, w.stops())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM consents WHERE shop_id = $1 AND address_hash = $2 AND state = 'unsubscribed' AND class = 'marketing'
			AND channel = 'email' AND source = 'complaint'`, string(w.shop), w.hash))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM writebacks WHERE shop_id = $1 AND person_id = $2 AND kind = 'unsubscribe' AND next_at > 0`,
			string(w.shop), string(w.person.ID)), "Shopify is told, as of a choice on the page")
		require.Len(t, w.weighed, 2, "at the repeat too: whoever heard it first may have been lost")
		ask, err := w.Store.FuseAskedOf(t.Context(), w.shop)
		require.NoError(t, err)
		require.EqualValues(t, 1, ask.Times)
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			found, err := tx.Addresses(w.shop, []string{w.person.Email})
			require.NoError(t, err)
			require.Len(t, found[w.person.Email].Consents, 1)
			return nil
		})
		require.NotContains(t, w.log.String(), "@", "no addresses in logs")
	})
}

// Five mails in a row that did not get through stop an address; what arrives in
// between, or is not heard of for three days, begins a new row.
func TestSoftBouncesInARow(t *testing.T) {
	each(t, events.Mailgun, func(t *testing.T, w *world) {
		soft := func(times int) {
			for range times {
				w.after(time.Hour)
				w.tell(events.Soft, w.sent())
			}
		}
		soft(4)
		w.after(time.Hour)
		w.tell(events.Delivered, w.sent())
		soft(4)
		require.Empty(t, w.stops())

		w.after(time.Hour)
		w.sent()                                            // no news of it
		w.after(3*24*time.Hour - time.Hour - 2*time.Second) // not yet good news
		soft(1)
		require.Equal(t, []string{"soft_bounces"}, w.stops())
		require.Zero(t, w.count(`SELECT COUNT(*) FROM soft_runs`), "who lets it go again begins anew")

		o := w.beside()
		for range 4 {
			o.tell(events.Block, o.sent())
			o.after(time.Hour)
		}
		o.sent()
		o.after(3*24*time.Hour + 2*time.Second)
		o.tell(events.Soft, o.sent())
		require.Empty(t, o.stops(), "a mail that was taken three days ago and did not bounce has arrived")
		require.Equal(t, 1, o.count(`SELECT run FROM soft_runs WHERE shop_id = $1`, string(o.shop)))
	})
}

// A server's mail and a provider's webhook tell of the same mail: it counts once.
func TestTheSameMailCountsOnce(t *testing.T) {
	each(t, events.SendGrid, func(t *testing.T, w *world) {
		id := w.sent()
		for range 6 {
			w.tell(events.Soft, id)
		}
		for range 6 {
			_, err := w.TakeReport(t.Context(), w.Refs.ReturnPath(mail.Ref{Shop: string(w.shop), Effect: string(id)}, "in.example"), dsn("4.4.7", "expired"))
			require.NoError(t, err)
		}
		require.Empty(t, w.stops())
		require.Equal(t, 1, w.count(`SELECT run FROM soft_runs`))
		require.Len(t, w.bounces(), 7, "six of the provider's, one of the server's")
	})
}

// Of soft bounces that are told at once each counts.
func TestFiveAtOnce(t *testing.T) {
	each(t, events.Postmark, func(t *testing.T, w *world) {
		var all sync.WaitGroup
		for range 5 {
			d := w.provider.Tell(eventsfake.What{Kind: events.Soft, To: w.person.Email, Ref: w.ref(w.sent())})
			all.Go(func() {
				_, err := w.hear("", d)
				require.NoError(t, err)
			})
		}
		all.Wait()
		require.Equal(t, []string{"soft_bounces"}, w.stops())
	})
}

// A report names the mail of its reference; whom it claims to be about is of no
// weight, since anybody may send one.
func TestReports(t *testing.T) {
	each(t, events.SES, func(t *testing.T, w *world) {
		o := w.beside()
		id := w.sent()
		to := w.Refs.ReturnPath(mail.Ref{Shop: string(w.shop), Effect: string(id)}, "in.example")
		require.True(t, w.ReportTo(to))
		require.False(t, w.ReportTo("b-"+string(w.shop)+string(id)+"00000000@in.example"))

		n, err := w.TakeReport(t.Context(), to, dsn("5.1.1", "550 5.1.1 <somebody-else@example.com> unknown"))
		require.NoError(t, err)
		require.Equal(t, bounces.Taken{Fresh: 1}, n)
		n, err = w.TakeReport(t.Context(), to, dsn("5.1.1", "550 5.1.1 once more"))
		require.NoError(t, err)
		require.Equal(t, bounces.Taken{Known: 1}, n)
		require.Equal(t, []string{"bounced"}, w.stops())
		require.Empty(t, o.stops())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM bounces WHERE code = '5.1.1' AND source = 'dsn'`))

		n, err = w.TakeReport(t.Context(), "hello@shop.example", dsn("5.1.1", "x"))
		require.NoError(t, err)
		require.Equal(t, bounces.Taken{Ignored: 1}, n, "no reference, no mail")
		_, err = w.TakeReport(t.Context(), to, []byte("Subject: Re: Thank you\r\n\r\nWe loved it\r\n"))
		require.ErrorIs(t, err, reports.ErrNoReport)
	})
}

// What goes to the team is about a customer, but not to them; and who was erased
// is not brought back by news of an old mail.
func TestWhatIsIgnored(t *testing.T) {
	each(t, events.Postmark, func(t *testing.T, w *world) {
		ignored := bounces.Taken{Ignored: 1}
		require.Equal(t, ignored, w.tell(events.Hard, w.sent(func(f *store.Effect) { f.Rehearsal = true })))
		require.Equal(t, ignored, w.tell(events.Hard, w.sent(func(f *store.Effect) { f.Kind = "notify_team" })))
		require.Equal(t, ignored, w.tell(events.Hard, store.EffectID(store.NewID())), "an effect that is not there any more")
		erased := w.sent()
		w.exec(`UPDATE effects SET address_hash = '' WHERE id = $1`, string(erased))
		require.Equal(t, ignored, w.tell(events.Complaint, erased))
		n, err := w.hear("", w.provider.Tell(eventsfake.What{Kind: events.Complaint, To: w.person.Email, Ref: "nonsense"}))
		require.NoError(t, err)
		require.Equal(t, ignored, n)
		require.Empty(t, w.stops())
		require.Zero(t, w.count(`SELECT COUNT(*) FROM bounces`))
	})
}

// Clocks of tellers are not believed blindly.
func TestInstantsAreBounded(t *testing.T) {
	each(t, events.Postmark, func(t *testing.T, w *world) {
		now := w.Store.Now()
		for at, want := range map[time.Duration]bool{-time.Hour: true, time.Hour: false, -100 * 24 * time.Hour: false} {
			id := w.sent()
			_, err := w.hear("", w.provider.Tell(eventsfake.What{Kind: events.Block, To: w.person.Email, Ref: w.ref(id), At: now.Time().Add(at)}))
			require.NoError(t, err)
			for _, b := range w.bounces() {
				if b.Effect == id {
					require.Equal(t, want, b.At == now.Add(at), "%s", at)
					require.True(t, want || b.At == now)
				}
			}
		}
	})
}

// own gives the shop an account of its own at the provider, which tells at an endpoint.
func (w *world) own(endpoint string) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		return tx.SaveSender(w.shop, store.Sender{
			Kind: store.SenderSMTP, State: store.SenderReady, Address: "hello@shop.example", Domain: "shop.example", Provider: w.provider.Name, Endpoint: endpoint,
			Account: store.Account{Host: "smtp.example", Port: 587, Secret: w.provider.Secret},
		})
	})
}

// What a shop's own account tells is about that shop alone, by its own secret.
func TestAShopsOwnAccount(t *testing.T) {
	for _, name := range events.Providers() {
		t.Run(name, func(t *testing.T) {
			each(t, name, func(t *testing.T, w *world) {
				w.own("endpoint1")
				theirs := w.beside()
				w.Provider, w.Secret = "", "" // the operator's mail server tells nothing
				told := w.provider.Tell(eventsfake.What{Kind: events.Hard, To: w.person.Email, Ref: theirs.ref(theirs.sent())})
				if name != events.Resend { // which names no mail
					n, err := w.hear("endpoint1", told)
					require.NoError(t, err)
					require.Equal(t, bounces.Taken{Ignored: 1}, n, "a mail of another shop")
				}
				require.Empty(t, w.stops())
				require.Empty(t, theirs.stops())

				n, err := w.hear("endpoint1", w.provider.Tell(eventsfake.What{Kind: events.Hard, To: w.person.Email}))
				require.NoError(t, err)
				require.Equal(t, bounces.Taken{Fresh: 1}, n, "a mail without our reference is of the shop all the same")
				require.Equal(t, []string{"bounced"}, w.stops())
				require.Empty(t, theirs.stops())

				stranger := eventsfake.New(name, storetest.ClockOf(w.Store).Now)
				if name != events.SES { // whose topic is known to all fakes
					_, err = w.hear("endpoint1", stranger.Tell(eventsfake.What{Kind: events.Hard, To: w.person.Email}))
					require.True(t, fault.Is(err, fault.Denied), "%v", err)
				}
				for _, wrong := range []string{"", "endpoint2"} {
					_, err = w.hear(wrong, w.provider.Tell(eventsfake.What{Kind: events.Hard, To: w.person.Email}))
					require.True(t, fault.Is(err, fault.NotFound), "%q: %v", wrong, err)
				}
				w.Provider, w.Secret = name, w.provider.Secret
				for _, other := range append(events.Providers(), "gmail") {
					for _, endpoint := range []string{"", "endpoint1"} {
						if other != name {
							_, err = w.Hear(t.Context(), other, endpoint, told.Header, told.Body)
							require.True(t, fault.Is(err, fault.NotFound), "%s tells nothing here: %v", other, err)
						}
					}
				}
			})
		})
	}
}

// What could not be kept is told again: the answer is an error, and nothing is half done.
func TestDatabaseAway(t *testing.T) {
	each(t, events.Postmark, func(t *testing.T, w *world) {
		d := w.provider.Tell(eventsfake.What{Kind: events.Complaint, To: w.person.Email, Ref: w.ref(w.sent())})
		w.exec(`ALTER TABLE writebacks RENAME TO elsewhere`)
		_, err := w.hear("", d)
		require.Error(t, err)
		require.Empty(t, fault.KindOf(err))
		w.exec(`ALTER TABLE elsewhere RENAME TO writebacks`)
		require.Empty(t, w.stops())
		require.Empty(t, w.bounces())
		require.Empty(t, w.weighed)
		n, err := w.hear("", d)
		require.NoError(t, err)
		require.Equal(t, bounces.Taken{Fresh: 1}, n)
	})
}

// A large batch of several shops' mails is taken whole.
func TestManyEvents(t *testing.T) {
	each(t, events.SendGrid, func(t *testing.T, w *world) {
		o := w.beside()
		id, other := w.sent(), o.sent()
		body := []byte("[")
		for i := range 450 {
			ref := w.ref(id)
			if i%2 == 1 {
				ref = o.ref(other)
			}
			body = append(body, []byte(`{"event":"bounce","type":"blocked","reason":"452 4.2.2 full","email":"a@b.example","sg_event_id":"e`+time.Duration(i).String()+`","flywheel_ref":"`+ref+`"},`)...)
		}
		body[len(body)-1] = ']'
		n, err := w.hear("", w.provider.Sign(body))
		require.NoError(t, err)
		require.Equal(t, bounces.Taken{Fresh: 450}, n)
		require.Equal(t, 2, w.count(`SELECT SUM(run) FROM soft_runs`), "of each mail one")
	})
}

// Whoever heard a complaint may be lost before the shop's complaints were weighed: the repeat weighs them.
func TestAComplaintIsWeighedAtTheRepeat(t *testing.T) {
	each(t, events.Postmark, func(t *testing.T, w *world) {
		weighed := 0
		w.Weigh = func(context.Context, commerce.ShopID) error {
			if weighed++; weighed == 1 {
				return errors.New("the process ends here")
			}
			return nil
		}
		d := w.provider.Tell(eventsfake.What{Kind: events.Complaint, To: w.person.Email, Ref: w.ref(w.sent())})
		for range 2 {
			_, err := w.hear("", d)
			require.NoError(t, err)
		}
		require.Equal(t, 2, weighed)
		require.Len(t, w.bounces(), 1)
	})
}
