package lesson

import "time"

// Event is something that happened, in its place in the log.
type Event struct {
	// Ordinal is gapless from 1 in each lesson.
	Ordinal uint64
	At      time.Time
	// Actor is the participant who caused it; empty when the system did.
	Actor string
	Kind  Kind
}

// Kind is what happened. The set is closed: only this package adds one.
type Kind interface {
	// apply changes a state that nobody else has yet. It never panics and never refuses.
	apply(s *State, e Event)
}

// Entry is what a log stores: the events of one command, together or not at all. An entry without events
// remembers the key of a command that changed nothing.
type Entry struct {
	Events []Event
	// Sender, Command and At say who wanted it, what and when; empty for the system's own entries. Key is empty for
	// commands that are idempotent by nature.
	Key     string
	Sender  string
	Command string
	At      time.Time
}

// Empty tells that there is nothing to store.
func (e Entry) Empty() bool { return len(e.Events) == 0 && e.Key == "" }

// Final tells that the lesson's log ends with this entry.
func (e Entry) Final() bool {
	if len(e.Events) == 0 {
		return false
	}
	_, ended := e.Events[len(e.Events)-1].Kind.(LessonEnded)
	return ended
}

// The kinds of events; classroom.v1 documents each under the same name.
type (
	// LessonOpened is always the first event.
	LessonOpened struct{ Plan Plan }
	// LessonStarted lets media flow.
	LessonStarted struct{}
	// LessonEnded is always the last event.
	LessonEnded struct{ Reason EndReason }

	// ParticipantJoined brings a participant in, or a new window of it.
	ParticipantJoined struct {
		Member Member
		Window string
	}
	// ConnectionLost says that the stream broke and the participant is expected back.
	ConnectionLost struct{ ID string }
	// ParticipantLeft says that it went, or did not come back in time.
	ParticipantLeft struct{ ID string }

	// HandRaised puts a hand at the end of the queue.
	HandRaised struct{ ID string }
	// HandLowered takes it out.
	HandLowered struct{ ID string }
	// CalledOn counts for fairness; the stage and the microphone have events of their own.
	CalledOn struct{ ID string }
	// SteppedOnStage puts a classroom at the end of the stage.
	SteppedOnStage struct{ ID string }
	// SteppedOffStage takes it off.
	SteppedOffStage struct{ ID string }
	// AudioChanged opens or closes a microphone.
	AudioChanged struct {
		ID             string
		Open           bool
		MutedByTeacher bool
	}

	// ChatPosted is a line from the event's actor.
	ChatPosted struct{ Text string }
	// PollOpened asks a question.
	PollOpened struct {
		PollID   string
		Question string
		Options  []string
	}
	// PollAnswered is a room's answer; a later one replaces it.
	PollAnswered struct {
		PollID string
		ID     string
		Counts []uint32
	}
	// PollClosed carries the sums over all rooms, and the answers themselves: until now most saw only who answered.
	PollClosed struct {
		PollID  string
		Totals  []uint32
		Answers []Answer
	}
	// HeadCountSet says how many children are in a room.
	HeadCountSet struct {
		ID    string
		Count uint32
	}
	// MediaConnected says that the participant's media reached the relay.
	MediaConnected struct{ ID string }
	// MediaLost says that it no longer does.
	MediaLost struct{ ID string }
	// MediaTokenIssued lets the holder of a secret come as a participant.
	MediaTokenIssued struct{ Token MediaToken }
	// MediaTokenRevoked makes a token worthless for good.
	MediaTokenRevoked struct{ ID string }
)
