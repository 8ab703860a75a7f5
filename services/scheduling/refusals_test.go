package scheduling_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tongke-edu/tongke/pkg/fault"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

// allowed says which callers each method serves, apart from the contract, so that a slip in a rule shows.
var allowed = map[string]string{
	"ListCampuses":         "teacher assistant observer scheduler operator admin web",
	"CreateCampus":         "admin",
	"ListClassrooms":       "teacher assistant observer scheduler operator admin web",
	"CreateClassroom":      "scheduler admin",
	"ListPeople":           "scheduler admin",
	"CreatePerson":         "admin",
	"ChangePassword":       "teacher assistant observer scheduler operator admin",
	"CreatePairing":        "scheduler admin",
	"ListPairings":         "teacher assistant scheduler operator admin web",
	"ClaimPairingCode":     "assistant scheduler admin",
	"RevokeDevice":         "scheduler admin",
	"Authenticate":         "web",
	"ResolveCredential":    "web",
	"RevokeCredential":     "web",
	"StartDevicePairing":   "web",
	"CollectDevicePairing": "web",
	"CreateLesson":         "scheduler admin",
	"CancelLesson":         "scheduler admin",
	"ListLessons":          "teacher assistant observer scheduler operator admin classroom web",
	"GetLesson":            "teacher assistant observer scheduler operator admin classroom web",
}

func TestMethods_ServeOnlyTheirRoles(t *testing.T) {
	w := newWorld(t)
	callers := map[string]caller{
		"classroom": w.as(t, classroom("rom_1")), "web": w.as(t, web()),
		"roleless": w.as(t, rpc.Identity{Subject: "psn_x", Kind: rpc.KindPerson}),
	}
	for _, p := range school().People {
		callers[p.Login] = w.as(t, person(p.Login))
	}
	delete(callers, "teacher2")
	anonymous, err := rpc.Dial(rpc.ClientParams{Dialer: w.pipe.DialContext})
	must(t, err)
	t.Cleanup(func() { _ = anonymous.Close() })

	methods := rpc.Rules(directoryv1.File_tongke_directory_v1_directory_proto, schedulingv1.File_tongke_scheduling_v1_scheduling_proto)
	if len(methods) != len(allowed) {
		t.Errorf("%d methods, %d in the table", len(methods), len(allowed))
	}
	for _, m := range methods {
		serves, ok := allowed[string(m.Descriptor.Name())]
		if !ok {
			t.Errorf("%s is not in the table", m.FullMethod)
		}
		// An empty request gets past the rule and, where it can fail, no further than the limits.
		call := func(c grpc.ClientConnInterface) fault.Reason {
			in, out := dynamicpb.NewMessage(m.Descriptor.Input()), dynamicpb.NewMessage(m.Descriptor.Output())
			return fault.ReasonOf(c.Invoke(t.Context(), m.FullMethod, in, out))
		}
		for who, c := range callers {
			got := call(c.conn)
			if may := strings.Contains(" "+serves+" ", " "+who+" "); may && got == fault.PermissionDenied || !may && got != fault.PermissionDenied {
				t.Errorf("%s as %s: %q", m.FullMethod, who, got)
			}
		}
		if got := call(anonymous); got != fault.Unauthenticated {
			t.Errorf("%s as nobody: %q", m.FullMethod, got)
		}
	}
}

// refusal is a request that breaks a limit, and the field that must be blamed.
type refusal struct {
	as      string
	request proto.Message
	field   string
}

