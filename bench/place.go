package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/redis/go-redis/v9"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

const (
	secret    = "bench-secret"
	secretKey = "YmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggISE=" // of databases that nobody keeps
	domain    = "bench.myshopify.com"
)

// place is where Flywheel runs: a fresh database and its queue.
type place struct {
	name        string // embedded or servers
	databaseURL string
	redisURL    string // "" = in the process
	shopifyURL  string // "" = nobody asks it
	remove      func() error
}

// newPlace makes a fresh database: a file, or one on TEST_DATABASE_URL's server
// with the emptied Redis of TEST_REDIS_URL.
func newPlace(ctx context.Context, name string) (place, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return place{}, err
	}
	p := place{name: name, remove: func() error { return os.RemoveAll(dir) }}
	if name == "embedded" {
		p.databaseURL = "sqlite:" + filepath.Join(dir, "flywheel.db")
		return p, nil
	}
	server, redisURL := os.Getenv("TEST_DATABASE_URL"), os.Getenv("TEST_REDIS_URL")
	if server == "" || redisURL == "" {
		return p, errors.New("TEST_DATABASE_URL or TEST_REDIS_URL is missing: run make bench")
	}
	o, err := redis.ParseURL(redisURL)
	if err != nil {
		return p, err
	}
	r := redis.NewClient(o)
	defer r.Close()
	if err := r.FlushDB(ctx).Err(); err != nil {
		return p, err
	}
	p.redisURL = redisURL
	db, err := sql.Open("pgx", server)
	if err != nil {
		return p, err
	}
	database := strings.ToLower(filepath.Base(dir))
	p.remove = func() error {
		_, err := db.Exec("DROP DATABASE " + database + " WITH (FORCE)")
		return errors.Join(err, db.Close(), os.RemoveAll(dir))
	}
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+database); err != nil {
		return p, err
	}
	u, err := url.Parse(server)
	if err != nil {
		return p, err
	}
	u.Path = "/" + database
	p.databaseURL = u.String()
	return p, nil
}

// config is the App's configuration at the place.
func (p place) config(smtpURL string) (app.Config, error) {
	keys, err := store.ParseKeyring(secretKey)
	return app.Config{
		Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1", DatabaseURL: p.databaseURL, RedisURL: p.redisURL,
		SMTPURL: smtpURL, Keys: keys, ShopifyKey: "bench", ShopifySecrets: []string{secret}, ShopifyURL: p.shopifyURL,
	}, err
}

// migrate makes the schema.
func (p place) migrate(ctx context.Context) error {
	c, err := p.config("")
	if err != nil {
		return err
	}
	s, err := app.OpenStore(ctx, c)
	if err != nil {
		return err
	}
	_, err = s.Migrate(ctx)
	return errors.Join(err, s.Close())
}

// site is a running App with one shop and a mail server beside it.
type site struct {
	*app.App
	place
	shop commerce.ShopID
	fake *shopifyfake.Fake
	sink *mailfake.Sink
	log  *os.File
}

// openSite starts everything fresh. It logs what a real installation logs,
// into a file: that is part of the price.
func openSite(ctx context.Context, name string, parts app.Parts) (*site, error) {
	p, err := newPlace(ctx, name)
	if err != nil {
		return nil, err
	}
	return p.site(ctx, parts)
}

// openSiteAlone is openSite with the Redis in the process: several may stand side by side.
func openSiteAlone(ctx context.Context, name string, parts app.Parts) (*site, error) {
	p, err := newPlace(ctx, name)
	if err != nil {
		return nil, err
	}
	p.redisURL = ""
	return p.site(ctx, parts)
}

func (p place) site(ctx context.Context, parts app.Parts) (*site, error) {
	s := &site{place: p, fake: shopifyfake.New(secret)}
	if err := s.start(ctx, parts); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *site) start(ctx context.Context, parts app.Parts) (err error) {
	if s.sink, err = mailfake.Start(mailfake.Options{Careless: true}); err != nil {
		return err
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if s.log, err = os.CreateTemp("", "bench-log"); err != nil {
		return err
	}
	c, err := s.config(s.sink.URL())
	if err != nil {
		return err
	}
	if s.App, err = app.Start(ctx, c, parts, slog.New(slog.NewJSONHandler(s.log, nil))); err != nil {
		return err
	}
	s.fake.AddShop(domain, "")
	s.shop, _, err = app.AddShop(ctx, s.Store, usualShop(), commerce.Connection{Platform: commerce.Shopify, ExternalID: domain, Live: true})
	return err
}

func usualShop() commerce.Shop {
	return commerce.Shop{Name: "Bench & Co", Email: "hello@bench.example", Locale: "en", Timezone: "Europe/London", Country: "GB", Currency: "EUR"}
}

func (s *site) close() (err error) {
	if s.App != nil {
		err = s.Stop()
	}
	if s.sink != nil {
		s.sink.Stop()
	}
	if s.log != nil {
		err = errors.Join(err, s.log.Close(), os.Remove(s.log.Name()))
	}
	if s.remove != nil {
		err = errors.Join(err, s.remove())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

// analyze has PostgreSQL count its rows, as it does by itself after a minute: a
// fresh database plans as if its tables were empty. SQLite plans without counts.
func (s *site) analyze(ctx context.Context) error {
	if s.Store.Embedded() {
		return nil
	}
	db, err := s.database()
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "ANALYZE")
	return err
}

// database opens the place's database beside the App.
func (p place) database() (*sql.DB, error) {
	if path, ok := strings.CutPrefix(p.databaseURL, "sqlite:"); ok {
		return sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(60000)&_pragma=synchronous(OFF)")
	}
	return sql.Open("pgx", p.databaseURL)
}
