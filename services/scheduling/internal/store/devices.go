package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

// deviceRow is the one paired device of a classroom.
type deviceRow struct {
	bun.BaseModel `bun:"table:devices,alias:device"`

	ClassroomID    string `bun:",pk"`
	CredentialHash string
	PairedAt       int64
	PairedBy       string
	SeenAt         int64 `bun:",nullzero"`
}

type codeRow struct {
	bun.BaseModel `bun:"table:pairing_codes,alias:pairing_code"`

	Code       string `bun:",pk"`
	SecretHash string
	DeviceHash string
	ExpiresAt  int64
	ClaimedAt  int64 `bun:",nullzero"`
}

// AddPairingCode fails with ALREADY_EXISTS when the code is in use.
func (s *Store) AddPairingCode(ctx context.Context, c directory.PairingCode) error {
	row := codeRow{
		Code: c.Code, SecretHash: string(c.SecretHash), DeviceHash: string(c.DeviceHash), ExpiresAt: millis(c.ExpiresAt),
	}
	return s.inTx(ctx, "add pairing code", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		if isDuplicate(err) {
			return fault.Wrap(fault.AlreadyExists, err)
		}
		return err
	})
}

// PairingCodeBySecret fails with PAIRING_CODE_UNKNOWN.
func (s *Store) PairingCodeBySecret(ctx context.Context, hash directory.CredentialHash) (directory.PairingCode, error) {
	var row codeRow
	err := s.db.NewSelect().Model(&row).Where("secret_hash = ?", string(hash)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return directory.PairingCode{}, fault.New(fault.PairingCodeUnknown)
	}
	return directory.PairingCode{
		Code: row.Code, SecretHash: directory.CredentialHash(row.SecretHash),
		DeviceHash: directory.CredentialHash(row.DeviceHash),
		ExpiresAt:  fromMillis(row.ExpiresAt), ClaimedAt: fromMillis(row.ClaimedAt),
	}, describe("load pairing code", err)
}

// ClaimPairingCode uses the code up and makes its device the classroom's only one, both or neither. It fails with
// PAIRING_CODE_UNKNOWN, PAIRING_CODE_USED or PAIRING_CODE_EXPIRED.
func (s *Store) ClaimPairingCode(ctx context.Context, c directory.Claim) (directory.Classroom, error) {
	err := s.inTx(ctx, "claim pairing code", func(ctx context.Context, tx bun.Tx) error {
		var code codeRow
		err := s.forUpdate(tx.NewSelect().Model(&code).Where("code = ?", c.Code)).Scan(ctx)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fault.New(fault.PairingCodeUnknown)
		case err != nil:
			return err
		case code.ClaimedAt != 0:
			return fault.New(fault.PairingCodeUsed)
		case code.ExpiresAt <= millis(c.At):
			return fault.New(fault.PairingCodeExpired)
		}
		code.ClaimedAt = millis(c.At)
		if _, err := tx.NewUpdate().Model(&code).Column("claimed_at").WherePK().Exec(ctx); err != nil {
			return err
		}
		device := deviceRow{
			ClassroomID: c.ClassroomID, CredentialHash: code.DeviceHash, PairedAt: millis(c.At), PairedBy: c.PersonID,
		}
		_, err = tx.NewInsert().Model(&device).
			On("CONFLICT (classroom_id) DO UPDATE").
			Set("credential_hash = EXCLUDED.credential_hash").
			Set("paired_at = EXCLUDED.paired_at").
			Set("paired_by = EXCLUDED.paired_by").
			Set("seen_at = NULL").
			Exec(ctx)
		if isMissingReference(err) {
			return noClassroom(c.ClassroomID)
		}
		return err
	})
	if err != nil {
		return directory.Classroom{}, err
	}
	return s.Classroom(ctx, c.ClassroomID)
}

// TouchDevice notes when a classroom's device was seen.
func (s *Store) TouchDevice(ctx context.Context, classroomID string, seen time.Time) error {
	return s.inTx(ctx, "touch device", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*deviceRow)(nil)).
			Set("seen_at = ?", millis(seen)).Where("classroom_id = ?", classroomID).Exec(ctx)
		return err
	})
}

// RevokeDevice takes a classroom's device credential away, if it has one.
func (s *Store) RevokeDevice(ctx context.Context, classroomID string) error {
	return s.inTx(ctx, "revoke device", func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*deviceRow)(nil)).Where("classroom_id = ?", classroomID).Exec(ctx)
		return err
	})
}
