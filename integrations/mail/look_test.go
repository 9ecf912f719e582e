package mail_test

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail"
	"flywheel/integrations/mail/dnsfake"
)

// zone is a DNS server where nour.example is set up as we ask for.
func zone(t *testing.T) (*dnsfake.Server, mail.Domain) {
	t.Helper()
	dns, err := dnsfake.Start()
	require.NoError(t, err)
	t.Cleanup(dns.Stop)
	d := mail.Domain{
		Name: "nour.example", Include: "spf.flywheel.example", ReturnPath: "bounce.flywheel.example",
		Keys: []mail.PublicKey{{Selector: "fw1", Record: mail.Record(keyOf(t, mail.RSA))}, {Selector: "fw2", Record: mail.Record(keyOf(t, mail.Ed25519))}},
	}
	dns.TXT("spf.flywheel.example", "v=spf1 ip4:192.0.2.1 -all")
	dns.TXT("nour.example", "google-site-verification=x", "v=spf1 include:spf.flywheel.example mx ~all")
	dns.TXT("_dmarc.nour.example", "v=DMARC1; p=quarantine; rua=mailto:dmarc@nour.example")
	dns.MX("nour.example", "mx1.nour.example", "mx2.nour.example")
	for _, key := range d.Keys {
		dns.TXT(mail.RecordName(key.Selector, d.Name), key.Record)
	}
	return dns, d
}

func look(t *testing.T, dns *dnsfake.Server, d mail.Domain) mail.Findings {
	t.Helper()
	return mail.Look(t.Context(), dns.Resolver(), d)
}

func TestDomainInOrder(t *testing.T) {
	dns, d := zone(t)
	d.Name = "Nour.Example."
	got := look(t, dns, d)
	for _, f := range append(got.Keys, got.SPF, got.DMARC, got.MX) {
		require.Equal(t, mail.Good, f.Condition, "%+v", f)
		require.NotEmpty(t, f.Stands, f.Name)
	}
	require.Equal(t, "fw1._domainkey.nour.example", got.Keys[0].Name)
	require.Equal(t, []string{mail.Record(keyOf(t, mail.RSA))}, got.Keys[0].Stands, "its strings are joined")
	require.Equal(t, 2, got.Lookups)
	require.Equal(t, "quarantine", got.Policy)
	require.False(t, got.Aligned, "the return path is ours")
	require.Equal(t, []string{"0 mx1.nour.example", "10 mx2.nour.example"}, got.MX.Stands)

	kept, err := json.Marshal(got)
	require.NoError(t, err)
	var again mail.Findings
	require.NoError(t, json.Unmarshal(kept, &again))
	require.Equal(t, got, again, "as the row keeps it")
}

// A domain without any record: each finding says what to publish, and where.
func TestDomainWithNothing(t *testing.T) {
	dns, err := dnsfake.Start()
	require.NoError(t, err)
	t.Cleanup(dns.Stop)
	key := mail.PublicKey{Selector: "fw1", Record: "v=DKIM1; k=ed25519; p=AAAA"}
	got := look(t, dns, mail.Domain{Name: "shop.nour.example", Include: "spf.flywheel.example", Keys: []mail.PublicKey{key}})
	for _, f := range append(got.Keys, got.SPF, got.DMARC, got.MX) {
		require.Equal(t, mail.Missing, f.Condition, "%+v", f)
		require.Empty(t, f.Stands)
	}
	require.Equal(t, key.Record, got.Keys[0].Publish)
	require.Equal(t, "v=spf1 include:spf.flywheel.example ~all", got.SPF.Publish)
	require.Equal(t, "_dmarc.shop.nour.example", got.DMARC.Name)
	require.Equal(t, "v=DMARC1; p=none", got.DMARC.Publish)
	require.True(t, got.Aligned, "the return path is its own")
	require.Contains(t, dns.Asked(), "_dmarc.nour.example", "what the shop's whole domain says counts too")
}

