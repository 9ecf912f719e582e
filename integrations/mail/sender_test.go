package mail_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// thanks is a mail as package message makes it.
func thanks(id, to string) mail.Message {
	return mail.Message{
		To: to, ToName: "سارة العتيبي", From: "hello@nour.example", FromName: "متجر نور", ReplyTo: "hello@nour.example",
		Subject: "شكرًا لك على طلبك \u2066#1001\u2069", HTML: `<html lang="ar" dir="rtl"><body>شكرًا لك</body></html>`, Text: "شكرًا لك\n\nمتجر نور\n",
		Headers: [][2]string{
			{"Content-Language", "ar"},
			{"Auto-Submitted", "auto-generated"},
			{"Message-ID", "<" + id + "@nour.example>"},
			{"X-Flywheel-ID", id},
			{"List-Unsubscribe", "<https://flywheel.example/u/" + strings.Repeat("A", 22) + ">"},
			{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"},
		},
	}
}

func open(t *testing.T, url string, o mail.Options) *mail.Sender {
	t.Helper()
	o.Now = func() time.Time { return noon }
	s, err := mail.Open(url, o)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func sink(t *testing.T, o mailfake.Options) *mailfake.Sink {
	t.Helper()
	s, err := mailfake.Start(o)
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

func one(t *testing.T, s *mail.Sender, m mail.Message) mail.Outcome {
	t.Helper()
	out := s.Send(t.Context(), []mail.Message{m}, nil)
	require.Len(t, out, 1)
	return out[0]
}

func TestMailArrivesAsItWasMade(t *testing.T) {
	to := sink(t, mailfake.Options{})
	m := thanks("0effect1", "sara@example.com")
	require.Equal(t, mail.Outcome{State: mail.Sent, Code: 250}, one(t, open(t, to.URL(), mail.Options{}), m))
	got, err := to.Mails()[0].Read()
	require.NoError(t, err)
	require.Equal(t, m.Subject, got.Subject)
	require.Equal(t, m.Text, got.Text)
	require.Equal(t, m.HTML, got.HTML)
	for _, h := range m.Headers {
		require.Equal(t, h[1], got.Get(h[0]), h[0])
	}
	require.Equal(t, `متجر نور <hello@nour.example>`, strings.ReplaceAll(got.Get("From"), `"`, ""))
	require.Equal(t, "<hello@nour.example>", got.Get("Reply-To"))
	require.Equal(t, "Mon, 02 Mar 2026 12:00:00 +0000", got.Get("Date"))
	raw := string(to.Mails()[0].Raw)
	require.NotContains(t, strings.ToLower(raw), "go-mail", "the library is nobody's business")
	require.Contains(t, raw, "List-Unsubscribe: <https://flywheel.example/u/AAAAAAAAAAAAAAAAAAAAAA>\r\n", "in one piece")
	require.Less(t, strings.Index(raw, "text/plain"), strings.Index(raw, "text/html"), "the last part is the preferred one")
	require.Empty(t, to.Refused())
}

func TestAnswersAreToldApart(t *testing.T) {
	for name, tt := range map[string]struct {
		trouble mailfake.Trouble
		want    mail.State
		taken   int
	}{
		"greylisted":                  {mailfake.Trouble{At: "rcpt", Code: 451}, mail.Retry, 0},
		"no such mailbox":             {mailfake.Trouble{At: "rcpt", Code: 550}, mail.Failed, 0},
		"sender refused":              {mailfake.Trouble{At: "mail", Code: 550}, mail.Retry, 0},
		"server closing":              {mailfake.Trouble{At: "mail", Code: 421}, mail.Retry, 0},
		"refused at the dot":          {mailfake.Trouble{At: "dot", Code: 554}, mail.Failed, 0},
		"full at the dot":             {mailfake.Trouble{At: "dot", Code: 452}, mail.Retry, 0},
		"dropped at the recipient":    {mailfake.Trouble{At: "rcpt"}, mail.Retry, 0},
		"dropped after it, taken":     {mailfake.Trouble{At: "dot", Taken: true}, mail.Unknown, 1},
		"dropped after it, not taken": {mailfake.Trouble{At: "dot"}, mail.Unknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := sink(t, mailfake.Options{})
			s := open(t, to.URL(), mail.Options{Connections: 1})
			to.Trouble(func(rcpt string) *mailfake.Trouble {
				if tt.trouble.At == "mail" || rcpt == "sara@example.com" {
					return &tt.trouble
				}
				return nil
			})
			got := one(t, s, thanks("0effect1", "sara@example.com"))
			require.Equal(t, tt.want, got.State, "%+v", got)
			require.Equal(t, tt.trouble.Code, got.Code)
			require.Equal(t, tt.taken, to.Count())
			require.NotContains(t, got.Detail, "sara@", "what is kept has no address")
			if tt.trouble.Code != 0 {
				require.Contains(t, []string{"4.1.1", "5.1.1"}, got.Enhanced)
			}
			to.Trouble(nil)
			require.Equal(t, mail.Sent, one(t, s, thanks("0effect2", "ada@example.com")).State, "the next mail is not harmed")
		})
	}
}

// Only of a mail too large for the buffers between can the sender know that the
// connection broke before it had given the dot; of a small one it cannot.
func TestDroppedBeforeTheDot(t *testing.T) {
	to := sink(t, mailfake.Options{})
	to.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "data"} })
	s := open(t, to.URL(), mail.Options{})
	require.Equal(t, mail.Unknown, one(t, s, thanks("0effect1", "sara@example.com")).State)
	large := thanks("0effect2", "sara@example.com")
	large.Text = strings.Repeat("a long story ", 1<<20)
	require.Equal(t, mail.Retry, one(t, s, large).State)
}

