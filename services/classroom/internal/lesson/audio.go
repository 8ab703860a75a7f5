package lesson

import "github.com/tongke-edu/tongke/pkg/fault"

// SetAudio opens or closes a microphone.
type SetAudio struct {
	ID   string
	Open bool
}

// MuteAll closes every microphone but the lead teacher's. Rooms on stage cannot open theirs again by themselves.
type MuteAll struct{}

// Name implements Action.
func (SetAudio) Name() string { return "SetAudio" }

// Name implements Action.
func (MuteAll) Name() string { return "MuteAll" }

func (a SetAudio) decide(d *draft) error {
	if err := d.open(); err != nil {
		return err
	}
	sender, err := d.sender()
	if err != nil {
		return err
	}
	if sender.Role == RoleLead && a.ID == sender.ID {
		d.setAudio(sender, a.Open, false)
		return nil
	}
	_, room, err := d.addressed(a.ID)
	switch {
	case err != nil:
		return err
	case sender.Role == RoleLead:
		if a.Open && room.Presence == Absent {
			return fault.New(fault.ParticipantNotFound)
		}
		d.setAudio(room, a.Open, !a.Open)
	case !a.Open:
		d.setAudio(room, false, room.MutedByTeacher)
	case room.AudioOpen:
	case room.MutedByTeacher:
		return fault.New(fault.MutedByTeacher)
	case !d.state.OnStage(room.ID):
		return fault.New(fault.NotOnStage)
	default:
		d.setAudio(room, true, false)
	}
	return nil
}

func (MuteAll) decide(d *draft) error {
	if err := d.open(); err != nil {
		return err
	}
	if err := d.lead(); err != nil {
		return err
	}
	for _, p := range d.state.Participants {
		if p.speaks() && (p.AudioOpen || d.state.OnStage(p.ID)) {
			d.setAudio(p, false, true)
		}
	}
	return nil
}

func (d *draft) setAudio(p *Participant, open, mutedByTeacher bool) {
	if p.AudioOpen != open || p.MutedByTeacher != mutedByTeacher {
		d.emit(AudioChanged{ID: p.ID, Open: open, MutedByTeacher: mutedByTeacher})
	}
}
