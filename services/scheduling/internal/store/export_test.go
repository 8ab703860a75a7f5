package store

import (
	"context"

	"github.com/uptrace/bun"
)

// DB gives tests the database itself, to try what the code would never do.
func (s *Store) DB() *bun.DB { return s.db }

// IsOverlap says whether the database refused a double booking.
var IsOverlap = isOverlap

// Insert writes many lessons in one transaction, a statement per table.
func (s *Store) Insert(ctx context.Context, lessons []NewLesson) error {
	return s.inTx(ctx, "insert", func(ctx context.Context, tx bun.Tx) error {
		var rows lessonRows
		for _, n := range lessons {
			rows.add(n)
		}
		return rows.insert(ctx, tx)
	})
}
