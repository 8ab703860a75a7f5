package scheduling_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	"github.com/tongke-edu/tongke/services/scheduling"
)

func TestSignIn_OpensASessionThatResolvesUntilItExpires(t *testing.T) {
	w := newWorld(t)
	got, err := w.signIn(t, " Teacher ", password)
	must(t, err)
	who := got.GetPrincipal().GetPerson()
	if who.GetId() != "psn_teacher" || who.GetCampusName() != "本部" || who.GetTimeZone() != "Asia/Shanghai" || len(who.GetRoles()) != 1 || who.GetRoles()[0] != commonv1.Role_ROLE_TEACHER {
		t.Errorf("signed in as %v", who)
	}
	if want := monday.Add(12 * time.Hour); !got.GetPrincipal().GetExpiresAt().AsTime().Equal(want) {
		t.Errorf("expires at %v, want %v", got.GetPrincipal().GetExpiresAt().AsTime(), want)
	}
	w.clock.advance(12*time.Hour - time.Second)
	p, err := w.resolve(t, got.GetCredential())
	must(t, err)
	if p.GetPerson().GetId() != "psn_teacher" || p.GetCredentialId() != got.GetPrincipal().GetCredentialId() || p.GetCredentialId() == "" {
		t.Errorf("resolved to %v", p)
	}
	w.clock.advance(time.Second)
	_, err = w.resolve(t, got.GetCredential())
	wantReason(t, err, fault.SessionExpired)
}

func TestSignIn_TellsNobodyWhichLoginsExist(t *testing.T) {
	w := newWorld(t)
	for _, login := range []string{"teacher", "nobody"} {
		for range 5 {
			_, err := w.signIn(t, login, "wrong")
			wantReason(t, err, fault.WrongCredentials)
		}
		_, err := w.signIn(t, login, password)
		wantReason(t, err, fault.AccountLocked)
		if wait := fault.From(err).RetryAfter(); wait != 15*time.Minute {
			t.Errorf("%s: locked for %v, want 15m", login, wait)
		}
	}
}

func TestSignIn_LockEndsByItselfAndSuccessForgives(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		_, _ = w.signIn(t, "teacher", "wrong")
	}
	w.clock.advance(15*time.Minute - time.Second)
	_, err := w.signIn(t, "teacher", password)
	wantReason(t, err, fault.AccountLocked)
	w.clock.advance(time.Second)
	_, err = w.signIn(t, "teacher", password)
	must(t, err)
	for range 4 {
		_, err = w.signIn(t, "teacher", "wrong")
		wantReason(t, err, fault.WrongCredentials)
	}
	_, err = w.signIn(t, "teacher", password)
	must(t, err)
}

func TestSignIn_GuessesFromOneAddressLockNoOtherOut(t *testing.T) {
	w := newWorld(t)
	const pupil, staffRoom = "203.0.113.7", "198.51.100.1"
	for range 20 {
		_, _ = w.signInFrom(t, pupil, "teacher", "wrong")
	}
	_, err := w.signInFrom(t, staffRoom, "teacher", password)
	must(t, err)
	_, err = w.signInFrom(t, pupil, "teacher", password)
	wantReason(t, err, fault.AccountLocked) // her success does not let the pupil guess on
}

func TestSignIn_GuessesFromTenAddressesLockAll(t *testing.T) {
	w := newWorld(t)
	for n := range 10 {
		for range 5 {
			_, err := w.signInFrom(t, fmt.Sprintf("203.0.113.%d", n), "teacher", "wrong")
			wantReason(t, err, fault.WrongCredentials)
		}
	}
	_, err := w.signInFrom(t, "198.51.100.1", "teacher", password)
	wantReason(t, err, fault.AccountLocked)
	w.clock.advance(15 * time.Minute)
	_, err = w.signInFrom(t, "198.51.100.1", "teacher", password)
	must(t, err)
}

func TestChangePassword_GuessesThereDoNotLockTheSignIn(t *testing.T) {
	w := newWorld(t)
	for range 6 {
		_, _ = w.as(t, person("teacher")).ChangePassword(t.Context(),
			&directoryv1.ChangePasswordRequest{CurrentPassword: "wrong", NewPassword: "neues-pferd"})
	}
	_, err := w.signIn(t, "teacher", password)
	must(t, err)
}

func TestSignIn_LockSurvivesARestart(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		_, _ = w.signIn(t, "teacher", "wrong")
	}
	again := restarted(t, w)
	_, err := again.signIn(t, "teacher", password)
	wantReason(t, err, fault.AccountLocked)
}

func TestSignIn_GuessesMadeAtOnceCountOneByOne(t *testing.T) {
	w := newWorld(t)
	client := w.as(t, web())
	reasons := make(chan fault.Reason, 12)
	for range cap(reasons) {
		go func() {
			_, err := client.Authenticate(t.Context(), &directoryv1.AuthenticateRequest{Login: "teacher", Password: "wrong"})
			reasons <- fault.ReasonOf(err)
		}()
	}
	wrong := 0
	for range cap(reasons) {
		if <-reasons == fault.WrongCredentials {
			wrong++
		}
	}
	if wrong != 5 {
		t.Errorf("%d guesses were checked, want 5", wrong)
	}
}