func TestMethods_RefuseBadInput(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("字", 200)
	lesson := func(change func(*schedulingv1.CreateLessonRequest)) proto.Message {
		r := plan(time.Hour, "psn_teacher", "rom_1")
		change(r)
		return r
	}
	account := func(change func(*directoryv1.CreatePersonRequest)) proto.Message {
		r := &directoryv1.CreatePersonRequest{
			Login: "someone", Name: "某人", Roles: []commonv1.Role{commonv1.Role_ROLE_TEACHER}, Password: "ein-gutes-wort",
		}
		change(r)
		return r
	}
	level := directoryv1.SchoolLevel_SCHOOL_LEVEL_PRIMARY
	for name, c := range map[string]refusal{
		"campus without name":        {"admin", &directoryv1.CreateCampusRequest{Level: level}, "name"},
		"campus with a name of air":  {"admin", &directoryv1.CreateCampusRequest{Level: level, Name: " 　\t"}, "name"},
		"campus with two lines":      {"admin", &directoryv1.CreateCampusRequest{Level: level, Name: "一\n二"}, "name"},
		"campus with reversed text":  {"admin", &directoryv1.CreateCampusRequest{Level: level, Name: "a\u202eb"}, "name"},
		"campus with a long name":    {"admin", &directoryv1.CreateCampusRequest{Level: level, Name: long}, "name"},
		"campus without level":       {"admin", &directoryv1.CreateCampusRequest{Name: "x"}, "level"},
		"campus of unknown level":    {"admin", &directoryv1.CreateCampusRequest{Name: "x", Level: 99}, "level"},
		"campus on the moon":         {"admin", &directoryv1.CreateCampusRequest{Name: "x", Level: level, TimeZone: "Moon/Base"}, "time_zone"},
		"campus in a file":           {"admin", &directoryv1.CreateCampusRequest{Name: "x", Level: level, TimeZone: "../../etc/passwd"}, "time_zone"},
		"campus wherever we are":     {"admin", &directoryv1.CreateCampusRequest{Name: "x", Level: level, TimeZone: "Local"}, "time_zone"},
		"classrooms of long campus":  {"admin", &directoryv1.ListClassroomsRequest{CampusId: long}, "campus_id"},
		"classroom without campus":   {"admin", &directoryv1.CreateClassroomRequest{Name: "x"}, "campus_id"},
		"classroom without name":     {"admin", &directoryv1.CreateClassroomRequest{CampusId: "cmp_lead"}, "name"},
		"people of unknown role":     {"admin", &directoryv1.ListPeopleRequest{Role: 99}, "role"},
		"person with capitals":       {"admin", account(func(r *directoryv1.CreatePersonRequest) { r.Login = "Someone" }), "login"},
		"person with markup":         {"admin", account(func(r *directoryv1.CreatePersonRequest) { r.Login = "<script>" }), "login"},
		"person without role":        {"admin", account(func(r *directoryv1.CreatePersonRequest) { r.Roles = nil }), "roles"},
		"person who is a service":    {"admin", account(func(r *directoryv1.CreatePersonRequest) { r.Roles = []commonv1.Role{commonv1.Role_ROLE_SERVICE} }), "roles[0]"},
		"person who is a classroom":  {"admin", account(func(r *directoryv1.CreatePersonRequest) { r.Roles = []commonv1.Role{commonv1.Role_ROLE_CLASSROOM} }), "roles[0]"},
		"person with short password": {"admin", account(func(r *directoryv1.CreatePersonRequest) { r.Password = "kurz" }), "password"},
		"assistant of no campus":     {"admin", account(func(r *directoryv1.CreatePersonRequest) { r.Roles = []commonv1.Role{commonv1.Role_ROLE_ASSISTANT} }), "campus_id"},
		"new password too short":     {"teacher", &directoryv1.ChangePasswordRequest{CurrentPassword: password, NewPassword: "kurz"}, "new_password"},
		"no current password":        {"teacher", &directoryv1.ChangePasswordRequest{NewPassword: "neues-pferd"}, "current_password"},
		"pairing without branch":     {"admin", &directoryv1.CreatePairingRequest{LeadCampusId: "cmp_lead"}, "branch_campus_id"},
		"pairing with itself":        {"admin", &directoryv1.CreatePairingRequest{LeadCampusId: "cmp_lead", BranchCampusId: "cmp_lead"}, "branch_campus_id"},
		"code too short":             {"admin", &directoryv1.ClaimPairingCodeRequest{Code: "ABC", ClassroomId: "rom_1"}, "code"},
		"code too long":              {"admin", &directoryv1.ClaimPairingCodeRequest{Code: long, ClassroomId: "rom_1"}, "code"},
		"code for no classroom":      {"admin", &directoryv1.ClaimPairingCodeRequest{Code: "ACDEFG"}, "classroom_id"},
		"revoke nothing":             {"admin", &directoryv1.RevokeDeviceRequest{}, "classroom_id"},
		"sign in without password":   {"web", &directoryv1.AuthenticateRequest{Login: "teacher"}, "password"},
		"sign in with a novel":       {"web", &directoryv1.AuthenticateRequest{Login: "teacher", Password: long}, "password"},
		"resolve a stub":             {"web", &directoryv1.ResolveCredentialRequest{Credential: "x"}, "credential"},
		"revoke a stub":              {"web", &directoryv1.RevokeCredentialRequest{Credential: "x"}, "credential"},
		"collect a stub":             {"web", &directoryv1.CollectDevicePairingRequest{Secret: "x"}, "secret"},
		"lesson without kind":        {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.Kind = 0 }), "kind"},
		"lesson without title":       {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.Title = "" }), "title"},
		"lesson titled air":          {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.Title = " " }), "title"},
		"lesson without teacher":     {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.TeacherId = "" }), "teacher_id"},
		"lesson by an assistant":     {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.TeacherId = "psn_assistant" }), "teacher_id"},
		"lesson without classrooms":  {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.ClassroomIds = nil }), "classroom_ids"},
		"lesson in a room twice":     {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.ClassroomIds = []string{"rom_1", "rom_1"} }), "classroom_ids"},
		"lesson in ten rooms":        {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.ClassroomIds = strings.Fields("a b c d e f g h i j") }), "classroom_ids"},
		"lesson without start":       {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.StartsAt = nil }), "starts_at"},
		"lesson backwards":           {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.EndsAt = r.StartsAt }), ""},
		"lesson of nine hours":       {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.EndsAt = timestamppb.New(monday.Add(10 * time.Hour)) }), ""},
		"lesson of a microsecond": {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) {
			r.EndsAt = timestamppb.New(r.GetStartsAt().AsTime().Add(time.Microsecond))
		}), "ends_at"},
		"lesson of yesterday": {"admin", plan(-24*time.Hour, "psn_teacher", "rom_1"), "ends_at"},
		"lesson without key":  {"admin", lesson(func(r *schedulingv1.CreateLessonRequest) { r.IdempotencyKey = "" }), "idempotency_key"},
		"cancel nothing":      {"admin", &schedulingv1.CancelLessonRequest{}, "lesson_id"},
		"list without end":    {"admin", &schedulingv1.ListLessonsRequest{From: timestamppb.New(monday)}, "to"},
		"list a year":         {"admin", &schedulingv1.ListLessonsRequest{From: timestamppb.New(monday), To: timestamppb.New(monday.AddDate(1, 0, 0))}, ""},
		"get nothing":         {"admin", &schedulingv1.GetLessonRequest{}, "lesson_id"},
	} {
		t.Run(name, func(t *testing.T) {
			id := web()
			if c.as != "web" {
				id = person(c.as)
			}
			method := methodOf(t, c.request)
			err := w.as(t, id).conn.Invoke(t.Context(), method.FullMethod, c.request, dynamicpb.NewMessage(method.Descriptor.Output()))
			wantReason(t, err, fault.InvalidArgument)
			violations := fault.From(err).Detail().GetViolations()
			if len(violations) == 0 || violations[0].GetField() != c.field {
				t.Errorf("blames %v, want %q", violations, c.field)
			}
		})
	}
}

