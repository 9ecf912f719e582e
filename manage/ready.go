package manage

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/delight/lint"
	"flywheel/fault"
	"flywheel/message"
)

// fit says why a campaign may not be live in a shop, everything at once, as
// fault.Invalid; a job that somebody else does is fault.Conflict by itself.
func (k Desk) fit(ctx context.Context, shop commerce.Shop, c campaign.Campaign) error {
	if err := ours(shop, c); err != nil {
		return err
	}
	var wrong []string
	for _, f := range findings(c.Definition, shop) {
		if f.Severity == lint.Error {
			wrong = append(wrong, f.Where+": "+f.Texts["en"]+" "+f.Mend["en"]+" ["+f.Rule+"]")
		}
	}
	missing, err := k.missingHooks(ctx, shop.ID, c.Definition)
	if err != nil {
		return err
	}
	for _, name := range missing {
		wrong = append(wrong, "there is no endpoint "+name+" in use: flywheel hooks add makes one ["+string(gate.EndpointGone)+"]")
	}
	gaps, err := k.loyaltyGaps(ctx, shop.ID, c.Definition)
	if err != nil {
		return err
	}
	for _, g := range gaps {
		wrong = append(wrong, loyaltyWrong[g.Key])
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "%s%s", notYet(c.ID), strings.Join(wrong, "\n"))
	}
	return nil
}

// findings are what the linter finds in a definition, and the names in its
// texts that stand for nothing.
func findings(d campaign.Definition, shop commerce.Shop) []lint.Finding {
	return findingsKept.of(d, shop, lintAll)
}

// lintAll looks at a definition whole.
func lintAll(d campaign.Definition, shop commerce.Shop) []lint.Finding {
	found := lint.Lint(d, shop)
	lint.EachStep(d, func(s *campaign.Step, where string) {
		look := func(at string, problems []message.Problem) {
			for _, p := range problems {
				if p.Unknown != "" {
					found = append(found, lint.UnknownVariable(where+at+"."+fieldPath(p.Field), p.Unknown))
				}
			}
		}
		for lang, e := range s.Email {
			look(".email."+lang, message.Lint(e))
		}
		for lang, n := range s.Note {
			look(".note."+lang, message.LintNote(n))
		}
	})
	lint.Sort(found)
	return found
}

// fieldPath writes a field as package message names it, such as body 2 or blocks 3
// button label, as it stands in the definition: body[1], blocks[2].button.label.
func fieldPath(field string) string {
	var path strings.Builder
	for i, word := range strings.Fields(field) {
		if n, err := strconv.Atoi(word); err == nil {
			fmt.Fprintf(&path, "[%d]", n-1)
			continue
		}
		if i > 0 {
			path.WriteByte('.')
		}
		path.WriteString(word)
	}
	return path.String()
}

// notYet stands above what keeps a campaign from going live.
func notYet(id campaign.CampaignID) string { return string(id) + " cannot be live yet:\n" }

// ours refuses what the shop says that another tool does, or nobody.
func ours(shop commerce.Shop, c campaign.Campaign) error {
	switch owner := shop.Settings.OwnerOf(c.Job); owner {
	case commerce.OwnerFlywheel:
		return nil
	case commerce.OwnerNobody:
		return fault.New(fault.Conflict, "the shop says that nobody does %s for its customers [%s]: put owners.%s: flywheel into its settings first",
			c.Job, gate.OtherTool, c.Job)
	default:
		return fault.New(fault.Conflict, "the shop says that %s does %s for its customers [%s]: turn it off there, then put owners.%s: flywheel into the shop's settings",
			owner, c.Job, gate.OtherTool, c.Job)
	}
}

// missingHooks are the endpoints a definition names that the shop has not.
func (k Desk) missingHooks(ctx context.Context, shop commerce.ShopID, d campaign.Definition) (missing []string, err error) {
	var known map[string]bool
	for _, s := range steps(d) {
		if s.Kind != campaign.Webhook || slices.Contains(missing, s.Hook) {
			continue
		}
		if known == nil {
			if known, err = k.hooksInUse(ctx, shop); err != nil {
				return nil, err
			}
		}
		if !known[s.Hook] {
			missing = append(missing, s.Hook)
		}
	}
	return missing, nil
}

// hooksInUse are the names of the shop's endpoints.
func (k Desk) hooksInUse(ctx context.Context, shop commerce.ShopID) (map[string]bool, error) {
	all, err := k.Store.ListEndpoints(ctx, shop)
	names := map[string]bool{}
	for _, e := range all {
		names[e.Name] = e.DisabledAt == 0
	}
	return names, err
}

// alone refuses a second live campaign for the same job and the same sort of
// cause: the customer would hear the same twice.
func (k Desk) alone(ctx context.Context, shop commerce.ShopID, c campaign.Campaign) error {
	if c.Job == "" {
		return nil
	}
	all, err := k.Store.ListCampaigns(ctx, shop)
	for _, other := range all {
		if other.ID != c.ID && other.State == campaign.Live && other.Job == c.Job && meet(other.Trigger, c.Trigger) {
			return fault.New(fault.Conflict, "%s is live and does %s already: pause it first, or force this one if the two are for different people", other.ID, c.Job)
		}
	}
	return err
}

// meet reports whether two triggers may follow the same order: what answers a
// refund, a cancellation or a failure begins only with that, all others with a purchase.
func meet(a, b campaign.Trigger) bool {
	one, two := campaign.TriggerOf(a.Kind), campaign.TriggerOf(b.Kind)
	return a.Kind == b.Kind || one != nil && two != nil && !one.Answers && !two.Answers
}
