package health

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

const (
	// boardEvery is the time between boards.
	boardEvery = 2 * time.Second
	// dueEvery is the time between looks at the plan for lessons that nobody entered.
	dueEvery = 20 * time.Second
	// callTimeout bounds a look at the plan, and the report of one participant's media.
	callTimeout = 3 * time.Second
	// listTime is how long after the relay's stream began its list of connections counts as complete.
	listTime = 3 * time.Second
	// reconnectPause is the wait before the relay's stream is opened again.
	reconnectPause = 500 * time.Millisecond
)

// Lessons is what the monitor needs of the sessions.
type Lessons interface {
	Live() []*lesson.State
	ReportMedia(ctx context.Context, lessonID, participantID string, connected bool) error
	Phases(ctx context.Context, lessonIDs []string) (map[string]lesson.Phase, error)
}

// Plan tells which lessons can be entered, entered or not.
type Plan interface {
	Due(ctx context.Context, now time.Time) ([]lesson.Open, error)
}

// Params is what a Monitor needs.
type Params struct {
	Log     *zap.Logger
	Lessons Lessons
	Plan    Plan
	Relay   relayv1.RelayServiceClient
	// Now is the clock of the plan.
	Now func() time.Time
}

// Monitor follows the relay and keeps the operator's board.
type Monitor struct {
	p Params

	mu      sync.Mutex
	windows map[place]*window
	// connected is whose media is up; complete tells that the relay has listed all.
	connected map[place]bool
	complete  bool
	lines     []*classroomv1.LessonHealth
	next      chan struct{} // closed and replaced with each board

	// changed says that connections came or went.
	changed chan struct{}
}

// NewMonitor returns a monitor with an empty board.
func NewMonitor(p Params) *Monitor {
	return &Monitor{
		p:         p,
		windows:   map[place]*window{},
		connected: map[place]bool{},
		next:      make(chan struct{}),
		changed:   make(chan struct{}, 1),
	}
}

// Board returns the newest board; next is closed when there is a newer one. The lines are not to be changed.
func (m *Monitor) Board() (lines []*classroomv1.LessonHealth, next <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lines, m.next
}

// Run works until ctx ends.
func (m *Monitor) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { m.follow(ctx) })
	work.Go(func() { m.keepBoard(ctx) })
	work.Wait()
}

// keepBoard makes a board every two seconds, and tells lessons whose media came or went as soon as it is known.
func (m *Monitor) keepBoard(ctx context.Context) {
	b := newBoard()
	tick := time.NewTicker(boardEvery)
	defer tick.Stop()
	var (
		due    []*lesson.State
		looked time.Time
	)
	for {
		if now := m.p.Now(); looked.IsZero() || now.Sub(looked) >= dueEvery {
			due, looked = m.unentered(ctx, now), now
		}
		m.reconcile(ctx)
		m.draw(b, due)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-m.changed:
		}
	}
}

// draw judges the lessons that are open, and those that should be.
func (m *Monitor) draw(b *board, due []*lesson.State) {
	states := m.p.Lessons.Live()
	open := make(map[string]bool, len(states))
	for _, s := range states {
		open[s.Plan.LessonID] = true
	}
	for _, s := range due {
		if !open[s.Plan.LessonID] && m.p.Now().Before(s.Plan.ClosesAt()) {
			states = append(states, s)
			open[s.Plan.LessonID] = true
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for at := range m.windows {
		if !open[at.lessonID] {
			delete(m.windows, at)
		}
	}
	m.lines = b.judge(states, m.windows, m.p.Now())
	close(m.next)
	m.next = make(chan struct{})
}

// unentered returns the lessons that are due and that nobody has entered, as the states they would open with:
// everybody expected, nobody there.
func (m *Monitor) unentered(ctx context.Context, now time.Time) []*lesson.State {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	due, err := m.p.Plan.Due(ctx, now)
	if err != nil {
		if ctx.Err() == nil {
			m.p.Log.Warn("asking for due lessons failed", zap.Error(err))
		}
		return nil
	}
	ids := make([]string, 0, len(due))
	for _, o := range due {
		ids = append(ids, o.Plan.LessonID)
	}
	phases, err := m.p.Lessons.Phases(ctx, ids)
	if err != nil {
		return nil
	}
	var states []*lesson.State
	for _, o := range due {
		if _, entered := phases[o.Plan.LessonID]; entered {
			continue
		}
		if decision, err := lesson.Decide(&lesson.State{}, lesson.Command{Do: o}, now); err == nil {
			states = append(states, decision.Next)
		}
	}
	return states
}

// reconcile tells lessons whose media came or went. It compares instead of forwarding changes, so that nothing is
// lost when a lesson could not be written for a while, or when this instance or the relay began anew.
func (m *Monitor) reconcile(ctx context.Context) {
	type change struct {
		place
		up bool
	}
	var changes []change
	states := m.p.Lessons.Live()
	m.mu.Lock()
	for _, s := range states {
		for _, p := range s.Participants {
			at := place{s.Plan.LessonID, p.ID}
			up := m.connected[at]
			if p.Presence != lesson.Absent && up != p.MediaConnected && (up || m.complete) {
				changes = append(changes, change{at, up})
			}
		}
	}
	m.mu.Unlock()
	for _, c := range changes {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		err := m.p.Lessons.ReportMedia(call, c.lessonID, c.participantID, c.up)
		cancel()
		if err != nil && ctx.Err() == nil {
			m.p.Log.Info("a media report waits", zap.String("lesson_id", c.lessonID), zap.Error(err))
		}
	}
}
