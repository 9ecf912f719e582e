package mail_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/integrations/mail"
)

func TestOpenNamesWhatIsWrong(t *testing.T) {
	for url, want := range map[string]string{
		"":                             "must start with",
		"http://mail.example":          "must start with",
		"smtp://":                      "names no host",
		"smtp://:25":                   "names no host",
		"smtp://user:s3cret@mail:port": "cannot be read",
		"file:":                        "names no folder",
		"file://host/mails":            "names no folder",
	} {
		_, err := mail.Open(url, mail.Options{})
		require.True(t, fault.Is(err, fault.Invalid), url)
		require.ErrorContains(t, err, want, url)
		require.NotContains(t, err.Error(), "s3cret")
	}
	for _, url := range []string{"smtp://mail.example", "smtps://u:p@mail.example", "smtp://127.0.0.1:1025", "file:mails"} {
		s, err := mail.Open(url, mail.Options{})
		require.NoError(t, err, url)
		s.Close()
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mails")
	s := open(t, "file:"+dir, mail.Options{})
	require.NoError(t, s.Check(t.Context()))
	m := thanks("0effect1", "sara@example.com")
	require.Equal(t, mail.Sent, one(t, s, m).State)
	require.Equal(t, mail.Sent, one(t, s, m).State, "a repeat is the same file")
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 1)
	data, err := os.ReadFile(filepath.Join(dir, "0effect1.eml"))
	require.NoError(t, err)
	require.Contains(t, string(data), "X-Flywheel-ID: 0effect1")

	blocked := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(blocked, nil, 0o600))
	s = open(t, "file:"+blocked+"/mails", mail.Options{})
	require.Error(t, s.Check(t.Context()))
	require.Equal(t, mail.Retry, one(t, s, m).State)
}
