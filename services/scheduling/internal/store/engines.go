package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations
var migrations embed.FS

const (
	// sqliteConnections bounds readers; each has its own page cache.
	sqliteConnections   = 4
	postgresConnections = 16
	// migrationWait is how many seconds an instance waits for another that brings the tables up to date.
	migrationWait = 50
)

// openSQLite opens a file that only the server's user may read. WAL lets readers go on while one writes; synchronous
// FULL makes a commit survive a power cut; transactions take the write lock at their start, so that none fails half-way.
func openSQLite(path string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	query := url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
		"_txlock": {"immediate"},
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(sqliteConnections)
	db.SetMaxIdleConns(sqliteConnections)
	return db, nil
}

func openPostgres(dsn string) (*sql.DB, error) {
	if _, err := pgconn.ParseConfig(dsn); err != nil {
		return nil, err // says what is wrong, with the password removed
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	return db, nil
}

// migrate brings the tables up to date. On PostgreSQL a lock lets one of several instances do it.
func migrate(ctx context.Context, driver Driver, db *sql.DB) error {
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption(nil)
	if driver == Postgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, migrationWait))
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, "migrations/"+string(driver))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	provider, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// overlapConstraint is the name of the rule against double booking, in both engines.
const overlapConstraint = "bookings_no_overlap"

// The PostgreSQL error codes that mean something to us (appendix A of its manual).
const (
	pgForeignKeyViolation = "23503"
	pgUniqueViolation     = "23505"
	pgExclusionViolation  = "23P01"
	pgSerializationFault  = "40001"
	pgDeadlock            = "40P01"
)

func isOverlap(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == pgExclusionViolation && pg.ConstraintName == overlapConstraint
	}
	// The trigger's message is all that tells it from another trigger.
	return isSQLite(err, sqlite3.SQLITE_CONSTRAINT_TRIGGER) && strings.Contains(err.Error(), overlapConstraint)
}

func isDuplicate(err error) bool {
	return isPostgres(err, pgUniqueViolation) ||
		isSQLite(err, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func isMissingReference(err error) bool {
	return isPostgres(err, pgForeignKeyViolation) || isSQLite(err, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY)
}

// isTransient says whether the same transaction may succeed when begun again.
func isTransient(err error) bool { return isPostgres(err, pgSerializationFault, pgDeadlock) }

func isPostgres(err error, codes ...string) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	for _, c := range codes {
		if pg.Code == c {
			return true
		}
	}
	return false
}

func isSQLite(err error, codes ...int) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range codes {
		if e.Code() == c {
			return true
		}
	}
	return false
}
