package lesson

import (
	"slices"
	"time"
)

// State is what the events so far lead to. The zero value is the state of an empty log.
type State struct {
	Plan  Plan
	Phase Phase
	// Ordinal is that of the last event in it.
	Ordinal uint64
	// LastAt is the time of that event; later events are never earlier.
	LastAt time.Time
	// Participants are the roster and all who came, in the order of the roster, then of coming.
	Participants []*Participant
	// Hands are the raised ones, first come first.
	Hands []Hand
	// Stage holds ids in the order of stepping on.
	Stage []string
	// Chat is the last ChatKept lines.
	Chat []ChatLine
	// Poll is the open poll or the last one; nil before the first.
	Poll      *Poll
	StartedAt time.Time
	EndedAt   time.Time
	EndReason EndReason
	// MediaTokens are all that were issued, oldest first.
	MediaTokens []MediaToken

	// pastPolls are the ids of the last PollsKept polls before Poll.
	pastPolls []string
}

// Participant is one member and what became of it.
type Participant struct {
	Member
	Presence      Presence
	PresenceSince time.Time
	// Window is the hash of the window that counts; empty before the first.
	Window         string
	AudioOpen      bool
	MutedByTeacher bool
	MediaConnected bool
	// HeadCount is nil until somebody counted.
	HeadCount *uint32
	// CalledOn is how often the lead teacher called on it.
	CalledOn uint32
	// Spans are the times of its presence, oldest first; the last may be open.
	Spans []Span

	receipts []receipt
	// paidUntil is when nothing of what it added to the log counts against its pace any more.
	paidUntil time.Time
}

// Span is a stretch of presence; To is zero while it lasts.
type Span struct{ From, To time.Time }

// Hand is a raised hand.
type Hand struct {
	ParticipantID string
	RaisedAt      time.Time
}

// ChatLine is a line of text as it was posted.
type ChatLine struct {
	Ordinal       uint64
	ParticipantID string
	Text          string
	At            time.Time
}

// Poll is a question to the rooms.
type Poll struct {
	ID       string
	Question string
	Options  []string
	Closed   bool
	// Answers are in the order in which rooms first answered.
	Answers []Answer
	// Totals are set when it is closed.
	Totals []uint32
}

// Answer is a room's head-count per option.
type Answer struct {
	ParticipantID string
	Counts        []uint32
}

// Participant finds one by id; nil when there is none.
func (s *State) Participant(id string) *Participant {
	if i := s.indexOf(id); i >= 0 {
		return s.Participants[i]
	}
	return nil
}

// Lead is the lead teacher; nil only in the state of an empty log.
func (s *State) Lead() *Participant {
	for _, p := range s.Participants {
		if p.Role == RoleLead {
			return p
		}
	}
	return nil
}

// OnStage tells whether a participant is on stage.
func (s *State) OnStage(id string) bool { return slices.Contains(s.Stage, id) }

// HandRaised tells whether a participant's hand is up.
func (s *State) HandRaised(id string) bool {
	return slices.ContainsFunc(s.Hands, func(h Hand) bool { return h.ParticipantID == id })
}

// Open tells whether the lesson can be entered and changed.
func (s *State) Open() bool { return s.Phase == PhaseWaiting || s.Phase == PhaseLive }

func (s *State) indexOf(id string) int {
	return slices.IndexFunc(s.Participants, func(p *Participant) bool { return p.ID == id })
}

// change replaces one participant by a changed copy. It may only be called on a state that nobody else has yet.
func (s *State) change(id string, edit func(*Participant)) {
	i := s.indexOf(id)
	if i < 0 {
		return
	}
	changed := *s.Participants[i]
	edit(&changed)
	s.Participants = slices.Clone(s.Participants)
	s.Participants[i] = &changed
}
