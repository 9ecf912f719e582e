package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	modernc "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// badData reports whether the database refused the values themselves, so that
// the same row can never be written: a constraint, an encoding, a size.
func badData(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		class := pg.Code[:2]
		return class == "22" || class == "23"
	}
	var lite *modernc.Error
	if errors.As(err, &lite) {
		code := lite.Code() & 0xff
		return code == lib.SQLITE_CONSTRAINT || code == lib.SQLITE_TOOBIG || code == lib.SQLITE_MISMATCH
	}
	return false
}

// Unavailable reports whether err says that the database cannot work just now,
// so that the same work may succeed later: no connection, a full disk, a lock.
func Unavailable(err error) bool {
	if err == nil || badData(err) {
		return false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		class := pg.Code[:2]
		return class == "08" || class == "40" || class == "53" || class == "55" || class == "57" || class == "58" || class == "25"
	}
	var connect *pgconn.ConnectError
	var network net.Error
	var lite *modernc.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_FULL, lib.SQLITE_IOERR, lib.SQLITE_NOMEM, lib.SQLITE_CANTOPEN, lib.SQLITE_READONLY, lib.SQLITE_INTERRUPT:
			return true
		}
		return false
	}
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrConnDone)
}
