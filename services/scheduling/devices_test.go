package scheduling_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

// screen is a classroom's computer that waits to be paired.
type screen struct {
	w            *world
	code, secret string
}

func (w *world) newScreen(t *testing.T) screen {
	t.Helper()
	r, err := w.as(t, web()).StartDevicePairing(t.Context(), &directoryv1.StartDevicePairingRequest{})
	must(t, err)
	if want := w.clock.Now().Add(10 * time.Minute); !r.GetExpiresAt().AsTime().Equal(want) {
		t.Errorf("the code expires at %v, want %v", r.GetExpiresAt().AsTime(), want)
	}
	return screen{w, r.GetCode(), r.GetSecret()}
}

func (s screen) collect(t *testing.T) (*directoryv1.CollectDevicePairingResponse, error) {
	t.Helper()
	return s.w.as(t, web()).CollectDevicePairing(t.Context(), &directoryv1.CollectDevicePairingRequest{Secret: s.secret})
}

func (w *world) claim(t *testing.T, by rpc.Identity, code, classroomID string) error {
	t.Helper()
	_, err := w.as(t, by).ClaimPairingCode(t.Context(), &directoryv1.ClaimPairingCodeRequest{Code: code, ClassroomId: classroomID})
	return err
}

func TestPairing_GivesTheScreenItsClassroom(t *testing.T) {
	w := newWorld(t)
	s := w.newScreen(t)
	waiting, err := s.collect(t)
	must(t, err)
	if waiting.GetCredential() != "" || waiting.GetClassroom() != nil {
		t.Fatalf("before the claim: %v", waiting)
	}
	typed := strings.ToLower(s.code[:3]) + "-" + s.code[3:]
	must(t, w.claim(t, person("assistant"), typed, "rom_1"))
	got, err := s.collect(t)
	must(t, err)
	if got.GetClassroom().GetName() != "一班" || got.GetClassroom().GetCampusName() != "分校" || got.GetClassroom().GetTimeZone() != "Asia/Shanghai" {
		t.Errorf("collected %v", got.GetClassroom())
	}
	again, err := s.collect(t)
	must(t, err) // an answer that was lost is given again
	if again.GetCredential() != got.GetCredential() {
		t.Error("collected two credentials")
	}
	p, err := w.resolve(t, got.GetCredential())
	must(t, err)
	if p.GetClassroom().GetId() != "rom_1" || p.ExpiresAt != nil || p.GetCredentialId() != "" {
		t.Errorf("the device is %v", p)
	}
	w.clock.advance(365 * 24 * time.Hour)
	_, err = w.resolve(t, got.GetCredential())
	must(t, err) // a device does not expire
}

func TestPairing_CodeServesOnce(t *testing.T) {
	w := newWorld(t)
	s := w.newScreen(t)
	must(t, w.claim(t, person("scheduler"), s.code, "rom_1"))
	wantReason(t, w.claim(t, person("scheduler"), s.code, "rom_2"), fault.PairingCodeUsed)
	got, err := s.collect(t)
	must(t, err)
	if got.GetClassroom().GetId() != "rom_1" {
		t.Errorf("the second claim moved the device: %v", got.GetClassroom())
	}
}

func TestPairing_CodeLivesTenMinutes(t *testing.T) {
	w := newWorld(t)
	s := w.newScreen(t)
	w.clock.advance(10 * time.Minute)
	wantReason(t, w.claim(t, person("scheduler"), s.code, "rom_1"), fault.PairingCodeExpired)
	_, err := s.collect(t)
	wantReason(t, err, fault.PairingCodeExpired)
}

func TestPairing_UnknownCodeAndSecret(t *testing.T) {
	w := newWorld(t)
	for _, code := range []string{"AAAAAA", "      ", "AAAAAA'--", "АААААА"} {
		wantReason(t, w.claim(t, person("scheduler"), code, "rom_1"), fault.PairingCodeUnknown)
	}
	s := screen{w: w, secret: strings.Repeat("x", 43)}
	_, err := s.collect(t)
	wantReason(t, err, fault.PairingCodeUnknown)
	wantReason(t, w.claim(t, person("scheduler"), "AAAAAA", "rom_x"), fault.NotFound)
}

