package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"flywheel/fault"
	"flywheel/integrations/stripe"
)

type stripeCommand struct {
	Endpoint  stripeEndpointCommand  `cmd:"" help:"Make the endpoint that tells of all connected accounts, and print its secret."`
	Endpoints stripeEndpointsCommand `cmd:"" help:"List the platform's endpoints and what is wrong with them."`
}

type stripeEndpointCommand struct {
	Test    bool `help:"For the test mode."`
	Replace bool `help:"End the one that is there: its secret is told only once."`
}

// Run makes the Connect endpoint. Of two at one address each event would come twice.
func (c stripeEndpointCommand) Run(s *session) error {
	a := s.stripe()
	access, err := a.platform(!c.Test)
	if err != nil {
		return err
	}
	address := s.config.BaseURL + "/webhooks/stripe"
	all, err := a.client.Endpoints(s.ctx, access)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.URL == address && e.Connect && !c.Replace {
			return fault.New(fault.Conflict, "%s delivers to %s already, and Stripe told its secret only once: --replace makes another", e.ID, address)
		}
	}
	made, err := a.createEndpoint(access, stripe.EndpointWish{URL: address, Connect: true, Description: "Flywheel, for connected accounts"}, !c.Test)
	if err != nil {
		return err
	}
	fmt.Printf("endpoint %s\naddress %s\nsecret %s\nAdd the secret to STRIPE_WEBHOOK_SECRET (several by comma) and start flywheel again; it is not shown again.\n", made.ID, made.URL, made.Secret)
	if c.Replace {
		return a.endOthers(access, made)
	}
	return nil
}

// platform is the platform's own key of a mode.
func (a asker) platform(live bool) (stripe.Access, error) {
	key := a.config.StripeKeys.Of(live)
	if key == "" {
		mode := "live"
		if !live {
			mode = "test"
		}
		return stripe.Access{}, fault.New(fault.Invalid, "STRIPE_SECRET_KEY holds no key of the %s mode", mode)
	}
	return stripe.Access{Key: key}, nil
}

type stripeEndpointsCommand struct {
	Test bool `help:"Of the test mode."`
}

// Run lists endpoints, others' than ours included.
func (c stripeEndpointsCommand) Run(s *session) error {
	a := s.stripe()
	access, err := a.platform(!c.Test)
	if err != nil {
		return err
	}
	all, err := a.client.Endpoints(s.ctx, access)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ENDPOINT\tADDRESS\tEVENTS OF\tVERSION\tSTATE\tWRONG")
	for _, e := range all {
		of, version, wrong := "own account", e.Version, "not ours"
		if e.Connect {
			of = "connected accounts"
		}
		if version == "" {
			version = "the account's"
		}
		if a.ours(e) {
			wrong = strings.Join(ails(e), "; ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", e.ID, e.URL, of, version, e.Status, wrong)
	}
	return w.Flush()
}

// ours reports whether an endpoint leads to this Flywheel.
func (a asker) ours(e stripe.Endpoint) bool {
	address := a.config.BaseURL + "/webhooks/stripe"
	return e.URL == address || strings.HasPrefix(e.URL, address+"/")
}

// ails says what is wrong with an endpoint of ours; none = it is as it should be.
func ails(e stripe.Endpoint) (out []string) {
	if e.Version != stripe.APIVersion {
		out = append(out, "it is not of API version "+stripe.APIVersion)
	}
	if e.Status != "enabled" {
		out = append(out, "it is "+e.Status)
	}
	if lacks := e.Lacks(); len(lacks) > 0 {
		out = append(out, "it lacks "+strings.Join(lacks, ", "))
	}
	return out
}

// checkStripe looks at the endpoints of every mode whose key is set, and at those
// of accounts with a key of their own.
func checkStripe(s *session) (string, error) {
	a := s.stripe()
	var saw, wrong []string
	for _, live := range []bool{true, false} {
		access, err := a.platform(live)
		if err != nil {
			continue // a mode without a key is not used
		}
		told, bad, err := a.examine(access, live)
		if err != nil {
			return "", err
		}
		saw, wrong = append(saw, told), append(wrong, bad...)
	}
	if len(saw) == 0 {
		saw = append(saw, "no key, so only accounts with their own key are asked")
	}
	told, bad, err := a.examineOwn()
	if err != nil {
		return "", err
	}
	saw, wrong = append(saw, told...), append(wrong, bad...)
	if len(wrong) > 0 {
		return "", fault.New(fault.Invalid, "%s", strings.Join(wrong, "\n"))
	}
	return strings.Join(saw, "; "), nil
}

// examine counts a mode's endpoints of ours and says what is wrong with each.
func (a asker) examine(access stripe.Access, live bool) (saw string, wrong []string, err error) {
	mode, flag := "live", ""
	if !live {
		mode, flag = "test", " --test"
	}
	all, err := a.client.Endpoints(a.ctx, access)
	if err != nil {
		return "", nil, fmt.Errorf("%s mode: %w", mode, err)
	}
	ours := 0
	for _, e := range all {
		if !a.ours(e) {
			continue
		}
		ours++
		for _, ill := range ails(e) {
			wrong = append(wrong, fmt.Sprintf("%s (%s): %s: flywheel stripe endpoint%s --replace makes another", e.ID, mode, ill, flag))
		}
	}
	if ours == 0 {
		wrong = append(wrong, fmt.Sprintf("no endpoint of the %s mode leads to %s/webhooks/stripe: flywheel stripe endpoint%s makes one", mode, a.config.BaseURL, flag))
	}
	return fmt.Sprintf("%s mode: %d endpoints as they should be", mode, ours), wrong, nil
}
