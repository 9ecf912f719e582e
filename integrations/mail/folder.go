package mail

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"flywheel/fault"
)

// folder writes each message as a file of its own, for looking at mails on a
// laptop. The name is the message's id, so a repeat writes the same file.
type folder struct{ path string }

func newFolder(u *url.URL) (*folder, error) {
	path := u.Path
	if u.Opaque != "" { // file:mails
		path = u.Opaque
	}
	if path == "" || u.Host != "" {
		return nil, fault.New(fault.Invalid, "SMTP_URL names no folder; it looks like file:mails or file:/var/mails")
	}
	return &folder{path}, nil
}

func (f *folder) send(_ context.Context, chunk []Message, still func(int) bool, at time.Time) []Outcome {
	out := make([]Outcome, len(chunk))
	for i, m := range chunk {
		if !still(i) {
			out[i] = Outcome{State: NotTried}
			continue
		}
		out[i] = Outcome{State: Sent, Detail: "written to a file"}
		if err := f.write(m, at); err != nil {
			out[i] = Outcome{State: Retry, Detail: plain(err.Error())}
		}
	}
	return out
}

// write goes through a second name, so that nobody reads half a mail.
func (f *folder) write(m Message, at time.Time) error {
	msg, err := m.build(at)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(f.path, ".new-*")
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if err = m.write(&raw, msg); err == nil {
		_, err = raw.WriteTo(file)
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		name := filepath.Base(m.id())
		if m.id() == "" {
			name = filepath.Base(file.Name())[len(".new-"):]
		}
		err = os.Rename(file.Name(), filepath.Join(f.path, name+".eml"))
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the first error is the one that matters
	}
	return err
}

func (f *folder) check(context.Context) error {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return fault.Wrap(fault.Invalid, err, "the folder of SMTP_URL cannot be made")
	}
	file, err := os.CreateTemp(f.path, ".check-*")
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "nothing can be written into the folder of SMTP_URL")
	}
	_ = file.Close()
	return os.Remove(file.Name())
}

func (f *folder) close() {}
