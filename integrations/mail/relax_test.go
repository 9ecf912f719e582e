package mail

import (
	"bytes"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The examples of RFC 6376, 3.4.5.
func TestRelaxedFormsOfTheRFC(t *testing.T) {
	require.Equal(t, "a:X", string(relaxHeader([]byte("A: X"))))
	require.Equal(t, "b:Y Z", string(relaxHeader([]byte("B : Y\t\r\n\tZ  "))))
	require.Equal(t, " C\r\nD E\r\n", string(relaxBody([]byte(" C \r\nD \t E\r\n\r\n\r\n"))))
	require.Empty(t, relaxBody([]byte("\r\n \r\n\r\n")))
	require.Empty(t, relaxBody(nil))
	require.Equal(t, "a\r\n\r\nb\r\n", string(relaxBody([]byte("a\n\nb"))), "line ends as they will be sent")
}

// Whatever a mail consists of, a stranger's reader agrees that our signatures hold.
func TestAnyMailVerifies(t *testing.T) {
	rsaKey, err := NewKey(RSA)
	require.NoError(t, err)
	edKey, err := NewKey(Ed25519)
	require.NoError(t, err)
	s := &Signer{Domain: "nour.example", Keys: []SigningKey{{"fw1", rsaKey}, {"fw2", edKey}}}
	records := map[string]string{"fw1._domainkey.nour.example": Record(rsaKey), "fw2._domainkey.nour.example": Record(edKey)}
	field := rapid.SampledFrom([]string{
		"To: ada@example.com\r\n", "Subject: a\r\n", "Subject:  b \t c\r\n\t d \r\n", "subject: c\r\n", "Reply-To: x@y.example\r\n", "X-Other: 1\r\n",
		"List-Unsubscribe:\r\n <https://a.example>\r\n", "Date : Mon, 02 Mar 2026 12:00:00 +0000\r\n", "MIME-Version: 1.0\r\n", "Message-ID: <a@b>\r\n",
	})
	piece := rapid.SampledFrom([]string{"a", " ", "  ", "\t", "\r\n", "\r\n", ".", "=20", "word", "\r\n\r\n"})
	rapid.Check(t, func(t *rapid.T) {
		mail := "From: hello@nour.example\r\n" + strings.Join(rapid.SliceOfN(field, 0, 12).Draw(t, "head"), "") +
			"\r\n" + strings.Join(rapid.SliceOfN(piece, 0, 40).Draw(t, "body"), "")
		var raw bytes.Buffer
		require.NoError(t, s.sign(&raw, []byte(mail)))
		for line := range bytes.Lines(raw.Bytes()) {
			require.LessOrEqual(t, len(line), 100)
			require.True(t, bytes.HasSuffix(line, []byte("\r\n")))
		}
		raw.WriteString(mail)
		got, err := dkim.VerifyWithOptions(&raw, &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) { return []string{records[name]}, nil }})
		require.NoError(t, err)
		require.Len(t, got, 2)
		for _, v := range got {
			require.NoError(t, v.Err)
		}
	})
}
