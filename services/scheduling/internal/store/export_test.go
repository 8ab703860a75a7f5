package store

import "github.com/uptrace/bun"

// DB gives tests the database itself, to try what the code would never do.
func (s *Store) DB() *bun.DB { return s.db }

// IsOverlap says whether the database refused a double booking.
var IsOverlap = isOverlap
