package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/pkg/testkit/pgtest"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

// conformance is what every engine must do. Each claim gets an empty store.
var conformance = map[string]func(t *testing.T, s *store.Store){
	"a name of a campus serves once":                             campusNameServesOnce,
	"a classroom belongs to a campus and shows its name":         classroomBelongsToCampus,
	"a pairing links two known campuses once":                    pairingLinksOnce,
	"a login serves once and a failed person leaves none":        loginServesOnce,
	"people are found by campus and role":                        peopleByCampusAndRole,
	"failed attempts last and are forgotten by a session":        failuresLast,
	"a password change ends the other sessions":                  passwordChangeEndsSessions,
	"an unknown credential stands for nobody":                    unknownCredential,
	"a code pairs one device and is used up":                     codePairsOnce,
	"a classroom's new device replaces the old":                  newDeviceReplacesOld,
	"of many claims of one code one wins":                        oneClaimWins,
	"an expired code is expired, an unknown one unknown":         codesExpire,
	"a sweep deletes what has expired and nothing else":          sweepDeletesExpired,
	"a lesson comes back as it was planned":                      lessonComesBack,
	"a lesson books nobody unknown and nobody who is no teacher": lessonRefusesStrangers,
	"back to back lessons fit, overlapping ones do not":          overlapIsRefused,
	"the database itself refuses a double booking":               databaseRefusesDoubleBooking,
	"of 16 lessons for one slot exactly one wins":                slotRace,
	"lessons that cross in several resources do not block":       crossingRace,
	"the same request makes one lesson":                          requestIsIdempotent,
	"the same request sent at once makes one lesson":             requestRace,
	"a cancelled lesson frees its bookings and stays listed":     cancelFrees,
	"a lesson that is over cannot be cancelled":                  cancelAfterEnd,
	"a listing shows the view, the span and the classroom":       listingFilters,
	"a listing ends at its cap":                                  listingIsCapped,
	"a listing goes on after a lesson":                           listingGoesOnAfterALesson,
	"hostile text is stored as it is":                            hostileText,
	"a seed may be repeated":                                     seedRepeats,
	"a seed keeps passwords that were changed":                   seedKeepsPasswords,
	"a seed renews lessons but those live or over":               seedRenewsLessons,
}

func TestStore_OnSQLite(t *testing.T) {
	for claim, test := range conformance {
		t.Run(claim, func(t *testing.T) {
			test(t, open(t, store.SQLite, filepath.Join(t.TempDir(), "tongke.db")))
		})
	}
}

func TestStore_OnPostgreSQL(t *testing.T) {
	server := pgtest.Start(t)
	for claim, test := range conformance {
		t.Run(claim, func(t *testing.T) {
			test(t, open(t, store.Postgres, server.Database(t)))
		})
	}
}

func open(t testing.TB, driver store.Driver, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// ten is a Monday morning that most claims happen on.
var ten = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

const anyHash directory.PasswordHash = "hash"

// school is a small world: two campuses, a teacher, an assistant, three branch classrooms.
type school struct {
	lead, branch       directory.Campus
	teacher, assistant directory.Person
	rooms              []directory.Classroom
}

func newSchool(t testing.TB, s *store.Store) school {
	t.Helper()
	w := school{
		lead:   directory.Campus{ID: ids.New(ids.Campus), Name: "北京四中", Level: "senior", TimeZone: "Asia/Shanghai"},
		branch: directory.Campus{ID: ids.New(ids.Campus), Name: "雄安校区", Level: "senior", TimeZone: "Asia/Shanghai"},
	}
	must(t, s.AddCampus(t.Context(), w.lead))
	must(t, s.AddCampus(t.Context(), w.branch))
	w.teacher = addPerson(t, s, "teacher", w.lead.ID, directory.RoleTeacher)
	w.assistant = addPerson(t, s, "assistant", w.branch.ID, directory.RoleAssistant)
	for _, name := range []string{"高一（1）班", "高一（2）班", "高一（3）班"} {
		room, err := s.AddClassroom(t.Context(), directory.Classroom{ID: ids.New(ids.Classroom), CampusID: w.branch.ID, Name: name})
		must(t, err)
		w.rooms = append(w.rooms, room)
	}
	return w
}

func addPerson(t testing.TB, s *store.Store, login, campusID string, roles ...directory.Role) directory.Person {
	t.Helper()
	p, err := s.AddPerson(t.Context(), directory.Person{
		ID: ids.New(ids.Person), Login: login, Name: "账号 " + login, CampusID: campusID, Roles: roles,
	}, anyHash)
	must(t, err)
	return p
}

// lesson is a lesson of the school's teacher from start, in the given classrooms.
func (w school) lesson(start time.Time, length time.Duration, rooms ...directory.Classroom) store.NewLesson {
	n := store.NewLesson{
		ID: ids.New(ids.Lesson), Kind: "delivered_class", Title: "函数的单调性", TeacherID: w.teacher.ID,
		Span: timetable.Span{Start: start, End: start.Add(length)}, CreatedBy: "psn_scheduler", IdempotencyKey: ids.Secret(),
	}
	for _, r := range rooms {
		n.ClassroomIDs = append(n.ClassroomIDs, r.ID)
	}
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantReason(t testing.TB, err error, want fault.Reason) {
	t.Helper()
	if got := fault.ReasonOf(err); got != want {
		t.Fatalf("reason %q, want %q (%v)", got, want, err)
	}
}
