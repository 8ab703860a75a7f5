package rpcapi

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

// each maps a list.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}

// optionalTime is unset for the zero time.
func optionalTime(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func campusToWire(c directory.Campus) *directoryv1.Campus {
	return &directoryv1.Campus{Id: c.ID, Name: c.Name, Level: levelToWire(c.Level), TimeZone: c.TimeZone}
}

func classroomToWire(c directory.Classroom) *directoryv1.Classroom {
	return &directoryv1.Classroom{
		Id: c.ID, CampusId: c.CampusID, Name: c.Name, CampusName: c.CampusName, TimeZone: c.TimeZone,
		DevicePairedAt: optionalTime(c.DevicePairedAt), DeviceSeenAt: optionalTime(c.DeviceSeenAt),
	}
}

func personToWire(p directory.Person) *directoryv1.Person {
	return &directoryv1.Person{
		Id: p.ID, Login: p.Login, Name: p.Name, CampusId: p.CampusID, CampusName: p.CampusName,
		Roles: each(p.Roles, roleToWire), TimeZone: p.TimeZone,
	}
}

func pairingToWire(p directory.Pairing) *directoryv1.Pairing {
	return &directoryv1.Pairing{Id: p.ID, LeadCampusId: p.LeadCampusID, BranchCampusId: p.BranchCampusID}
}

func principalToWire(p directory.Principal) *directoryv1.Principal {
	out := &directoryv1.Principal{ExpiresAt: optionalTime(p.ExpiresAt), CredentialId: p.SessionID}
	switch {
	case p.Person != nil:
		out.Who = &directoryv1.Principal_Person{Person: personToWire(*p.Person)}
	case p.Classroom != nil:
		out.Who = &directoryv1.Principal_Classroom{Classroom: classroomToWire(*p.Classroom)}
	}
	return out
}

func lessonToWire(l timetable.Lesson) *schedulingv1.Lesson {
	teacher := personToWire(l.Teacher)
	teacher.Login = "" // half of what a guesser needs, and nothing that a lesson needs
	return &schedulingv1.Lesson{
		Id: l.ID, Kind: kindToWire(l.Kind), Title: l.Title, Teacher: teacher,
		Classrooms: each(l.Classrooms, classroomToWire),
		StartsAt:   timestamppb.New(l.Span.Start), EndsAt: timestamppb.New(l.Span.End),
		Status: statusToWire(l.Status),
	}
}
