package rpcapi

import (
	"strings"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/timetable"
)

// Values of enums are stored under the names of the contract, in lower case and without the enum's own name: rows
// stay readable, and numbers may not change anyway.

const (
	rolePrefix  = "ROLE_"
	levelPrefix = "SCHOOL_LEVEL_"
	kindPrefix  = "LESSON_KIND_"
)

func stored(prefix, name string) string { return strings.ToLower(strings.TrimPrefix(name, prefix)) }

func wire(prefix, name string) string { return prefix + strings.ToUpper(name) }

// RoleOf returns the stored form of a role.
func RoleOf(r commonv1.Role) directory.Role { return directory.Role(stored(rolePrefix, r.String())) }

// LevelOf returns the stored form of a school level.
func LevelOf(l directoryv1.SchoolLevel) string { return stored(levelPrefix, l.String()) }

// KindOf returns the stored form of a lesson kind.
func KindOf(k schedulingv1.LessonKind) timetable.Kind {
	return timetable.Kind(stored(kindPrefix, k.String()))
}

// RolesOf returns the stored forms of roles.
func RolesOf(roles []commonv1.Role) []directory.Role {
	out := make([]directory.Role, len(roles))
	for i, r := range roles {
		out[i] = RoleOf(r)
	}
	return out
}

func roleToWire(r directory.Role) commonv1.Role {
	return commonv1.Role(commonv1.Role_value[wire(rolePrefix, string(r))])
}

func levelToWire(l string) directoryv1.SchoolLevel {
	return directoryv1.SchoolLevel(directoryv1.SchoolLevel_value[wire(levelPrefix, l)])
}

func kindToWire(k timetable.Kind) schedulingv1.LessonKind {
	return schedulingv1.LessonKind(schedulingv1.LessonKind_value[wire(kindPrefix, string(k))])
}

func statusToWire(s timetable.Status) schedulingv1.LessonPlanStatus {
	switch s {
	case timetable.Planned:
		return schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_PLANNED
	case timetable.Cancelled:
		return schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_CANCELLED
	}
	return schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_UNSPECIFIED
}
