package smoke

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	webv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
	"github.com/tongke-edu/tongke/services/bench/internal/publicapi"
)

// school is two campuses with a teacher, a scheduler and classrooms, each behind a browser of its own, and one lesson.
type school struct {
	teacher, scheduler *publicapi.Client
	rooms              []*publicapi.Client
	roomIDs            []string
	lessonID           string
	clients            []*publicapi.Client
}

func (s *school) close() {
	for _, c := range s.clients {
		c.Close()
	}
}

// foundSchool makes all of it through the public API: an administrator makes campuses, rooms and people; a scheduler
// plans the lesson and pairs the rooms' screens by their codes.
func foundSchool(ctx context.Context, srv *server, rooms int) (_ *school, err error) {
	s := &school{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	password := rand.Text()
	if err := srv.createAdministrator(ctx, "smoke-admin", password); err != nil {
		return nil, err
	}
	admin, err := s.signIn(ctx, srv.url, "smoke-admin", password)
	if err != nil {
		return nil, err
	}
	lead, err := createCampus(ctx, admin, "烟测主讲校")
	if err != nil {
		return nil, err
	}
	branch, err := createCampus(ctx, admin, "烟测分校")
	if err != nil {
		return nil, err
	}
	if _, err := publicapi.Call[directoryv1.CreatePairingRequest, directoryv1.CreatePairingResponse](ctx, admin,
		directoryv1.DirectoryService_CreatePairing_FullMethodName,
		&directoryv1.CreatePairingRequest{LeadCampusId: lead, BranchCampusId: branch}); err != nil {
		return nil, fmt.Errorf("pair campuses: %w", err)
	}
	teacherID, err := createPerson(ctx, admin, "smoke-teacher", lead, commonv1.Role_ROLE_TEACHER, password)
	if err != nil {
		return nil, err
	}
	if _, err := createPerson(ctx, admin, "smoke-scheduler", lead, commonv1.Role_ROLE_SCHEDULER, password); err != nil {
		return nil, err
	}
	if s.teacher, err = s.signIn(ctx, srv.url, "smoke-teacher", password); err != nil {
		return nil, err
	}
	if s.scheduler, err = s.signIn(ctx, srv.url, "smoke-scheduler", password); err != nil {
		return nil, err
	}
	for i := range rooms {
		if err := s.addRoom(ctx, srv.url, admin, branch, fmt.Sprintf("烟测教室 %d", i+1)); err != nil {
			return nil, err
		}
	}
	return s, s.planLesson(ctx, teacherID)
}

func (s *school) client(url string) (*publicapi.Client, error) {
	c, err := publicapi.New(url)
	if err == nil {
		s.clients = append(s.clients, c)
	}
	return c, err
}

func (s *school) signIn(ctx context.Context, url, login, password string) (*publicapi.Client, error) {
	c, err := s.client(url)
	if err != nil {
		return nil, err
	}
	if _, err := publicapi.Call[webv1.SignInRequest, webv1.SignInResponse](ctx, c,
		webv1.SessionService_SignIn_FullMethodName, &webv1.SignInRequest{Login: login, Password: password}); err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", login, err)
	}
	return c, nil
}

func createCampus(ctx context.Context, admin *publicapi.Client, name string) (string, error) {
	res, err := publicapi.Call[directoryv1.CreateCampusRequest, directoryv1.CreateCampusResponse](ctx, admin,
		directoryv1.DirectoryService_CreateCampus_FullMethodName,
		&directoryv1.CreateCampusRequest{Name: name, Level: directoryv1.SchoolLevel_SCHOOL_LEVEL_PRIMARY})
	if err != nil {
		return "", fmt.Errorf("create campus: %w", err)
	}
	return res.GetCampus().GetId(), nil
}

func createPerson(ctx context.Context, admin *publicapi.Client, login, campus string, role commonv1.Role, password string) (string, error) {
	res, err := publicapi.Call[directoryv1.CreatePersonRequest, directoryv1.CreatePersonResponse](ctx, admin,
		directoryv1.DirectoryService_CreatePerson_FullMethodName, &directoryv1.CreatePersonRequest{
			Login: login, Name: login, CampusId: campus, Roles: []commonv1.Role{role}, Password: password,
		})
	if err != nil {
		return "", fmt.Errorf("create %s: %w", login, err)
	}
	return res.GetPerson().GetId(), nil
}

// addRoom makes a classroom and pairs a screen with it: the screen shows a code, the scheduler enters it.
func (s *school) addRoom(ctx context.Context, url string, admin *publicapi.Client, campus, name string) error {
	created, err := publicapi.Call[directoryv1.CreateClassroomRequest, directoryv1.CreateClassroomResponse](ctx, admin,
		directoryv1.DirectoryService_CreateClassroom_FullMethodName,
		&directoryv1.CreateClassroomRequest{CampusId: campus, Name: name})
	if err != nil {
		return fmt.Errorf("create classroom: %w", err)
	}
	id := created.GetClassroom().GetId()
	screen, err := s.client(url)
	if err != nil {
		return err
	}
	code, err := publicapi.Call[webv1.StartPairingRequest, webv1.StartPairingResponse](ctx, screen,
		webv1.SessionService_StartPairing_FullMethodName, &webv1.StartPairingRequest{})
	if err != nil {
		return fmt.Errorf("start pairing: %w", err)
	}
	if _, err := publicapi.Call[directoryv1.ClaimPairingCodeRequest, directoryv1.ClaimPairingCodeResponse](ctx, s.scheduler,
		directoryv1.DirectoryService_ClaimPairingCode_FullMethodName,
		&directoryv1.ClaimPairingCodeRequest{Code: code.GetCode(), ClassroomId: id}); err != nil {
		return fmt.Errorf("claim pairing code: %w", err)
	}
	paired, err := publicapi.Call[webv1.FinishPairingRequest, webv1.FinishPairingResponse](ctx, screen,
		webv1.SessionService_FinishPairing_FullMethodName, &webv1.FinishPairingRequest{})
	if err != nil {
		return fmt.Errorf("finish pairing: %w", err)
	}
	if paired.GetClassroom().GetId() != id {
		return errors.New("finish pairing: the code was claimed, but the screen does not stand for the classroom")
	}
	s.rooms, s.roomIDs = append(s.rooms, screen), append(s.roomIDs, id)
	return nil
}

// planLesson books everyone for a lesson that begins in a minute, and can be entered already.
func (s *school) planLesson(ctx context.Context, teacherID string) error {
	starts := time.Now().Add(time.Minute)
	res, err := publicapi.Call[schedulingv1.CreateLessonRequest, schedulingv1.CreateLessonResponse](ctx, s.scheduler,
		schedulingv1.SchedulingService_CreateLesson_FullMethodName, &schedulingv1.CreateLessonRequest{
			Kind: schedulingv1.LessonKind_LESSON_KIND_DELIVERED_CLASS, Title: "烟测课", TeacherId: teacherID,
			ClassroomIds: s.roomIDs, StartsAt: timestamppb.New(starts), EndsAt: timestamppb.New(starts.Add(40 * time.Minute)),
			IdempotencyKey: rand.Text(),
		})
	if err != nil {
		return fmt.Errorf("create lesson: %w", err)
	}
	s.lessonID = res.GetLesson().GetId()
	return nil
}