func TestRevokeCredential_EndsASessionAtOnce(t *testing.T) {
	w := newWorld(t)
	got, err := w.signIn(t, "teacher", password)
	must(t, err)
	for range 2 { // an unknown credential is ignored
		_, err = w.as(t, web()).RevokeCredential(t.Context(), &directoryv1.RevokeCredentialRequest{Credential: got.GetCredential()})
		must(t, err)
	}
	_, err = w.resolve(t, got.GetCredential())
	wantReason(t, err, fault.SessionExpired)
}

func TestChangePassword_SparesOnlyTheSessionThatAsks(t *testing.T) {
	w := newWorld(t)
	mine, err := w.signIn(t, "teacher", password)
	must(t, err)
	other, err := w.signIn(t, "teacher", password)
	must(t, err)
	id := person("teacher")
	id.CredentialID = mine.GetPrincipal().GetCredentialId()
	change := func(current, next string) error {
		_, err := w.as(t, id).ChangePassword(t.Context(), &directoryv1.ChangePasswordRequest{
			CurrentPassword: current, NewPassword: next,
		})
		return err
	}
	wantReason(t, change("wrong", "neues-pferd"), fault.WrongCredentials)
	wantReason(t, change(password, password), fault.PasswordRejected)
	wantReason(t, change(password, "88888888"), fault.PasswordRejected)
	_, err = w.resolve(t, other.GetCredential())
	must(t, err) // nothing has changed so far

	must(t, change(password, "neues-pferd"))
	_, err = w.resolve(t, mine.GetCredential())
	must(t, err)
	_, err = w.resolve(t, other.GetCredential())
	wantReason(t, err, fault.SessionExpired)
	_, err = w.signIn(t, "teacher", password)
	wantReason(t, err, fault.WrongCredentials)
	_, err = w.signIn(t, "teacher", "neues-pferd")
	must(t, err)
}

func TestChangePassword_GuessingTheCurrentOneLocks(t *testing.T) {
	w := newWorld(t)
	client := w.as(t, person("teacher"))
	for range 5 {
		_, err := client.ChangePassword(t.Context(), &directoryv1.ChangePasswordRequest{CurrentPassword: "wrong", NewPassword: "neues-pferd"})
		wantReason(t, err, fault.WrongCredentials)
	}
	_, err := client.ChangePassword(t.Context(), &directoryv1.ChangePasswordRequest{CurrentPassword: password, NewPassword: "neues-pferd"})
	wantReason(t, err, fault.AccountLocked)
}

func TestAdministrator_IsMadeWithoutDemoData(t *testing.T) {
	w := newWorld(t)
	must(t, w.service.CreateAdministrator(t.Context(), "Root", "管理员", "ein-gutes-wort"))
	wantReason(t, w.service.CreateAdministrator(t.Context(), "root", "管理员", "ein-gutes-wort"), fault.AlreadyExists)
	wantReason(t, w.service.CreateAdministrator(t.Context(), "root2", "管理员", "12345678"), fault.PasswordRejected)
	got, err := w.signIn(t, "root", "ein-gutes-wort")
	must(t, err)
	if roles := got.GetPrincipal().GetPerson().GetRoles(); len(roles) != 1 || roles[0] != commonv1.Role_ROLE_ADMINISTRATOR {
		t.Errorf("roles %v", roles)
	}
}

func TestSetPassword_UnlocksAndEndsAllSessions(t *testing.T) {
	w := newWorld(t)
	session, err := w.signIn(t, "teacher", password)
	must(t, err)
	for range 5 {
		_, _ = w.signIn(t, "teacher", "wrong")
	}
	wantReason(t, w.service.SetPassword(t.Context(), "nobody", "neues-pferd"), fault.NotFound)
	wantReason(t, w.service.SetPassword(t.Context(), "teacher", "kurz"), fault.PasswordRejected)
	must(t, w.service.SetPassword(t.Context(), "teacher", "neues-pferd"))
	_, err = w.resolve(t, session.GetCredential())
	wantReason(t, err, fault.SessionExpired)
	_, err = w.signIn(t, "teacher", "neues-pferd")
	must(t, err)
}

func TestCreatePerson_CanSignInAndIsListed(t *testing.T) {
	w := newWorld(t)
	admin := w.as(t, person("admin"))
	made, err := admin.CreatePerson(t.Context(), &directoryv1.CreatePersonRequest{
		Login: "new.person", Name: " 新老师 ", CampusId: "cmp_branch", Password: "ein-gutes-wort",
		Roles: []commonv1.Role{commonv1.Role_ROLE_TEACHER, commonv1.Role_ROLE_ASSISTANT},
	})
	must(t, err)
	if p := made.GetPerson(); p.GetName() != "新老师" || p.GetCampusName() != "分校" || len(p.GetRoles()) != 2 {
		t.Errorf("made %v", p)
	}
	_, err = w.signIn(t, "new.person", "ein-gutes-wort")
	must(t, err)
	list, err := admin.ListPeople(t.Context(), &directoryv1.ListPeopleRequest{
		CampusId: "cmp_branch", Role: commonv1.Role_ROLE_TEACHER,
	})
	must(t, err)
	if len(list.GetPeople()) != 1 || list.GetPeople()[0].GetId() != made.GetPerson().GetId() {
		t.Errorf("listed %v", list.GetPeople())
	}
}

func TestHashPassword_RefusesWhatNobodyCouldSet(t *testing.T) {
	if _, err := scheduling.HashPassword("kurz"); err == nil {
		t.Error("a short password was hashed")
	}
}
