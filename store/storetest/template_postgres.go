package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
)

// emptyDatabase names a migrated PostgreSQL database without rows and without
// visitors, and the way to copy it. Under -race a copy takes a twentieth of the time of migrating. The
// first process of a run makes it and the others find it by its name, which its
// migrations give it; so would the next run on a server that outlives this one.
var emptyDatabase = sync.OnceValues(func() (string, error) {
	name, err := schemaName()
	if err != nil {
		return "", err
	}
	address, err := url.Parse(os.Getenv("TEST_DATABASE_URL"))
	if err != nil {
		return "", err
	}
	db, err := sql.Open("pgx", address.String())
	if err != nil {
		return "", err
	}
	defer db.Close()
	ctx := context.Background()
	c, err := db.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := c.ExecContext(ctx, `SELECT pg_advisory_lock(hashtext($1))`, name); err != nil { // the connection's end lets go of it
		return "", err
	}
	var there bool
	var version int
	row := c.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1), current_setting('server_version_num')::int`, name)
	if err := row.Scan(&there, &version); err != nil {
		return "", err
	}
	if !there {
		if err := makeTemplate(ctx, c, *address, name); err != nil {
			return "", err
		}
	}
	if version >= 150000 { // since when every page goes through the log unless told otherwise, which takes as long as migrating
		name += " STRATEGY file_copy"
	}
	return name, nil
})

// makeTemplate migrates under another name first, so that what was broken off is never copied.
func makeTemplate(ctx context.Context, c *sql.Conn, address url.URL, name string) error {
	run := func(text string) error {
		_, err := c.ExecContext(ctx, text)
		return err
	}
	if err := run("DROP DATABASE IF EXISTS " + name + "_new WITH (FORCE)"); err != nil {
		return err
	}
	if err := run("CREATE DATABASE " + name + "_new TEMPLATE template0"); err != nil {
		return err
	}
	address.Path = "/" + name + "_new"
	if err := migrate(address.String()); err != nil {
		return err
	}
	return run("ALTER DATABASE " + name + "_new RENAME TO " + name)
}

// schemaName tells one set of migrations from every other.
func schemaName() (string, error) {
	root, err := os.Getwd() // the folder of the package under test
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			return "", errors.New("no go.mod above the tests")
		}
		root = filepath.Dir(root)
	}
	files, err := filepath.Glob(filepath.Join(root, "store/migrations/postgres/*.sql"))
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		hash.Write(text)
	}
	return fmt.Sprintf("template_%x", hash.Sum(nil)[:8]), nil
}
