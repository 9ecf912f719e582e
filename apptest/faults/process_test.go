package faults

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is a program that the test started and may stop, pause and kill.
type process struct {
	t    testing.TB
	name string
	cmd  *exec.Cmd
	log  *journal
	done chan struct{} // closed when it has ended
}

// start runs a command. Whatever becomes of the test, the process ends with it.
func start(t testing.TB, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: cmd, log: &journal{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	cmd.WaitDelay = time.Second
	require.NoError(t, cmd.Start(), name)
	go func() {
		_ = cmd.Wait() // the state says how it ended
		close(p.done)
	}()
	t.Cleanup(func() {
		p.kill()
		if strings.Contains(p.log.text(), "WARNING: DATA RACE") {
			t.Errorf("%s has a data race", name)
		}
		if t.Failed() {
			t.Logf("%s said last:\n%s", name, p.log.tail(30))
		}
	})
	return p
}

func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) } // one that has ended needs none

// kill ends it at once, as kill -9 and a power cut do.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// stopTime is how long a process may take to end in order: kill_timeout of fly.toml.
const stopTime = 2 * time.Minute

// stop asks it to end, demands that it does in time, and returns its exit code.
func (p *process) stop(s syscall.Signal) int {
	p.t.Helper()
	began := time.Now()
	p.signal(s)
	code := p.ended()
	require.Less(p.t, time.Since(began), stopTime, "%s would have been killed", p.name)
	return code
}

// ended waits for the end and returns the exit code.
func (p *process) ended() int {
	p.t.Helper()
	until(p.t, p.name+" ends", p.gone)
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) gone() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// journal keeps what a process prints.
type journal struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements io.Writer.
func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.Write(b)
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.String()
}

// tail is the last n lines, without those that say that all is well.
func (j *journal) tail(n int) string {
	var lines []string
	for line := range strings.Lines(j.text()) {
		if !strings.Contains(line, `"level":"INFO"`) {
			lines = append(lines, line[:min(len(line), 400)])
		}
	}
	return strings.Join(lines[max(0, len(lines)-n):], "")
}

// count is how many log lines have these values, given as name, value, name, value ...
func (j *journal) count(pairs ...string) (n int) {
lines:
	for line := range strings.Lines(j.text()) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) != nil {
			continue
		}
		for i := 0; i < len(pairs); i += 2 {
			if fields[pairs[i]] != pairs[i+1] {
				continue lines
			}
		}
		n++
	}
	return n
}
