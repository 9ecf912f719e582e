// Package app ties the packages together: it opens the store, the queue and
// the mail sender of a configuration and runs doors and workers over them. It
// stands apart from main so that the demo, the tests and the benchmarks run
// exactly what main runs.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"flywheel/account"
	"flywheel/billing"
	"flywheel/bounces"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/install"
	"flywheel/integrations/hook"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/inbound"
	"flywheel/integrations/shopify"
	"flywheel/integrations/slack"
	"flywheel/integrations/stripe"
	"flywheel/jobs"
	"flywheel/links"
	"flywheel/sender"
	"flywheel/server"
	"flywheel/store"
	"flywheel/templates"
)

// Config is everything the environment says, checked. Its zero values are the
// documented defaults except where a field says otherwise.
type Config struct {
	Addr        string // listen address of the public face
	BaseURL     string // public address, used in links
	DatabaseURL string
	RedisURL    string // "" = in process
	SMTPURL     string
	// MailDomain is the domain of the shared sender, whose addresses also take bounces; "" = there is none.
	MailDomain string
	// MailIn is where mail servers' reports are listened for by SMTP, such as ":2525"; "" = nowhere.
	MailIn string
	// MailProvider and MailSecret name whose SMTP_URL is (ses, postmark, sendgrid, mailgun, resend) and what its events are checked by; "" = nobody tells.
	MailProvider, MailSecret string
	// MailRate is how many mails a second SMTP_URL takes, over all processes; 0 = no bound.
	MailRate int
	// Resolver is the DNS server that sending domains are looked up with, host:port; "" = the system's.
	Resolver       string
	Keys           *store.Keyring // SECRET_KEY
	ShopifyKey     string
	ShopifySecrets []string
	ShopifyURL     string // "" = the real hosts
	StripeKeys     stripe.Keys
	StripeSecrets  []string // of our own endpoints
	StripeURL      string
	// StripeApp is what merchants install in their Stripe accounts; its zero value offers none.
	StripeApp      server.StripeApp
	OpsAddr        string
	TrustedProxies []string
	LogLevel       slog.Level

	// Billing is "shopify" where shops have plans, chosen and paid for at Shopify; "" or "off" = they have none.
	Billing string
	// PartnerOrg, PartnerToken and AppID reach the Partner API, which says what shops pay for; AppHandle is the app's name in its App Store address.
	PartnerOrg, PartnerToken, AppID, AppHandle string

	Support string // SUPPORT_EMAIL: where merchants write to; "" = nowhere yet

	// Erasures is TOMBSTONES_FILE, which tells who was erased, beside the backup; "" = none is written.
	Erasures string

	// AppBridge and AdminOrigin stand in for Shopify's own, for the demo; "" = Shopify's.
	AppBridge, AdminOrigin string
	// Now is business time; nil = the real one. The demo and tests set it.
	Now func() time.Time
	// MaxPages bounds a SQLite database, for tests; 0 = no bound.
	MaxPages int
	// PrivateHooks lets outgoing webhooks reach addresses that are not public: for the demo and tests.
	PrivateHooks bool
	// ShopifyPause is how long a call to Shopify waits before it is first tried again; 0 = a default, for tests.
	ShopifyPause time.Duration
	// NoReconcile leaves out the look for what webhooks did not bring, for tests that count questions.
	NoReconcile bool
	// MailConnections is how many SMTP connections are used; 0 = a default.
	MailConnections int
	// Listener is used instead of Addr where it is set; the demo and tests must know their port first.
	Listener net.Listener
	// Extra handlers of the public listener, for the demo; nil = none.
	Extra func(http.Handler) http.Handler
}

// App is a running process. Parts that were not asked for are nil.
type App struct {
	Config  Config
	Store   *store.Store
	Queue   *jobs.Queue
	Worker  *jobs.Worker
	Mail    *mail.Sender // nil without SMTP_URL
	Senders *sender.Desk // who shops write as; shared by web and workers
	// Feedback takes what is told of mails, where this process answers the web.
	Feedback *bounces.Desk
	Hooks    *hook.Sender
	Slack    *slack.Poster
	Install  *install.Desk // shared by web and workers
	// Accounts ties Stripe accounts to shops, likewise shared.
	Accounts *install.StripeDesk
	// People knows who signs in with us, where this process answers the web.
	People  *account.Desk
	Log     *slog.Logger
	Metrics *prometheus.Registry

	lock    *fileLock
	inbound *inbound.Listener
	public  *http.Server
	addr    string
	stop    sync.Once
}

