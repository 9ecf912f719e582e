package inbound_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/integrations/mail/inbound"
	"flywheel/integrations/mail/reports"
)

const ours = "b-ours@in.example"

// box is a listener and what it took.
type box struct {
	*inbound.Listener
	mu    sync.Mutex
	taken []string
	fail  error
}

func listen(t *testing.T) *box {
	t.Helper()
	b := &box{}
	var err error
	b.Listener, err = inbound.Listen(inbound.Options{
		Addr: "127.0.0.1:0", Domain: "in.example", Log: slog.New(slog.DiscardHandler),
		Ours: func(a string) bool { return strings.EqualFold(a, ours) },
		Take: func(_ context.Context, to string, raw []byte) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.fail == nil {
				b.taken = append(b.taken, to+" "+string(raw))
			}
			return b.fail
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

// send is how a server reports; it returns the code of the refusal, 0 for none.
func (b *box) send(t *testing.T, to, body string) int {
	t.Helper()
	c, err := smtp.Dial(b.Addr())
	require.NoError(t, err)
	defer c.Close()
	err = c.SendMail("", []string{to}, strings.NewReader(body))
	var refused *smtp.SMTPError
	if errors.As(err, &refused) {
		return refused.Code
	}
	require.NoError(t, err)
	return 0
}

func TestReportsAreTaken(t *testing.T) {
	b := listen(t)
	require.Zero(t, b.send(t, ours, "Subject: report\r\n\r\nx\r\n"))
	require.Zero(t, b.send(t, strings.ToUpper(ours), "Subject: report\r\n\r\ny\r\n"), "servers may fold the case")
	require.Zero(t, b.send(t, "fbl@in.example", "Subject: complaint\r\n\r\nx\r\n"))
	require.Len(t, b.taken, 3)
	require.Equal(t, ours+" Subject: report\r\n\r\nx\r\n", b.taken[0])
}

func TestNothingElseIsTaken(t *testing.T) {
	b := listen(t)
	for _, to := range []string{"b-theirs@in.example", "hello@in.example", "b-ours@elsewhere.example", "ada@example.com"} {
		require.Equal(t, 550, b.send(t, to, "x\r\n"), to)
	}
	require.NotZero(t, b.send(t, ours, strings.Repeat(strings.Repeat("x", 998)+"\r\n", 1100)), "over 1 MiB")
	require.Empty(t, b.taken)
}

// What cannot be kept is not acknowledged; what will never be a report is not tried again.
func TestAnswers(t *testing.T) {
	b := listen(t)
	b.fail = errors.New("the database is away")
	require.Equal(t, 451, b.send(t, ours, "x\r\n"))
	b.fail = reports.ErrNoReport
	require.Zero(t, b.send(t, ours, "x\r\n"), "a refusal would only make another report")
	require.Equal(t, 550, b.send(t, "abuse@in.example", "x\r\n"), "people must know that nobody reads this")
}

// More connections than there are places wait, and none is lost.
func TestManyAtOnce(t *testing.T) {
	b := listen(t)
	idle := make([]net.Conn, 49)
	for i := range idle {
		c, err := net.Dial("tcp", b.Addr())
		require.NoError(t, err)
		_, err = bufio.NewReader(c).ReadString('\n') // it has a place
		require.NoError(t, err)
		idle[i] = c
	}
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() { require.Zero(t, b.send(t, ours, fmt.Sprintf("Subject: %d\r\n\r\nx\r\n", i))) })
	}
	all.Wait()
	require.Len(t, b.taken, 10)
	for _, c := range idle {
		require.NoError(t, c.Close())
	}
}

func TestCloseEndsEverything(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	l, err := inbound.Listen(inbound.Options{Addr: "127.0.0.1:0", Domain: "in.example", Log: slog.New(slog.DiscardHandler), Ours: func(string) bool { return false }})
	require.NoError(t, err)
	c, err := net.Dial("tcp", l.Addr())
	require.NoError(t, err)
	_, err = bufio.NewReader(c).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, c.Close())
	began := time.Now()
	require.NoError(t, l.Close())
	require.Less(t, time.Since(began), time.Minute)
}
