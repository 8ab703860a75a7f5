package timetable

import (
	"slices"

	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

// Viewer is who asks for lessons.
type Viewer struct {
	// PersonID is empty for a classroom.
	PersonID string
	// CampusID is empty for somebody who belongs to no campus.
	CampusID string
	// ClassroomID is empty for a person.
	ClassroomID string
	Roles       []directory.Role
}

// View is the lessons that somebody may see: the union of its parts. The zero View sees nothing.
type View struct {
	// All lessons of all campuses.
	All bool
	// TeacherID, if set: the lessons that this person teaches.
	TeacherID string
	// CampusID, if set: the lessons taught from this campus or taken part in by one of its classrooms.
	CampusID string
	// ClassroomID, if set: the lessons that this classroom takes part in.
	ClassroomID string
}

// seesAll are the roles that span all campuses.
var seesAll = []directory.Role{
	directory.RoleScheduler, directory.RoleOperator, directory.RoleAdministrator, directory.RoleService,
}

// ViewOf says which lessons a viewer may see. Several roles add up.
func ViewOf(v Viewer) View {
	var out View
	for _, role := range v.Roles {
		switch {
		case slices.Contains(seesAll, role):
			return View{All: true}
		case role == directory.RoleTeacher:
			out.TeacherID = v.PersonID
		case role == directory.RoleAssistant, role == directory.RoleObserver:
			out.CampusID = v.CampusID
		case role == directory.RoleClassroom:
			out.ClassroomID = v.ClassroomID
		}
	}
	return out
}

// Empty says whether the view holds nothing.
func (v View) Empty() bool { return v == View{} }

// Includes says whether the lesson may be seen.
func (v View) Includes(l Lesson) bool {
	return v.All ||
		v.TeacherID != "" && l.Teacher.ID == v.TeacherID ||
		l.AtCampus(v.CampusID) ||
		v.ClassroomID != "" && l.HasClassroom(v.ClassroomID)
}