// garbagePercent is GOGC unless the environment sets it: a delivery's garbage is
// short-lived and the heap small, so collecting at four times the live heap
// instead of twice saves CPU for some ten megabytes. At 400 a worker of 10,000
// shops came near 200 MB.
const garbagePercent = 300

// Parts says what a process does.
type Parts struct{ Web, Work bool }

// Start opens and runs the parts. A schema that is missing is made only for
// SQLite; a PostgreSQL server is migrated by the release command.
func Start(ctx context.Context, c Config, parts Parts, log *slog.Logger) (*App, error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	a := &App{Config: c, Log: log, Metrics: prometheus.NewRegistry()}
	if err := a.open(ctx, parts); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context, parts Parts) (err error) {
	c := a.Config
	embedded := strings.HasPrefix(c.DatabaseURL, "sqlite:")
	if embedded {
		if a.lock, err = lockFile(strings.TrimPrefix(c.DatabaseURL, "sqlite:") + ".lock"); err != nil {
			return err
		}
	}
	if a.Store, err = OpenStore(ctx, c); err != nil {
		return err
	}
	if embedded {
		if _, err = a.Store.Migrate(ctx); err != nil {
			return err
		}
	}
	if err = a.Store.CheckSchema(ctx); err != nil {
		return err
	}
	if a.Queue, err = jobs.OpenQueue(c.RedisURL, a.Store, a.Log); err != nil {
		return err
	}
	a.Metrics.MustRegister(newGauges(a.Store, a.Queue))
	a.openDesks()
	if err = a.openSenders(); err != nil {
		return err
	}
	if parts.Work {
		if err = a.startWorker(ctx, embedded); err != nil {
			return err
		}
	}
	if parts.Web {
		if err = a.openFeedback(); err != nil {
			return err
		}
		err = a.startWeb()
	}
	return err
}

// openDesks makes what web and workers share of the platforms: Shopify's client,
// whose calls to one shop keep its rate limit together by way of Redis, Stripe's,
// and the desks that open shops and give access to them.
func (a *App) openDesks() {
	c := a.Config
	client := shopify.New(shopify.Options{
		Key: c.ShopifyKey, Secrets: c.ShopifySecrets, URL: c.ShopifyURL, Bucket: shopify.NewBucket(a.Queue.Redis()), Log: a.Log,
		Drift: driftAlarm(a.Metrics), Scopes: shopify.RequiredScopes(), Pause: c.ShopifyPause,
	})
	backfill := func(ctx context.Context, conn commerce.Connection) error {
		return a.Store.AskBackfill(ctx, conn.ShopID, conn)
	}
	a.Install = &install.Desk{Store: a.Store, Shopify: client, Log: a.Log, Arrived: a.Queue.InboxArrived, Backfill: backfill}
	a.Accounts = &install.StripeDesk{
		Store: a.Store, Stripe: stripe.New(stripe.Options{URL: c.StripeURL}), Keys: c.StripeKeys, Log: a.Log,
		Arrived: a.Queue.InboxArrived, Backfill: backfill,
	}
}

// plans are what shops choose from; none where they have none.
func (c Config) plans() (billing.Plans, error) {
	if c.Billing != "shopify" {
		return nil, nil
	}
	return billing.ParsePlans(templates.Plans())
}

// marks signs the links that count; nil where there is no SECRET_KEY to do it by.
func (c Config) marks() *links.Signer {
	if c.Keys == nil {
		return nil
	}
	return links.NewSigner(c.Keys.Derive("counting links"))
}

// OpenStore opens the database of a configuration without migrating it.
func OpenStore(ctx context.Context, c Config) (*store.Store, error) {
	return store.Open(ctx, c.DatabaseURL, store.Options{Keys: c.Keys, Now: c.Now, MaxPages: c.MaxPages})
}

