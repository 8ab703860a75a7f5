package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
)

func campusNameServesOnce(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	again := w.lead
	again.ID = ids.New(ids.Campus)
	wantReason(t, s.AddCampus(t.Context(), again), fault.AlreadyExists)
	all, err := s.Campuses(t.Context())
	must(t, err)
	byID := func(a, b directory.Campus) int { return strings.Compare(a.ID, b.ID) }
	if !slices.Equal(all, slices.SortedFunc(slices.Values([]directory.Campus{w.lead, w.branch}), byID)) {
		t.Errorf("campuses %+v", all)
	}
}

func classroomBelongsToCampus(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	if got := w.rooms[0]; got.CampusName != w.branch.Name || !got.DevicePairedAt.IsZero() {
		t.Errorf("classroom %+v", got)
	}
	_, err := s.AddClassroom(t.Context(), directory.Classroom{ID: "rom_x", CampusID: w.branch.ID, Name: w.rooms[0].Name})
	wantReason(t, err, fault.AlreadyExists)
	_, err = s.AddClassroom(t.Context(), directory.Classroom{ID: "rom_x", CampusID: "cmp_x", Name: "x"})
	wantReason(t, err, fault.NotFound)
	_, err = s.AddClassroom(t.Context(), directory.Classroom{ID: "rom_x", CampusID: w.lead.ID, Name: w.rooms[0].Name})
	must(t, err) // another campus may use the name
	rooms, err := s.Classrooms(t.Context(), w.branch.ID)
	must(t, err)
	if len(rooms) != 3 {
		t.Errorf("%d classrooms in the branch, want 3", len(rooms))
	}
	rooms, err = s.Classrooms(t.Context(), "")
	must(t, err)
	if len(rooms) != 4 {
		t.Errorf("%d classrooms in all, want 4", len(rooms))
	}
}

func pairingLinksOnce(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	pair := func(id, lead, branch string) error {
		return s.AddPairing(t.Context(), directory.Pairing{ID: id, LeadCampusID: lead, BranchCampusID: branch})
	}
	must(t, pair("lnk_1", w.lead.ID, w.branch.ID))
	wantReason(t, pair("lnk_2", w.lead.ID, w.branch.ID), fault.AlreadyExists)
	wantReason(t, pair("lnk_3", w.lead.ID, "cmp_x"), fault.NotFound)
	all, err := s.Pairings(t.Context())
	must(t, err)
	if len(all) != 1 || all[0].ID != "lnk_1" {
		t.Errorf("pairings %+v", all)
	}
}

func loginServesOnce(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	_, err := s.AddPerson(t.Context(), directory.Person{ID: "psn_x", Login: "teacher", Name: "x"}, anyHash)
	wantReason(t, err, fault.AlreadyExists)
	_, err = s.AddPerson(t.Context(), directory.Person{ID: "psn_x", Login: "x", CampusID: "cmp_x"}, anyHash)
	wantReason(t, err, fault.NotFound)
	_, err = s.Person(t.Context(), "psn_x")
	wantReason(t, err, fault.NotFound)
	p, hash, err := s.PersonByLogin(t.Context(), "teacher")
	must(t, err)
	if p.ID != w.teacher.ID || hash != anyHash || p.CampusName != w.lead.Name || !slices.Equal(p.Roles, w.teacher.Roles) {
		t.Errorf("person %+v with hash %q", p, hash)
	}
	if p, hash, err := s.PersonByLogin(t.Context(), "nobody"); err != nil || p.ID != "" || hash != "" {
		t.Errorf("nobody is %+v, %q, %v", p, hash, err)
	}
}

func peopleByCampusAndRole(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	both := addPerson(t, s, "both", w.branch.ID, directory.RoleTeacher, directory.RoleAssistant)
	guest := addPerson(t, s, "guest", "", directory.RoleTeacher)
	for name, c := range map[string]struct {
		campus string
		role   directory.Role
		want   []string
	}{
		"all":              {"", "", []string{w.teacher.ID, w.assistant.ID, both.ID, guest.ID}},
		"a campus":         {w.branch.ID, "", []string{w.assistant.ID, both.ID}},
		"a role":           {"", directory.RoleTeacher, []string{w.teacher.ID, both.ID, guest.ID}},
		"both":             {w.branch.ID, directory.RoleTeacher, []string{both.ID}},
		"a strange campus": {"cmp_x", "", nil},
	} {
		people, err := s.People(t.Context(), c.campus, c.role)
		must(t, err)
		var got []string
		for _, p := range people {
			got = append(got, p.ID)
		}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(c.want))) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	p, err := s.Person(t.Context(), both.ID)
	must(t, err)
	if !slices.Equal(p.Roles, []directory.Role{directory.RoleAssistant, directory.RoleTeacher}) {
		t.Errorf("roles %v", p.Roles)
	}
	hasTimeZone(t, s, w, guest)
}

