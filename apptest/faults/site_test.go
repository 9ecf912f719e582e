package faults

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

const appSecret = "faults-shopify-secret"

// domain is the one shop of most sites.
const domain = "nour.myshopify.com"

// site is one installation: a database, a mail server and whatever processes the test runs.
type site struct {
	t       testing.TB
	env     map[string]string
	db      *sql.DB // for a look at the rows
	sink    *mailfake.Sink
	shopify *shopifyfake.Fake
	client  *http.Client
	shop    commerce.ShopID
	aside   int64 // deliveries that are expected to be quarantined
}

// newSite prepares an installation on an engine of storetest.Engines, with its
// schema and one shop. PostgreSQL comes with a Redis, unless a change says otherwise.
func newSite(t testing.TB, engine string, change ...func(*site)) *site {
	t.Helper()
	sink, err := mailfake.Start(mailfake.Options{})
	require.NoError(t, err)
	t.Cleanup(sink.Stop)
	s := &site{t: t, sink: sink, shopify: shopifyfake.New(appSecret), env: map[string]string{
		"SMTP_URL": sink.URL(), "SECRET_KEY": storetest.SecretKey, "SHOPIFY_API_SECRET": appSecret,
	}}
	s.shopify.AddShop(domain, "")
	api := httptest.NewServer(s.shopify.Handler())
	t.Cleanup(api.Close)
	s.env["SHOPIFY_API_URL"] = api.URL
	s.client = &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	t.Cleanup(s.client.CloseIdleConnections)
	for _, c := range change {
		c(s)
	}
	if s.env["DATABASE_URL"] == "" {
		s.env["DATABASE_URL"] = storetest.URL(t, engine)
	}
	if engine == "postgres" && s.env["REDIS_URL"] == "" {
		s.env["REDIS_URL"] = startRedis(t).url()
	}
	s.must("migrate")
	s.db = storetest.DB(t, s.env["DATABASE_URL"])
	said := s.must("shop", "add", "--platform", "shopify", "--domain", domain, "--name", "Nour & Co", "--email", "hello@nour.example", "--country", "AT")
	s.shop = commerce.ShopID(regexp.MustCompile(`shop (\S+)`).FindStringSubmatch(said)[1])
	return s
}

// with sets a variable.
func with(name, value string) func(*site) { return func(s *site) { s.env[name] = value } }

// command is the binary with the site's variables and no others of ours.
func (s *site) command(args ...string) *exec.Cmd {
	cmd := exec.Command(binary, args...)
	cmd.Dir = s.t.TempDir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "GORACE=atexit_sleep_ms=0"}
	if run := os.Getenv("FLYWHEEL_RUN"); run != "" { // the mark by which with-services.sh knows what a test left behind
		cmd.Env = append(cmd.Env, "FLYWHEEL_RUN="+run)
	}
	for name, value := range s.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// try runs a command to its end and returns what it said and whether it succeeded.
func (s *site) try(args ...string) (string, bool) {
	var said bytes.Buffer
	cmd := s.command(args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	return said.String(), err == nil
}

func (s *site) must(args ...string) string {
	s.t.Helper()
	said, ok := s.try(args...)
	require.True(s.t, ok, "flywheel %v: %s", args, said)
	return said
}

// part is a running flywheel.
type part struct {
	*process
	site      *site
	role      string
	addr, ops string
	web       bool
}

// run starts `flywheel all`, `serve` or `work` and waits until it is ready.
func (s *site) run(role string) *part {
	s.t.Helper()
	p := &part{site: s, role: role, web: role != "work"}
	p.addr, p.ops = fmt.Sprintf("127.0.0.1:%d", freePort(s.t)), fmt.Sprintf("127.0.0.1:%d", freePort(s.t))
	p.again()
	return p
}

// web starts what has the door on an engine: PostgreSQL wants a worker besides.
func (s *site) web(engine string) *part {
	s.t.Helper()
	if engine == "sqlite" {
		return s.run("all")
	}
	return s.run("serve")
}

// again starts the part anew at its old addresses and waits until it is ready.
func (p *part) again() {
	p.site.t.Helper()
	p.launch()
	until(p.site.t, p.role+" is ready", func() bool {
		require.False(p.site.t, p.gone(), "%s ended: %s", p.role, p.log.tail(5))
		return p.ready()
	})
}

func (p *part) launch() {
	cmd := p.site.command(p.role)
	cmd.Env = append(cmd.Env, "ADDR="+p.addr, "OPS_ADDR="+p.ops)
	p.process = start(p.site.t, p.role, cmd)
}

func (p *part) ready() bool {
	if p.web {
		return p.get("/readyz") == http.StatusOK
	}
	resp, err := p.site.client.Get("http://" + p.ops + "/metrics")
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// get returns the status of a page, 0 if nobody answers.
func (p *part) get(path string) int {
	resp, err := p.site.client.Get(p.url() + path)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func (p *part) url() string { return "http://" + p.addr }

// number asks the database for one figure; -1 while it cannot answer.
func (s *site) number(text string, args ...any) int64 {
	n := int64(-1)
	if err := s.db.QueryRow(text, args...).Scan(&n); err != nil {
		return -1
	}
	return n
}

// effects counts outward acts in a state.
func (s *site) effects(state string) int64 {
	return s.number(`SELECT COUNT(*) FROM effects WHERE state = $1`, state)
}

// settled waits until nothing is unprocessed, queued, running or due.
func (s *site) settled() {
	s.t.Helper()
	until(s.t, "everything is processed", func() bool { return s.open() == 0 })
}

// open counts what is under way or due. What falls due within a second counts
// too: a row that was given back after this clock was read is due a moment later.
func (s *site) open() int64 {
	return s.number(`SELECT (SELECT COUNT(*) FROM inbox WHERE state = 0)
		+ (SELECT COUNT(*) FROM enrollments WHERE queue > 0 OR (state = 'active' AND due_at <= $1))`, time.Now().Add(time.Second).UnixMilli())
}
