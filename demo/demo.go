package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"flywheel/app"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/server"
)

// Options say how a demo runs.
type Options struct {
	Addr string    // of the public face; "" = a free loopback port
	Once bool      // play, print the books and end
	Out  io.Writer // for people
	Log  *slog.Logger
	// Ready is told when the month is over and the doors stay open; nil = nobody.
	Ready func(*World)

	began  time.Time                      // when the month ends; zero = now
	stands func(start time.Time) []*stand // nil = both shops
	played func(*play, *books)            // for those who look in after the month; nil = nobody
}

// Run opens a world in a folder that goes with it, plays the month that ends
// now, from a midnight in London's winter on so that the night is the night on
// every day, and says whether the books balance. Unless it is to end there, business
// time is real time from then on, and the doors stay open until ctx ends.
func Run(ctx context.Context, o Options) (err error) {
	dir, err := os.MkdirTemp("", "flywheel-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	took := time.Now()
	began := o.began
	if began.IsZero() {
		began = took
	}
	p := &pages{}
	w, err := NewWorld(ctx, WorldOptions{
		Addr: o.Addr, DatabaseURL: "sqlite:" + filepath.Join(dir, "demo.db"), Start: monthBefore(began).Add(-guestStay), Log: o.Log, Change: withPlans, MailDomain: mailDomain,
		Extra: func(w *World, next http.Handler) http.Handler { return p.handler(w, next) },
	})
	if err != nil {
		return err
	}
	defer w.Stop()
	fmt.Fprintln(o.Out, "Two shops live through the last 30 days, and a third comes and goes before; that takes some seconds.")
	g, err := w.liveGuest(ctx)
	if err != nil {
		return err
	}
	w.Clock.Set(monthBefore(began))
	b, err := w.playMonth(ctx, o, p, g)
	if b != nil {
		err = errors.Join(b.print(o.Out), err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "The books balance. 30 days of business time took %.1f s.\n", time.Since(took).Seconds())
	if o.Once {
		return nil
	}
	if err := w.SeatOwner(ctx, OwnerEmail); err != nil { // only now: nobody of the month's story is a user
		return err
	}
	w.goLive()
	if missing := server.MissingUI(); missing != "" {
		fmt.Fprintln(o.Out, "The app's own pages are bare: "+missing+".")
	}
	greet(o.Out, w.URL) // only now: what somebody posts while the month is played would be in its books
	fmt.Fprintln(o.Out, "Business time is real time now. Press Ctrl+C to end; nothing is kept.")
	if o.Ready != nil {
		o.Ready(w)
	}
	<-ctx.Done()
	return nil
}

// withPlans lets the shops choose plans at the make-believe Shopify.
func withPlans(c *app.Config) {
	c.Billing, c.PartnerOrg, c.PartnerToken, c.AppID, c.AppHandle = "shopify", shopifyfake.PartnerOrg, shopifyfake.PartnerToken, "1", "flywheel"
}

// monthBefore is the midnight at which the month that ends at began starts.
func monthBefore(began time.Time) time.Time {
	return began.UTC().Add(-length).Truncate(24 * time.Hour)
}

// goLive makes business time real time.
func (w *World) goLive() {
	w.Clock.Set(time.Now())
	w.Clock.Release()
}

// playMonth plays the scenario and returns its books with what is wrong about them.
func (w *World) playMonth(ctx context.Context, o Options, shown *pages, g guest) (*books, error) {
	stands := bothShops
	if o.stands != nil {
		stands = o.stands
	}
	p, err := newPlay(ctx, w, stands(w.Clock.Now()))
	if err != nil {
		return nil, err
	}
	p.sent[GuestDomain] = map[answered]int{accepted: g.told}
	p.gone = g.told
	until := time.Now
	if !o.began.IsZero() {
		until = func() time.Time { return o.began }
	}
	if err := p.run(until); err != nil {
		return nil, err
	}
	b, err := keep(ctx, p)
	if err != nil {
		return nil, err
	}
	wrong := b.balance(p.stands, p.sent)
	shown.set(b, wrong)
	if o.played != nil {
		o.played(p, b)
	}
	return b, wrong
}

func greet(out io.Writer, url string) {
	fmt.Fprintf(out, `Flywheel demo: two made-up shops, a month in some seconds.

  start here   %[1]s/demo
  mailbox      %[1]s/demo/mailbox
  people       %[1]s/demo/people
  who writes, what came back, what readers chose
               %[1]s/demo/happened
  the app      %[1]s/demo/shopify/store?shop=%[2]s
               %[1]s/demo/shopify/store?shop=%[3]s
  signed in    %[1]s/login as %[5]s; the mail with the link comes into the mailbox

  post to      %[1]s/webhooks/shopify
  shops        %[2]s (English), %[3]s (Arabic)
  secret       %[4]s
`, url, EnglishDomain, ArabicDomain, ShopifySecret, OwnerEmail)
}
