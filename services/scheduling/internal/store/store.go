// Package store keeps campuses, people, credentials and planned lessons in SQLite or PostgreSQL: one code path over
// bun, migrations by goose. That no teacher and no classroom is booked twice is guaranteed by the database.
//
// Methods return faults where the caller can do something about it, and wrapped driver errors otherwise. A Store is
// safe for concurrent use; it starts no goroutine beyond those of database/sql, which end with Close.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// Driver names a database engine.
type Driver string

// The engines.
const (
	SQLite   Driver = "sqlite"
	Postgres Driver = "postgres"
)

// Store is an open database.
type Store struct {
	db     *bun.DB
	driver Driver
	// writer is held while a transaction writes to SQLite, which has one writer at a time: waiting here is fair and
	// ends with the context. It is nil on PostgreSQL.
	writer chan struct{}
}

// Open opens the database and brings its tables up to date. For SQLite dsn is the path of a file, made when missing;
// for PostgreSQL a connection URL.
func Open(ctx context.Context, driver Driver, dsn string) (*Store, error) {
	if dsn == "" {
		return nil, errors.New("open database: the data source is empty")
	}
	s := &Store{driver: driver}
	var pool *sql.DB
	var err error
	switch driver {
	case SQLite:
		if pool, err = openSQLite(dsn); err != nil {
			return nil, fmt.Errorf("open SQLite database %s: %w", dsn, err)
		}
		s.db, s.writer = bun.NewDB(pool, sqlitedialect.New()), make(chan struct{}, 1)
	case Postgres:
		if pool, err = openPostgres(dsn); err != nil {
			return nil, fmt.Errorf("open PostgreSQL database: %w", err)
		}
		s.db = bun.NewDB(pool, pgdialect.New())
	default:
		return nil, fmt.Errorf("open database: unknown driver %q, want %q or %q", driver, SQLite, Postgres)
	}
	if err := migrate(ctx, driver, pool); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return s, nil
}

// Close ends all connections.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// transactionTries is how often a transaction is begun when the database gives up on it for the sake of another.
const transactionTries = 3

// inTx runs fn in a transaction. what names the work in errors; faults pass as they are.
func (s *Store) inTx(ctx context.Context, what string, fn func(ctx context.Context, tx bun.Tx) error) error {
	if s.writer != nil {
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return fmt.Errorf("%s: wait to write: %w", what, ctx.Err())
		}
	}
	var err error
	for range transactionTries {
		if err = s.db.RunInTx(ctx, nil, fn); !isTransient(err) {
			break
		}
	}
	return describe(what, err)
}

// describe wraps a driver error with what was being done; faults pass as they are.
func describe(what string, err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// forUpdate locks the selected rows until the end of the transaction, without getting in the way of foreign keys.
// SQLite has one writer at a time anyway.
func (s *Store) forUpdate(q *bun.SelectQuery) *bun.SelectQuery {
	if s.driver == Postgres {
		return q.For("NO KEY UPDATE")
	}
	return q
}
