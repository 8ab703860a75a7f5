// Package lesson is the live lesson as pure logic: a command is decided on a state and gives events
// (Decide), events make the next state (Apply). It does no I/O, knows no clock of its own, starts no
// goroutine and imports no generated code, so that replaying a log always leads to the same state.
//
// A State is never changed once it is made: Apply returns a new one that shares what did not change.
// Any number of goroutines may read a State without a lock.
package lesson

import (
	"slices"
	"time"
)

// Limits of one lesson.
const (
	// MaxParticipants bounds the roster and all who came. It is the one rule of how many a lesson may have: the relay's
	// policy has room for them, and the relay bounds only what it carries in all.
	MaxParticipants = 500
	// DefaultStageSize is how many classrooms may be on stage when the plan does not say.
	DefaultStageSize = 3
	// ChatKept is how many lines the state keeps; the log keeps all.
	ChatKept = 200
	// ChatBurst lines from one participant are allowed in ChatWindow.
	ChatBurst  = 5
	ChatWindow = 10 * time.Second
	// PollsKept is how many ids of past polls are told from ids that never were.
	PollsKept = 64
	// KeysKept is how many idempotency keys are remembered per participant.
	KeysKept = 64
	// MaxCount is the most children in a room, and the most hands for one option of a poll.
	MaxCount = 200
	// MaxChatRunes, MaxQuestionRunes and MaxOptionRunes bound texts.
	MaxChatRunes     = 500
	MaxQuestionRunes = 200
	MaxOptionRunes   = 80
	// MinOptions and MaxOptions bound the choices of a poll.
	MinOptions = 2
	MaxOptions = 6
)

// Phase is where a lesson stands.
type Phase int

// The phases in their order; the zero value is a lesson whose log is empty.
const (
	PhaseNone Phase = iota
	PhaseWaiting
	PhaseLive
	PhaseEnded
)

// Role is what a participant is in this lesson.
type Role int

// The roles, in the order in which attendance lists them.
const (
	RoleNone Role = iota
	RoleLead
	RoleAssistant
	RoleClassroom
	RoleObserver
	RoleEncoder
)

// Presence says whether a participant can be reached.
type Presence int

// Absent comes before everything else: who never came is absent.
const (
	Absent Presence = iota
	Present
	Reconnecting
)

// EndReason says why a lesson ended.
type EndReason int

// EndedByHand is the teacher's (or an assistant's) press, EndedByOverrun the clock, EndedByCancellation a plan that was
// cancelled before the lesson had started.
const (
	EndReasonNone EndReason = iota
	EndedByHand
	EndedByOverrun
	EndedByCancellation
)

// Member is a person or classroom with its role in this lesson.
type Member struct {
	ID         string
	Name       string
	Role       Role
	CampusID   string
	CampusName string
}

// Plan is what was planned when the lesson opened; it does not change afterwards.
type Plan struct {
	LessonID string
	Title    string
	// Kind is the name of the planned kind, such as "DELIVERED_CLASS".
	Kind     string
	StartsAt time.Time
	EndsAt   time.Time
	// Overrun is how long after EndsAt the lesson ends by itself.
	Overrun time.Duration
	// Roster is the lead teacher and the classrooms.
	Roster []Member
	// CampusIDs are the campuses whose assistants and observers may come.
	CampusIDs []string
	// StageSize is how many classrooms may be on stage at once.
	StageSize int
}

// ClosesAt is the moment at which the lesson ends by itself.
func (p Plan) ClosesAt() time.Time { return p.EndsAt.Add(p.Overrun) }

// Visitor is somebody who asks to enter, as the signed identity says.
type Visitor struct {
	ID         string
	Name       string
	CampusID   string
	CampusName string
	// Device is true for a paired classroom computer; ID is then the classroom's.
	Device    bool
	Assistant bool
	Observer  bool
}

// Admit says what a visitor is in this lesson; false when it has no business here. Roster first, then
// assistants, then observers of the lesson's campuses.
func (p Plan) Admit(v Visitor) (Member, bool) {
	for _, m := range p.Roster {
		if m.ID == v.ID && (m.Role == RoleClassroom) == v.Device {
			return m, true
		}
	}
	if v.Device || v.CampusID == "" || !slices.Contains(p.CampusIDs, v.CampusID) {
		return Member{}, false
	}
	m := Member{ID: v.ID, Name: v.Name, CampusID: v.CampusID, CampusName: v.CampusName}
	switch {
	case v.Assistant:
		m.Role = RoleAssistant
	case v.Observer:
		m.Role = RoleObserver
	default:
		return Member{}, false
	}
	return m, true
}
