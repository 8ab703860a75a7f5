package lesson

import (
	"strconv"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// RaiseHand puts a classroom at the end of the queue; a raised hand stays where it is.
type RaiseHand struct{ ID string }

// LowerHand takes a hand out of the queue.
type LowerHand struct{ ID string }

// CallOn calls on a classroom: its hand goes down, it steps on stage and its microphone opens.
type CallOn struct{ ID string }

// SetStage brings a classroom on or off stage.
type SetStage struct {
	ID string
	On bool
}

// Name implements Action.
func (RaiseHand) Name() string { return "RaiseHand" }

// Name implements Action.
func (LowerHand) Name() string { return "LowerHand" }

// Name implements Action.
func (CallOn) Name() string { return "CallOn" }

// Name implements Action.
func (SetStage) Name() string { return "SetStage" }

func (a RaiseHand) decide(d *draft) error {
	if err := d.live(); err != nil {
		return err
	}
	_, room, err := d.room(a.ID, false)
	if err != nil {
		return err
	}
	if room.Presence == Absent {
		return fault.New(fault.ParticipantNotFound)
	}
	if !d.state.HandRaised(a.ID) {
		d.emit(HandRaised(a))
	}
	return nil
}

func (a LowerHand) decide(d *draft) error {
	if err := d.live(); err != nil {
		return err
	}
	if _, _, err := d.room(a.ID, true); err != nil {
		return err
	}
	d.lowerHand(a.ID)
	return nil
}

func (a CallOn) decide(d *draft) error {
	room, err := d.inviting(a.ID)
	if err != nil {
		return err
	}
	d.lowerHand(a.ID)
	d.emit(CalledOn(a))
	d.stepOn(a.ID)
	if !room.AudioOpen {
		d.emit(AudioChanged{ID: a.ID, Open: true})
	}
	return nil
}

func (a SetStage) decide(d *draft) error {
	if a.On {
		if _, err := d.inviting(a.ID); err != nil {
			return err
		}
		d.stepOn(a.ID)
		return nil
	}
	if err := d.live(); err != nil {
		return err
	}
	_, room, err := d.addressed(a.ID)
	if err != nil {
		return err
	}
	d.stepOff(room)
	return nil
}

// inviting checks that the lead teacher may bring this room on stage now.
func (d *draft) inviting(id string) (*Participant, error) {
	if err := d.live(); err != nil {
		return nil, err
	}
	if err := d.lead(); err != nil {
		return nil, err
	}
	room, err := d.speaker(id)
	if err != nil {
		return nil, err
	}
	if room.Presence == Absent {
		return nil, fault.New(fault.ParticipantNotFound)
	}
	size := d.state.Plan.StageSize
	if !d.state.OnStage(id) && len(d.state.Stage) >= size {
		return nil, fault.New(fault.StageFull, fault.With("stage_size", strconv.Itoa(size)))
	}
	return room, nil
}

func (d *draft) lowerHand(id string) {
	if d.state.HandRaised(id) {
		d.emit(HandLowered{ID: id})
	}
}

func (d *draft) stepOn(id string) {
	if !d.state.OnStage(id) {
		d.emit(SteppedOnStage{ID: id})
	}
}

// stepOff takes a room off stage; its microphone closes and a mute by the teacher is forgotten. An encoder hears nobody:
// its sound stays as it is.
func (d *draft) stepOff(room *Participant) {
	if !d.state.OnStage(room.ID) {
		return
	}
	d.emit(SteppedOffStage{ID: room.ID})
	if room.Role == RoleClassroom && (room.AudioOpen || room.MutedByTeacher) {
		d.emit(AudioChanged{ID: room.ID})
	}
}