func TestPatience(t *testing.T) {
	for at, want := range map[string]mail.State{"rcpt": mail.Retry, "dot": mail.Unknown} {
		to := sink(t, mailfake.Options{})
		hold := make(chan struct{})
		to.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: at, Code: 250, Hold: hold} })
		s := open(t, to.URL(), mail.Options{Patience: 100 * time.Millisecond, DotPatience: 100 * time.Millisecond})
		require.Equal(t, want, one(t, s, thanks("0effect1", "sara@example.com")).State, at)
		close(hold)
	}
}

// A mail under way is not broken off, which would leave its outcome unknown;
// the next does not begin.
func TestCallerWithoutTime(t *testing.T) {
	to := sink(t, mailfake.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	to.Trouble(func(string) *mailfake.Trouble {
		cancel()
		return nil
	})
	s := open(t, to.URL(), mail.Options{Connections: 1})
	out := s.Send(ctx, []mail.Message{thanks("0effect1", "sara@example.com"), thanks("0effect2", "ada@example.com")}, nil)
	require.Equal(t, []mail.State{mail.Sent, mail.Retry}, []mail.State{out[0].State, out[1].State})
	require.Equal(t, 1, to.Count())
}

// Who waits for a connection of an account that is closed waits no longer, and
// what is left of the chunk under way does not begin: all may be sent another way.
func TestClosedWhileMailsWait(t *testing.T) {
	to := sink(t, mailfake.Options{})
	hold, held := make(chan struct{}), make(chan struct{})
	var once sync.Once
	to.Trouble(func(string) *mailfake.Trouble {
		once.Do(func() { close(held) })
		return &mailfake.Trouble{At: "rcpt", Code: 250, Hold: hold}
	})
	s, err := mail.Open(to.URL(), mail.Options{Connections: 1})
	require.NoError(t, err)
	send := func(n int) <-chan []mail.Outcome {
		out := make(chan []mail.Outcome, 1)
		go func() {
			var chunk []mail.Message
			for range n {
				chunk = append(chunk, thanks("0effect", "sara@example.com"))
			}
			out <- s.Send(context.Background(), chunk, nil)
		}()
		return out
	}
	busy := send(2)
	<-held
	waits := send(1)
	var closing sync.WaitGroup
	closing.Go(s.Close)
	select {
	case out := <-waits:
		require.Equal(t, mail.Retry, out[0].State)
	case <-time.After(time.Minute):
		t.Error("it waits for a connection that never comes")
	}
	close(hold)
	out := <-busy
	require.Equal(t, []mail.State{mail.Sent, mail.Retry}, []mail.State{out[0].State, out[1].State}, "what was under way is finished")
	closing.Wait()
	require.Equal(t, mail.Retry, (<-send(1))[0].State)
	s.Close() // once more is nothing
	require.Equal(t, 1, to.Count())
}

// Up to the final dot a mail takes no longer than its caller has time.
func TestPatienceOfTheCaller(t *testing.T) {
	to := sink(t, mailfake.Options{})
	hold := make(chan struct{})
	defer close(hold)
	to.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "rcpt", Code: 250, Hold: hold} })
	s := open(t, to.URL(), mail.Options{Connections: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
	defer cancel()
	began := time.Now()
	require.Equal(t, mail.Retry, s.Send(ctx, []mail.Message{thanks("0effect1", "sara@example.com")}, nil)[0].State)
	require.Less(t, time.Since(began), time.Minute)
}

// What must not go any more when its turn comes is not given to the server.
func TestAskedDirectlyBeforeEachMail(t *testing.T) {
	to := sink(t, mailfake.Options{})
	s := open(t, to.URL(), mail.Options{})
	out := s.Send(t.Context(), []mail.Message{thanks("0effect1", "sara@example.com"), thanks("0effect2", "ada@example.com")}, func(i int) bool { return i == 0 })
	require.Equal(t, []mail.State{mail.Sent, mail.NotTried}, []mail.State{out[0].State, out[1].State})
	require.Equal(t, 1, to.Count())
}

func TestConnectionsAreFewAndUsedAgain(t *testing.T) {
	to := sink(t, mailfake.Options{})
	s := open(t, to.URL(), mail.Options{Connections: 2})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, o := range s.Send(context.Background(), []mail.Message{thanks("a", "sara@example.com"), thanks("b", "ada@example.com")}, nil) {
				if o.State != mail.Sent {
					t.Errorf("%+v", o)
				}
			}
		})
	}
	all.Wait()
	require.Equal(t, 16, to.Count())
	require.LessOrEqual(t, to.Sessions(), 2)
}

