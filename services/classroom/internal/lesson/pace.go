package lesson

import (
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// The pace bounds how fast one participant makes the log grow: paceBurst entries at once, and one each interval in the
// long run. People stay far below it; what reaches it is a program or a pupil who plays with the button. The lead
// teacher may do three times as much.
const (
	paceBurst        = 60
	paceInterval     = time.Second / 2
	leadPaceBurst    = 180
	leadPaceInterval = time.Second / 6
)

// pace is the participant's allowance. Its account is a token bucket kept as one moment: paidUntil is when the bucket
// will be full again (the generic cell rate algorithm of ITU-T I.371, for commands instead of cells).
func (p *Participant) pace() (burst int, interval time.Duration) {
	if p.Role == RoleLead {
		return leadPaceBurst, leadPaceInterval
	}
	return paceBurst, paceInterval
}

// paceWait is how long a participant has to wait before it may add to the log; 0 when it may now.
func (p *Participant) paceWait(now time.Time) time.Duration {
	if !p.paidUntil.After(now) {
		return 0
	}
	burst, interval := p.pace()
	return max(0, p.paidUntil.Sub(now)-time.Duration(burst-1)*interval)
}

// pay counts one entry.
func (p *Participant) pay(now time.Time) {
	_, interval := p.pace()
	if p.paidUntil.Before(now) {
		p.paidUntil = now
	}
	p.paidUntil = p.paidUntil.Add(interval)
}

// checkPace refuses what would add to the log too fast. Going and ending are always allowed: they can be repeated only
// after coming again, which is not.
func (s *State) checkPace(c Command, now time.Time) error {
	switch c.Do.(type) {
	case Leave, End:
		return nil
	}
	p := s.Participant(c.Sender)
	if p == nil {
		return nil // the system, or somebody's first coming
	}
	if wait := p.paceWait(now); wait > 0 {
		return fault.New(fault.ResourceExhausted, fault.RetryAfter(wait))
	}
	return nil
}
