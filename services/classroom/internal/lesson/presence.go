package lesson

import "github.com/tongke-edu/tongke/pkg/fault"

// Join brings a participant's window in.
type Join struct {
	Member Member
	// Window is a hash: the log does not tell the window's name.
	Window string
	// TakeOver is true when a person opened the window, false when it reconnects by itself.
	TakeOver bool
}

// LoseConnection says that a participant's stream broke.
type LoseConnection struct{ ID string }

// Leave takes a participant out: its hand goes down, it steps off the stage and its microphone closes.
// A Window that no longer counts takes nobody out; the system leaves Window empty.
type Leave struct {
	ID     string
	Window string
}

// ReportMedia says whether a participant's media reaches the relay.
type ReportMedia struct {
	ID        string
	Connected bool
}

// Name implements Action.
func (Join) Name() string { return "Join" }

// Name implements Action.
func (LoseConnection) Name() string { return "LoseConnection" }

// Name implements Action.
func (Leave) Name() string { return "Leave" }

// Name implements Action.
func (ReportMedia) Name() string { return "ReportMedia" }

func (a Join) decide(d *draft) error {
	if err := d.open(); err != nil {
		return err
	}
	p := d.state.Participant(a.Member.ID)
	switch {
	case p == nil && len(d.state.Participants) >= MaxParticipants:
		return fault.New(fault.LessonFull)
	case p == nil:
	case p.Window != "" && p.Window != a.Window && !a.TakeOver:
		return fault.New(fault.Superseded)
	case p.Window == a.Window && p.Presence == Present:
		return nil // It was away for less than the grace.
	}
	d.emit(ParticipantJoined{Member: a.Member, Window: a.Window})
	return nil
}

func (a LoseConnection) decide(d *draft) error {
	p := d.state.Participant(a.ID)
	if !d.state.Open() || p == nil || p.Presence != Present {
		return nil
	}
	d.emit(ConnectionLost(a))
	return nil
}

func (a Leave) decide(d *draft) error {
	p := d.state.Participant(a.ID)
	if !d.state.Open() || p == nil || p.Presence == Absent {
		return nil
	}
	if a.Window != "" && a.Window != p.Window {
		return nil
	}
	d.takeOut(p)
	return nil
}

// takeOut ends a participant's part in the lesson for now.
func (d *draft) takeOut(p *Participant) {
	d.lowerHand(p.ID)
	d.stepOff(p)
	if p.Role == RoleClassroom && d.state.Participant(p.ID).AudioOpen {
		d.emit(AudioChanged{ID: p.ID})
	}
	if p.MediaConnected {
		d.emit(MediaLost{ID: p.ID})
	}
	d.emit(ParticipantLeft{ID: p.ID})
}

func (a ReportMedia) decide(d *draft) error {
	p := d.state.Participant(a.ID)
	switch {
	case !d.state.Open() || p == nil || p.Presence == Absent || p.MediaConnected == a.Connected:
	case a.Connected:
		d.emit(MediaConnected{ID: p.ID})
	default:
		d.emit(MediaLost{ID: p.ID})
	}
	return nil
}
