package main

import (
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify"
)

// shopifyApp is shopify.app.toml.
type shopifyApp struct {
	Name           string `toml:"name"`
	Handle         string `toml:"handle"`
	ClientID       string `toml:"client_id"`
	ApplicationURL string `toml:"application_url"`
	Embedded       bool   `toml:"embedded"`
	Build          struct {
		IncludeConfig bool `toml:"include_config_on_deploy"`
		UpdateURLs    bool `toml:"automatically_update_urls_on_dev"`
	} `toml:"build"`
	Access struct {
		Scopes   string   `toml:"scopes"`
		Optional []string `toml:"optional_scopes"`
		Legacy   bool     `toml:"use_legacy_install_flow"`
	} `toml:"access_scopes"`
	Auth struct {
		Redirects []string `toml:"redirect_urls"`
	} `toml:"auth"`
	Webhooks struct {
		Version       string         `toml:"api_version"`
		Subscriptions []subscription `toml:"subscriptions"`
	} `toml:"webhooks"`
	Proxy struct {
		URL     string `toml:"url"`
		Prefix  string `toml:"prefix"`
		Subpath string `toml:"subpath"`
	} `toml:"app_proxy"`
	POS struct {
		Embedded bool `toml:"embedded"`
	} `toml:"pos"`
}

type subscription struct {
	Name       string   `toml:"name"`
	Topics     []string `toml:"topics"`
	Compliance []string `toml:"compliance_topics"`
	URI        string   `toml:"uri"`
	Filter     string   `toml:"filter"`
}

// parseApp reads an app's file; a key that Shopify's CLI would not know fails.
func parseApp(t *testing.T, text string) (a shopifyApp) {
	t.Helper()
	d := toml.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&a))
	return a
}

func appText(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("shopify.app.toml")
	require.NoError(t, err)
	return string(data)
}

// commented returns a block of comments of the file, without their marks.
func commented(t *testing.T, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(appText(t), "# -- "+name+" begin\n")
	require.True(t, found, name)
	block, _, found := strings.Cut(rest, "# -- "+name+" end\n")
	require.True(t, found, name)
	return regexp.MustCompile(`(?m)^# ?`).ReplaceAllString(block, "")
}

// findings are what `shopify app security check` (CLI 4.8) would find, by its codes.
func findings(a shopifyApp, now time.Time) (found []string) {
	var compliance []string
	for _, s := range a.Webhooks.Subscriptions {
		compliance = append(compliance, s.Compliance...)
		if u, err := url.Parse(s.URI); err != nil || u.Scheme != "https" && !strings.HasPrefix(s.URI, "/") {
			found = append(found, "INSECURE_WEBHOOK_URL")
		}
	}
	for _, topic := range []string{"customers/data_request", "customers/redact", "shop/redact"} {
		if !slices.Contains(compliance, topic) {
			found = append(found, "MISSING_COMPLIANCE_WEBHOOKS")
			break
		}
	}
	if !supported(a.Webhooks.Version, now) {
		found = append(found, "EOL_API_VERSION")
	}
	for _, scope := range append(strings.Split(a.Access.Scopes, ","), a.Access.Optional...) {
		if strings.HasSuffix(strings.TrimSpace(scope), "_script_tags") {
			found = append(found, "DEPRECATED_SCRIPT_TAG_SCOPE")
		}
	}
	return found
}

// supported reports whether a version is one of the quarterly ones, is out, and
// is within the year for which it surely lives (shopify.dev, "API versioning").
func supported(version string, now time.Time) bool {
	out, err := time.Parse("2006-01", version)
	return err == nil && (out.Month()-1)%3 == 0 && !now.Before(out) && now.Before(out.AddDate(1, 0, 0))
}

func TestShopifysOwnCheckFindsNothing(t *testing.T) {
	require.Empty(t, findings(parseApp(t, appText(t)), time.Now()))
}

// Each of the checks finds what it is for.
func TestShopifysOwnCheckFindsWhatIsWrong(t *testing.T) {
	today := time.Date(2026, time.November, 22, 0, 0, 0, 0, time.UTC)
	for old, c := range map[string]struct{ instead, finding string }{
		`"shop/redact"`:                {`"shop/update"`, "MISSING_COMPLIANCE_WEBHOOKS"},
		`uri = "https://`:              {`uri = "http://`, "INSECURE_WEBHOOK_URL"},
		`read_orders,`:                 {`read_orders,write_script_tags,`, "DEPRECATED_SCRIPT_TAG_SCOPE"},
		`optional_scopes = [ "read_`:   {`optional_scopes = [ "read_script_tags", "read_`, "DEPRECATED_SCRIPT_TAG_SCOPE"},
		`api_version = "2026-10"`:      {`api_version = "2025-10"`, "EOL_API_VERSION"},
		"[webhooks]\napi_version = \"": {"[webhooks]\napi_version = \"2026-11-", "EOL_API_VERSION"},
	} {
		text := appText(t)
		require.Contains(t, text, old)
		require.Contains(t, findings(parseApp(t, strings.ReplaceAll(text, old, c.instead)), today), c.finding, old)
	}
	for version, want := range map[string]bool{"2026-10": true, "2026-01": true, "2025-10": false, "2027-01": false, "2026-09": false, "unstable": false, "latest": false} {
		require.Equal(t, want, supported(version, today), version)
	}
}

