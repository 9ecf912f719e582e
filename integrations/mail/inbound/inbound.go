// Package inbound listens by SMTP for the reports that mail servers send to the
// return paths of our mails. It takes nothing else, relays nothing and asks for no
// login; what a report says is read by package reports and judged elsewhere.
package inbound

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"

	"flywheel/fault"
	"flywheel/integrations/mail/reports"
)

// The bounds of what strangers may use up.
const (
	maxSessions   = 50
	maxRecipients = 5 // a report is sent to one
	sessionTime   = 5 * time.Minute
	lineTime      = 30 * time.Second
	takeTime      = 20 * time.Second
)

// ReportsTo are the addresses of our domain to which abuse reports may come as
// they do to any: their reports name the mail within.
var reportsTo = []string{"abuse", "fbl"}

// Options are what a Listener is made with.
type Options struct {
	// Addr is where it listens, such as ":2525"; Listener is used instead where it is set.
	Addr     string
	Listener net.Listener
	// Domain is whose addresses are taken.
	Domain string
	// Ours reports whether an address is the return path of a mail of ours.
	Ours func(address string) bool
	// Take keeps a report before it returns. Errors of fault.Temporary and such
	// without a kind have the server try again; others are final.
	Take func(ctx context.Context, to string, raw []byte) error
	Log  *slog.Logger
}

// Listener takes reports until it is closed.
type Listener struct {
	o      Options
	server *smtp.Server
	addr   string
	cancel context.CancelFunc
	ctx    context.Context //nolint:containedctx // go-smtp hands none to its sessions
	done   sync.WaitGroup
}

// Listen starts to listen.
func Listen(o Options) (*Listener, error) {
	l := o.Listener
	if l == nil {
		var err error
		if l, err = net.Listen("tcp", o.Addr); err != nil {
			return nil, err
		}
	}
	in := &Listener{o: o, addr: l.Addr().String()}
	in.ctx, in.cancel = context.WithCancel(context.Background())
	in.server = smtp.NewServer(smtp.BackendFunc(in.open))
	in.server.Domain = o.Domain
	in.server.MaxMessageBytes, in.server.MaxRecipients, in.server.MaxLineLength = reports.MaxSize, maxRecipients, 2000
	in.server.ReadTimeout, in.server.WriteTimeout = lineTime, lineTime
	in.server.ErrorLog = log.New(io.Discard, "", 0) // strangers' broken lines are nobody's trouble
	in.done.Go(func() {
		if err := in.server.Serve(netutil.LimitListener(brief{l}, maxSessions)); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			o.Log.Error("report listener ended", "error", err)
		}
	})
	return in, nil
}

// Addr is where it listens, with its real port.
func (in *Listener) Addr() string { return in.addr }

// Close ends the listener. Reports that are being taken are finished first.
func (in *Listener) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), takeTime)
	defer cancel()
	err := in.server.Shutdown(ctx)
	if err != nil {
		err = in.server.Close()
	}
	in.cancel()
	in.done.Wait()
	return err
}

// brief ends connections that last too long, however busy they look.
type brief struct{ net.Listener }

// Accept implements net.Listener.
func (l brief) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &briefConn{c, time.AfterFunc(sessionTime, func() { _ = c.Close() })}, nil
}

type briefConn struct {
	net.Conn
	end *time.Timer
}

// Close implements net.Conn.
func (c *briefConn) Close() error {
	c.end.Stop()
	return c.Conn.Close()
}

func (in *Listener) open(*smtp.Conn) (smtp.Session, error) { return &session{in: in}, nil }

// session is one connection's way through its reports.
type session struct {
	in *Listener
	to []string
}

// Mail implements smtp.Session. Reports come from <>, complaints from anybody.
func (s *session) Mail(string, *smtp.MailOptions) error {
	s.to = nil
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	local, domain, _ := strings.Cut(strings.ToLower(to), "@")
	known := s.in.o.Ours(to)
	for _, name := range reportsTo {
		known = known || local == name
	}
	if !strings.EqualFold(domain, s.in.o.Domain) || !known {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox here"}
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session. The answer comes after the commit.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err // go-smtp answers what is too large
	}
	ctx, cancel := context.WithTimeout(s.in.ctx, takeTime)
	defer cancel()
	for _, to := range s.to {
		err := s.in.o.Take(ctx, to, raw)
		kind := fault.KindOf(err)
		switch {
		case err == nil:
		case kind == "" || kind == fault.Temporary:
			s.in.o.Log.Warn("report not taken", "error", err)
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Not now, try again"}
		case !s.in.o.Ours(to): // a person wrote to abuse@: they must not believe that it was read
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "This address takes abuse reports (RFC 5965) only"}
		default:
			// Answers and absence notes to a return path end here: a refusal would
			// only make the next report.
			s.in.o.Log.Info("mail to a return path is no report", "bytes", len(raw))
		}
	}
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.to = nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
