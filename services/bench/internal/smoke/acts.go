package smoke

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/bench/internal/probe"
	"github.com/tongke-edu/tongke/services/bench/internal/publicapi"
)

// raiseHands lets each classroom raise and lower its hand many times, and measures from the call to the event in the
// teacher's stream.
func (l *lesson) raiseHands(ctx context.Context) error {
	for range handRounds {
		for _, room := range l.rooms {
			began := time.Now()
			ordinal, err := l.send(ctx, room, room.RaiseHand)
			if err != nil {
				return fmt.Errorf("%s raises its hand: %w", room.name, err)
			}
			seen, err := l.teacher.AwaitOrdinal(ctx, ordinal)
			if err != nil {
				return fmt.Errorf("the teacher does not see the hand of %s: %w", room.name, err)
			}
			if seen.Event.GetHandRaised().GetParticipantId() != room.ID() {
				return fmt.Errorf("the teacher sees %v instead of the hand of %s", seen.Event, room.name)
			}
			l.hands = append(l.hands, seen.At.Sub(began))
			if err := l.acknowledge(ctx, room, room.LowerHand); err != nil {
				return fmt.Errorf("%s lowers its hand: %w", room.name, err)
			}
		}
	}
	return nil
}

// callOn brings the first classroom on stage, where all hear it, and off again, where nobody does.
func (l *lesson) callOn(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	room := l.rooms[0]
	if err := l.acknowledge(ctx, room, room.RaiseHand); err != nil {
		return err
	}
	if err := l.acknowledge(ctx, l.teacher, func(ctx context.Context) (uint64, error) {
		return l.teacher.CallOn(ctx, room.ID())
	}); err != nil {
		return err
	}
	var tasks tasks
	for _, m := range l.members() {
		if m != room {
			tasks.add(m.name+" hears "+room.name, func() error {
				return m.media.AwaitReceived(ctx, room.ID(), probe.Audio, watchedSounds)
			})
			tasks.add(m.name+" sees "+room.name, func() error {
				return m.media.AwaitReceived(ctx, room.ID(), probe.Video, watchedFrames)
			})
		}
	}
	if err := tasks.wait(); err != nil {
		return err
	}
	if err := l.acknowledge(ctx, l.teacher, func(ctx context.Context) (uint64, error) {
		return l.teacher.SetStage(ctx, room.ID(), false)
	}); err != nil {
		return err
	}
	if err := l.teacher.media.AwaitSilence(ctx, room.ID(), probe.Audio); err != nil {
		return fmt.Errorf("%s is still heard off stage: %w", room.name, err)
	}
	return nil
}

func (l *lesson) chat(ctx context.Context) error {
	for _, m := range l.members() {
		text := "<b>" + m.name + "</b> 你好"
		if err := l.acknowledge(ctx, m, func(ctx context.Context) (uint64, error) { return m.PostChat(ctx, text) }); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		last := l.commands[len(l.commands)-1].ordinal
		for _, reader := range l.members() {
			seen, err := reader.AwaitOrdinal(ctx, last)
			if err != nil || seen.Event.GetChatPosted().GetText() != text {
				return fmt.Errorf("%s reads %q (%w)", reader.name, seen.Event.GetChatPosted().GetText(), err)
			}
		}
	}
	return nil
}

func (l *lesson) poll(ctx context.Context) error {
	id, ordinal, err := l.teacher.OpenPoll(ctx, "三角形内角和是多少度?", "90", "180", "360")
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	l.record(l.teacher, ordinal)
	want := []uint32{0, 0, 0}
	for i, room := range l.rooms {
		counts := []uint32{uint32(i), 30, uint32(2 * i)}
		if err := l.acknowledge(ctx, room, func(ctx context.Context) (uint64, error) {
			return room.AnswerPoll(ctx, id, counts...)
		}); err != nil {
			return fmt.Errorf("%s answers: %w", room.name, err)
		}
		for option, n := range counts {
			want[option] += n
		}
	}
	if err := l.acknowledge(ctx, l.teacher, func(ctx context.Context) (uint64, error) { return l.teacher.ClosePoll(ctx, id) }); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	for _, m := range l.members() {
		seen, err := m.AwaitEvent(ctx, func(e *classroomv1.LessonEvent) bool { return e.GetPollClosed().GetPollId() == id })
		if err != nil {
			return fmt.Errorf("%s does not see the result: %w", m.name, err)
		}
		if got := seen.Event.GetPollClosed().GetTotals(); !slices.Equal(got, want) {
			return fmt.Errorf("%s sees the totals %v, not %v", m.name, got, want)
		}
	}
	return nil
}

// awaitGoodbye waits until the relay ends the media connection with a word.
func (m *member) awaitGoodbye() error {
	select {
	case <-m.media.Goodbye():
		return nil
	case <-time.After(step):
		return errors.New("no goodbye")
	}
}

// end ends the lesson for all and reads who was there.
func (l *lesson) end(ctx context.Context) error {
	if err := l.acknowledge(ctx, l.teacher, l.teacher.End); err != nil {
		return err
	}
	var tasks tasks
	for _, m := range l.members() {
		tasks.add(m.name, func() error { return m.AwaitEnd(ctx) })
		if l.server.proxy == nil { // on a bad network the connection may end before the word has come through
			tasks.add(m.name+"'s media", m.awaitGoodbye)
		}
	}
	if err := tasks.wait(); err != nil {
		return err
	}
	res, err := publicapi.Call[classroomv1.GetAttendanceRequest, classroomv1.GetAttendanceResponse](ctx, l.school.scheduler,
		classroomv1.ClassroomService_GetAttendance_FullMethodName,
		&classroomv1.GetAttendanceRequest{LessonId: l.school.lessonID})
	if err != nil {
		return fmt.Errorf("attendance: %w", err)
	}
	there := 0
	for _, r := range res.GetRecords() {
		if len(r.GetSpans()) > 0 {
			there++
		}
	}
	if there != len(l.members()) {
		return fmt.Errorf("attendance names %d, not %d: %v", there, len(l.members()), res.GetRecords())
	}
	return nil
}
