package hook

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync"
	"testing"
	"time"

	"code.dny.dev/ssrf"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"flywheel/integrations/hook/hookfake"
)

// names is a name server that knows receiver.example, over pipes.
type names struct {
	mu    sync.Mutex
	addrs []netip.Addr
}

func (n *names) point(to ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addrs = nil
	for _, text := range to {
		n.addrs = append(n.addrs, netip.MustParseAddr(text))
	}
}

func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer ours.Close()
			_ = n.serve(ours)
		}()
		return theirs, nil
	}}
}

// serve answers one question, framed as over TCP (RFC 1035, 4.2.2).
func (n *names) serve(c net.Conn) error {
	var size uint16
	if err := binary.Read(c, binary.BigEndian, &size); err != nil {
		return err
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(c, raw); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(raw); err != nil {
		return err
	}
	n.answer(&m)
	raw, err := m.AppendPack(make([]byte, 2))
	if err != nil {
		return err
	}
	binary.BigEndian.PutUint16(raw, uint16(len(raw)-2))
	_, err = c.Write(raw)
	return err
}

func (n *names) answer(m *dnsmessage.Message) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	q := m.Questions[0]
	if q.Name.String() != "receiver.example." || len(n.addrs) == 0 {
		m.RCode = dnsmessage.RCodeNameError
		return
	}
	for _, ip := range n.addrs {
		head := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET}
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
}

func toReceiver(at string) Request {
	return Request{ID: "0effect1", URL: at, Secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, Body: []byte(`{}`)}
}

// A name says nothing about where it leads: the address is asked when it is called.
func TestNamesThatLeadInside(t *testing.T) {
	n := &names{}
	s := newSender(Options{}, n.resolver())
	t.Cleanup(s.Close)
	require.NoError(t, CheckURL("https://receiver.example/", false))
	for _, to := range [][]string{
		{"127.0.0.1"},
		{"::1"},
		{"169.254.169.254"},
		{"10.0.0.7"},
		{"100.64.0.1"},
		{"100.100.100.200"},
		{"168.63.129.16"},
		{"0.0.0.0"},
		{"fdaa::3"},
		{"fd00:ec2::254"},
		{"::ffff:127.0.0.1"},
		{"64:ff9b::7f00:1"},
		{"2002:7f00:1::"},
		{"10.0.0.7", "192.168.0.1", "::1"},
	} {
		n.point(to...)
		require.Equal(t, Outcome{State: Failed, Detail: notPublic}, s.Send(t.Context(), toReceiver("https://receiver.example/")), to)
	}
	n.point()
	require.Equal(t, Outcome{State: Retry, Detail: "the receiver's name cannot be looked up"}, s.Send(t.Context(), toReceiver("https://receiver.example/")))
}

// A name that changes its address after it was good once gains nothing; and
// HTTP_PROXY, which TestMain sets to a place where nobody listens, is not asked.
func TestNamesThatChange(t *testing.T) {
	fake, err := hookfake.New("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	require.NoError(t, err)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	require.NoError(t, err)
	to := toReceiver("http://receiver.example:" + at.Port())

	n := &names{}
	s := newSender(Options{AllowPrivate: true}, n.resolver())
	t.Cleanup(s.Close)
	n.point("127.0.0.1")
	require.Equal(t, Outcome{State: Sent, Code: 204}, s.Send(t.Context(), to))
	s.Close() // what rests was asked; a new connection is asked anew
	n.point("169.254.169.254")
	require.Equal(t, Outcome{State: Failed, Detail: notPublic}, s.Send(t.Context(), to))
	require.Equal(t, 1, fake.Deliveries()[0].Count)
}

// The guard at the connection stands by itself, whatever was asked before.
func TestGuard(t *testing.T) {
	open, inner := newGuard(false), newGuard(true)
	for address, want := range map[string]struct{ open, inner error }{
		"93.184.216.34:443":         {nil, nil},
		"[2606:2800:220:1::1]:8443": {nil, nil},
		"93.184.216.34:25":          {ssrf.ErrProhibitedPort, nil},
		"127.0.0.1:443":             {ssrf.ErrProhibitedIP, nil},
		"192.168.0.1:443":           {ssrf.ErrProhibitedIP, nil},
		"[::1]:443":                 {ssrf.ErrProhibitedIP, nil},
		"[fdaa::3]:443":             {ssrf.ErrProhibitedIP, nil},
		"169.254.169.254:80":        {ssrf.ErrProhibitedIP, ssrf.ErrProhibitedIP},
		"168.63.129.16:443":         {ssrf.ErrProhibitedIP, ssrf.ErrProhibitedIP},
		"[fd00:ec2::254]:80":        {ssrf.ErrProhibitedIP, ssrf.ErrProhibitedIP},
		"[64:ff9b::7f00:1]:443":     {ssrf.ErrProhibitedIP, ssrf.ErrProhibitedIP},
		"[::ffff:10.0.0.1]:443":     {ssrf.ErrProhibitedIP, ssrf.ErrProhibitedIP},
	} {
		require.ErrorIs(t, open.control(t.Context(), "tcp4", address, nil), want.open, address)
		require.ErrorIs(t, inner.control(t.Context(), "tcp4", address, nil), want.inner, address)
	}
	require.ErrorIs(t, open.control(t.Context(), "udp4", "93.184.216.34:443", nil), ssrf.ErrProhibitedNetwork)

	ctx := t.Context()
	require.Equal(t, Outcome{State: Failed, Detail: wrongPort}, broken(ctx, ctx, open.control(ctx, "tcp4", "93.184.216.34:25", nil)))
	require.Equal(t, Outcome{State: Retry, Detail: "the connection broke off"}, broken(ctx, ctx, errors.New("read tcp 10.0.0.1:1: "+time.Now().String())))
}

// endless is a body without end.
type endless struct {
	read   int
	closed bool
}

func (e *endless) Read(p []byte) (int, error) { e.read += len(p); return len(p), nil }
func (e *endless) Close() error               { e.closed = true; return nil }

func TestLittleOfAnAnswerIsRead(t *testing.T) {
	for code, want := range map[int]int{http.StatusOK: 4096, http.StatusBadGateway: 4096, http.StatusSwitchingProtocols: 0} {
		body := &endless{}
		drain(&http.Response{StatusCode: code, Body: body}, func() {})
		require.Equal(t, want, body.read)
		require.True(t, body.closed)
	}
}
