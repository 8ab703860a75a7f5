package session

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

const (
	// phaseFresh is how long a phase that may still change is believed without looking at the log again.
	phaseFresh = 5 * time.Second
	// looksAtOnce bounds how many logs one question looks at together.
	looksAtOnce = 8
	// phasesKept bounds the memory of phases; beyond it everything is looked up again.
	phasesKept = 20000
)

// phases remembers the phases of lessons that are not in memory. That a lesson has ended never changes.
type phases struct {
	mu    sync.Mutex
	known map[string]knownPhase
}

type knownPhase struct {
	phase lesson.Phase
	until time.Time // zero: for ever
}

func newPhases() *phases { return &phases{known: map[string]knownPhase{}} }

func (p *phases) get(id string, now time.Time) (lesson.Phase, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k, ok := p.known[id]
	return k.phase, ok && (k.until.IsZero() || now.Before(k.until))
}

func (p *phases) put(id string, phase lesson.Phase, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= phasesKept {
		clear(p.known)
	}
	k := knownPhase{phase: phase}
	if phase != lesson.PhaseEnded {
		k.until = now.Add(phaseFresh)
	}
	p.known[id] = k
}

// Phases tells where lessons stand; those without a log are left out.
func (r *Registry) Phases(ctx context.Context, lessonIDs []string) (map[string]lesson.Phase, error) {
	found := make([]lesson.Phase, len(lessonIDs))
	looks, ctx := errgroup.WithContext(ctx)
	looks.SetLimit(looksAtOnce)
	for i, id := range lessonIDs {
		if phase, ok := r.knownPhase(id); ok {
			found[i] = phase
			continue
		}
		looks.Go(func() (err error) {
			found[i], err = r.storedPhase(ctx, id)
			return err
		})
	}
	if err := looks.Wait(); err != nil {
		return nil, err
	}
	result := make(map[string]lesson.Phase, len(lessonIDs))
	for i, id := range lessonIDs {
		if found[i] != lesson.PhaseNone {
			result[id] = found[i]
		}
	}
	return result, nil
}

// knownPhase answers from memory.
func (r *Registry) knownPhase(id string) (lesson.Phase, bool) {
	if s := r.loaded(id); s != nil {
		return s.State().Phase, true
	}
	return r.phases.get(id, r.p.Now())
}

// storedPhase looks at the log. Its end tells all of a lesson that nobody entered or that is over; only one that goes
// on elsewhere is read whole. A log that cannot be understood belongs to no lesson that can be entered: it is reported
// once per look and left out.
func (r *Registry) storedPhase(ctx context.Context, id string) (lesson.Phase, error) {
	now := r.p.Now()
	last, err := r.p.Logs.Last(ctx, id)
	if err != nil {
		return lesson.PhaseNone, err
	}
	var phase lesson.Phase
	switch {
	case last.Position == 0:
		phase = lesson.PhaseNone
	case last.Final:
		phase = lesson.PhaseEnded
	default:
		entries, err := r.p.Logs.Read(ctx, id, 0)
		if err != nil {
			return lesson.PhaseNone, err
		}
		h, _, err := replay(&head{state: &lesson.State{}}, entries)
		if err != nil {
			r.p.Log.Error("a lesson log is damaged", zap.String(telemetry.LessonID, id), zap.Error(err))
		}
		phase = h.state.Phase
	}
	r.phases.put(id, phase, now)
	return phase, nil
}
