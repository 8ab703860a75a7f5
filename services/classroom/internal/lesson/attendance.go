package lesson

import (
	"cmp"
	"slices"
)

// Attendance lists everybody who was expected or came, by role, then name.
func (s *State) Attendance() []*Participant {
	list := slices.Clone(s.Participants)
	slices.SortStableFunc(list, func(a, b *Participant) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// MayReadAttendance tells whether a person who is no scheduler, operator or administrator may read it.
func (s *State) MayReadAttendance(id string) bool {
	lead := s.Lead()
	return lead != nil && lead.ID == id
}