// hasTimeZone: a person and a classroom have their campus's time zone, a person of no campus that of the first one.
func hasTimeZone(t *testing.T, s *store.Store, w school, guest directory.Person) {
	t.Helper()
	far := directory.Campus{ID: ids.New(ids.Campus), Name: "喀什校区", Level: "senior", TimeZone: "Asia/Urumqi"}
	must(t, s.AddCampus(t.Context(), far))
	there := addPerson(t, s, "there", far.ID, directory.RoleTeacher)
	room, err := s.AddClassroom(t.Context(), directory.Classroom{ID: ids.New(ids.Classroom), CampusID: far.ID, Name: "初一（1）班"})
	must(t, err)
	got := []string{there.TimeZone, room.TimeZone, w.teacher.TimeZone, guest.TimeZone}
	if want := []string{far.TimeZone, far.TimeZone, w.lead.TimeZone, w.lead.TimeZone}; !slices.Equal(got, want) {
		t.Errorf("time zones %v, want %v", got, want)
	}
}

func failuresLast(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	of := func(login string, from directory.Source) directory.Failures {
		t.Helper()
		f, err := s.Failures(t.Context(), login, from)
		must(t, err)
		return f
	}
	if f := of("teacher", home); f != (directory.Failures{}) {
		t.Fatalf("failures %+v", f)
	}
	here := directory.Attempts{Failures: 2, Locks: 1, LockedUntil: ten.Add(time.Minute), LastFailure: ten}
	all := directory.Attempts{Failures: 7, LastFailure: ten}
	must(t, s.SaveFailures(t.Context(), "teacher", home, directory.Failures{Here: all, ForAll: here}))
	must(t, s.SaveFailures(t.Context(), "teacher", home, directory.Failures{Here: here, ForAll: all}))
	if f := of("teacher", home); f.Here != here || f.ForAll != all {
		t.Fatalf("failures %+v", f)
	}
	if f := of("teacher", away); f.Here != (directory.Attempts{}) || f.ForAll != all {
		t.Fatalf("failures elsewhere %+v", f)
	}
	must(t, s.SaveFailures(t.Context(), "teacher", away, directory.Failures{Here: here, ForAll: all}))
	openSession(t, s, w.assistant.ID, ten)
	if f := of("teacher", home); f.Here != here || f.ForAll != all {
		t.Fatal("somebody else's session forgave the failures")
	}
	openSession(t, s, w.teacher.ID, ten)
	if f := of("teacher", home); f != (directory.Failures{}) {
		t.Fatalf("failures after success %+v", f)
	}
	if f := of("teacher", away); f.Here != here {
		t.Fatalf("a success at home forgave what was guessed elsewhere: %+v", f)
	}
}

// home and away are two sources of sign-ins.
const home, away directory.Source = "203.0.113.7", "198.51.100.1"

func openSession(t *testing.T, s *store.Store, personID string, expires time.Time) directory.Session {
	t.Helper()
	session := directory.Session{
		ID: ids.New("ses"), PersonID: personID, Hash: directory.NewCredential().Hash(),
		CreatedAt: expires.Add(-time.Hour), ExpiresAt: expires,
	}
	must(t, s.OpenSession(t.Context(), session, home))
	return session
}

func standsFor(t *testing.T, s *store.Store, hash directory.CredentialHash) directory.Principal {
	t.Helper()
	p, err := s.PrincipalByHash(t.Context(), hash)
	must(t, err)
	return p
}

func passwordChangeEndsSessions(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	keep, end := openSession(t, s, w.teacher.ID, ten), openSession(t, s, w.teacher.ID, ten)
	other := openSession(t, s, w.assistant.ID, ten)
	failed := directory.Attempts{Failures: 3, LastFailure: ten}
	must(t, s.SaveFailures(t.Context(), "teacher", away, directory.Failures{Here: failed, ForAll: failed}))
	must(t, s.SetPassword(t.Context(), w.teacher.ID, "new", keep.ID))
	if p := standsFor(t, s, keep.Hash); p.Person == nil || p.Person.ID != w.teacher.ID || p.SessionID != keep.ID || !p.ExpiresAt.Equal(ten) {
		t.Errorf("the kept session stands for %+v", p)
	}
	if standsFor(t, s, end.Hash).Person != nil {
		t.Error("the other session lives on")
	}
	if standsFor(t, s, other.Hash).Person == nil {
		t.Error("somebody else's session ended")
	}
	if _, hash, _ := s.PersonByLogin(t.Context(), "teacher"); hash != "new" {
		t.Errorf("hash %q", hash)
	}
	if f, _ := s.Failures(t.Context(), "teacher", away); f != (directory.Failures{}) {
		t.Error("failures are remembered")
	}
	must(t, s.SetPassword(t.Context(), w.teacher.ID, "newer", ""))
	if standsFor(t, s, keep.Hash).Person != nil {
		t.Error("a session lives on although none was to be kept")
	}
}

func unknownCredential(t *testing.T, s *store.Store) {
	if p := standsFor(t, s, "unknown"); p.Person != nil || p.Classroom != nil {
		t.Errorf("stands for %+v", p)
	}
	must(t, s.RevokeHash(t.Context(), "unknown"))
}

func hostileText(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	name := `'; DROP TABLE people; -- <script>alert("1")</script> \ %s ? $1 𠀀`
	p := addPerson(t, s, "bobby", w.lead.ID, directory.RoleTeacher)
	p.ID, p.Login, p.Name = "psn_2", "bobby2", name
	got, err := s.AddPerson(t.Context(), p, anyHash)
	must(t, err)
	if got.Name != name {
		t.Errorf("name %q", got.Name)
	}
	if _, err := s.Person(t.Context(), `psn_2' OR '1'='1`); fault.ReasonOf(err) != fault.NotFound {
		t.Errorf("injected id: %v", err)
	}
}
