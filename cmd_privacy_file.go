package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"flywheel/fault"
	"flywheel/privacy"
	"flywheel/store"
)

type privacyReapplyCommand struct {
	File string `default:"" help:"The file of erasures; TOMBSTONES_FILE where it is left out."`
}

// Run carries out again what a restored database does not know of.
func (c privacyReapplyCommand) Run(s *session) error {
	path := c.File
	if path == "" {
		path = s.config.Erasures
	}
	if path == "" {
		return fault.New(fault.Invalid, "say --file: TOMBSTONES_FILE is not set")
	}
	told, err := privacy.ReadFile(path)
	if err != nil {
		return err
	}
	return s.withStore(func(st *store.Store) error {
		n, err := privacy.Reapply(s.ctx, st, told)
		fmt.Printf("%d erasures told, %d carried out again\n", len(told), n)
		return err
	})
}

// besideDatabase is where erasures are told unless somebody says otherwise: on a
// server of its own nobody but the operator knows where backups lie.
func besideDatabase(databaseURL string) string {
	if path, lite := strings.CutPrefix(databaseURL, "sqlite:"); lite && path != "" {
		return filepath.Join(filepath.Dir(path), "tombstones.jsonl")
	}
	return ""
}

// checkErasures finds a database that was restored without its erasures.
func checkErasures(s *session) (string, error) {
	switch {
	case s.config.Erasures == "":
		return "TOMBSTONES_FILE is not set: a restored backup would bring back who was erased, and nobody could tell whom", nil
	case s.config.Keys == nil:
		return "", fault.New(fault.Invalid, "not looked at: SECRET_KEY is missing")
	}
	told, err := privacy.ReadFile(s.config.Erasures)
	if errors.Is(err, fs.ErrNotExist) {
		return "none yet; keep " + s.config.Erasures + " with the backups, but never restore it to an older one", nil
	}
	if err != nil {
		return "", err
	}
	var lacking []store.Erasure
	if err := s.withStore(func(st *store.Store) (err error) {
		lacking, err = privacy.Lacking(s.ctx, st, told)
		return err
	}); err != nil {
		return "", err
	}
	if len(lacking) > 0 {
		return "", fault.New(fault.Invalid, "%s tells of %d erasures that the database lacks: it was restored, so run flywheel privacy reapply", s.config.Erasures, len(lacking))
	}
	return fmt.Sprintf("%d, all carried out", len(told)), nil
}
