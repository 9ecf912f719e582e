package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"flywheel/app"
)

// worker is a Flywheel worker in a process of its own, so that its memory is its own too.
type worker struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	peakMB float64 // known after stop
}

// startWorker runs this program again as the worker of a place.
func startWorker(ctx context.Context, p place) (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	w := &worker{cmd: exec.CommandContext(ctx, self, "-worker", p.databaseURL, "-redis", p.redisURL)}
	w.cmd.Stderr = os.Stderr
	if w.stdin, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		return nil, errors.Join(fmt.Errorf("the worker did not start: %w", err), w.stop())
	}
	return w, nil
}

// stop reads the most memory the worker has had and ends it.
func (w *worker) stop() error {
	if kb, ok := strings.CutSuffix(field(fmt.Sprintf("/proc/%d/status", w.cmd.Process.Pid), "VmHWM"), " kB"); ok {
		n, _ := strconv.ParseFloat(kb, 64)
		w.peakMB = n / 1024
	}
	return errors.Join(w.stdin.Close(), w.cmd.Wait())
}

// work is the worker's side: it works until its input ends.
func work(ctx context.Context, databaseURL, redisURL string) error {
	c, err := place{databaseURL: databaseURL, redisURL: redisURL}.config("smtp://127.0.0.1:9") // nobody is mailed
	if err != nil {
		return err
	}
	a, err := app.Start(ctx, c, app.Parts{Work: true}, slog.New(slog.NewJSONHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, a.Stop())
}
