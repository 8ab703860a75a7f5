package session

import (
	"context"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// Registry keeps one Session per lesson. It serves while Run runs.
type Registry struct {
	p      Params
	phases *phases

	mu    sync.Mutex
	ctx   context.Context // that of Run; nil before it and after it
	slots map[string]*slot
	// running are the goroutines of sessions, attending those that wait in Attend and that send to streams. Both grow
	// only while ctx is set.
	running, attending sync.WaitGroup
}

// slot is the place of a session, or of the attempt to load it.
type slot struct {
	ready   chan struct{} // closed when session and err are set
	session *Session
	err     error
}

// NewRegistry returns a registry without sessions.
func NewRegistry(p Params) *Registry {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Metrics == nil {
		p.Metrics = NewMetrics(nil)
	}
	return &Registry{p: p, phases: newPhases(), slots: map[string]*slot{}}
}

// Run recovers the lessons that did not end, and serves until ctx ends. It returns when all goroutines have ended.
// A registry runs once.
func (r *Registry) Run(ctx context.Context) {
	r.mu.Lock()
	r.ctx = ctx
	r.mu.Unlock()
	r.recover(ctx)
	sweep := time.NewTicker(r.p.Config.Retain / 2)
	defer sweep.Stop()
	again := time.NewTicker(r.p.Config.RecoverEvery)
	defer again.Stop()
	plans := time.NewTicker(r.p.Config.PlanEvery)
	defer plans.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-sweep.C:
			r.sweep()
		case <-plans.C:
			r.closeCancelled(ctx)
		case <-again.C:
			r.recover(ctx)
		}
	}
	r.mu.Lock()
	r.ctx = nil
	r.mu.Unlock()
	r.running.Wait()
	r.attending.Wait()
}

// Open returns the session of a lesson for a visitor. A lesson whose log does not exist is opened from its plan, if
// the visitor belongs there and it is time. Fails as Attend documents.
func (r *Registry) Open(ctx context.Context, lessonID string, v lesson.Visitor) (*Session, lesson.Member, error) {
	s, err := r.Find(ctx, lessonID)
	if fault.ReasonOf(err) == fault.LessonNotOpen {
		s, err = r.open(ctx, lessonID, v)
	}
	if err != nil {
		return nil, lesson.Member{}, err
	}
	member, ok := s.State().Plan.Admit(v)
	if !ok {
		return nil, lesson.Member{}, fault.New(fault.PermissionDenied)
	}
	if err := r.stillPlanned(ctx, s); err != nil {
		return nil, lesson.Member{}, err
	}
	return s, member, nil
}

// open checks the plan before anything is written: strangers do not open lessons.
func (r *Registry) open(ctx context.Context, lessonID string, v lesson.Visitor) (*Session, error) {
	opening, err := r.p.Planner.Plan(ctx, lessonID)
	if err != nil {
		return nil, err
	}
	if _, ok := opening.Plan.Admit(v); !ok {
		return nil, fault.New(fault.PermissionDenied)
	}
	if _, err := lesson.Decide(&lesson.State{}, lesson.Command{Do: opening}, r.p.Now()); err != nil {
		return nil, err
	}
	return r.obtain(ctx, lessonID, &opening)
}

// Find returns the session of a lesson that was opened before; LESSON_NOT_OPEN when it was not.
func (r *Registry) Find(ctx context.Context, lessonID string) (*Session, error) {
	return r.obtain(ctx, lessonID, nil)
}

// Attend enters the lesson and sends it to sink until the stream ends: nil when the lesson is over or the
// participant left, SUPERSEDED when another window took over, RESOURCE_EXHAUSTED when sink did not keep up.
// After Attend has returned, a call of sink that was under way may still be waiting; the caller makes it return.
func (r *Registry) Attend(ctx context.Context, s *Session, a Attendance, sink Sink) error {
	r.mu.Lock()
	if r.ctx == nil {
		r.mu.Unlock()
		return errClosed
	}
	stop := r.ctx.Done()
	r.attending.Add(1)
	r.mu.Unlock()
	defer r.attending.Done()
	return s.attend(ctx, stop, a, sink, &r.attending)
}

// Live returns the states of all lessons that this instance writes.
func (r *Registry) Live() []*lesson.State {
	var states []*lesson.State
	for _, s := range r.sessions() {
		if state := s.State(); state.Open() {
			states = append(states, state)
		}
	}
	return states
}

// ReportMedia notes that a participant's media came up or went down. Lessons that are not open here are none of ours.
func (r *Registry) ReportMedia(ctx context.Context, lessonID, participantID string, connected bool) error {
	s := r.loaded(lessonID)
	if s == nil || !s.State().Open() {
		return nil
	}
	_, err := s.Do(ctx, lesson.Command{Do: lesson.ReportMedia{ID: participantID, Connected: connected}})
	return err
}

// obtain returns the session in memory, or loads it; several callers share one attempt.
func (r *Registry) obtain(ctx context.Context, lessonID string, opening *lesson.Open) (*Session, error) {
	for {
		r.mu.Lock()
		if r.ctx == nil {
			r.mu.Unlock()
			return nil, errClosed
		}
		sl := r.slots[lessonID]
		mine := sl == nil
		if mine {
			sl = &slot{ready: make(chan struct{})}
			r.slots[lessonID] = sl
			base := r.ctx
			r.running.Go(func() { r.fill(base, lessonID, sl, opening) })
		}
		r.mu.Unlock()
		select {
		case <-sl.ready:
		case <-ctx.Done():
			return nil, fault.From(ctx.Err())
		}
		// Somebody else's attempt may have been without a plan: ours has one.
		if !mine && opening != nil && fault.ReasonOf(sl.err) == fault.LessonNotOpen {
			continue
		}
		if sl.err == nil {
			sl.session.touch()
		}
		return sl.session, sl.err
	}
}

// sweep forgets ended lessons that nobody uses.
func (r *Registry) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, sl := range r.slots {
		select {
		case <-sl.ready:
		default:
			continue
		}
		if sl.session == nil {
			continue
		}
		since, idle := sl.session.idle()
		if idle && sl.session.State().Phase == lesson.PhaseEnded && r.p.Now().Sub(since) > r.p.Config.Retain {
			delete(r.slots, id)
		}
	}
}

func (r *Registry) forget(lessonID string, sl *slot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.slots[lessonID] == sl {
		delete(r.slots, lessonID)
	}
}

// loaded returns a session that is in memory; nil when there is none.
func (r *Registry) loaded(lessonID string) *Session {
	r.mu.Lock()
	sl := r.slots[lessonID]
	r.mu.Unlock()
	if sl == nil {
		return nil
	}
	select {
	case <-sl.ready:
		return sl.session
	default:
		return nil
	}
}

func (r *Registry) sessions() []*Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []*Session
	for _, sl := range r.slots {
		select {
		case <-sl.ready:
			if sl.session != nil {
				list = append(list, sl.session)
			}
		default:
		}
	}
	return list
}
