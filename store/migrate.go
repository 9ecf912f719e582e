package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"flywheel/fault"
)

//go:embed migrations
var migrations embed.FS

// BinarySchema is the schema this binary was written for. A database may state
// a greater minimum; then the binary must not run on it. A newer schema whose
// minimum is not above ours is fine: migrations expand first and contract last.
const BinarySchema = 1

// Migrate brings the schema up to date and returns how many steps it took.
func (s *Store) Migrate(ctx context.Context) (int, error) {
	provider, err := s.provider()
	if err != nil {
		return 0, err
	}
	done, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(done), s.PreparePartitions(ctx)
}

func (s *Store) provider() (*goose.Provider, error) {
	name, dialect := "sqlite", goose.DialectSQLite3
	if s.engine.dialect() == postgres {
		name, dialect = "postgres", goose.DialectPostgres
	}
	files, err := fs.Sub(migrations, "migrations/"+name)
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(dialect, s.engine.db(), files)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	return provider, nil
}

// CheckSchema says in a sentence why this binary must not run on the database.
func (s *Store) CheckSchema(ctx context.Context) error {
	var minimum int
	found, err := s.query(ctx).one([]any{&minimum}, `SELECT binary_schema FROM schema_minimum`)
	switch {
	case err != nil || !found:
		return fault.Wrap(fault.Invalid, err, "the database has no schema yet: run flywheel migrate")
	case minimum > BinarySchema:
		return fault.New(fault.Invalid, "the database wants a binary of schema %d, this one is %d: deploy the newer version", minimum, BinarySchema)
	}
	return nil
}