func TestKeysInDNS(t *testing.T) {
	dns, d := zone(t)
	ed := mail.Record(keyOf(t, mail.Ed25519))
	public := ed[strings.Index(ed, "p="):]
	name := mail.RecordName("fw2", d.Name)
	for record, want := range map[string]mail.Condition{
		ed:                                  mail.Good,
		"k=ed25519; " + public:              mail.Good,
		"v=DKIM1;k=ed25519;t=y:s;" + public: mail.Good,
		"v=DKIM1; k=ed25519; h=sha256; s=email; " + public: mail.Good,
		strings.Replace(ed, "p=", "p= ", 1):                mail.Good,
		"v=DKIM1; k=ed25519; p=":                           mail.Differs,
		mail.Record(keyOf(t, mail.RSA)):                    mail.Differs,
		"v=DKIM1; " + public:                               mail.Differs, // read as RSA
		"v=DKIM1; k=ed25519":                               mail.Broken,
		"v=DKIM2; k=ed25519; " + public:                    mail.Broken,
		"v=DKIM1; k=ed25519; h=sha1; " + public:            mail.Broken,
		"v=DKIM1; k=ed25519; s=tlsrpt; " + public:          mail.Broken,
		"nonsense": mail.Broken,
	} {
		dns.TXT(name, record)
		require.Equal(t, want, look(t, dns, d).Keys[1].Condition, record)
	}
	dns.TXT(name, ed, "v=DKIM1; k=ed25519; p=AAAA")
	require.Equal(t, mail.Broken, look(t, dns, d).Keys[1].Condition, "two records")
	dns.TXT(name)
	got := look(t, dns, d)
	require.Equal(t, mail.Missing, got.Keys[1].Condition)
	require.Equal(t, mail.Good, got.Keys[0].Condition, "each key for itself")
}

func TestSPF(t *testing.T) {
	ten := "v=spf1 include:spf.flywheel.example " + strings.Repeat("a:x.example ", 9)
	for record, want := range map[string]mail.Condition{
		"v=spf1 include:spf.flywheel.example -all":                                              mail.Good,
		"V=SPF1 +INCLUDE:spf.Flywheel.example. ?all":                                            mail.Good,
		"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a/24 redirect=spf.flywheel.example":          mail.Good,
		"v=spf1 include:other.example ~all":                                                     mail.Good, // which includes ours
		"v=spf1 exists:%{i}.x.example include:spf.flywheel.example op=x exp=why.x.example ~all": mail.Good,
		"v=spf1 mx -all": mail.Differs,
		"v=spf1":         mail.Differs,
		"v=spf1 -include:spf.flywheel.example ~all":                   mail.Differs,
		"v=spf1 -all redirect=spf.flywheel.example":                   mail.Differs, // nobody follows it
		"v=spf1 include:nothing.example include:spf.flywheel.example": mail.Broken,
		"v=spf1 ipv4:192.0.2.1 include:spf.flywheel.example":          mail.Broken,
		ten + "~all":                       mail.Good,
		ten + "mx ~all":                    mail.TooMany,
		"v=spf1 include:nour.example ~all": mail.TooMany, // itself, for ever
		"v=spf10 mx -all":                  mail.Missing,
	} {
		dns, d := zone(t)
		dns.TXT("nour.example", record)
		dns.TXT("other.example", "v=spf1 include:spf.flywheel.example ~all")
		got := look(t, dns, d)
		require.Equal(t, want, got.SPF.Condition, "%s: %+v", record, got)
		require.LessOrEqual(t, len(dns.Asked()), 30, "a record cannot keep us busy")
	}
}

// What stands there stays; ours is put in front, where few look-ups come before it.
func TestSPFToPublish(t *testing.T) {
	dns, d := zone(t)
	dns.TXT("nour.example", "v=spf1 mx include:_spf.google.com -all")
	dns.TXT("_spf.google.com", "v=spf1 ip4:192.0.2.9 ~all")
	require.Equal(t, "v=spf1 include:spf.flywheel.example mx include:_spf.google.com -all", look(t, dns, d).SPF.Publish)
	dns.TXT("nour.example", "v=spf1 mx -all", "v=spf1 a -all")
	require.Equal(t, mail.Broken, look(t, dns, d).SPF.Condition, "two records")
	d.Include = ""
	dns.TXT("nour.example", "v=spf1 mx -all")
	got := look(t, dns, d).SPF
	require.Equal(t, mail.Good, got.Condition, "nothing of ours is asked for")
	require.Empty(t, got.Publish)
}

