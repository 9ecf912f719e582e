package mailfake_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// sent sends a mail with a return path of its own to a sink that answers by rule.
func sent(t *testing.T, to string) (mail.Outcome, []mailfake.Mail) {
	t.Helper()
	sink, err := mailfake.Start(mailfake.Options{Now: func() time.Time { return noon }})
	require.NoError(t, err)
	t.Cleanup(sink.Stop)
	sink.Trouble(mailfake.ByName)
	s, err := mail.Open(sink.URL(), mail.Options{Now: func() time.Time { return noon }})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	out := s.Send(t.Context(), []mail.Message{{
		To: to, From: "hello@nour.example", ReturnPath: "b-1@bounce.example", Subject: "Hi", HTML: "<p>Hi</p>", Text: "Hi\n",
		Headers: [][2]string{{"Message-ID", "<1@nour.example>"}, {"X-Flywheel-Ref", "ref1"}},
	}}, nil)
	return out[0], sink.Mails()
}

func TestAnswersByName(t *testing.T) {
	for to, want := range map[string]mail.Outcome{
		"gone@example.com":   {State: mail.Failed, Code: 550, Enhanced: "5.1.1"},
		"gone+a@example.com": {State: mail.Failed, Code: 550, Enhanced: "5.1.1"},
		"full@example.com":   {State: mail.Retry, Code: 452, Enhanced: "4.2.2"},
		"later@example.com":  {State: mail.Retry, Code: 451, Enhanced: "4.7.1"},
		"spam@example.com":   {State: mail.Failed, Code: 550, Enhanced: "5.7.1"},
		"goner@example.com":  {State: mail.Sent, Code: 250},
		"sara@spam.example":  {State: mail.Sent, Code: 250},
	} {
		got, mails := sent(t, to)
		require.Equal(t, got.State != mail.Sent, got.Detail != "", to)
		got.Detail = ""
		require.Equal(t, want, got, to)
		require.Equal(t, want.State == mail.Sent, len(mails) == 1, to)
	}
}

// Reports have the parts that their RFCs ask for, and go to the return path.
func TestReports(t *testing.T) {
	_, mails := sent(t, "sara@example.com")
	for kind, tt := range map[string]struct {
		raw  []byte
		want []string
	}{
		"delivery-status": {mails[0].Bounce("5.1.1", "no such user", noon), []string{"Final-Recipient: rfc822; sara@example.com", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 no such user"}},
		"feedback-report": {mails[0].Complaint(noon), []string{"Feedback-Type: abuse", "Original-Rcpt-To: <sara@example.com>", "Original-Mail-From: <b-1@bounce.example>"}},
	} {
		e, err := message.Read(bytes.NewReader(tt.raw))
		require.NoError(t, err)
		require.Equal(t, "b-1@bounce.example", e.Header.Get("To"))
		got, params, err := e.Header.ContentType()
		require.NoError(t, err)
		require.Equal(t, "multipart/report", got)
		require.Equal(t, kind, params["report-type"])
		var parts []string
		r := e.MultipartReader()
		for p, err := r.NextPart(); err == nil; p, err = r.NextPart() {
			body, err := io.ReadAll(p.Body)
			require.NoError(t, err)
			parts = append(parts, p.Header.Get("Content-Type"), string(body))
		}
		require.Len(t, parts, 6)
		require.Equal(t, "message/"+kind, parts[2])
		for _, want := range tt.want {
			require.Contains(t, parts[3], want+"\r\n")
		}
		require.Contains(t, parts[5], "X-Flywheel-Ref: ref1")
		require.NotContains(t, strings.ReplaceAll(string(tt.raw), "\r\n", ""), "\n", "lines end with CR LF")
	}
	require.Contains(t, string(mails[0].Bounce("4.2.2", "full", noon)), "Action: delayed")
}
