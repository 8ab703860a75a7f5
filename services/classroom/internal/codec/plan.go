package codec

import (
	"time"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

func planTo(p lesson.Plan) *classroomv1.LessonPlan {
	plan := &classroomv1.LessonPlan{
		LessonId:       p.LessonID,
		Title:          p.Title,
		Kind:           p.Kind,
		StartsAt:       stamp(p.StartsAt),
		EndsAt:         stamp(p.EndsAt),
		OverrunSeconds: uint32(p.Overrun / time.Second),
		CampusIds:      p.CampusIDs,
		StageSize:      uint32(p.StageSize),
	}
	for _, m := range p.Roster {
		plan.Roster = append(plan.Roster, memberTo(m))
	}
	return plan
}

func planFrom(p *classroomv1.LessonPlan) lesson.Plan {
	plan := lesson.Plan{
		LessonID:  p.GetLessonId(),
		Title:     p.GetTitle(),
		Kind:      p.GetKind(),
		StartsAt:  moment(p.GetStartsAt()),
		EndsAt:    moment(p.GetEndsAt()),
		Overrun:   time.Duration(p.GetOverrunSeconds()) * time.Second,
		CampusIDs: p.GetCampusIds(),
		StageSize: int(p.GetStageSize()),
	}
	for _, m := range p.GetRoster() {
		plan.Roster = append(plan.Roster, memberFrom(m))
	}
	return plan
}

func memberTo(m lesson.Member) *classroomv1.RosterEntry {
	return &classroomv1.RosterEntry{
		ParticipantId: m.ID, Name: m.Name, Role: Role(m.Role), CampusId: m.CampusID, CampusName: m.CampusName,
	}
}

func memberFrom(m *classroomv1.RosterEntry) lesson.Member {
	member := lesson.Member{
		ID: m.GetParticipantId(), Name: m.GetName(), CampusID: m.GetCampusId(), CampusName: m.GetCampusName(),
	}
	for domain, wire := range roles {
		if wire == m.GetRole() {
			member.Role = domain
		}
	}
	return member
}

var roles = map[lesson.Role]classroomv1.ParticipantRole{
	lesson.RoleLead:      classroomv1.ParticipantRole_PARTICIPANT_ROLE_LEAD_TEACHER,
	lesson.RoleAssistant: classroomv1.ParticipantRole_PARTICIPANT_ROLE_ASSISTANT_TEACHER,
	lesson.RoleClassroom: classroomv1.ParticipantRole_PARTICIPANT_ROLE_CLASSROOM,
	lesson.RoleObserver:  classroomv1.ParticipantRole_PARTICIPANT_ROLE_OBSERVER,
	lesson.RoleEncoder:   classroomv1.ParticipantRole_PARTICIPANT_ROLE_ENCODER,
}

// Role returns the role on the wire.
func Role(r lesson.Role) classroomv1.ParticipantRole { return roles[r] }

// Presence returns the presence on the wire.
func Presence(p lesson.Presence) classroomv1.Presence {
	switch p {
	case lesson.Present:
		return classroomv1.Presence_PRESENCE_PRESENT
	case lesson.Reconnecting:
		return classroomv1.Presence_PRESENCE_RECONNECTING
	default:
		return classroomv1.Presence_PRESENCE_ABSENT
	}
}

// Phase returns the phase on the wire.
func Phase(p lesson.Phase) classroomv1.LessonPhase {
	switch p {
	case lesson.PhaseWaiting:
		return classroomv1.LessonPhase_LESSON_PHASE_WAITING
	case lesson.PhaseLive:
		return classroomv1.LessonPhase_LESSON_PHASE_LIVE
	case lesson.PhaseEnded:
		return classroomv1.LessonPhase_LESSON_PHASE_ENDED
	default:
		return classroomv1.LessonPhase_LESSON_PHASE_UNSPECIFIED
	}
}

func endReasonTo(r lesson.EndReason) classroomv1.EndReason {
	switch r {
	case lesson.EndedByHand:
		return classroomv1.EndReason_END_REASON_BY_HAND
	case lesson.EndedByOverrun:
		return classroomv1.EndReason_END_REASON_OVERRUN
	case lesson.EndedByCancellation:
		return classroomv1.EndReason_END_REASON_CANCELLED
	default:
		return classroomv1.EndReason_END_REASON_UNSPECIFIED
	}
}

func endReasonFrom(r classroomv1.EndReason) lesson.EndReason {
	switch r {
	case classroomv1.EndReason_END_REASON_BY_HAND:
		return lesson.EndedByHand
	case classroomv1.EndReason_END_REASON_OVERRUN:
		return lesson.EndedByOverrun
	case classroomv1.EndReason_END_REASON_CANCELLED:
		return lesson.EndedByCancellation
	default:
		return lesson.EndReasonNone
	}
}