func TestDMARC(t *testing.T) {
	for record, want := range map[string][2]string{
		"v=DMARC1; p=none":                         {"good", "none"},
		"v=DMARC1;p=Reject;":                       {"good", "reject"},
		"v=DMARC1; p=none; rua=mailto:A@b.example": {"good", "none"},

		"v=DMARC1":        {"broken", ""},
		"v=DMARC1; p=yes": {"broken", ""},
		"v=spf1 -all":     {"missing", ""},
	} {
		dns, d := zone(t)
		dns.TXT("_dmarc.nour.example", record)
		got := look(t, dns, d)
		require.Equal(t, want, [2]string{string(got.DMARC.Condition), got.Policy}, record)
		require.Equal(t, got.DMARC.Condition != mail.Good, got.DMARC.Publish != "", "asked for only where it is not there")
	}
	dns, d := zone(t)
	dns.TXT("_dmarc.nour.example", "v=DMARC1; p=none", "v=DMARC1; p=reject")
	require.Equal(t, mail.Broken, look(t, dns, d).DMARC.Condition)

	dns.TXT("_dmarc.nour.example", "v=DMARC1; p=reject; sp=quarantine; aspf=s")
	d.Name, d.ReturnPath = "mail.nour.example", "bounce.nour.example"
	got := look(t, dns, d)
	require.Equal(t, "_dmarc.nour.example", got.DMARC.Name, "inherited")
	require.Equal(t, "quarantine", got.Policy)
	require.False(t, got.Aligned, "strictly")
	dns.TXT("_dmarc.nour.example", "v=DMARC1; p=reject")
	got = look(t, dns, d)
	require.Equal(t, "reject", got.Policy)
	require.True(t, got.Aligned)
}

func TestServersOfTheDomain(t *testing.T) {
	dns, d := zone(t)
	dns.MX("nour.example", ".")
	require.Equal(t, mail.Broken, look(t, dns, d).MX.Condition, "it says that it takes no mail")
	dns.MX("nour.example")
	require.Equal(t, mail.Missing, look(t, dns, d).MX.Condition)
}

// No answer is not the same as no record, and one silent name holds up nothing else.
func TestDNSWithoutAnswer(t *testing.T) {
	dns, d := zone(t)
	dns.Fail("nour.example", true)
	dns.Fail("fw1._domainkey.nour.example", true)
	dns.Silence("_dmarc.nour.example", true)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	got := mail.Look(ctx, dns.Resolver(), d)
	require.Equal(t, [2]string{"unclear", "servfail"}, [2]string{string(got.SPF.Condition), string(got.SPF.Failure)})
	require.Equal(t, [2]string{"unclear", "servfail"}, [2]string{string(got.MX.Condition), string(got.MX.Failure)})
	require.Equal(t, [2]string{"unclear", "timeout"}, [2]string{string(got.DMARC.Condition), string(got.DMARC.Failure)})
	require.Equal(t, mail.ServFail, got.Keys[0].Failure)
	require.Equal(t, mail.Good, got.Keys[1].Condition)

	dns.Fail("nour.example", false)
	dns.Fail("spf.flywheel.example", true)
	dns.Silence("_dmarc.nour.example", false)
	again := look(t, dns, d)
	require.Equal(t, mail.Unclear, again.SPF.Condition, "what it includes cannot be asked")
	require.Equal(t, mail.Good, again.DMARC.Condition)
}

func TestWhatStrangersPublishIsCut(t *testing.T) {
	dns, d := zone(t)
	dns.TXT("fw1._domainkey.nour.example", strings.Repeat("x", 1000))
	dns.TXT("fw2._domainkey.nour.example", "a\r\nb\x00\xff")
	got := look(t, dns, d)
	require.Len(t, got.Keys[0].Stands[0], 800)
	require.Equal(t, "a??b??", got.Keys[1].Stands[0])
}

// heard notes the names as they are asked for.
type heard struct {
	*net.Resolver
	mu    sync.Mutex
	names []string
}

func (h *heard) LookupTXT(ctx context.Context, name string) ([]string, error) {
	h.mu.Lock()
	h.names = append(h.names, name)
	h.mu.Unlock()
	return h.Resolver.LookupTXT(ctx, name)
}

// A name without its last dot may be looked up within the machine's own domain.
func TestNamesAreWhole(t *testing.T) {
	dns, d := zone(t)
	h := &heard{Resolver: dns.Resolver()}
	mail.Look(t.Context(), h, d)
	require.Len(t, h.names, 5, "two keys, SPF and what it includes, DMARC")
	for _, name := range h.names {
		require.True(t, strings.HasSuffix(name, "."), name)
	}
}