func TestPairing_AssistantBindsClassroomsOfTheOwnCampusOnly(t *testing.T) {
	w := newWorld(t)
	s := w.newScreen(t)
	wantReason(t, w.claim(t, person("assistant"), s.code, "rom_lead"), fault.PermissionDenied)
	campusless := person("assistant")
	campusless.CampusID = ""
	wantReason(t, w.claim(t, campusless, s.code, "rom_1"), fault.PermissionDenied)
	must(t, w.claim(t, person("assistant"), s.code, "rom_1"))
	for _, login := range []string{"scheduler", "admin"} {
		must(t, w.claim(t, person(login), w.newScreen(t).code, "rom_2"))
	}
}

func TestPairing_GuessingIsLimitedPerCaller(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		wantReason(t, w.claim(t, person("scheduler"), "AAAAAA", "rom_1"), fault.PairingCodeUnknown)
	}
	s := w.newScreen(t)
	err := w.claim(t, person("scheduler"), s.code, "rom_1")
	wantReason(t, err, fault.ResourceExhausted)
	if wait := fault.From(err).RetryAfter(); wait != 10*time.Minute {
		t.Errorf("retry after %v", wait)
	}
	must(t, w.claim(t, person("assistant"), s.code, "rom_1"))
	w.clock.advance(10 * time.Minute)
	must(t, w.claim(t, person("scheduler"), w.newScreen(t).code, "rom_1"))
}

func TestPairing_RightCodesAreNotLimited(t *testing.T) {
	w := newWorld(t)
	for range 25 {
		must(t, w.claim(t, person("scheduler"), w.newScreen(t).code, "rom_1"))
	}
}

func TestPairing_ReplacingTheComputerKeepsTheClassroom(t *testing.T) {
	w := newWorld(t)
	old, fresh := w.newScreen(t), w.newScreen(t)
	must(t, w.claim(t, person("scheduler"), old.code, "rom_1"))
	before, err := old.collect(t)
	must(t, err)
	must(t, w.claim(t, person("scheduler"), fresh.code, "rom_1"))
	after, err := fresh.collect(t)
	must(t, err)
	_, err = w.resolve(t, before.GetCredential())
	wantReason(t, err, fault.SessionExpired)
	_, err = old.collect(t)
	wantReason(t, err, fault.PairingCodeExpired)
	p, err := w.resolve(t, after.GetCredential())
	must(t, err)
	if p.GetClassroom().GetId() != "rom_1" {
		t.Errorf("the new computer is %v", p)
	}
}

func TestRevokeDevice_TakesTheCredentialAwayAtOnce(t *testing.T) {
	w := newWorld(t)
	s := w.newScreen(t)
	must(t, w.claim(t, person("scheduler"), s.code, "rom_1"))
	got, err := s.collect(t)
	must(t, err)
	revoke := func(classroomID string) error {
		_, err := w.as(t, person("scheduler")).RevokeDevice(t.Context(), &directoryv1.RevokeDeviceRequest{ClassroomId: classroomID})
		return err
	}
	must(t, revoke("rom_1"))
	must(t, revoke("rom_1"))
	wantReason(t, revoke("rom_x"), fault.NotFound)
	_, err = w.resolve(t, got.GetCredential())
	wantReason(t, err, fault.SessionExpired)
	rooms, err := w.as(t, person("scheduler")).ListClassrooms(t.Context(), &directoryv1.ListClassroomsRequest{CampusId: "cmp_branch"})
	must(t, err)
	for _, r := range rooms.GetClassrooms() {
		if r.DevicePairedAt != nil || r.DeviceSeenAt != nil {
			t.Errorf("still paired: %v", r)
		}
	}
}

func TestDevice_IsSeenAtMostOnceAMinute(t *testing.T) {
	w := newWorld(t)
	s := w.newScreen(t)
	must(t, w.claim(t, person("scheduler"), s.code, "rom_1"))
	got, err := s.collect(t)
	must(t, err)
	seen := func() time.Time {
		_, err := w.resolve(t, got.GetCredential())
		must(t, err)
		rooms, err := w.as(t, person("teacher")).ListClassrooms(t.Context(), &directoryv1.ListClassroomsRequest{CampusId: "cmp_branch"})
		must(t, err)
		return rooms.GetClassrooms()[0].GetDeviceSeenAt().AsTime()
	}
	if got := seen(); !got.Equal(monday) {
		t.Errorf("seen at %v", got)
	}
	w.clock.advance(59 * time.Second)
	if got := seen(); !got.Equal(monday) {
		t.Errorf("seen at %v: written within the minute", got)
	}
	w.clock.advance(time.Second)
	if got := seen(); !got.Equal(monday.Add(time.Minute)) {
		t.Errorf("seen at %v", got)
	}
}