// The rules of the CLI's schema (@shopify/cli 3.94), and our own: everything on one https host.
func TestShopifyAppFileIsWellFormed(t *testing.T) {
	a := parseApp(t, appText(t)+"\n"+commented(t, "optional topics"))
	require.True(t, a.Name != "" && len(a.Name) <= 30)
	require.True(t, a.Embedded && a.Build.IncludeConfig && !a.Build.UpdateURLs && !a.Access.Legacy && !a.POS.Embedded)
	require.Regexp(t, `^\d{4}-\d{2}$`, a.Webhooks.Version)
	home, err := url.Parse(a.ApplicationURL)
	require.NoError(t, err)
	addresses := append([]string{a.ApplicationURL, a.Proxy.URL}, a.Auth.Redirects...)
	seen, names := map[string]int{}, map[string]bool{}
	for _, s := range a.Webhooks.Subscriptions {
		require.True(t, s.Name != "" && len(s.Name) <= 50 && !names[s.Name], "name %q", s.Name)
		names[s.Name] = true
		require.NotEmpty(t, append(s.Topics, s.Compliance...), s.Name)
		for _, topic := range append(s.Topics, s.Compliance...) {
			seen[topic]++
		}
		require.Equal(t, home.Scheme+"://"+home.Host+"/webhooks/shopify", s.URI, "a door of ours; a relative one would stand below /admin")
		addresses = append(addresses, s.URI)
	}
	for topic, n := range seen {
		require.Equal(t, 1, n, "%s: two subscriptions make two deliveries of one event", topic)
	}
	for _, address := range addresses {
		u, err := url.Parse(address)
		require.NoError(t, err)
		require.Equal(t, "https://"+home.Host, u.Scheme+"://"+u.Host, address)
	}
	require.Equal(t, []string{"apps", "flywheel"}, []string{a.Proxy.Prefix, a.Proxy.Subpath}, "extensions/flywheel-block asks there")
	require.Contains(t, strings.Split(a.Access.Scopes, ","), "write_app_proxy")
}

// What Decode reads is subscribed to, may be (an optional scope), or is left out with a reason; and nothing else is.
func TestTopicsAreThoseTheProgramReads(t *testing.T) {
	a := parseApp(t, appText(t)+"\n"+commented(t, "optional topics"))
	require.Equal(t, shopify.Version, a.Webhooks.Version, "the client asks, and bodies are read, by this version")
	var asked []string
	for _, s := range a.Webhooks.Subscriptions {
		asked = append(append(asked, s.Topics...), s.Compliance...)
	}
	for line := range strings.Lines(commented(t, "left out")) {
		topic, why, found := strings.Cut(strings.TrimSpace(line), ": ")
		require.True(t, found && len(why) > 10, "%q says no reason", line)
		asked = append(asked, topic)
	}
	require.ElementsMatch(t, shopify.Topics(), asked)
	var live []string
	for _, s := range parseApp(t, appText(t)).Webhooks.Subscriptions {
		live = append(live, s.Topics...)
	}
	require.NotContains(t, live, "disputes/create", "its scope is optional")
}

// The filter lets through just those carrier's words that tell us something.
// The words are those of FulfillmentEventStatus, in webhooks in small letters.
func TestFilterDropsOnlyWhatIsIgnored(t *testing.T) {
	var filter string
	for _, s := range parseApp(t, appText(t)).Webhooks.Subscriptions {
		if slices.Contains(s.Topics, "fulfillment_events/create") {
			filter = s.Filter
		} else {
			require.Empty(t, s.Filter, "%s: a filter on a field that is not there drops everything", s.Name)
		}
	}
	allowed := strings.Split(filter, " OR ")
	for _, status := range strings.Fields("attempted_delivery carrier_picked_up confirmed delayed delivered failure in_transit label_printed label_purchased out_for_delivery picked_up ready_for_pickup") {
		body, err := json.Marshal(map[string]any{"id": 1, "fulfillment_id": 2, "order_id": 3, "status": status, "happened_at": "2026-11-02T09:00:00Z"})
		require.NoError(t, err)
		change, err := shopify.Decode(commerce.Delivery{Platform: commerce.Shopify, Topic: "fulfillment_events/create", Body: body})
		require.NoError(t, err)
		require.Equal(t, change.Ignored == "", slices.Contains(allowed, "status:"+status), status)
	}
}
