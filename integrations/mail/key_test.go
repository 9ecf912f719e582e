package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail"
)

func TestKeysAreKeptAndPublished(t *testing.T) {
	for _, kind := range []string{mail.RSA, mail.Ed25519} {
		key, err := mail.NewKey(kind)
		require.NoError(t, err)
		require.Equal(t, kind, mail.KindOf(key))
		der, err := mail.MarshalKey(key)
		require.NoError(t, err)
		again, err := mail.ParseKey(der)
		require.NoError(t, err)
		require.Equal(t, mail.Record(key), mail.Record(again))

		record := mail.Record(key)
		require.True(t, strings.HasPrefix(record, "v=DKIM1; k="+kind+"; p="), record)
		public, err := base64.StdEncoding.DecodeString(record[strings.Index(record, "p=")+2:])
		require.NoError(t, err)
		if kind == mail.Ed25519 {
			require.Len(t, public, 32, "RFC 8463, 4.2: the bare key")
			continue
		}
		parsed, err := x509.ParsePKIXPublicKey(public)
		require.NoError(t, err)
		require.Equal(t, 2048, parsed.(*rsa.PublicKey).N.BitLen())
	}
	_, err := mail.NewKey("dsa")
	require.Error(t, err)
	require.Equal(t, "s1._domainkey.nour.example", mail.RecordName("s1", "nour.example"))
}

func TestKeysThatAreNone(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	der, err := mail.MarshalKey(short)
	require.NoError(t, err)
	_, err = mail.ParseKey(der)
	require.NoError(t, err, "1024 bits are believed")

	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err = mail.MarshalKey(other)
	require.NoError(t, err)
	for _, bad := range [][]byte{nil, []byte("nonsense"), der} {
		_, err = mail.ParseKey(bad)
		require.Error(t, err)
	}
	require.Empty(t, mail.KindOf(other))
	require.Empty(t, mail.Record(other))
}

// Strings of DNS hold 255 bytes; readers join them without anything between.
func TestZone(t *testing.T) {
	key := keyOf(t, mail.RSA)
	zone := mail.Zone(mail.Record(key))
	var whole strings.Builder
	for _, part := range strings.Split(zone, `" "`) {
		part = strings.Trim(part, `"`)
		require.LessOrEqual(t, len(part), 255)
		whole.WriteString(part)
	}
	require.Equal(t, mail.Record(key), whole.String())
	require.Equal(t, `"v=DMARC1; p=none"`, mail.Zone("v=DMARC1; p=none"))
	require.Equal(t, `""`, mail.Zone(""))
}
