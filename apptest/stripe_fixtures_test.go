package apptest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe"
	"flywheel/integrations/stripe/stripefake"
	"flywheel/store/storetest"
)

// fixtures are all resources that stripe-mock has of Stripe, in one API version.
type fixtures struct {
	module, file string // where the Go module proxy has them
	version      string // of the API
}

var (
	oldFixtures = fixtures{"github.com/stripe/stripe-mock@v0.148.0", "openapi/fixtures3.json", "2022-11-15"}
	newFixtures = fixtures{"github.com/stripe/stripe-mock@v0.203.0", "embedded/openapi/fixtures3.json", "2026-08-26.dahlia"}
)

// natural are the events that Stripe itself tells of a resource.
var natural = map[string][]string{
	"charge": {"charge.succeeded", "charge.updated", "charge.captured", "charge.refunded"},
	"checkout.session": {
		"checkout.session.expired", "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
	},
	"customer":         {"customer.created", "customer.updated", "customer.deleted"},
	"deleted_customer": {"customer.deleted"},
	"dispute": {
		"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
	},
	"invoice":        {"invoice.created", "invoice.finalized", "invoice.paid", "invoice.payment_failed"},
	"payment_intent": {"payment_intent.created", "payment_intent.payment_failed", "payment_intent.succeeded"},
	"refund":         {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"},
	"subscription":   {"customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted", "customer.subscription.trial_will_end"},
}

// typesOf are the natural events of a resource; of others Stripe would tell
// nothing that we read.
func typesOf(resource string) []string {
	if types := natural[resource]; types != nil {
		return types
	}
	return []string{resource + ".created", resource + ".updated", resource + ".deleted"}
}

// Whatever object Stripe wraps as whatever event passes through the door: what
// it naturally tells is done, and what cannot be told of such an object is set
// aside in words. Nothing is lost, and nothing breaks.
func TestEveryResourceAsEveryEvent(t *testing.T) {
	for _, f := range []fixtures{oldFixtures, newFixtures} {
		t.Run(f.version, func(t *testing.T) {
			t.Parallel()
			resources := f.load(t)
			a := WithStripe(t)
			for name, o := range resources {
				for _, topic := range typesOf(name) {
					a.wrapped(f, name, topic, o)
				}
			}
			a.Wait()
			a.allTaken()
			require.Empty(t, a.setAside(), "nothing natural")
			require.Positive(t, a.Count(`SELECT COUNT(*) FROM orders`))
			if f == oldFixtures { // the newer ones hold all of these and more
				return
			}

			var types []string
			for _, list := range stripe.EventTypes() {
				types = append(types, list...)
			}
			types = append(types, "payment_intent.payment_failed", "customer.deleted", "account.application.authorized")
			var group sync.WaitGroup
			for part := range slices.Chunk(types, (len(types)+7)/8) {
				group.Go(func() {
					for _, topic := range part {
						for name, o := range resources {
							a.wrapped(f, "any_"+name, topic, o)
						}
					}
				})
			}
			group.Wait()
			a.Wait()
			a.allTaken()
			notes := a.setAside()
			require.NotEmpty(t, notes)
			for _, note := range notes {
				about, why, _ := strings.Cut(note, ": ")
				require.Regexp(t, `^the body of [a-z_.]+ cannot be read$`, about)
				require.NotEmpty(t, why, about)
			}
			a.wrapped(f, "end", "account.application.deauthorized", resources["charge"])
			a.Wait()
			a.allTaken()
		})
	}
}

// wrapped delivers a resource as an event of a type and demands that it is taken.
func (a *App) wrapped(f fixtures, name, topic string, o stripefake.Object) {
	status, err := a.FromStripe(a.Ctx, stripefake.Event{
		ID: fmt.Sprintf("evt_%s_%s", name, topic), Type: topic, Account: Account, Object: o, Version: f.version, Created: a.Clock.Now(),
	})
	if err != nil || status != 200 {
		a.t.Errorf("%s as %s: %d %v", name, topic, status, err)
	}
}

// allTaken demands that no delivery waits.
func (a *App) allTaken() {
	a.t.Helper()
	require.Zero(a.t, a.Count(`SELECT COUNT(*) FROM inbox WHERE state NOT IN (1, 2)`))
	require.Positive(a.t, a.Count(`SELECT COUNT(*) FROM inbox`))
}

// setAside are the notes of what could not be read.
func (a *App) setAside() (out []string) {
	a.t.Helper()
	rows, err := storetest.DB(a.t, a.database).QueryContext(a.Ctx, `SELECT note FROM inbox WHERE state = 2`)
	require.NoError(a.t, err)
	defer rows.Close()
	for rows.Next() {
		var note string
		require.NoError(a.t, rows.Scan(&note))
		out = append(out, note)
	}
	require.NoError(a.t, rows.Err())
	return out
}

// load reads the fixtures, from the module cache where they are there.
func (f fixtures) load(t *testing.T) map[string]stripefake.Object {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", f.module)
	cmd.Dir = t.TempDir() // outside of our module, whose go.sum knows nothing of it
	out, err := cmd.Output()
	require.NoError(t, err, "%s", out)
	var at struct{ Dir string }
	require.NoError(t, json.Unmarshal(out, &at))
	body, err := os.ReadFile(filepath.Join(at.Dir, f.file))
	require.NoError(t, err)
	var all struct{ Resources map[string]stripefake.Object }
	require.NoError(t, json.Unmarshal(body, &all))
	require.Greater(t, len(all.Resources), 100)
	return all.Resources
}
