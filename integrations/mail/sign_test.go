package mail_test

import (
	"bytes"
	"crypto"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
)

// keyOf makes one key of a kind for the whole run: RSA keys take a while.
func keyOf(t testing.TB, kind string) crypto.Signer {
	t.Helper()
	key, err := map[string]func() (crypto.Signer, error){mail.RSA: rsaKey, mail.Ed25519: edKey}[kind]()
	require.NoError(t, err)
	return key
}

var (
	rsaKey = sync.OnceValues(func() (crypto.Signer, error) { return mail.NewKey(mail.RSA) })
	edKey  = sync.OnceValues(func() (crypto.Signer, error) { return mail.NewKey(mail.Ed25519) })
)

// signer signs for the shop's domain with both kinds of key.
func signer(t testing.TB) *mail.Signer {
	return &mail.Signer{Domain: "nour.example", Keys: []mail.SigningKey{
		{Selector: "fw1", Key: keyOf(t, mail.RSA)},
		{Selector: "fw2", Key: keyOf(t, mail.Ed25519)},
	}}
}

// verify returns what a receiver makes of each signature, by DNS that shows our records.
func verify(t *testing.T, raw []byte) []*dkim.Verification {
	t.Helper()
	dns := map[string]string{
		mail.RecordName("fw1", "nour.example"): mail.Record(keyOf(t, mail.RSA)),
		mail.RecordName("fw2", "nour.example"): mail.Record(keyOf(t, mail.Ed25519)),
	}
	got, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if dns[name] == "" {
			return nil, errors.New("no such name")
		}
		return []string{dns[name]}, nil
	}})
	require.NoError(t, err)
	return got
}

// valid reports whether a mail has two signatures and both hold.
func valid(t *testing.T, raw []byte) bool {
	t.Helper()
	got := verify(t, raw)
	require.Len(t, got, 2)
	require.Equal(t, got[0].Err == nil, got[1].Err == nil, "%v, %v", got[0].Err, got[1].Err)
	return got[0].Err == nil
}

// delivered sends a signed mail and returns it as it arrived.
func delivered(t *testing.T, m mail.Message) mailfake.Mail {
	t.Helper()
	to := sink(t, mailfake.Options{})
	require.Equal(t, mail.Outcome{State: mail.Sent, Code: 250}, one(t, open(t, to.URL(), mail.Options{}), m))
	return to.Mails()[0]
}

func signedThanks(t *testing.T) mail.Message {
	m := thanks("0effect1", "sara@example.com")
	m.Signer = signer(t)
	m.Text += ".\n..two dots\n" + strings.Repeat("long ", 400) + "\n"
	return m
}

func TestBothSignaturesHoldAfterDelivery(t *testing.T) {
	got := delivered(t, signedThanks(t))
	require.True(t, valid(t, got.Raw))
	for i, v := range verify(t, got.Raw) {
		require.Equal(t, "nour.example", v.Domain)
		for _, header := range []string{"From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "X-Flywheel-ID"} {
			require.Contains(t, v.HeaderKeys, header, i)
		}
	}
	raw := string(got.Raw)
	require.Contains(t, raw, "a=rsa-sha256")
	require.Contains(t, raw, "a=ed25519-sha256")
	content, err := got.Read()
	require.NoError(t, err)
	require.Equal(t, "<hello@nour.example>", content.Get("Reply-To"), "the mail itself is as it was")
}

// What somebody on the way changes or adds shows, whether the mail had it or not.
func TestChangesOnTheWayBreakTheSignatures(t *testing.T) {
	m := signedThanks(t)
	m.ReplyTo = ""
	raw := string(delivered(t, m).Raw)
	for name, change := range map[string][2]string{
		"subject":              {"=?UTF-8?q?=D8=B4", "=?UTF-8?q?=D8=B5"},
		"unsubscribe":          {"https://flywheel.example/u/", "https://evil.example/u/"},
		"one click":            {"List-Unsubscribe=One-Click", "List-Unsubscribe=Two-Click"},
		"message id":           {"<0effect1@", "<0effect2@"},
		"another From":         {"\r\nSubject:", "\r\nFrom: eve@example.com\r\nSubject:"},
		"another From on top":  {"DKIM-Signature: ", "From: eve@example.com\r\nDKIM-Signature: "},
		"another Subject":      {"DKIM-Signature: ", "Subject: eve\r\nDKIM-Signature: "},
		"a Reply-To it lacked": {"\r\nSubject:", "\r\nReply-To: eve@example.com\r\nSubject:"},
		"text":                 {"two dots", "three dots"},
	} {
		changed := strings.Replace(raw, change[0], change[1], 1)
		require.NotEqual(t, raw, changed, name)
		require.False(t, valid(t, []byte(changed)), name)
	}
	require.True(t, valid(t, []byte(strings.ReplaceAll(raw, "List-Unsubscribe-Post: ", "List-Unsubscribe-Post:   "))), "blanks in headers are nobody's doing")
	require.True(t, valid(t, []byte("Received: from here\r\n"+raw)))
}

