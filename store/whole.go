package store

import (
	"context"
	"strings"

	"flywheel/fault"
)

// Whole reads all of a SQLite file and tells, as fault.Invalid, what is broken
// in it, as after a restore into the place of another's log. It takes about a
// second for each 200 MB. PostgreSQL looks after its pages itself.
func (s *Store) Whole(ctx context.Context) error {
	if !s.Embedded() {
		return nil
	}
	const advice = "the file is damaged: move it away together with its -wal and -shm, and restore a backup (docs/operations.md)"
	said, err := s.query(ctx).scalars(`PRAGMA quick_check(5)`)
	switch {
	case err != nil:
		return fault.Wrap(fault.Invalid, err, "%s", advice)
	case len(said) == 1 && said[0] == "ok":
		return nil
	}
	return fault.New(fault.Invalid, "%s: %s", advice, strings.Join(said, "; "))
}
