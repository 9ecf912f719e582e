// Package mailfake plays a mail server: it takes mails over real SMTP, checks
// them as a strict server would, keeps them for reading, and goes wrong on
// demand. Only the demo, apptest, benchmarks and tests use it.
package mailfake

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Trouble is how one mail goes wrong.
type Trouble struct {
	// At is the moment: "mail", "rcpt", "data" (before the final dot) or "dot" (in its place).
	At string
	// Code is the reply, such as 451 or 550; 0 = the connection is dropped.
	Code int
	// Enhanced is the code of RFC 3463, such as 5.7.1; "" = that of the class, with 1.1.
	Enhanced string
	// Words are what the server says; "" = something with the recipient's address.
	Words string
	// Taken says that the mail is kept although the sender does not hear of it.
	Taken bool
	// Hold delays the answer until it is closed; nil = no delay.
	Hold <-chan struct{}
}

// Options are what a Sink is made with; the zero value is a plain server.
type Options struct {
	TLS            *tls.Config // offers STARTTLS
	User, Password string      // demands a login
	// AsSES has the sink do to mails what Amazon SES does; see ses.go.
	AsSES bool
	// Careless takes mails as they come, unread: for benchmarks.
	Careless bool
	// Now stamps what is kept; nil = real time.
	Now func() time.Time
}

// Sink is the server. Its methods may be called from several goroutines.
type Sink struct {
	Options
	server   *smtp.Server
	listener net.Listener

	mu       sync.Mutex
	mails    []Mail
	count    int
	refused  []string
	trouble  func(to string) *Trouble
	sessions int
	open     map[net.Conn]bool
}

// Start listens on a free loopback port.
func Start(o Options) (*Sink, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Sink{Options: o, listener: l, open: map[net.Conn]bool{}}
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain, s.server.TLSConfig, s.server.AllowInsecureAuth = "mailfake", o.TLS, true
	s.server.MaxMessageBytes, s.server.MaxRecipients = 10<<20, 10
	s.server.ReadTimeout, s.server.WriteTimeout = 60*time.Second, 10*time.Second
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = s.server.Serve(l) }() // ends with Stop
	return s, nil
}

// URL is the SMTP_URL of the sink.
func (s *Sink) URL() string {
	u := url.URL{Scheme: "smtp", Host: s.listener.Addr().String()}
	if s.User != "" {
		u.User = url.UserPassword(s.User, s.Password)
	}
	return u.String()
}

// Stop closes the port and every connection.
func (s *Sink) Stop() {
	_ = s.listener.Close() // the server knows it only once it serves
	_ = s.server.Close()
}

// HangUp closes every open connection without a word, as servers do with idle ones.
func (s *Sink) HangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		_ = c.Close()
	}
}

// Trouble decides what happens to mails from now on, by recipient; nil = all is well.
func (s *Sink) Trouble(decide func(to string) *Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = decide
}

// Count is how many mails were taken.
func (s *Sink) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Sessions is how many connections were made.
func (s *Sink) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

// Refused lists why mails were refused as malformed; in a sound world it is empty.
func (s *Sink) Refused() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.refused...)
}

// Mails returns what was taken so far, in order of arrival.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Clear forgets what was taken.
func (s *Sink) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails, s.count = nil, 0
}

func (s *Sink) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions++
	s.open[c.Conn()] = true
	return &session{sink: s, conn: c}, nil
}

// session is one connection's way through its mails.
type session struct {
	sink     *Sink
	conn     *smtp.Conn
	loggedIn bool
	from, to string
	trouble  *Trouble
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.sink.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.sink.User || password != s.sink.Password {
			return smtp.ErrAuthFailed
		}
		s.loggedIn = true
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.sink.User != "" && !s.loggedIn {
		return smtp.ErrAuthRequired
	}
	s.from, s.to, s.trouble = from, "", nil
	return s.happen("mail", "")
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.happen("rcpt", to)
}

