package stripe

import (
	"net/http"
	"net/url"
	"regexp"
	"time"

	"flywheel/fault"
)

// Installed is what Stripe says on the way back from its install page.
type Installed struct {
	User    string // usr_..., who installed; "" = Stripe does not say
	Account string // acct_..., in which
	State   string // what the way there was given
}

// told holds what may stand in a value of the way back: nothing that JSON
// writers put in different words.
var told = regexp.MustCompile(`^[A-Za-z0-9_.-]*$`)

// accountID is the form of an account's id.
var accountID = regexp.MustCompile(`^acct_[A-Za-z0-9_]{1,64}$`)

// ValidAccount reports whether id has the form of an account's.
func ValidAccount(id string) bool { return accountID.MatchString(id) }

// VerifyInstall checks the query with which Stripe's install page comes back,
// as https://docs.stripe.com/stripe-apps/install-links describes it:
// install_signature is made like a webhook's header, with a signing secret of
// the app, over {"state":...,"user_id":...,"account_id":...}. One of secrets must
// fit, and its time lie within Tolerance of now, which is real time. Whether
// live or test was installed is not signed. Errors are fault.Denied.
func VerifyInstall(q url.Values, secrets []string, now time.Time) (Installed, error) {
	in := Installed{User: q.Get("user_id"), Account: q.Get("account_id"), State: q.Get("state")}
	if !told.MatchString(in.User) || !told.MatchString(in.State) || !ValidAccount(in.Account) {
		return Installed{}, fault.New(fault.Denied, "the way back from Stripe names no account")
	}
	signed := `{"state":"` + in.State + `","user_id":"` + in.User + `","account_id":"` + in.Account + `"}`
	header := http.Header{"Stripe-Signature": {q.Get("install_signature")}}
	if err := Verify(header, []byte(signed), secrets, now); err != nil {
		return Installed{}, fault.Wrap(fault.Denied, err, "this does not bear Stripe's signature, or it is older than %s: begin again", Tolerance)
	}
	return in, nil
}
