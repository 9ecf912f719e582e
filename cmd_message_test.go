package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/apptest"
)

// A message is shown, written into a folder and checked without anything being sent.
func TestMessagePreviewAndCheck(t *testing.T) {
	c := newTerminal(t)
	said := c.ok("message", "preview", "--shop", "SHOP", "--campaign", "thank_you", "--lang", "ar")
	require.Contains(t, said, "somebody made up")
	require.Contains(t, said, "From: Nour <hello@nour.example>")
	require.Contains(t, said, "#1001")
	folder := filepath.Join(t.TempDir(), "mails")
	c.ok("message", "preview", "--shop", "SHOP", "--campaign", "thank_you", "--lang", "ar", "--out", folder)
	files, err := filepath.Glob(folder + "/*")
	require.NoError(t, err)
	require.Len(t, files, 3)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		switch filepath.Ext(file) {
		case ".html":
			require.Contains(t, string(text), `dir="rtl"`)
		case ".eml":
			require.Contains(t, string(text), "multipart/alternative")
			require.Contains(t, string(text), "Content-Language: ar")
		}
		require.Contains(t, filepath.Base(file), "thank_you.")
	}
	checks := c.ok("message", "check", "--shop", "SHOP", "--campaign", "thank_you")
	for _, want := range []string{"en", "ar", "fa", "contrast", "unsubscribe", "languages"} {
		require.Contains(t, checks, want)
	}
	require.NotContains(t, checks, "bad")
	c.refuses("there is no campaign", "message", "preview", "--shop", "SHOP", "--campaign", "none")
	c.refuses("there is no order", "message", "check", "--shop", "SHOP", "--campaign", "thank_you", "--order", "#7")
	c.refuses("is not an address", "message", "send", "--shop", "SHOP", "--campaign", "thank_you", "--to", "nobody")
}

// The address of a channel is set, never shown again, and forgotten.
func TestTeamSlack(t *testing.T) {
	c := newTerminal(t)
	require.Contains(t, c.ok("team", "show", "--shop", "SHOP"), "slack: not set")
	c.refuses("https://", "team", "slack", "--shop", "SHOP", "--url", "http://hooks.slack.com/services/T/B/secret")
	c.ok("team", "slack", "--shop", "SHOP", "--url", "https://hooks.slack.com/services/T/B/secret")
	said := c.ok("team", "show", "--shop", "SHOP")
	require.Contains(t, said, "slack: in use, https://hooks.slack.com/...")
	require.NotContains(t, said, "secret")
	require.Contains(t, c.ok("team", "slack", "--shop", "SHOP", "--off"), "by mail alone")
	c.refuses("no channel", "team", "slack", "--shop", "SHOP", "--off")
}

// With a worker about, a trial arrives where it is sent to, and a test by every channel.
func TestTrialAndTestArrive(t *testing.T) {
	a := apptest.WithShop(t)
	config := a.App.Config
	s := &session{ctx: t.Context(), config: config}
	shop := ofShop{Shop: string(a.Shop.ID)}
	said := printed(t, func() {
		require.NoError(t, messageSendCommand{oneMessage{ofShop: shop, Campaign: "thank_you"}, "me@example.com"}.Run(s))
	})
	require.Contains(t, said, "mail: sent")
	mails := a.Mails("me@example.com")
	require.Len(t, mails, 1)
	require.True(t, strings.HasPrefix(mails[0].Subject, "[Test] "), mails[0].Subject)
	require.Empty(t, mails[0].Get("List-Unsubscribe"))

	said = printed(t, func() { require.NoError(t, teamTestCommand{shop}.Run(s)) })
	require.Contains(t, said, "mail: sent")
	require.Len(t, a.Mails(a.Shop.Email), 1)
}
