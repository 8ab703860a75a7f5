package timetable

import "github.com/tongke-edu/tongke/services/scheduling/internal/directory"

// Kind is a preset of one model, such as "delivered_class". The rules here do not depend on it.
type Kind string

// Status is the state of a plan, not of the live lesson.
type Status string

// The states of a plan.
const (
	Planned   Status = "planned"
	Cancelled Status = "cancelled"
)

// Lesson is one planned lesson (课节).
type Lesson struct {
	ID    string
	Kind  Kind
	Title string
	// Teacher leads the lesson and is booked for it.
	Teacher directory.Person
	// Classrooms are the branch classrooms that take part, each booked for it, in the order they were named.
	Classrooms []directory.Classroom
	Span       Span
	Status     Status
}

// AtCampus says whether the lesson is taught from the campus or taken part in by one of its classrooms.
func (l Lesson) AtCampus(campusID string) bool {
	if campusID == "" {
		return false
	}
	for _, c := range l.Classrooms {
		if c.CampusID == campusID {
			return true
		}
	}
	return l.Teacher.CampusID == campusID
}

// HasClassroom says whether a classroom takes part.
func (l Lesson) HasClassroom(id string) bool {
	for _, c := range l.Classrooms {
		if c.ID == id {
			return true
		}
	}
	return false
}
