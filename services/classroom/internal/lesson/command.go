package lesson

import (
	"slices"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// Command is something a participant, or the system, wants.
type Command struct {
	// Sender is the participant who asks; empty for the system.
	Sender string
	// Key makes the command idempotent: the same key of the same sender gives the first answer again.
	// Empty for commands that are idempotent by nature.
	Key string
	Do  Action
}

// Action is what is wanted. The set is closed: only this package adds one.
type Action interface {
	// Name tells kinds of commands apart in the log; it never changes.
	Name() string
	decide(d *draft) error
}

// Receipt is the answer to a command.
type Receipt struct {
	// Ordinal of the last event that the command caused; 0 when it changed nothing.
	Ordinal uint64
	// PollID is set by OpenPoll only.
	PollID string
}

// Decision is what a command leads to, once Entry is stored.
type Decision struct {
	// Entry is empty when there is nothing to store: the command changed nothing, or is a repeat.
	Entry   Entry
	Next    *State
	Receipt Receipt
}

// Decide says what a command changes at a moment, or refuses it with a *fault.Error. It checks everything that
// concerns this lesson: its phase, who the sender is in it and what it may do to whom. Calling it changes nothing.
func Decide(s *State, c Command, now time.Time) (Decision, error) {
	if r, found, err := s.recall(c); found || err != nil {
		return Decision{Next: s, Receipt: r}, err
	}
	d := &draft{state: s, actor: c.Sender, at: latest(now, s.LastAt)}
	if err := c.Do.decide(d); err != nil {
		return Decision{}, err
	}
	entry := Entry{Events: d.events, Key: c.Key}
	if c.Sender != "" {
		entry.Sender, entry.Command, entry.At = c.Sender, c.Do.Name(), d.at
	}
	if entry.Empty() {
		return Decision{Entry: entry, Next: s}, nil
	}
	if err := s.checkPace(c, d.at); err != nil {
		return Decision{}, err
	}
	return Decision{Entry: entry, Next: d.state.remember(entry), Receipt: receiptOf(entry).Receipt}, nil
}

// draft collects the events of one command; state is what they lead to so far.
type draft struct {
	state  *State
	actor  string
	at     time.Time
	events []Event
}

func (d *draft) emit(k Kind) {
	e := Event{Ordinal: d.state.Ordinal + 1, At: d.at, Actor: d.actor, Kind: k}
	d.events = append(d.events, e)
	d.state = Apply(d.state, e)
}

// open refuses what needs a lesson that can be entered.
func (d *draft) open() error {
	switch d.state.Phase {
	case PhaseWaiting, PhaseLive:
		return nil
	case PhaseEnded:
		return fault.New(fault.LessonEnded)
	default:
		return fault.New(fault.LessonNotOpen)
	}
}

// live refuses what needs a lesson that has started.
func (d *draft) live() error {
	if err := d.open(); err != nil {
		return err
	}
	if d.state.Phase != PhaseLive {
		return fault.New(fault.LessonNotStarted)
	}
	return nil
}

// sender finds who asks.
func (d *draft) sender() (*Participant, error) {
	if p := d.state.Participant(d.actor); p != nil {
		return p, nil
	}
	return nil, fault.New(fault.PermissionDenied)
}

// lead refuses everyone but the lead teacher.
func (d *draft) lead() error {
	if p, err := d.sender(); err != nil {
		return err
	} else if p.Role != RoleLead {
		return fault.New(fault.PermissionDenied)
	}
	return nil
}

// speaks tells whether the lead teacher may call it on stage and opens and closes its microphone.
func (p *Participant) speaks() bool { return p.Role == RoleClassroom || p.Role == RoleEncoder }

// speaker finds the room or encoder that a command of the lead teacher is about.
func (d *draft) speaker(id string) (*Participant, error) {
	if p := d.state.Participant(id); p != nil && p.Role == RoleEncoder {
		return p, nil
	}
	return d.classroom(id)
}

// classroom finds the room that a command is about.
func (d *draft) classroom(id string) (*Participant, error) {
	p := d.state.Participant(id)
	if p == nil {
		return nil, fault.New(fault.ParticipantNotFound)
	}
	if p.Role != RoleClassroom {
		return nil, fault.Invalid("participant_id", "classroom", "names a classroom of the lesson")
	}
	return p, nil
}

// room finds sender and room, and refuses when the sender does not act for it: the room itself does, and an
// assistant of its campus. With leadToo the lead teacher does as well.
func (d *draft) room(id string, leadToo bool) (sender, room *Participant, err error) {
	if sender, err = d.sender(); err != nil {
		return nil, nil, err
	}
	if sender.Role == RoleObserver {
		return nil, nil, fault.New(fault.PermissionDenied)
	}
	if room, err = d.classroom(id); err != nil {
		return nil, nil, err
	}
	switch {
	case sender.ID == room.ID:
	case sender.Role == RoleAssistant && sender.CampusID == room.CampusID:
	case leadToo && sender.Role == RoleLead:
	default:
		return nil, nil, fault.New(fault.PermissionDenied)
	}
	return sender, room, nil
}

// addressed finds sender and room like room does with the lead teacher, for whom it may also be an encoder.
func (d *draft) addressed(id string) (sender, room *Participant, err error) {
	sender = d.state.Participant(d.actor)
	if sender != nil && sender.Role == RoleLead {
		room, err = d.speaker(id)
		return sender, room, err
	}
	return d.room(id, true)
}

// receipt is a key that was used, and its answer.
type receipt struct {
	Key     string
	Command string
	Receipt
}

func receiptOf(entry Entry) receipt {
	r := receipt{Key: entry.Key, Command: entry.Command}
	if n := len(entry.Events); n > 0 {
		r.Ordinal = entry.Events[n-1].Ordinal
		if opened, ok := entry.Events[n-1].Kind.(PollOpened); ok {
			r.PollID = opened.PollID
		}
	}
	return r
}

// recall finds the answer to a command that was sent before.
func (s *State) recall(c Command) (Receipt, bool, error) {
	if c.Key == "" {
		return Receipt{}, false, nil
	}
	p := s.Participant(c.Sender)
	if p == nil {
		return Receipt{}, false, nil
	}
	i := slices.IndexFunc(p.receipts, func(r receipt) bool { return r.Key == c.Key })
	if i < 0 {
		return Receipt{}, false, nil
	}
	if p.receipts[i].Command != c.Do.Name() {
		return Receipt{}, false, fault.Invalid("idempotency_key", "unique", "was used for another command")
	}
	return p.receipts[i].Receipt, true, nil
}

// remember returns the state that also knows the entry's key and counts it against its sender's pace.
func (s *State) remember(entry Entry) *State {
	if entry.Sender == "" {
		return s
	}
	next := *s
	next.change(entry.Sender, func(p *Participant) {
		p.pay(entry.At)
		if entry.Key == "" {
			return
		}
		kept := p.receipts
		if len(kept) >= KeysKept {
			kept = kept[len(kept)-KeysKept+1:]
		}
		p.receipts = append(slices.Clip(kept), receiptOf(entry))
	})
	return &next
}

// latest is the later of two moments without a monotonic reading, in UTC: replayed times compare equal.
func latest(now, last time.Time) time.Time {
	if now = now.UTC().Round(0); now.After(last) {
		return now
	}
	return last
}
