package lesson

import (
	"fmt"
	"slices"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// OpenPoll asks a question; one poll is open at a time.
type OpenPoll struct {
	Question string
	Options  []string
}

// AnswerPoll gives a room's hands per option; a later answer replaces the earlier.
type AnswerPoll struct {
	PollID string
	ID     string
	Counts []uint32
}

// ClosePoll closes the open poll and shows its totals.
type ClosePoll struct{ PollID string }

// Name implements Action.
func (OpenPoll) Name() string { return "OpenPoll" }

// Name implements Action.
func (AnswerPoll) Name() string { return "AnswerPoll" }

// Name implements Action.
func (ClosePoll) Name() string { return "ClosePoll" }

func (a OpenPoll) decide(d *draft) error {
	if err := d.live(); err != nil {
		return err
	}
	if err := d.lead(); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	if d.state.Poll != nil && !d.state.Poll.Closed {
		return fault.New(fault.PollAlreadyOpen)
	}
	// The ordinal of its event names a poll: unique in the lesson and known without a random source.
	id := fmt.Sprintf("pol_%d", d.state.Ordinal+1)
	d.emit(PollOpened{PollID: id, Question: a.Question, Options: slices.Clone(a.Options)})
	return nil
}

func (a OpenPoll) check() error {
	if err := checkText("question", a.Question, MaxQuestionRunes); err != nil {
		return err
	}
	if len(a.Options) < MinOptions || len(a.Options) > MaxOptions {
		return fault.Invalid("options", "repeated.items", "are 2 to 6")
	}
	for i, option := range a.Options {
		if err := checkText(fmt.Sprintf("options[%d]", i), option, MaxOptionRunes); err != nil {
			return err
		}
	}
	return nil
}

func (a AnswerPoll) decide(d *draft) error {
	if err := d.live(); err != nil {
		return err
	}
	if _, _, err := d.room(a.ID, false); err != nil {
		return err
	}
	poll, err := d.state.poll(a.PollID)
	if err != nil {
		return err
	}
	if poll.Closed {
		return fault.New(fault.PollClosed)
	}
	if len(a.Counts) != len(poll.Options) {
		return fault.Invalid("counts", "repeated.items", "has one count for each option")
	}
	for i, n := range a.Counts {
		if n > MaxCount {
			return fault.Invalid(fmt.Sprintf("counts[%d]", i), "uint32.lte", "is at most 200")
		}
	}
	for _, given := range poll.Answers {
		if given.ParticipantID == a.ID && slices.Equal(given.Counts, a.Counts) {
			return nil
		}
	}
	d.emit(PollAnswered{PollID: a.PollID, ID: a.ID, Counts: slices.Clone(a.Counts)})
	return nil
}

func (a ClosePoll) decide(d *draft) error {
	if err := d.live(); err != nil {
		return err
	}
	if err := d.lead(); err != nil {
		return err
	}
	poll, err := d.state.poll(a.PollID)
	if err != nil {
		return err
	}
	if !poll.Closed {
		d.emit(PollClosed{PollID: a.PollID, Totals: poll.sum(), Answers: poll.Answers})
	}
	return nil
}

// poll finds the current poll by id. A poll that another one followed is closed.
func (s *State) poll(id string) (*Poll, error) {
	switch {
	case s.Poll != nil && s.Poll.ID == id:
		return s.Poll, nil
	case slices.Contains(s.pastPolls, id):
		return nil, fault.New(fault.PollClosed)
	default:
		return nil, fault.New(fault.PollNotFound)
	}
}

// sum adds the rooms' counts up, per option.
func (p *Poll) sum() []uint32 {
	totals := make([]uint32, len(p.Options))
	for _, a := range p.Answers {
		for i, n := range a.Counts {
			if i < len(totals) {
				totals[i] += n
			}
		}
	}
	return totals
}