func (a *App) startWorker(ctx context.Context, alone bool) error {
	c := a.Config
	if a.Mail == nil {
		_, err := OpenMail(c) // says what is missing
		return err
	}
	a.Hooks = hook.New(hook.Options{AllowPrivate: c.PrivateHooks, Now: c.Now})
	a.Slack = slack.New(slack.Options{AllowPrivate: c.PrivateHooks})
	policy, err := gate.ParsePolicy(templates.ConsentPolicy())
	if err != nil {
		return err
	}
	o := jobs.Options{
		Store: a.Store, Queue: a.Queue, Mail: a.Mail, Senders: a.Senders, Hooks: a.Hooks, Slack: a.Slack, Policy: policy, Log: a.Log, Metrics: a.Metrics,
		BaseURL: c.BaseURL, Erasures: c.Erasures, Alone: alone, NoReconcile: c.NoReconcile, Connections: c.MailConnections,
		Shopify: a.Install.Shopify, Install: a.Install, Accounts: a.Accounts, Marks: c.marks(),
	}
	if o.Plans, err = c.plans(); err != nil {
		return err
	}
	if len(o.Plans) > 0 {
		o.Partner = shopify.NewPartner(shopify.PartnerOptions{Org: c.PartnerOrg, Token: c.PartnerToken, App: c.AppID, URL: c.ShopifyURL})
	}
	a.Worker = jobs.New(o)
	return a.Worker.Start(ctx)
}

func (a *App) startWeb() error {
	c := a.Config
	now := c.Now
	if now == nil {
		now = time.Now
	}
	plans, err := c.plans()
	if err != nil {
		return err
	}
	policy, err := gate.ParsePolicy(templates.ConsentPolicy())
	if err != nil {
		return err
	}
	missing := server.MissingUI()
	if missing != "" {
		a.Log.Warn(missing)
	}
	a.openPeople()
	e, err := server.New(server.Options{
		MissingUI: missing, Store: a.Store, Queue: a.Queue, Log: a.Log, Now: now, BaseURL: c.BaseURL, ShopifySecrets: c.ShopifySecrets,
		StripeSecrets: c.StripeSecrets, Accounts: a.Accounts, StripeApp: c.StripeApp, TrustedProxies: c.TrustedProxies, Metrics: a.Metrics,
		Plans: plans, AppHandle: c.AppHandle, Once: a.Queue.Once, Feedback: a.Feedback, Policy: policy, Marks: c.marks(),
		Senders: a.Senders, People: a.People, Limits: a.People.Limits, Install: a.Install, ShopifyKey: c.ShopifyKey, AppBridge: c.AppBridge, AdminOrigin: c.AdminOrigin, Support: c.Support,
	})
	if err != nil {
		return err
	}
	var handler http.Handler = e
	if c.Extra != nil {
		handler = c.Extra(e)
	}
	listener := c.Listener
	if listener == nil {
		if listener, err = net.Listen("tcp", c.Addr); err != nil {
			return fmt.Errorf("listen on %s: %w", c.Addr, err)
		}
	}
	a.addr = listener.Addr().String()
	a.public = server.HTTP(c.Addr, handler)
	go func() {
		if err := a.public.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.Log.Error("public listener ended", "error", err)
		}
	}()
	return nil
}

// Addr is where the public face listens, with its real port.
func (a *App) Addr() string { return a.addr }

// Stop ends in order: no new requests, no new work, what runs finishes, then
// the connections close.
func (a *App) Stop() error {
	var err error
	a.stop.Do(func() {
		if a.public != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			err = a.public.Shutdown(ctx)
		}
		if a.inbound != nil {
			err = errors.Join(err, a.inbound.Close())
			a.inbound = nil
		}
		if a.Worker != nil {
			a.Worker.Stop()
		}
		err = errors.Join(err, a.close())
	})
	return err
}

func (a *App) close() (err error) {
	if a.People != nil {
		a.People.Close()
	}
	if a.inbound != nil { // the start has failed behind it
		err = a.inbound.Close()
	}
	if a.Senders != nil {
		a.Senders.Close()
	}
	if a.Mail != nil {
		a.Mail.Close()
	}
	if a.Hooks != nil {
		a.Hooks.Close()
	}
	if a.Slack != nil {
		a.Slack.Close()
	}
	if a.Queue != nil {
		err = errors.Join(err, a.Queue.Close())
	}
	if a.Store != nil {
		err = errors.Join(err, a.Store.Close())
	}
	if a.lock != nil {
		err = errors.Join(err, a.lock.release())
	}
	return err
}
