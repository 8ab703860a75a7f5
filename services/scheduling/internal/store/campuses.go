package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

type campusRow struct {
	bun.BaseModel `bun:"table:campuses,alias:campus"`

	ID       string `bun:",pk"`
	Name     string
	Level    string
	TimeZone string
}

type pairingRow struct {
	bun.BaseModel `bun:"table:pairings,alias:pairing"`

	ID             string `bun:",pk"`
	LeadCampusID   string
	BranchCampusID string
}

// Campuses returns all campuses, in the order of their ids.
func (s *Store) Campuses(ctx context.Context) ([]directory.Campus, error) {
	var rows []campusRow
	if err := s.db.NewSelect().Model(&rows).Order("id").Scan(ctx); err != nil {
		return nil, describe("list campuses", err)
	}
	out := make([]directory.Campus, len(rows))
	for i, r := range rows {
		out[i] = directory.Campus{ID: r.ID, Name: r.Name, Level: r.Level, TimeZone: r.TimeZone}
	}
	return out, nil
}

// AddCampus fails with ALREADY_EXISTS when the name is taken.
func (s *Store) AddCampus(ctx context.Context, c directory.Campus) error {
	row := campusRow{ID: c.ID, Name: c.Name, Level: c.Level, TimeZone: c.TimeZone}
	return s.inTx(ctx, "add campus", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		if isDuplicate(err) {
			return fault.Wrap(fault.AlreadyExists, err, fault.With("name", c.Name))
		}
		return err
	})
}

// Pairings returns all pairings, in the order of their ids.
func (s *Store) Pairings(ctx context.Context) ([]directory.Pairing, error) {
	var rows []pairingRow
	if err := s.db.NewSelect().Model(&rows).Order("id").Scan(ctx); err != nil {
		return nil, describe("list pairings", err)
	}
	out := make([]directory.Pairing, len(rows))
	for i, r := range rows {
		out[i] = directory.Pairing{ID: r.ID, LeadCampusID: r.LeadCampusID, BranchCampusID: r.BranchCampusID}
	}
	return out, nil
}

// AddPairing fails with ALREADY_EXISTS when the campuses are linked this way round, with NOT_FOUND when there is no
// such campus.
func (s *Store) AddPairing(ctx context.Context, p directory.Pairing) error {
	row := pairingRow{ID: p.ID, LeadCampusID: p.LeadCampusID, BranchCampusID: p.BranchCampusID}
	return s.inTx(ctx, "add pairing", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		switch {
		case isDuplicate(err):
			return fault.Wrap(fault.AlreadyExists, err)
		case isMissingReference(err):
			return fault.Wrap(fault.NotFound, err)
		}
		return err
	})
}
