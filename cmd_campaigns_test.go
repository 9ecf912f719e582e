package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/store"
	"flywheel/store/storetest"
)

// terminal runs commands as main does, on a database of its own with one shop.
type terminal struct {
	t      *testing.T
	config app.Config
	shop   string
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	keys, err := store.ParseKeyring(storetest.SecretKey)
	require.NoError(t, err)
	term := &terminal{t: t, config: app.Config{DatabaseURL: storetest.URL(t, "sqlite"), Keys: keys, BaseURL: "https://flywheel.example"}}
	term.ok("migrate")
	said := term.ok("shop", "add", "--platform", "shopify", "--domain", "nour.myshopify.com", "--name", "Nour", "--email", "hello@nour.example")
	term.shop = regexp.MustCompile(`shop (\S+)`).FindStringSubmatch(said)[1]
	return term
}

// run returns what a command prints and its error. SHOP stands for the shop's id.
func (c *terminal) run(args ...string) (string, error) {
	c.t.Helper()
	for i, a := range args {
		if a == "SHOP" {
			args[i] = c.shop
		}
	}
	var cli commands
	parser, err := kong.New(&cli, kong.Vars{"version": "test"})
	require.NoError(c.t, err)
	parsed, err := parser.Parse(args)
	require.NoError(c.t, err, "%v", args)
	said := printed(c.t, func() { err = parsed.Run(&session{ctx: c.t.Context(), config: c.config}) })
	return said, err
}

// printed returns what do writes to the terminal.
func printed(t *testing.T, do func()) string {
	t.Helper()
	was := os.Stdout
	r, w, err := os.Pipe()
	require.NoError(t, err)
	os.Stdout = w
	said := make(chan string)
	go func() {
		text, _ := io.ReadAll(r)
		said <- string(text)
	}()
	do()
	os.Stdout = was
	_ = w.Close()
	return <-said
}

func (c *terminal) ok(args ...string) string {
	c.t.Helper()
	said, err := c.run(args...)
	require.NoError(c.t, err, "%v", args)
	return said
}

func (c *terminal) refuses(want string, args ...string) {
	c.t.Helper()
	_, err := c.run(args...)
	require.ErrorContains(c.t, err, want, "%v", args)
}

