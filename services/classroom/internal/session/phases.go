package session

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

const (
	// phaseFresh is how long a phase that may still change is believed without looking at the log again.
	phaseFresh = 5 * time.Second
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
	result := make(map[string]lesson.Phase, len(lessonIDs))
	for _, id := range lessonIDs {
		phase, err := r.phase(ctx, id)
		if err != nil {
			return nil, err
		}
		if phase != lesson.PhaseNone {
			result[id] = phase
		}
	}
	return result, nil
}

// phase looks in memory first, then in the log. A log that cannot be understood belongs to no lesson that can be
// entered: it is reported once per look and left out.
func (r *Registry) phase(ctx context.Context, id string) (lesson.Phase, error) {
	if s := r.loaded(id); s != nil {
		return s.State().Phase, nil
	}
	now := r.p.Now()
	if phase, ok := r.phases.get(id, now); ok {
		return phase, nil
	}
	entries, err := r.p.Logs.Read(ctx, id, 0)
	if err != nil {
		return lesson.PhaseNone, err
	}
	h, _, err := replay(&head{state: &lesson.State{}}, entries)
	if err != nil {
		r.p.Log.Error("a lesson log is damaged", zap.String(telemetry.LessonID, id), zap.Error(err))
	}
	r.phases.put(id, h.state.Phase, now)
	return h.state.Phase, nil
}
