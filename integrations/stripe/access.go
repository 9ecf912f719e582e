package stripe

import (
	"log/slog"
	"strings"

	"flywheel/fault"
)

// APIVersion is the version every call is made with and every endpoint of ours
// is created with: the one stripe-go v76 knows.
const APIVersion = "2023-10-16"

// Access is in whose name a call is made.
type Access struct {
	Key     string // secret or restricted; it also says whether live or test data is meant
	Account string // acct_..., whose app the key's owner is; "" = the key's own account
}

// LogValue keeps the key out of logs.
func (a Access) LogValue() slog.Value { return slog.StringValue("stripe " + a.Account) }

// Keys are the platform's own secret keys, one for each mode; "" = none.
type Keys struct{ Live, Test string }

// ParseKeys sorts keys by their mode. Of several of one mode the first counts,
// so that a key can be rolled. Errors are fault.Invalid and hold no key.
func ParseKeys(keys []string) (Keys, error) {
	var out Keys
	for _, k := range keys {
		live, err := KeyMode(k)
		switch {
		case err != nil:
			return Keys{}, err
		case live && out.Live == "":
			out.Live = k
		case !live && out.Test == "":
			out.Test = k
		}
	}
	return out, nil
}

// Of returns the key of a mode.
func (k Keys) Of(live bool) string {
	if live {
		return k.Live
	}
	return k.Test
}

// KeyMode tells a live key from a test key. Errors are fault.Invalid.
func KeyMode(key string) (live bool, err error) {
	switch {
	case strings.HasPrefix(key, "sk_live_"), strings.HasPrefix(key, "rk_live_"):
		return true, nil
	case strings.HasPrefix(key, "sk_test_"), strings.HasPrefix(key, "rk_test_"):
		return false, nil
	}
	return false, fault.New(fault.Invalid, "a secret key of Stripe begins with sk_live_, rk_live_, sk_test_ or rk_test_")
}
