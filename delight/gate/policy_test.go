package gate

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
)

// shipped is the policy that goes out with the program.
func shipped(t testing.TB) Policy {
	t.Helper()
	data, err := os.ReadFile("../../templates/policy/consent.yaml")
	require.NoError(t, err)
	p, err := ParsePolicy(data)
	require.NoError(t, err)
	return p
}

func TestShippedPolicy(t *testing.T) {
	p := shipped(t)
	for class, countries := range map[Class]map[string]Need{
		Transactional: {"DE": NeedNothing, "US": NeedNothing, "CA": NeedNothing, "SA": NeedNothing, "BR": NeedNothing, "": NeedNothing},
		Service: {
			"DE": NeedOptIn, "AT": NeedOptIn, "SA": NeedOptIn, "": NeedOptIn,
			"GB": NeedOptOut, "US": NeedOptOut, "FR": NeedOptOut, "AE": NeedOptOut, "BR": NeedOptOut,
		},
		Marketing: {
			"US": NeedOptOut, "CA": NeedImplied,
			"DE": NeedDouble, "SA": NeedOptIn, "GB": NeedOptIn, "BR": NeedOptIn, "": NeedDouble,
		},
	} {
		for country, need := range countries {
			require.Equal(t, need, p.For(commerce.ByMail, class, country).Need, "%s in %q", class, country)
		}
	}
	require.Equal(t, 24, p.For(commerce.ByMail, Marketing, "CA").Months)
	for channel, classes := range p {
		require.Len(t, classes, 3, channel)
		for class, countries := range classes {
			for country, rule := range countries {
				require.NotEmpty(t, rule.Source, "%s %s %s", channel, class, country)
				day, err := time.Parse(time.DateOnly, rule.Date)
				require.NoError(t, err)
				require.True(t, day.Year() > 1990 && day.Year() < 2027, "%s %s %s %s", channel, class, country, rule.Date)
			}
		}
	}
}

func TestShippedPolicyForCalls(t *testing.T) {
	p := shipped(t)
	for _, country := range []string{"DE", "US", "SA", "FR", "BR", ""} {
		require.Equal(t, NeedNothing, p.For(commerce.ByCall, Transactional, country).Need, country)
		require.Equal(t, NeedOptIn, p.For(commerce.ByCall, Marketing, country).Need, country)
	}
	for country, need := range map[string]Need{
		"DE": NeedOptIn, "AT": NeedOptIn, "SA": NeedOptIn, "": NeedOptIn, "GB": NeedOptOut, "US": NeedOptOut, "FR": NeedOptOut, "BR": NeedOptOut,
	} {
		require.Equal(t, need, p.For(commerce.ByCall, Service, country).Need, country)
	}
}

func TestUnknownNeedsTheStrictest(t *testing.T) {
	p := Policy{commerce.ByMail: {Marketing: {
		"*": {Need: NeedOptOut, Source: "rest"}, "CA": {Need: NeedImplied, Months: 24}, "XA": {Need: NeedImplied, Months: 6},
		"XB": {Need: NeedImplied, Months: 6, Source: "as strict as XA"},
	}}}
	for country, want := range map[string]Rule{
		"ca": {Need: NeedImplied, Months: 24},
		"BR": {Need: NeedOptOut, Source: "rest"},
		"":   {Need: NeedImplied, Months: 6}, // of two implied ones the shorter
		"?":  {Need: NeedImplied, Months: 6},
		"*":  {Need: NeedImplied, Months: 6},
	} {
		for range 20 { // maps have no order
			require.Equal(t, want, p.For(commerce.ByMail, Marketing, country), "%q", country)
		}
	}
	require.Equal(t, NeedDouble, p.For("sms", Marketing, "BR").Need, "no rule for the channel")
	require.Equal(t, NeedDouble, p.For(commerce.ByMail, Service, "BR").Need, "no rule for the class")
	require.Equal(t, NeedDouble, Policy(nil).For(commerce.ByMail, Transactional, "BR").Need)
}

func TestParsePolicyRefuses(t *testing.T) {
	const good = `
email:
  service:
    "*": {need: opt_out, source: somewhere, date: 2020-01-31}
    DE: {need: implied, months: 3, source: elsewhere, date: 2021-02-28}
`
	_, err := ParsePolicy([]byte(good))
	require.NoError(t, err)
	for name, c := range map[string]struct{ from, to, want string }{
		"no rule for the rest": {`"*"`, "FR", "no rule *"},
		"a class of its own":   {"service", "survey", `no class "survey"`},
		"a small country":      {"DE:", "de:", `"de" is not a country`},
		"a long country":       {"DE:", "Germany:", `"Germany" is not a country`},
		"an unknown need":      {"opt_out", "optout", `"optout" is no need`},
		"no need":              {"need: opt_out, ", "", `"" is no need`},
		"implied for ever":     {"months: 3, ", "", "needs its months"},
		"no source":            {"source: somewhere", "source: ''", "no source"},
		"no day":               {"2020-01-31", "2020-01-32", "not a day"},
		"a field too many":     {"need: opt_out", "need: opt_out, nede: x", "nede"},
		"twice the same":       {"DE:", `"*":`, "already defined"},
		"not a table":          {good, "- a", "cannot be read"},
		"nothing":              {good, "", "empty"},
	} {
		_, err := ParsePolicy([]byte(strings.Replace(good, c.from, c.to, 1)))
		require.ErrorContains(t, err, c.want, name)
		require.True(t, fault.Is(err, fault.Invalid), name)
	}
}

func TestNorwayIsACountry(t *testing.T) {
	p, err := ParsePolicy([]byte(`
email:
  marketing:
    "*": {need: opt_out, source: x, date: 2020-01-01}
    NO: {need: opt_in, source: y, date: 2020-01-01}
`))
	require.NoError(t, err)
	require.Equal(t, NeedOptIn, p.For(commerce.ByMail, Marketing, "NO").Need)
}
