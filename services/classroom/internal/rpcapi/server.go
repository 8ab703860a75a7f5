// Package rpcapi is the gRPC border of classroom: handlers take a request that has passed its limits and its
// method's rule, call the session, and map the result. What a caller may do in a certain lesson is decided by
// package lesson. The package owns no goroutine.
package rpcapi

import (
	"context"
	"regexp"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/session"
)

// Health is where the operator's board comes from.
type Health interface {
	// Board is the newest board; next is closed when there is a newer one.
	Board() (lessons []*classroomv1.LessonHealth, next <-chan struct{})
}

// Server implements classroomv1.ClassroomServiceServer.
type Server struct {
	classroomv1.UnimplementedClassroomServiceServer
	lessons *session.Registry
	health  Health
	now     func() time.Time
	// stopping is closed when streams are to end.
	stopping <-chan struct{}
}

// New returns a Server.
func New(lessons *session.Registry, health Health, now func() time.Time, stopping <-chan struct{}) *Server {
	return &Server{lessons: lessons, health: health, now: now, stopping: stopping}
}

// lessonName is what a lesson's log can be called; nothing else was ever planned.
var lessonName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// visitor is who calls, as far as a lesson is concerned.
func visitor(id rpc.Identity) lesson.Visitor {
	return lesson.Visitor{
		ID:         id.Subject,
		Name:       id.Name,
		CampusID:   id.CampusID,
		CampusName: id.CampusName,
		Device:     id.Kind == rpc.KindDevice,
		Assistant:  id.Has(commonv1.Role_ROLE_ASSISTANT),
		Observer:   id.Has(commonv1.Role_ROLE_OBSERVER),
	}
}

// open finds a lesson, opening it if it is time, and what the caller is in it.
func (s *Server) open(ctx context.Context, lessonID string) (*session.Session, lesson.Member, error) {
	if !lessonName.MatchString(lessonID) {
		return nil, lesson.Member{}, fault.New(fault.NotFound)
	}
	return s.lessons.Open(ctx, lessonID, visitor(rpc.IdentityFrom(ctx)))
}

// find finds a lesson that was opened before.
func (s *Server) find(ctx context.Context, lessonID string) (*session.Session, error) {
	if !lessonName.MatchString(lessonID) {
		return nil, fault.New(fault.NotFound)
	}
	return s.lessons.Find(ctx, lessonID)
}

// do sends a command of the caller to a lesson.
func (s *Server) do(ctx context.Context, lessonID, key string, action lesson.Action) (lesson.Receipt, error) {
	found, err := s.find(ctx, lessonID)
	if err != nil {
		return lesson.Receipt{}, err
	}
	return found.Do(ctx, lesson.Command{Sender: rpc.IdentityFrom(ctx).Subject, Key: key, Do: action})
}
