// Package dnsfake is a DNS server on a loopback port with records that a test or
// the demo sets: TXT and MX, names that fail and names that are never answered.
// It speaks real DNS over UDP, so that the program's own resolver is what is
// tried. Only the demo, apptest and tests use it.
package dnsfake

import (
	"net"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"

	"flywheel/integrations/mail"
)

// Server is the server. Its methods may be called from several goroutines.
type Server struct {
	conn net.PacketConn
	done chan struct{}

	mu     sync.Mutex
	txt    map[string][]string
	mx     map[string][]string
	fails  map[string]bool
	silent map[string]bool
	asked  []string
}

// Start listens on a free loopback port.
func Start() (*Server, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		conn: conn, done: make(chan struct{}),
		txt: map[string][]string{}, mx: map[string][]string{}, fails: map[string]bool{}, silent: map[string]bool{},
	}
	go s.serve()
	return s, nil
}

// Stop closes the port.
func (s *Server) Stop() {
	_ = s.conn.Close()
	<-s.done
}

// Addr is host:port, as app.Config.Resolver takes it.
func (s *Server) Addr() string { return s.conn.LocalAddr().String() }

// Resolver asks this server.
func (s *Server) Resolver() *net.Resolver { return mail.ResolverAt(s.Addr()) }

// TXT sets the TXT records of a name, together at most 1,100 bytes, which is what
// resolvers take over UDP; none = there are none any more.
func (s *Server) TXT(name string, values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.txt[fold(name)] = values
}

// MX sets the mail servers of a name, the first preferred; "." says that it takes no mail.
func (s *Server) MX(name string, hosts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mx[fold(name)] = hosts
}

// Fail has questions for a name answered with SERVFAIL, or properly again.
func (s *Server) Fail(name string, fails bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails[fold(name)] = fails
}

// Silence leaves questions for a name without an answer, or answers them again.
func (s *Server) Silence(name string, silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent[fold(name)] = silent
}

// Asked lists the names that were asked for, in order.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

func fold(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

func (s *Server) serve() {
	defer close(s.done)
	packet := make([]byte, 4096)
	for {
		n, from, err := s.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		if answer := s.answer(packet[:n]); answer != nil {
			_, _ = s.conn.WriteTo(answer, from) // a resolver without an answer asks again
		}
	}
}

// answer returns nil where there is none.
func (s *Server) answer(packet []byte) []byte {
	var q dnsmessage.Message
	if q.Unpack(packet) != nil || len(q.Questions) != 1 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := fold(q.Questions[0].Name.String())
	s.asked = append(s.asked, name)
	if s.silent[name] {
		return nil
	}
	a := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.ID, Response: true, RecursionDesired: q.RecursionDesired, RecursionAvailable: true},
		Questions: q.Questions,
	}
	switch {
	case s.fails[name]:
		a.RCode = dnsmessage.RCodeServerFailure
	case len(s.txt[name]) == 0 && len(s.mx[name]) == 0:
		a.RCode = dnsmessage.RCodeNameError
	default:
		a.Answers = s.records(q.Questions[0], name)
	}
	out, err := a.Pack()
	if err != nil {
		return nil
	}
	return out
}

func (s *Server) records(q dnsmessage.Question, name string) (out []dnsmessage.Resource) {
	head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: dnsmessage.ClassINET, TTL: 60}
	switch q.Type {
	case dnsmessage.TypeTXT:
		for _, value := range s.txt[name] {
			out = append(out, dnsmessage.Resource{Header: head, Body: &dnsmessage.TXTResource{TXT: cut(value)}})
		}
	case dnsmessage.TypeMX:
		for i, host := range s.mx[name] {
			to, err := dnsmessage.NewName(strings.TrimSuffix(host, ".") + ".")
			if err == nil {
				out = append(out, dnsmessage.Resource{Header: head, Body: &dnsmessage.MXResource{Pref: uint16(10 * i), MX: to}})
			}
		}
	}
	return out
}

// cut makes the strings of at most 255 bytes that a record consists of.
func cut(value string) []string {
	var out []string
	for len(value) > 255 {
		out, value = append(out, value[:255]), value[255:]
	}
	return append(out, value)
}
