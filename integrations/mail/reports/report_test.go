package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/reports"
)

const path = "b-ref@in.example"

// file reads a report of testdata with the line ends that mails have.
func file(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".eml"))
	require.NoError(t, err)
	return []byte(strings.ReplaceAll(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n", "\r\n"))
}

func TestReports(t *testing.T) {
	for name, want := range map[string]struct {
		kind          events.Kind // "" = no event
		code, address string
	}{
		"postfix":       {events.Hard, "5.1.1", "ada@example.com"},
		"exchange":      {events.Hard, "5.1.10", "ada@example.com"},
		"gmail_full":    {events.Soft, "4.2.2", "ada@example.com"},
		"policy":        {events.Block, "5.7.1", "ada@example.com"},
		"unspecific":    {events.Hard, "5.0.0", "ada@example.com"},
		"utf8":          {events.Hard, "5.1.1", "ada@example.com"},
		"delayed":       {"", "", ""},
		"delivered":     {events.Delivered, "", "ada@example.com"},
		"exim_prose":    {events.Hard, "", "ada@example.com"},
		"qmail":         {events.Hard, "5.1.1", ""},
		"arf":           {events.Complaint, "", ""},
		"arf_not_spam":  {"", "", ""},
		"cut_off":       {events.Hard, "5.1.1", "ada@example.com"},
		"odd_encodings": {events.Hard, "5.1.1", "ada@example.com"},
	} {
		got, err := reports.Read(file(t, name), path)
		require.NoError(t, err, name)
		if want.kind == "" {
			require.Empty(t, got, name)
			continue
		}
		require.Len(t, got, 1, name)
		require.Equal(t, want.kind, got[0].Kind, name)
		require.Equal(t, want.code, got[0].Code, name)
		require.Equal(t, want.address, got[0].Address, name)
		require.NotContains(t, got[0].Note, "@", name)
		require.Contains(t, got[0].Refs, path, name)
		source := events.DSN
		if strings.HasPrefix(name, "arf") {
			source = events.ARF
		}
		require.Equal(t, source, got[0].Source, name)
	}
}

// Where it is not known whom a report came to, it names the mail itself: by whom
// it is sent to, the envelope's id, and the mail that it quotes.
func TestTheReferenceIsFoundWithin(t *testing.T) {
	for name, ref := range map[string]string{
		"postfix": "b-to@in.example", "exchange": "quotedref", "arf": "b-mailfrom@in.example", "exim_prose": "quotedref", "qmail": "b-to@in.example", "cut_off": "b-to@in.example",
	} {
		got, err := reports.Read(file(t, name), "")
		require.NoError(t, err, name)
		found := false
		for _, r := range got[0].Refs {
			found = found || strings.Trim(r, "<>") == ref
		}
		require.True(t, found, "%s: %q", name, got[0].Refs)
	}
}

func TestInstants(t *testing.T) {
	got, err := reports.Read(file(t, "postfix"), path)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 11, 2, 11, 0, 5, 0, time.UTC), got[0].At.UTC(), "the last try, not the report")
}

// What people and their machines answer is no report.
func TestAnswersAreNoReports(t *testing.T) {
	for name, raw := range map[string]string{
		"an answer":        "From: ada@example.com\r\nTo: b-ref@in.example\r\nSubject: Re: Thank you\r\n\r\nIt does not exist any more, 550 5.1.1 spam!\r\n",
		"on holiday":       "From: ada@example.com\r\nAuto-Submitted: auto-replied\r\nSubject: Away\r\n\r\nHi. This is the holiday note of Ada.\r\n",
		"a read receipt":   "Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nread\r\n--x--\r\n",
		"not a mail":       "\x00\x01\x02",
		"empty":            "",
		"no boundary":      "Content-Type: multipart/report; report-type=delivery-status\r\n\r\nx\r\n",
		"another's report": "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\n--x--\r\n",
	} {
		got, err := reports.Read([]byte(raw), path)
		require.Error(t, err, name)
		require.Empty(t, got, name)
	}
}

// Reports of any size and depth are read in no time, and tell of few recipients.
func TestReportsAreBounded(t *testing.T) {
	head := "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
	block := "Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
	got, err := reports.Read([]byte(head+"Reporting-MTA: dns; x\r\n\r\n"+strings.Repeat(block, 500)+"--x--\r\n"), path)
	require.NoError(t, err)
	require.Len(t, got, 20)

	words := strings.Repeat("--x\r\nContent-Type: text/plain\r\n\r\nx\r\n", 20)
	got, err = reports.Read([]byte(strings.Replace(head, "--x\r\n", words+"--x\r\n", 1)+block+"--x--\r\n"), path)
	require.NoError(t, err)
	require.Empty(t, got, "what stands behind so many parts is not looked for")

	_, err = reports.Read([]byte(strings.Repeat("x", reports.MaxSize+1)), path)
	require.Error(t, err)

	nest := strings.Builder{}
	nest.WriteString("Content-Type: multipart/report; report-type=delivery-status; boundary=b0\r\n\r\n")
	for i := range 8000 {
		n := strings.Repeat("n", i%50)
		nest.WriteString("--b" + n + "\r\nContent-Type: multipart/report; boundary=b" + n + "n\r\n\r\n")
	}
	began := time.Now()
	_, _ = reports.Read([]byte(nest.String()), path)
	many := strings.Repeat("--x\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n", 20_000)
	_, _ = reports.Read([]byte("Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"+many+"--x--\r\n"), path)
	require.Less(t, time.Since(began), 5*time.Second)
}

func FuzzRead(f *testing.F) {
	all, _ := filepath.Glob("testdata/*.eml")
	for _, name := range all {
		raw, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, _ := reports.Read(raw, path)
		for _, e := range got {
			if e.Kind == "" || strings.Contains(e.Note, "@") || len([]rune(e.Note)) > 200 {
				t.Fatalf("%+v", e)
			}
		}
	})
}
