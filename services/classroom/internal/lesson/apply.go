package lesson

import (
	"fmt"
	"slices"
	"time"
)

// Apply returns the state after an event. The given state stays as it is.
func Apply(s *State, e Event) *State {
	next := *s
	next.Ordinal = e.Ordinal
	next.LastAt = e.At
	e.Kind.apply(&next, e)
	return &next
}

// ApplyEntry returns the state after a whole entry. It fails when the entry does not follow the state:
// the log is then damaged and must not be continued.
func ApplyEntry(s *State, entry Entry) (*State, error) {
	for _, e := range entry.Events {
		if e.Ordinal != s.Ordinal+1 {
			return nil, fmt.Errorf("event %d follows event %d", e.Ordinal, s.Ordinal)
		}
		if _, opening := e.Kind.(LessonOpened); opening != (s.Phase == PhaseNone) || s.Phase == PhaseEnded {
			return nil, fmt.Errorf("event %d (%T) cannot come in this phase of the lesson", e.Ordinal, e.Kind)
		}
		s = Apply(s, e)
	}
	return s.remember(entry), nil
}

func (k LessonOpened) apply(s *State, e Event) {
	s.Plan = k.Plan
	s.Phase = PhaseWaiting
	s.Participants = make([]*Participant, 0, len(k.Plan.Roster))
	for _, m := range k.Plan.Roster {
		s.Participants = append(s.Participants, &Participant{
			Member: m, PresenceSince: e.At, AudioOpen: m.Role == RoleLead,
		})
	}
}

func (LessonStarted) apply(s *State, e Event) {
	s.Phase = PhaseLive
	s.StartedAt = e.At
}

// A lesson that ends empties the room: spans end, hands go down, the stage clears.
func (k LessonEnded) apply(s *State, e Event) {
	s.Phase = PhaseEnded
	s.EndedAt = e.At
	s.EndReason = k.Reason
	s.Hands, s.Stage = nil, nil
	participants := make([]*Participant, len(s.Participants))
	for i, p := range s.Participants {
		gone := *p
		gone.leave(e.At)
		participants[i] = &gone
	}
	s.Participants = participants
}

func (k ParticipantJoined) apply(s *State, e Event) {
	if s.indexOf(k.Member.ID) < 0 {
		s.Participants = append(slices.Clip(s.Participants), &Participant{Member: k.Member})
	}
	s.change(k.Member.ID, func(p *Participant) {
		if p.Presence == Absent {
			p.Spans = append(slices.Clip(p.Spans), Span{From: e.At})
		}
		if p.Presence != Present {
			p.Presence, p.PresenceSince = Present, e.At
		}
		p.Window = k.Window
	})
}

func (k ConnectionLost) apply(s *State, e Event) {
	s.change(k.ID, func(p *Participant) {
		if p.Presence == Present {
			p.Presence, p.PresenceSince = Reconnecting, e.At
		}
	})
}

func (k ParticipantLeft) apply(s *State, e Event) {
	s.change(k.ID, func(p *Participant) { p.leave(e.At) })
}

// leave ends the presence: at once, or when the connection was lost if it never came back.
func (p *Participant) leave(at time.Time) {
	p.MediaConnected = false
	if p.Presence == Absent {
		return
	}
	end := at
	if p.Presence == Reconnecting {
		end = p.PresenceSince
	}
	if n := len(p.Spans); n > 0 && p.Spans[n-1].To.IsZero() {
		p.Spans = slices.Clone(p.Spans)
		p.Spans[n-1].To = end
	}
	p.Presence, p.PresenceSince = Absent, at
}

func (k HandRaised) apply(s *State, e Event) {
	if !s.HandRaised(k.ID) {
		s.Hands = append(slices.Clip(s.Hands), Hand{ParticipantID: k.ID, RaisedAt: e.At})
	}
}

func (k HandLowered) apply(s *State, _ Event) {
	s.Hands = without(s.Hands, func(h Hand) bool { return h.ParticipantID == k.ID })
}

func (k CalledOn) apply(s *State, _ Event) {
	s.change(k.ID, func(p *Participant) { p.CalledOn++ })
}

func (k SteppedOnStage) apply(s *State, _ Event) {
	if !s.OnStage(k.ID) {
		s.Stage = append(slices.Clip(s.Stage), k.ID)
	}
}

func (k SteppedOffStage) apply(s *State, _ Event) {
	s.Stage = without(s.Stage, func(id string) bool { return id == k.ID })
}

func (k AudioChanged) apply(s *State, _ Event) {
	s.change(k.ID, func(p *Participant) { p.AudioOpen, p.MutedByTeacher = k.Open, k.MutedByTeacher })
}

func (k ChatPosted) apply(s *State, e Event) {
	line := ChatLine{Ordinal: e.Ordinal, ParticipantID: e.Actor, Text: k.Text, At: e.At}
	kept := s.Chat
	if len(kept) >= ChatKept {
		kept = kept[len(kept)-ChatKept+1:]
	}
	s.Chat = append(slices.Clip(kept), line)
}

func (k PollOpened) apply(s *State, _ Event) {
	if s.Poll != nil {
		past := s.pastPolls
		if len(past) >= PollsKept {
			past = past[len(past)-PollsKept+1:]
		}
		s.pastPolls = append(slices.Clip(past), s.Poll.ID)
	}
	s.Poll = &Poll{ID: k.PollID, Question: k.Question, Options: k.Options}
}

func (k PollAnswered) apply(s *State, _ Event) {
	if s.Poll == nil || s.Poll.ID != k.PollID {
		return
	}
	poll := *s.Poll
	answer := Answer{ParticipantID: k.ID, Counts: k.Counts}
	if i := slices.IndexFunc(poll.Answers, func(a Answer) bool { return a.ParticipantID == k.ID }); i >= 0 {
		poll.Answers = slices.Clone(poll.Answers)
		poll.Answers[i] = answer
	} else {
		poll.Answers = append(slices.Clip(poll.Answers), answer)
	}
	s.Poll = &poll
}

func (k PollClosed) apply(s *State, _ Event) {
	if s.Poll == nil || s.Poll.ID != k.PollID {
		return
	}
	poll := *s.Poll
	poll.Closed, poll.Totals = true, k.Totals
	if len(k.Answers) > 0 {
		poll.Answers = k.Answers
	}
	s.Poll = &poll
}

func (k HeadCountSet) apply(s *State, _ Event) {
	s.change(k.ID, func(p *Participant) { p.HeadCount = &k.Count })
}

func (k MediaConnected) apply(s *State, _ Event) {
	s.change(k.ID, func(p *Participant) { p.MediaConnected = true })
}

func (k MediaLost) apply(s *State, _ Event) {
	s.change(k.ID, func(p *Participant) { p.MediaConnected = false })
}

// without returns a new slice without the matching elements; nil when none are left.
func without[T any](list []T, match func(T) bool) []T {
	var rest []T
	for _, v := range list {
		if !match(v) {
			rest = append(rest, v)
		}
	}
	return rest
}