// The other side closes idle connections without a word: nothing was given to
// the dead one, so a new one is opened and the mail goes once.
func TestClosedConnectionIsReplaced(t *testing.T) {
	to := sink(t, mailfake.Options{})
	s := open(t, to.URL(), mail.Options{Connections: 1})
	require.Equal(t, mail.Sent, one(t, s, thanks("0effect1", "sara@example.com")).State)
	to.HangUp()
	require.Equal(t, mail.Sent, one(t, s, thanks("0effect2", "sara@example.com")).State)
	require.Equal(t, 2, to.Count())
}

func TestServerAwayIsTemporary(t *testing.T) {
	to := sink(t, mailfake.Options{})
	s := open(t, to.URL(), mail.Options{})
	to.Stop()
	require.Equal(t, mail.Retry, one(t, s, thanks("0effect1", "sara@example.com")).State)
	require.ErrorContains(t, s.Check(t.Context()), "check host, port, user and password")
}

func TestLogin(t *testing.T) {
	to := sink(t, mailfake.Options{User: "nour", Password: "s3cret"})
	s := open(t, to.URL(), mail.Options{})
	require.NoError(t, s.Check(t.Context()))
	require.Equal(t, mail.Sent, one(t, s, thanks("0effect1", "sara@example.com")).State)

	wrong := open(t, strings.Replace(to.URL(), "s3cret", "wrong", 1), mail.Options{})
	got := one(t, wrong, thanks("0effect2", "sara@example.com"))
	require.Equal(t, mail.Retry, got.State, "our own mistake is not the end of a customer's mail")
	require.NotContains(t, got.Detail, "wrong")
	require.Error(t, wrong.Check(t.Context()))
}

func TestTLSIsUsedWhereItIsOffered(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate of 127.0.0.1
	defer web.Close()
	to := sink(t, mailfake.Options{TLS: &tls.Config{Certificates: web.TLS.Certificates}})
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	require.Equal(t, mail.Sent, one(t, open(t, to.URL(), mail.Options{RootCAs: roots}), thanks("0effect1", "sara@example.com")).State)
	require.True(t, to.Mails()[0].TLS)
	got := one(t, open(t, to.URL(), mail.Options{}), thanks("0effect2", "sara@example.com"))
	require.Equal(t, mail.Retry, got.State, "a certificate nobody vouches for gets no mail")
}

func TestStrangersCannotAddHeaders(t *testing.T) {
	to := sink(t, mailfake.Options{})
	s := open(t, to.URL(), mail.Options{})
	for name, change := range map[string]func(*mail.Message){
		"header":  func(m *mail.Message) { m.Headers[0][1] = "ar\r\nBcc: eve@example.com" },
		"address": func(m *mail.Message) { m.To = "sara@example.com>\r\nRCPT TO:<eve@example.com" },
		"subject": func(m *mail.Message) { m.Subject = "x\r\nBcc: eve@example.com" },
		"name":    func(m *mail.Message) { m.ToName = "x\r\nBcc: eve@example.com" },
	} {
		m := thanks("0effect1", "sara@example.com")
		change(&m)
		if one(t, s, m).State == mail.Sent {
			got, err := to.Mails()[to.Count()-1].Read()
			require.NoError(t, err)
			require.Empty(t, got.Get("Bcc"), name)
		}
	}
	for _, m := range to.Mails() {
		require.Equal(t, "sara@example.com", m.To)
	}
}