// Amazon puts its own Date and Message-ID into every mail.
func TestWhatARelayRewritesIsNotSigned(t *testing.T) {
	ses := sink(t, mailfake.Options{AsSES: true})
	s := open(t, ses.URL(), mail.Options{})
	m := signedThanks(t)
	m.Signer.Keys = m.Signer.Keys[:1]
	holds := func() bool {
		require.Equal(t, mail.Sent, one(t, s, m).State)
		got := ses.Mails()[ses.Count()-1]
		require.NotContains(t, string(got.Raw), "0effect1@nour.example")
		found := verify(t, got.Raw)
		require.Len(t, found, 1)
		return found[0].Err == nil
	}
	require.False(t, holds())
	m.Signer.Relay = mail.SES
	require.True(t, holds())
}

// Amazon takes one DKIM-Signature. That is a setting of ours or the operator's, so
// the mail waits, with a sentence that says what to do.
func TestAmazonTakesOneSignature(t *testing.T) {
	ses := sink(t, mailfake.Options{AsSES: true})
	s := open(t, ses.URL(), mail.Options{})
	got := one(t, s, signedThanks(t))
	require.Equal(t, mail.Retry, got.State)
	require.Equal(t, 554, got.Code)
	require.Contains(t, got.Detail, mail.TwiceSigned)
	require.Contains(t, got.Detail, "'DKIM-Signature'")
	require.Equal(t, []string{"Transaction failed: Duplicate header 'DKIM-Signature'."}, ses.Refused())
	m := thanks("0effect2", "sara@example.com")
	m.Headers = append(m.Headers, [2]string{"Precedence", "bulk"}, [2]string{"precedence", "list"})
	got = one(t, s, m)
	require.Equal(t, mail.Failed, got.State, "another header is the mail's own fault")
	require.Contains(t, got.Detail, "'Precedence'")
}

func TestFilesAreSignedToo(t *testing.T) {
	dir := t.TempDir()
	require.Equal(t, mail.Sent, one(t, open(t, "file:"+dir, mail.Options{}), signedThanks(t)).State)
	raw, err := os.ReadFile(filepath.Join(dir, "0effect1.eml"))
	require.NoError(t, err)
	require.True(t, valid(t, raw))
}

// brokenKey says that it is an RSA key and cannot sign.
type brokenKey struct{ crypto.Signer }

func (brokenKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the key is away")
}

// A key that cannot sign is our own matter: the mail waits, unsigned it never goes.
func TestWithoutASignatureNothingGoes(t *testing.T) {
	to := sink(t, mailfake.Options{})
	s := open(t, to.URL(), mail.Options{Connections: 1})
	m := signedThanks(t)
	m.Signer.Keys[1].Key = brokenKey{keyOf(t, mail.RSA)}
	got := one(t, s, m)
	require.Equal(t, mail.Retry, got.State)
	require.Contains(t, got.Detail, "the key is away")
	m.Signer = &mail.Signer{Domain: "nour.example", Keys: []mail.SigningKey{{Key: keyOf(t, mail.RSA)}}}
	require.Equal(t, mail.Retry, one(t, s, m).State, "no selector")
	require.Zero(t, to.Count())
	require.Equal(t, mail.Sent, one(t, s, signedThanks(t)).State, "the connection is not harmed")
	require.Equal(t, 1, to.Sessions())
}

// Reports go to the return path; people see the From address.
func TestReturnPath(t *testing.T) {
	m := thanks("0effect1", "sara@example.com")
	m.ReturnPath = refs("key").ReturnPath(ours, "bounce.flywheel.example")
	got := delivered(t, m)
	require.Equal(t, m.ReturnPath, got.From)
	content, err := got.Read()
	require.NoError(t, err)
	require.Contains(t, content.Get("From"), "hello@nour.example")
	require.NotContains(t, string(got.Raw), "bounce.flywheel.example")

	to := sink(t, mailfake.Options{})
	s := open(t, to.URL(), mail.Options{})
	for _, bad := range []string{"a@b.example> SIZE=1", "a@b.example\r\nRCPT TO:<eve@example.com>", "ä@b.example"} {
		m.ReturnPath = bad
		require.Equal(t, mail.Failed, one(t, s, m).State, bad)
	}
	require.Zero(t, to.Sessions())
}

// Unsigned and signed with both keys, over four real connections.
func BenchmarkSend(b *testing.B) {
	to, err := mailfake.Start(mailfake.Options{Careless: true})
	require.NoError(b, err)
	defer to.Stop()
	s, err := mail.Open(to.URL(), mail.Options{})
	require.NoError(b, err)
	defer s.Close()
	m := thanks("0effect1", "sara@example.com")
	m.HTML = strings.Repeat("<p>A kind word, and another one.</p>\n", 200)
	for _, with := range []struct {
		name string
		*mail.Signer
	}{{"unsigned", nil}, {"rsa+ed25519", signer(b)}} {
		m.Signer = with.Signer
		chunk := []mail.Message{m, m, m, m, m, m, m, m}
		b.Run(with.name, func(b *testing.B) {
			b.SetParallelism(max(1, 4/runtime.GOMAXPROCS(0)))
			b.RunParallel(func(each *testing.PB) {
				for each.Next() {
					for _, o := range s.Send(b.Context(), chunk, nil) {
						if o.State != mail.Sent {
							b.Error(o)
						}
					}
				}
			})
			b.ReportMetric(float64(b.N*len(chunk))/b.Elapsed().Seconds(), "mails/s")
			to.Clear()
		})
	}
}
