package forward

import (
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/relay/internal/assign"
)

// retryAfter is when one who was refused may try again: about as long as it takes to find out that there is room.
const retryAfter = 5 * time.Second

// SetFull refuses those who are not here yet, or lets them in again. Who has a connection may have another: a lesson
// under way goes on; and its teacher is always let in.
func (f *Forwarder) SetFull(full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.full = full
}

// Refused is how many joins were refused since the start, by a limit or because the relay is full.
func (f *Forwarder) Refused() uint64 { return f.refused.Load() }

// admit reports whether one more connection may be made. The caller holds mu; l is nil for a new lesson.
func (f *Forwarder) admit(l *Lesson, p *JoinParams) bool {
	expected := l != nil && l.members[p.ParticipantID] > 0 || leads(p)
	return f.connections < limit(f.config.MaxConnections, expected) && (!f.full || expected)
}

// leads reports whether it is the teacher who joins.
func leads(p *JoinParams) bool {
	standing, _ := newPolicy(p.Policy).standing(p.ParticipantID)
	return standing == assign.Lead
}

// limit leaves room beyond n for those who are here and connect anew, which makes two connections of one for a moment,
// and for teachers.
func limit(n int, expected bool) int {
	if expected {
		return n + max(2, n/8)
	}
	return n
}

// refuse counts a refusal.
func (f *Forwarder) refuse() error {
	f.refused.Add(1)
	return fault.New(fault.ResourceExhausted, fault.RetryAfter(retryAfter))
}
