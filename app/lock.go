package app

import (
	"os"
	"path/filepath"
	"syscall"

	"flywheel/fault"
)

// fileLock keeps a second embedded process off the same database. The kernel
// drops it with the process, however that ends.
type fileLock struct{ file *os.File }

func lockFile(path string) (*fileLock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fault.New(fault.Conflict, "another flywheel runs on this database (%s); stop it first", path)
	}
	return &fileLock{f}, nil
}

func (l *fileLock) release() error { return l.file.Close() }