// file writes one that commands can read.
func (c *terminal) file(text string) string {
	c.t.Helper()
	name := filepath.Join(c.t.TempDir(), "file.yaml")
	require.NoError(c.t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// The way of a playbook from the shelf to customers and back.
func TestACampaignFromTheCommandLine(t *testing.T) {
	c := newTerminal(t)
	listed := c.ok("campaigns", "list", "--shop", "SHOP")
	require.Regexp(t, `thank_you\s+live`, listed)
	require.Regexp(t, `review_request\s+live`, listed)
	require.NotContains(t, listed, "win_back", "every other playbook is taken up by choice")
	require.Contains(t, c.ok("playbooks"), "win_back")

	added := c.ok("campaigns", "add", "--shop", "SHOP", "win_back")
	require.Contains(t, added, "win_back is kept as version 1, draft")
	require.Contains(t, added, "next: mend the errors; then flywheel campaigns live --shop "+c.shop+" win_back")
	require.Contains(t, added, "campaigns rehearse plays it to the team")
	c.refuses("has win_back already", "campaigns", "add", "--shop", "SHOP", "win_back")
	c.refuses("there is no playbook", "campaigns", "add", "--shop", "SHOP", "spam")
	c.refuses("postal_address", "campaigns", "live", "--shop", "SHOP", "win_back")
	c.ok("shop", "settings", "--shop", "SHOP", "--set", c.file("postal_address: 1 Harbour Road\nowners: {win_back: klaviyo}\n"))
	c.refuses("klaviyo does win_back", "campaigns", "live", "--shop", "SHOP", "win_back")
	c.ok("shop", "settings", "--shop", "SHOP", "--set", c.file("postal_address: 1 Harbour Road\n"))
	require.Equal(t, "postal_address: 1 Harbour Road\n", c.ok("shop", "settings", "--shop", "SHOP"))

	c.ok("shop", "settings", "--shop", "SHOP", "--set", c.file("postal_address: 1 Harbour Road\nteam: [sara@nour.example, ali@nour.example]\n"))
	require.Contains(t, c.ok("campaigns", "rehearse", "--shop", "SHOP", "win_back"), "team only, sara@nour.example, ali@nour.example\n")
	require.Contains(t, c.ok("campaigns", "figures", "--shop", "SHOP", "win_back"), "in rehearsal")
	require.Contains(t, c.ok("campaigns", "live", "--shop", "SHOP", "win_back"), "is live")
	file := c.file(c.ok("campaigns", "show", "--shop", "SHOP", "win_back"))
	require.Contains(t, c.ok("campaigns", "lint", "--shop", "SHOP", file), "nothing is in the way")
	require.Contains(t, c.ok("campaigns", "save", "--shop", "SHOP", file, "--note", "the same again"), "version 2, live")
	require.Regexp(t, `(?s)2 .*command line\s+the same again\n1 `, c.ok("campaigns", "versions", "--shop", "SHOP", "win_back"))
	require.Equal(t, c.ok("campaigns", "show", "--shop", "SHOP", "win_back"), c.ok("campaigns", "show", "--shop", "SHOP", "win_back", "--number", "1"))
	c.refuses("version 3", "campaigns", "show", "--shop", "SHOP", "win_back", "--number", "3")
	require.Contains(t, c.ok("campaigns", "preview", "--shop", "SHOP", "win_back"), "nothing to show")
	c.refuses("version 2 already", "campaigns", "move", "--shop", "SHOP", "win_back")
	require.Regexp(t, `entered 0, on their way 0\n(?s).*farewell`, c.ok("campaigns", "figures", "--shop", "SHOP", "win_back"))
	c.refuses("has no split", "campaigns", "split", "--shop", "SHOP", "win_back")

	c.refuses("pause it first", "campaigns", "archive", "--shop", "SHOP", "win_back")
	c.ok("campaigns", "pause", "--shop", "SHOP", "win_back")
	require.Contains(t, c.ok("campaigns", "save", "--shop", "SHOP", file), "campaigns resume")
	c.ok("campaigns", "resume", "--shop", "SHOP", "win_back")
	c.refuses("it is live already", "campaigns", "resume", "--shop", "SHOP", "win_back")
	c.ok("campaigns", "pause", "--shop", "SHOP", "win_back")
	require.Contains(t, c.ok("campaigns", "archive", "--shop", "SHOP", "win_back"), "is archived")
}

func TestALintErrorFailsTheCommand(t *testing.T) {
	c := newTerminal(t)
	said := c.ok("shop", "settings", "--shop", "SHOP", "--set", c.file("languages: [en, de]\n"))
	require.Regexp(t, `(?s)thank_you is live and no longer fits:\n  steps.*they stay live`, said)
	file := c.file(c.ok("campaigns", "show", "--shop", "SHOP", "thank_you"))
	var err error
	said, err = c.run("campaigns", "lint", "--shop", "SHOP", file)
	require.ErrorContains(t, err, "cannot go live")
	require.Regexp(t, `error  steps\[0\]`, said)
	c.refuses("cannot be read: line 1", "campaigns", "lint", "--shop", "SHOP", c.file("nam: x\n"))
	c.refuses("is empty; flywheel campaigns show", "campaigns", "lint", "--shop", "SHOP", c.file("\n"))
	c.refuses("settings cannot be read", "shop", "settings", "--shop", "SHOP", "--set", c.file("languags: [en]\n"))
}

func TestHooksAndTasksFromTheCommandLine(t *testing.T) {
	c := newTerminal(t)
	added := c.ok("hooks", "add", "--shop", "SHOP", "crm", "https://crm.example/in")
	require.Regexp(t, `secret whsec_\S{40}\n`, added)
	c.refuses("already", "hooks", "add", "--shop", "SHOP", "crm", "https://crm.example/in")
	c.refuses("https://", "hooks", "add", "--shop", "SHOP", "erp", "http://erp.example/in")
	c.refuses("small letters", "hooks", "add", "--shop", "SHOP", "E R P", "https://erp.example/in")
	listed := c.ok("hooks", "list", "--shop", "SHOP")
	require.Regexp(t, `crm\s+in use .* https://crm.example/\.\.\.\n`, listed, "a path may be a secret")
	require.NotContains(t, listed, "whsec_")
	require.Contains(t, c.ok("hooks", "rotate", "--shop", "SHOP", "crm"), "whsec_")
	c.ok("hooks", "remove", "--shop", "SHOP", "crm")
	c.refuses("there is no endpoint crm", "hooks", "remove", "--shop", "SHOP", "crm")

	require.Contains(t, c.ok("tasks", "list", "--shop", "SHOP"), "nothing to show")
	c.refuses("there is no task", "tasks", "done", "--shop", "SHOP", "x", "--outcome", "reached")
	c.refuses("there is no task", "tasks", "reopen", "--shop", "SHOP", "x")
}

func TestActsWantOneWalk(t *testing.T) {
	c := newTerminal(t)
	c.refuses("there is no campaign points", "act", "stop", "--shop", "SHOP", "--campaign", "points", "--email", "a@b.example")
	for _, args := range [][]string{
		{},
		{"--campaign", "win_back"},
		{"--email", "a@b.example"},
		{"--enrollment", "1", "--email", "a@b.example"},
		{"--enrollment", "1", "--campaign", "win_back"},
	} {
		c.refuses("say --enrollment, or --campaign", append([]string{"act", "stop", "--shop", "SHOP"}, args...)...)
	}
	c.refuses("is not an address", "act", "skip", "--shop", "SHOP", "--campaign", "win_back", "--email", "ada")
	c.refuses("nobody in this shop", "act", "send-now", "--shop", "SHOP", "--campaign", "thank_you", "--email", "a@b.example")
	c.refuses("there is no enrollment", "act", "stop", "--shop", "SHOP", "--enrollment", "1")
}

// A list of a shop that does not exist is no empty list.
func TestAMistypedShopIsNamed(t *testing.T) {
	c := newTerminal(t)
	for _, args := range [][]string{{"hooks", "list"}, {"tasks", "list"}, {"unknown", "list"}, {"inbox", "list"}, {"campaigns", "list"}, {"unknown", "resend", "--all"}} {
		c.refuses("there is no shop nosuch", append(args, "--shop", "nosuch")...)
	}
}

func TestHelpIsAskedForInWords(t *testing.T) {
	for _, tt := range []struct{ typed, want []string }{
		{nil, []string{"--help"}},
		{[]string{"help"}, []string{"--help"}},
		{[]string{"help", "campaigns"}, []string{"campaigns", "--help"}},
		{[]string{"campaigns", "list"}, []string{"campaigns", "list"}},
	} {
		require.Equal(t, tt.want, arguments(tt.typed))
	}
}

func TestOnlyTheHostOfAnEndpointIsShown(t *testing.T) {
	for address, want := range map[string]string{
		"https://crm.example": "https://crm.example", "https://crm.example/": "https://crm.example/...", "https://crm.example:8443/a/secret?key=b": "https://crm.example:8443/...",
		"https://user:secret@crm.example": "https://crm.example",
	} {
		require.Equal(t, want, host(address))
	}
}

// Long work shows how far it has come.
func TestCampaignsListTellsOfLooksThroughPastOrders(t *testing.T) {
	term := newTerminal(t)
	settings := filepath.Join(t.TempDir(), "settings.yaml")
	require.NoError(t, os.WriteFile(settings, []byte("postal_address: 1 Harbour Road\n"), 0o600))
	term.ok("shop", "settings", "--shop", "SHOP", "--set", settings)
	term.ok("campaigns", "add", "--shop", "SHOP", "win_back")
	require.NotContains(t, term.ok("campaigns", "list", "--shop", "SHOP"), "looking through past orders")
	term.ok("campaigns", "live", "--shop", "SHOP", "win_back")
	require.Contains(t, term.ok("campaigns", "list", "--shop", "SHOP"), "win_back is looking through past orders: 0 done so far")
}
