package mail

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

// look asks everything at once: a domain whose servers are silent costs one wait.
func look(ctx context.Context, r Resolver, d Domain) Findings {
	a := asker{r}
	d.Name = strings.ToLower(strings.TrimSuffix(d.Name, "."))
	found := Findings{Keys: make([]Finding, len(d.Keys))}
	var all sync.WaitGroup
	for i, key := range d.Keys {
		all.Go(func() { found.Keys[i] = a.key(ctx, d.Name, key) })
	}
	all.Go(func() { found.SPF, found.Lookups = a.spf(ctx, d) })
	all.Go(func() { found.DMARC, found.Policy, found.Aligned = a.dmarc(ctx, d) })
	all.Go(func() { found.MX = a.servers(ctx, d.Name) })
	all.Wait()
	return found
}

// key looks at the record of one signing key.
func (a asker) key(ctx context.Context, domain string, key PublicKey) Finding {
	f := Finding{Name: RecordName(key.Selector, domain), Type: "TXT", Publish: key.Record, Selector: key.Selector, Condition: Good}
	values, failure := a.txt(ctx, f.Name)
	f.Stands = shown(values)
	switch {
	case failure != "":
		f.Condition, f.Failure = Unclear, failure
	case len(values) == 0:
		f.Condition = Missing
	case len(values) > 1:
		f.Condition = Broken // which one a receiver takes is anybody's guess (RFC 6376, 3.6.2.2)
	default:
		f.Condition = compareKeys(tags(values[0]), tags(key.Record))
	}
	return f
}

// compareKeys says whether a record that stands there lets the key it should
// name sign mails (RFC 6376, 3.6.1).
func compareKeys(stands, want map[string]string) Condition {
	kind := func(t map[string]string) string {
		if t["k"] == "" {
			return RSA
		}
		return t["k"]
	}
	within := func(list, any, one string) bool {
		parts := strings.Split(strings.ReplaceAll(list, " ", ""), ":")
		return list == "" || slices.Contains(parts, any) || slices.Contains(parts, one)
	}
	public, has := stands["p"]
	switch {
	case !has, stands["v"] != "" && stands["v"] != "DKIM1", !within(stands["h"], "sha256", "sha256"), !within(stands["s"], "*", "email"):
		return Broken
	case kind(stands) != kind(want), strings.Join(strings.Fields(public), "") != want["p"]:
		return Differs // also an empty one: a key that was taken back
	}
	return Good
}

// tags reads "v=DKIM1; k=rsa; p=..." (RFC 6376, 3.2).
func tags(record string) map[string]string {
	out := map[string]string{}
	for _, one := range strings.Split(record, ";") {
		if name, value, ok := strings.Cut(one, "="); ok {
			out[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return out
}

// dmarc looks for the policy of a domain, or else of the domain it belongs to
// (RFC 7489, 6.6.3).
func (a asker) dmarc(ctx context.Context, d Domain) (f Finding, policy string, aligned bool) {
	from := d.ReturnPath
	if from == "" {
		from = d.Name
	}
	aligned = organisation(from) == organisation(d.Name)
	f = Finding{Name: "_dmarc." + d.Name, Type: "TXT", Publish: "v=DMARC1; p=none", Condition: Good}
	values, failure := a.policies(ctx, f.Name)
	inherited := false
	if org := organisation(d.Name); failure == "" && len(values) == 0 && org != d.Name {
		if values, failure = a.policies(ctx, "_dmarc."+org); len(values) > 0 {
			f.Name, f.Publish, inherited = "_dmarc."+org, "", true
		}
	}
	f.Stands = shown(values)
	switch {
	case failure != "":
		f.Condition, f.Failure = Unclear, failure
		return f, "", aligned
	case len(values) == 0:
		f.Condition = Missing
		return f, "", aligned
	}
	const version = "v=DMARC1" // the parser wants small letters in what follows, RFC 7489 (6.4) does not
	record, err := dmarc.Parse(version + strings.ToLower(strings.TrimPrefix(values[0], version)))
	if len(values) > 1 || err != nil {
		f.Condition = Broken
		return f, "", aligned
	}
	f.Publish = ""
	if record.SPFAlignment == dmarc.AlignmentStrict {
		aligned = strings.EqualFold(from, d.Name)
	}
	policy = string(record.Policy)
	if inherited && record.SubdomainPolicy != "" {
		policy = string(record.SubdomainPolicy)
	}
	return f, policy, aligned
}

// policies are the DMARC records of a name; other texts there do not count.
func (a asker) policies(ctx context.Context, name string) ([]string, Failure) {
	values, failure := a.txt(ctx, name)
	return slices.DeleteFunc(values, func(v string) bool { return !strings.HasPrefix(v, "v=DMARC1") }), failure
}

// organisation is the part of a name that somebody registered, such as
// example.co.uk of mail.example.co.uk.
func organisation(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if org, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return org
	}
	return name
}

// servers looks at where answers to the domain's addresses go.
func (a asker) servers(ctx context.Context, domain string) Finding {
	f := Finding{Name: domain, Type: "MX", Condition: Good}
	servers, failure := a.mx(ctx, domain)
	takes := false
	for _, mx := range servers {
		host := strings.TrimSuffix(mx.Host, ".")
		takes = takes || host != "" // "." is said by domains without mail (RFC 7505)
		f.Stands = append(f.Stands, fmt.Sprintf("%d %s", mx.Pref, host))
	}
	f.Stands = shown(f.Stands)
	switch {
	case failure != "":
		f.Condition, f.Failure = Unclear, failure
	case len(servers) == 0:
		f.Condition = Missing
	case !takes:
		f.Condition = Broken
	}
	return f
}

// shown cuts what a stranger's DNS says to what a page and a row can hold.
func shown(values []string) []string {
	const most, longest = 5, 800
	var out []string
	for _, v := range values[:min(len(values), most)] {
		v = strings.Map(func(c rune) rune {
			if c < ' ' || c > '~' {
				return '?'
			}
			return c
		}, v[:min(len(v), longest)])
		out = append(out, v)
	}
	return out
}
