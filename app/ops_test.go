package app_test

import (
	"io"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"flywheel/apptest"
)

// metrics is what Prometheus reads of an App that has done all kinds of work once.
func metrics(t *testing.T) string {
	t.Helper()
	a := apptest.WithShop(t)
	a.Send("orders/paid", a.Order(1).Body())
	test := a.Order(2)
	test.Test = true
	a.Send("orders/paid", test.Body())
	a.Wait()
	rec := httptest.NewRecorder()
	a.App.Ops().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(rec.Body)
	require.NoError(t, err)
	return string(body)
}

func TestMetricsCountTheWork(t *testing.T) {
	text := metrics(t)
	for _, line := range []string{
		`flywheel_webhooks_total{platform="shopify",result="accepted"} 2`,
		`flywheel_effects_total{kind="send_email",result="sent"} 1`,
		`flywheel_effects{state="unknown"} 0`,
		`flywheel_decisions_total{answer="skip",reason="test_order"}`,
		`flywheel_inbox_rows 0`, `flywheel_redis_up 1`, `flywheel_paused 0`,
		`flywheel_webhook_duration_seconds_count{platform="shopify"} 2`,
		`flywheel_step_duration_seconds_count{part="smtp"} 1`,
	} {
		require.Contains(t, text, line)
	}
	require.NotRegexp(t, `shop(_id)?="`, text, "a label a shop would grow for ever")
}

type rules struct {
	Groups []struct {
		Rules []struct {
			Alert string `yaml:"alert"`
			Expr  string `yaml:"expr"`
		} `yaml:"rules"`
	} `yaml:"groups"`
}

// Every alert reads a figure that exists, and has its heading in the handbook.
func TestAlertsReadFiguresThatExist(t *testing.T) {
	data, err := os.ReadFile("../ops/alerts.yaml")
	require.NoError(t, err)
	var all rules
	require.NoError(t, yaml.Unmarshal(data, &all))
	handbook, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	text, seen := metrics(t), 0
	for _, group := range all.Groups {
		for _, rule := range group.Rules {
			seen++
			require.Contains(t, string(handbook), "### "+rule.Alert+"\n")
			for _, name := range regexp.MustCompile(`flywheel_\w+`).FindAllString(rule.Expr, -1) {
				require.True(t, strings.Contains(text, "\n"+name+"{") || strings.Contains(text, "\n"+name+" "), "%s reads %s", rule.Alert, name)
			}
		}
	}
	require.Greater(t, seen, 10)
}
