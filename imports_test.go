package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// allowed says which packages of ours each part may import (docs/design.md);
// what is not listed here ties things together and may import everything.
var allowed = map[string][]string{
	"fault":     {},
	"templates": {},
	"commerce":  {"fault"},
	"links":     {"fault"},
	"delight/":  {"commerce", "fault", "delight/calendar", "delight/gate", "delight/referral"},
	// what judges a whole definition stands above the engine
	"delight/lint":   {"commerce", "fault", "delight/"},
	"delight/replay": {"commerce", "delight/"},
	"message":        {"commerce", "delight/", "templates", "links", "fault", "message/liquid"},
	"message/liquid": {},
	"store":          {"commerce", "delight/", "fault", "store/"},
	"manage":         {"club", "commerce", "delight/", "fault", "integrations/hook", "integrations/slack", "links", "message", "store", "templates"},
	"timeline":       {"commerce", "delight/", "store", "templates"},
	// what a merchant's platform account lets us do, pays for and asks of us
	"install": {"commerce", "delight/campaign", "fault", "integrations/shopify", "integrations/stripe", "store", "templates"},
	"codes":   {"commerce", "fault", "install", "integrations/stripe", "store"},
	"billing": {"commerce", "fault"},
	// what members, staff and campaigns do in a shop's loyalty program
	"club": {"commerce", "delight/", "fault", "store"},
	// what is told of mails after they went out
	// who may come in
	"account": {"commerce", "fault", "links", "store", "templates"},
	"bounces": {"commerce", "delight/", "fault", "integrations/mail", "integrations/mail/", "store"},
	"privacy": {"commerce", "fault", "store", "templates"},
	// who shops write as
	"sender": {"commerce", "delight/gate", "fault", "integrations/mail", "integrations/mail/", "integrations/mail/events", "message", "store", "templates"},
	"jobs":   {"billing", "club", "codes", "commerce", "delight/", "fault", "install", "links", "message", "privacy", "sender", "store", "templates", "integrations/"},
	"server": {"account", "billing", "club", "commerce", "delight/", "fault", "bounces", "install", "links", "manage", "message", "privacy", "sender", "store", "templates", "timeline", "integrations/"},
}

var tying = []string{"", "app", "demo", "apptest", "bench", "e2e"}

func TestImportsGoOneWay(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}|{{join .Imports ","}}`, "./...").CombinedOutput()
	require.NoError(t, err, string(out))
	for _, line := range strings.Fields(string(out)) {
		path, imports, _ := strings.Cut(line, "|")
		path = strings.TrimPrefix(strings.TrimPrefix(path, "flywheel"), "/")
		if slices.Contains(tying, strings.Split(path, "/")[0]) {
			continue
		}
		may := rules(t, path)
		for _, dep := range strings.Split(imports, ",") {
			ours, ok := strings.CutPrefix(dep, "flywheel/")
			if ok && !slices.ContainsFunc(may, func(m string) bool { return ours == m || strings.HasSuffix(m, "/") && strings.HasPrefix(ours, m) }) {
				t.Errorf("%s imports %s", path, ours)
			}
		}
	}
}

func rules(t *testing.T, path string) []string {
	if strings.HasPrefix(path, "integrations/") {
		own := strings.Join(strings.SplitN(path, "/", 3)[:2], "/")
		return []string{"commerce", "fault", own, own + "/"} // a party never knows another
	}
	if path == "store/storetest" {
		return append([]string{"store"}, allowed["store"]...)
	}
	if may, named := allowed[path]; named {
		return may
	}
	for part, may := range allowed {
		if strings.HasSuffix(part, "/") && strings.HasPrefix(path, part) {
			return may
		}
	}
	t.Fatalf("no rule says what %s may import", path)
	return nil
}
