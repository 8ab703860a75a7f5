package smoke

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/services/bench/internal/participant"
	"github.com/tongke-edu/tongke/services/bench/internal/probe"
	"github.com/tongke-edu/tongke/services/bench/internal/publicapi"
)

const (
	// rejoins is how often everyone joins media again, for more samples of joining.
	rejoins = 2
	// handRounds is how often each classroom raises its hand.
	handRounds = 20
	// step bounds each single thing that must happen.
	step = 10 * time.Second
	// watched is how much of each other everybody must see and hear: one second.
	watchedFrames, watchedSounds = 25, 50
)

// member is one participant with its media.
type member struct {
	name   string
	params participant.MediaParams
	*participant.Participant
	media *participant.Media
	past  map[probe.Kind]probe.Counts // of closed connections
}

// lesson is the teacher and the classrooms in it.
type lesson struct {
	say      func(format string, args ...any)
	server   *server
	school   *school
	teacher  *member
	rooms    []*member
	joins    []time.Duration
	hands    []time.Duration
	recovery time.Duration // from the crash to commands of all classrooms

	mu       sync.Mutex
	commands []acknowledged
}

// enter lets everyone attend and connect: the teacher first, who starts the lesson, then the classrooms. What it
// returns must be closed, also with an error.
func enter(ctx context.Context, srv *server, s *school, say func(string, ...any)) (*lesson, error) {
	l := &lesson{say: say, server: srv, school: s}
	var err error
	if l.teacher, err = attend(ctx, s.teacher, s.lessonID, "teacher", 10); err != nil {
		return l, err
	}
	if err := l.teacher.connect(ctx); err != nil {
		return l, err
	}
	if err := l.acknowledge(ctx, l.teacher, l.teacher.Start); err != nil {
		return l, fmt.Errorf("start the lesson: %w", err)
	}
	for i, client := range s.rooms {
		room, err := attend(ctx, client, s.lessonID, fmt.Sprintf("classroom %d", i+1), 3)
		if err != nil {
			return l, err
		}
		l.rooms = append(l.rooms, room)
		if err := l.join(ctx, room); err != nil {
			return l, err
		}
	}
	say("all %d joined a live lesson", 1+len(l.rooms))
	return l, nil
}

func attend(ctx context.Context, client *publicapi.Client, lessonID, name string, videoSlots int) (*member, error) {
	ctx, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	p, err := participant.Attend(ctx, client, lessonID)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &member{
		name: name, Participant: p, past: map[probe.Kind]probe.Counts{},
		params: participant.MediaParams{AudioSlots: 4, VideoSlots: videoSlots, Loopback: true},
	}, nil
}

// connect joins media; an earlier connection is closed once the new one carries media.
func (m *member) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	media, err := m.ConnectMedia(ctx, m.params)
	if err == nil {
		if err = media.AwaitConnected(ctx); err != nil {
			media.Close()
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	m.hangUp()
	m.media = media
	return nil
}

// hangUp closes the media connection and keeps its counts.
func (m *member) hangUp() {
	if m.media == nil {
		return
	}
	m.media.Close()
	for _, kind := range []probe.Kind{probe.Audio, probe.Video} {
		m.past[kind] = m.past[kind].Add(m.media.Counts(kind))
	}
	m.media = nil
}

// join connects media and measures until the first complete keyframe.
func (l *lesson) join(ctx context.Context, m *member) error {
	if err := m.connect(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	took, err := m.media.AwaitFirstFrame(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	l.joins = append(l.joins, took)
	return nil
}

// teach is the lesson itself.
func (l *lesson) teach(ctx context.Context) error {
	for _, act := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"everyone sees and hears as they may", l.watch},
		{fmt.Sprintf("everyone joined again %d times", rejoins), l.rejoin},
		{fmt.Sprintf("%d hands went up and reached the teacher", handRounds*len(l.rooms)), l.raiseHands},
		{"a classroom was called on, heard, and left the stage", l.callOn},
		{"all chatted", l.chat},
		{"a poll was asked, answered and closed with the right totals", l.poll},
		{"the server was killed amid commands and started again", l.crash},
		{"everyone sees and hears again", l.watch},
		{"the lesson ended for all, and attendance is there", l.end},
	} {
		if err := act.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", act.name, err)
		}
		l.say("%s", act.name)
	}
	return nil
}

// watch waits until the teacher sees every classroom, and every classroom sees and hears the teacher.
func (l *lesson) watch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	var tasks tasks
	for _, room := range l.rooms {
		tasks.add(l.teacher.name+" sees "+room.name, func() error {
			return l.teacher.media.AwaitReceived(ctx, room.ID(), probe.Video, watchedFrames)
		})
		tasks.add(room.name+" sees "+l.teacher.name, func() error {
			return room.media.AwaitReceived(ctx, l.teacher.ID(), probe.Video, watchedFrames)
		})
		tasks.add(room.name+" hears "+l.teacher.name, func() error {
			return room.media.AwaitReceived(ctx, l.teacher.ID(), probe.Audio, watchedSounds)
		})
	}
	return tasks.wait()
}

func (l *lesson) rejoin(ctx context.Context) error {
	for range rejoins {
		for _, m := range l.members() {
			if err := l.join(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *lesson) members() []*member { return append([]*member{l.teacher}, l.rooms...) }

// counts sums what all have received of a kind.
func (l *lesson) counts(kind probe.Kind) (sum probe.Counts) {
	for _, m := range l.members() {
		if m == nil {
			continue
		}
		sum = sum.Add(m.past[kind])
		if m.media != nil {
			sum = sum.Add(m.media.Counts(kind))
		}
	}
	return sum
}

func (l *lesson) close() {
	for _, m := range l.members() {
		if m != nil {
			m.hangUp()
			m.Close()
		}
	}
}

// tasks run side by side; all are waited for.
type tasks struct {
	wg   sync.WaitGroup
	mu   sync.Mutex
	errs []error
}

func (t *tasks) add(name string, f func() error) {
	t.wg.Go(func() {
		if err := f(); err != nil {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.errs = append(t.errs, fmt.Errorf("%s: %w", name, err))
		}
	})
}

func (t *tasks) wait() error {
	t.wg.Wait()
	return errors.Join(t.errs...)
}