// methodOf returns the method that takes a request.
func methodOf(t *testing.T, request proto.Message) rpc.MethodRule {
	t.Helper()
	for _, m := range rpc.Rules(directoryv1.File_tongke_directory_v1_directory_proto, schedulingv1.File_tongke_scheduling_v1_scheduling_proto) {
		if m.Descriptor.Input().FullName() == request.ProtoReflect().Descriptor().FullName() {
			return m
		}
	}
	t.Fatalf("no method takes %T", request)
	return rpc.MethodRule{}
}

func TestMethods_RefuseWhatIsThereOrIsNot(t *testing.T) {
	w := newWorld(t)
	admin := w.as(t, person("admin"))
	level := directoryv1.SchoolLevel_SCHOOL_LEVEL_PRIMARY
	for name, c := range map[string]struct {
		request proto.Message
		want    fault.Reason
	}{
		"campus twice":               {&directoryv1.CreateCampusRequest{Name: " 本部 ", Level: level}, fault.AlreadyExists},
		"classroom twice":            {&directoryv1.CreateClassroomRequest{CampusId: "cmp_branch", Name: "一班"}, fault.AlreadyExists},
		"classroom nowhere":          {&directoryv1.CreateClassroomRequest{CampusId: "cmp_x", Name: "一班"}, fault.NotFound},
		"login twice":                {&directoryv1.CreatePersonRequest{Login: "teacher", Name: "x", Roles: []commonv1.Role{1}, Password: "ein-gutes-wort"}, fault.AlreadyExists},
		"person nowhere":             {&directoryv1.CreatePersonRequest{Login: "x1", Name: "x", CampusId: "cmp_x", Roles: []commonv1.Role{1}, Password: "ein-gutes-wort"}, fault.NotFound},
		"person with a weak word":    {&directoryv1.CreatePersonRequest{Login: "x2", Name: "x", Roles: []commonv1.Role{1}, Password: "password1"}, fault.PasswordRejected},
		"pairing twice":              {&directoryv1.CreatePairingRequest{LeadCampusId: "cmp_lead", BranchCampusId: "cmp_branch"}, fault.AlreadyExists},
		"pairing with nowhere":       {&directoryv1.CreatePairingRequest{LeadCampusId: "cmp_lead", BranchCampusId: "cmp_x"}, fault.NotFound},
		"lesson by nobody":           {plan(time.Hour, "psn_x", "rom_1"), fault.NotFound},
		"lesson nowhere":             {plan(time.Hour, "psn_teacher", "rom_1", "rom_x"), fault.NotFound},
		"lesson that does not exist": {&schedulingv1.GetLessonRequest{LessonId: "lsn_x"}, fault.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			method := methodOf(t, c.request)
			err := admin.conn.Invoke(t.Context(), method.FullMethod, c.request, dynamicpb.NewMessage(method.Descriptor.Output()))
			wantReason(t, err, c.want)
		})
	}
	campuses, err := admin.ListCampuses(t.Context(), &directoryv1.ListCampusesRequest{})
	must(t, err)
	pairings, err := admin.ListPairings(t.Context(), &directoryv1.ListPairingsRequest{})
	must(t, err)
	if len(campuses.GetCampuses()) != 2 || len(pairings.GetPairings()) != 1 {
		t.Errorf("what was refused left something behind: %v, %v", campuses, pairings)
	}
}
