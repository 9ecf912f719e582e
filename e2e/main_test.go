// Package e2e looks at the app as people do: in a browser, over HTTP, with a
// make-believe Shopify, a real database and a mail server around it. What is
// done there stands in the .mjs files beside the tests; they take the words they
// look for from templates/locales.
package e2e

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/demo"
	"flywheel/server"
)

// nodeTime is how long a script may take.
const nodeTime = 20 * time.Minute

// startWorld is a world of two shops that have lived through a month: the
// demo's, demo.EnglishDomain and demo.ArabicDomain, led by demo.OwnerEmail. It is
// served at URL with the demo's own pages (the Shopify admin at
// /demo/shopify/store?shop=..., the mailbox at /demo/mailbox.json); its clock
// runs. It ends with the test.
func startWorld(t *testing.T) *demo.World {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan *demo.World, 1), make(chan error, 1)
	out := &journal{}
	go func() {
		ended <- demo.Run(ctx, demo.Options{Out: out, Log: slog.New(slog.DiscardHandler), Ready: func(w *demo.World) { ready <- w }})
	}()
	select {
	case w := <-ready:
		t.Cleanup(func() {
			cancel()
			require.NoError(t, <-ended, "the world ends in order")
		})
		return w
	case err := <-ended:
		cancel()
		require.NoError(t, err, out.text())
		return nil
	}
}

// runNode runs a script of this folder and returns what it printed. It finds
// where the browser is in CHROMIUM, and in OUT a folder for pictures, which stays
// after the test (bin/e2e/NAME). A script that fails has failed the test, with all it said.
func runNode(t *testing.T, script string, env ...string) string {
	t.Helper()
	node, chromium := tools(t)
	out, err := filepath.Abs(filepath.Join("..", "bin", "e2e", t.Name()))
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(out))
	require.NoError(t, os.MkdirAll(out, 0o755))
	ctx, cancel := context.WithTimeout(t.Context(), nodeTime)
	defer cancel()
	said := &journal{}
	cmd := exec.CommandContext(ctx, node, script)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.Env = append(os.Environ(), append([]string{"CHROMIUM=" + chromium, "OUT=" + out}, env...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // on it the script ends its browser
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		t.Fatalf("node e2e/%s: %v\n%s", script, err, said.text())
	}
	_ = os.Remove(out) // gone where no picture was taken
	return said.text()
}

// tools finds Node and a browser, or says what to install.
func tools(t *testing.T) (node, chromium string) {
	t.Helper()
	require.Empty(t, server.MissingUI(), "run `make ui` before this test; `make test` does")
	node, err := exec.LookPath("node")
	require.NoError(t, err, "this test needs Node: run `make test`, which installs it on Debian and Ubuntu as root, or install Node 18 or newer with npm")
	require.FileExists(t, "../node_modules/playwright-core/package.json", "this test needs the npm packages: run `make ui`")
	if chromium = os.Getenv("CHROMIUM"); chromium != "" {
		return node, chromium
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if chromium, err = exec.LookPath(name); err == nil {
			return node, chromium
		}
	}
	t.Fatal("this test needs a browser: run `make test`, which installs it on Debian and Ubuntu as root, or install chromium, or say in CHROMIUM where one is")
	return "", ""
}

// journal keeps what a process prints.
type journal struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements io.Writer.
func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.Write(b)
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.String()
}