// happen carries out the trouble of a moment, if this is its moment.
func (s *session) happen(at, to string) error {
	s.sink.mu.Lock()
	decide := s.sink.trouble
	s.sink.mu.Unlock()
	if decide == nil {
		return nil
	}
	if s.trouble == nil {
		s.trouble = decide(to)
	}
	t := s.trouble
	if t == nil || t.At != at {
		return nil
	}
	if t.Hold != nil {
		<-t.Hold
	}
	if t.Code == 0 {
		_ = s.conn.Conn().Close()
		return errors.New("dropped")
	}
	if t.Code == 250 {
		return nil // only slow
	}
	return t.answer(s.to)
}

// answer is the trouble as the server says it.
func (t *Trouble) answer(to string) error {
	e := &smtp.SMTPError{Code: t.Code, EnhancedCode: smtp.EnhancedCode{t.Code / 100, 1, 1}, Message: cmp.Or(t.Words, "no luck for "+to)}
	_, _ = fmt.Sscanf(t.Enhanced, "%d.%d.%d", &e.EnhancedCode[0], &e.EnhancedCode[1], &e.EnhancedCode[2]) // "" leaves it
	return e
}

// ByName is a rule for Trouble: it answers by the first word of the recipient's
// name as large providers do, and takes all other mails.
//
//	gone@    550 5.1.1, no such user      full@   452 4.2.2, over quota
//	later@   451 4.7.1, greylisted        spam@   550 5.7.1, refused for its content
func ByName(to string) *Trouble {
	name, _, _ := strings.Cut(to, "@")
	name, _, _ = strings.Cut(name, "+")
	switch strings.ToLower(name) {
	case "gone":
		return &Trouble{At: "rcpt", Code: 550, Enhanced: "5.1.1", Words: "The email account that you tried to reach does not exist"}
	case "full":
		return &Trouble{At: "rcpt", Code: 452, Enhanced: "4.2.2", Words: "The recipient's inbox is out of storage space"}
	case "later":
		return &Trouble{At: "rcpt", Code: 451, Enhanced: "4.7.1", Words: "Greylisted, please try again later"}
	case "spam":
		return &Trouble{At: "dot", Code: 550, Enhanced: "5.7.1", Words: "This message was blocked because its content is likely unsolicited mail"}
	}
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	if s.trouble != nil && s.trouble.At == "data" {
		_, _ = io.CopyN(io.Discard, r, 64)
		if err := s.happen("data", s.to); err != nil {
			_, _ = io.Copy(io.Discard, r)
			return err
		}
	}
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(r); err != nil {
		return err
	}
	if !s.sink.Careless {
		if fault := check(raw.Bytes(), s.from, s.to); fault != "" {
			return s.sink.refuse(smtp.EnhancedCode{5, 6, 0}, fault)
		}
	}
	if s.sink.AsSES {
		if name := twice(raw.Bytes()); name != "" {
			return s.sink.refuse(smtp.NoEnhancedCode, "Transaction failed: Duplicate header '"+name+"'.")
		}
		rewritten := rewrite(raw.Bytes(), s.sink.Now())
		raw.Reset()
		raw.Write(rewritten)
	}
	_, secure := s.conn.TLSConnectionState()
	m := Mail{From: s.from, To: strings.ToLower(s.to), Raw: raw.Bytes(), At: s.sink.Now(), TLS: secure}
	if s.trouble != nil && s.trouble.Taken { // before the sender can hear of the trouble
		s.sink.keep(m)
		return s.happen("dot", s.to)
	}
	err := s.happen("dot", s.to)
	if err == nil {
		s.sink.keep(m)
	}
	return err
}

// refuse notes why a mail is not taken as it stands.
func (s *Sink) refuse(code smtp.EnhancedCode, why string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, why)
	return &smtp.SMTPError{Code: 554, EnhancedCode: code, Message: why}
}

func (s *Sink) keep(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	s.mails = append(s.mails, m)
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to, s.trouble = "", "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error {
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	delete(s.sink.open, s.conn.Conn())
	return nil
}
