package store_test

import (
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
)

func addCode(t *testing.T, s *store.Store, expires time.Time) directory.PairingCode {
	t.Helper()
	c := directory.PairingCode{
		Code: ids.PairingCode(), SecretHash: directory.CredentialHash(ids.Secret()),
		DeviceHash: directory.CredentialHash(ids.Secret()), ExpiresAt: expires,
	}
	must(t, s.AddPairingCode(t.Context(), c))
	return c
}

func claim(code directory.PairingCode, room directory.Classroom, at time.Time) directory.Claim {
	return directory.Claim{Code: code.Code, ClassroomID: room.ID, PersonID: "psn_1", At: at}
}

func codePairsOnce(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	code := addCode(t, s, ten.Add(time.Minute))
	wantReason(t, s.AddPairingCode(t.Context(), code), fault.AlreadyExists)
	_, err := s.ClaimPairingCode(t.Context(), claim(code, directory.Classroom{ID: "rom_x"}, ten))
	wantReason(t, err, fault.NotFound)
	if c, _ := s.PairingCodeBySecret(t.Context(), code.SecretHash); c != code {
		t.Fatalf("a claim that failed changed the code: %+v", c)
	}
	room, err := s.ClaimPairingCode(t.Context(), claim(code, w.rooms[0], ten))
	must(t, err)
	if !room.DevicePairedAt.Equal(ten) || !room.DeviceSeenAt.IsZero() {
		t.Errorf("classroom %+v", room)
	}
	if p := standsFor(t, s, code.DeviceHash); p.Classroom == nil || p.Classroom.ID != w.rooms[0].ID || !p.ExpiresAt.IsZero() {
		t.Errorf("the device stands for %+v", p)
	}
	_, err = s.ClaimPairingCode(t.Context(), claim(code, w.rooms[1], ten))
	wantReason(t, err, fault.PairingCodeUsed)
	must(t, s.TouchDevice(t.Context(), room.ID, ten.Add(time.Minute)))
	if room, _ := s.Classroom(t.Context(), room.ID); !room.DeviceSeenAt.Equal(ten.Add(time.Minute)) {
		t.Errorf("seen at %v", room.DeviceSeenAt)
	}
}

func newDeviceReplacesOld(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	old, fresh := addCode(t, s, ten.Add(time.Minute)), addCode(t, s, ten.Add(time.Minute))
	_, err := s.ClaimPairingCode(t.Context(), claim(old, w.rooms[0], ten))
	must(t, err)
	must(t, s.TouchDevice(t.Context(), w.rooms[0].ID, ten))
	room, err := s.ClaimPairingCode(t.Context(), claim(fresh, w.rooms[0], ten.Add(time.Second)))
	must(t, err)
	if !room.DeviceSeenAt.IsZero() || !room.DevicePairedAt.Equal(ten.Add(time.Second)) {
		t.Errorf("the new device inherits from the old: %+v", room)
	}
	if standsFor(t, s, old.DeviceHash).Classroom != nil {
		t.Error("the old device lives on")
	}
	if p := standsFor(t, s, fresh.DeviceHash); p.Classroom == nil || p.Classroom.ID != w.rooms[0].ID {
		t.Error("the new device is no classroom")
	}
	must(t, s.RevokeDevice(t.Context(), w.rooms[0].ID))
	must(t, s.RevokeDevice(t.Context(), w.rooms[0].ID))
	if standsFor(t, s, fresh.DeviceHash).Classroom != nil {
		t.Error("a revoked device lives on")
	}
}

func oneClaimWins(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	code := addCode(t, s, ten.Add(time.Minute))
	won := race(t, 8, fault.PairingCodeUsed, func(i int) error {
		_, err := s.ClaimPairingCode(t.Context(), claim(code, w.rooms[i%3], ten))
		return err
	})
	if won != 1 {
		t.Errorf("%d claims won", won)
	}
}

func codesExpire(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	code := addCode(t, s, ten)
	_, err := s.ClaimPairingCode(t.Context(), claim(code, w.rooms[0], ten))
	wantReason(t, err, fault.PairingCodeExpired)
	_, err = s.ClaimPairingCode(t.Context(), claim(directory.PairingCode{Code: "AAAAAA"}, w.rooms[0], ten))
	wantReason(t, err, fault.PairingCodeUnknown)
	_, err = s.PairingCodeBySecret(t.Context(), "unknown")
	wantReason(t, err, fault.PairingCodeUnknown)
}

func sweepDeletesExpired(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	over, alive := openSession(t, s, w.teacher.ID, ten), openSession(t, s, w.assistant.ID, ten.Add(time.Second))
	forgotten, known := addCode(t, s, ten.Add(-2*time.Hour)), addCode(t, s, ten.Add(-time.Minute))
	old := directory.Attempts{Failures: 1, LastFailure: ten.Add(-25 * time.Hour)}
	must(t, s.SaveFailures(t.Context(), "old", home, directory.Failures{Here: old, ForAll: old}))
	new := directory.Attempts{Failures: 1, LastFailure: ten.Add(-23 * time.Hour)}
	must(t, s.SaveFailures(t.Context(), "new", home, directory.Failures{Here: new, ForAll: new}))
	must(t, s.Sweep(t.Context(), ten))
	if standsFor(t, s, over.Hash).Person != nil || standsFor(t, s, alive.Hash).Person == nil {
		t.Error("sessions: want the expired one gone and the other there")
	}
	_, err := s.PairingCodeBySecret(t.Context(), forgotten.SecretHash)
	wantReason(t, err, fault.PairingCodeUnknown)
	_, err = s.PairingCodeBySecret(t.Context(), known.SecretHash)
	must(t, err)
	if f, _ := s.Failures(t.Context(), "old", home); f != (directory.Failures{}) {
		t.Error("old failures are remembered")
	}
	if f, _ := s.Failures(t.Context(), "new", home); f.Here.Failures != 1 || f.ForAll.Failures != 1 {
		t.Error("new failures are forgotten")
	}
}
