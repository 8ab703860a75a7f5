package rpcapi

import (
	"context"
	"slices"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/classroom/internal/codec"
)

// GetLessonPhases implements the RPC.
func (s *Server) GetLessonPhases(ctx context.Context, r *classroomv1.GetLessonPhasesRequest) (*classroomv1.GetLessonPhasesResponse, error) {
	ids := slices.DeleteFunc(slices.Clone(r.GetLessonIds()), func(id string) bool { return !lessonName.MatchString(id) })
	phases, err := s.lessons.Phases(ctx, ids)
	if err != nil {
		return nil, err
	}
	answer := &classroomv1.GetLessonPhasesResponse{Phases: make(map[string]classroomv1.LessonPhase, len(phases))}
	for id, phase := range phases {
		answer.Phases[id] = codec.Phase(phase)
	}
	return answer, nil
}

// GetAttendance implements the RPC.
func (s *Server) GetAttendance(ctx context.Context, r *classroomv1.GetAttendanceRequest) (*classroomv1.GetAttendanceResponse, error) {
	found, err := s.find(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	caller, state := rpc.IdentityFrom(ctx), found.State()
	all := caller.Has(commonv1.Role_ROLE_SCHEDULER, commonv1.Role_ROLE_OPERATOR, commonv1.Role_ROLE_ADMINISTRATOR)
	if !all && !state.MayReadAttendance(caller.Subject) {
		return nil, fault.New(fault.PermissionDenied)
	}
	return &classroomv1.GetAttendanceResponse{Records: codec.Attendance(state)}, nil
}
