package estimate

import "time"

const (
	highQueue  = 50 * time.Millisecond  // over 200 ms: congested
	steepQueue = 100 * time.Millisecond // over 100 ms: congested
	probeQueue = 150 * time.Millisecond // congested while a probe accounts for less
	lossyQueue = 30 * time.Millisecond  // congested where something is lost beside
	lowQueue   = 20 * time.Millisecond  // below: clear

	highLoss = 0.10 // above: congested
	someLoss = 0.02 // above: lossyQueue counts
	sameLoss = 0.6  // of the loss before: as much is lost as ever

	keep      = 0.85 // of what arrives through a full path, so that its queue drains
	keepLossy = 0.95 // of what arrives beside loss

	patience = 2_000_000 // microseconds that a queue between low and high is borne
	effect   = 1_000_000 // microseconds after which sending less must have shown
	reaction = 150_000   // microseconds in which the caller follows the budget
	settling = 700_000   // microseconds in which the queue of a probe goes away
)

// fall is a time in which the budget has fallen and its effect is awaited.
type fall struct {
	active bool
	cause  Cause
	began  int64
	why    Reason        // the first decision, which later ones carry on
	queue  time.Duration // the longest before its effect, or where it was looked at last
	loss   float64
	sent   float64 // bits per second before
	drain  float64 // bound until the queue is gone; 0 without one
	linger int64   // since when a small queue stands; 0 when none does
}

// decide looks at the path after each feedback.
func (s *Sender) decide(t int64) {
	queue := s.path.queue(2)
	s.watch(t, queue)
	if s.fall.active {
		s.follow(t, queue)
		return
	}
	standing, excess := s.path.queue(4), s.losses.excess()
	congested := standing > highQueue || queue > steepQueue || standing > lossyQueue && excess > someLoss
	switch {
	case congested && queue <= probeQueue && t < s.probe.until+settling:
		s.failProbe(t) // the probe was too much, the budget is not
	case congested:
		s.decline(t, Queue)
	case s.losses.certain() > highLoss:
		s.decline(t, Loss)
	case s.fall.linger != 0 && t-s.fall.linger > patience:
		s.decline(t, Lingering)
	}
}

// watch keeps since when the path has been clear, and since when a queue has stood that is neither.
func (s *Sender) watch(t int64, queue time.Duration) {
	if queue < lowQueue {
		s.clear, s.fall.linger = min(s.clear, t), 0
		return
	}
	s.clear = none
	if s.fall.linger == 0 {
		s.fall.linger = t
	}
}

// decline lets the budget fall to what arrives, less what a queue needs to drain.
func (s *Sender) decline(t int64, cause Cause) {
	loss, _ := s.losses.ratio()
	s.fall = fall{active: true, cause: cause, began: t, queue: s.path.queue(2), loss: loss, sent: s.sent.rate(t, 10)}
	s.failProbe(t)
	if cause == Loss {
		s.losses.restart(t + reaction)
		s.set(t, cause, min(s.rate, keepLossy*s.acknowledged(10)))
		return
	}
	s.lower(t, s.fall.queue)
}

// lower holds the budget below what arrives while a queue stands; then that is what the path carries.
func (s *Sender) lower(t int64, queue time.Duration) {
	carried := min(s.acknowledged(5), s.acknowledged(10))
	if carried == 0 {
		carried = s.rate
	}
	if s.fall.drain == 0 {
		s.fall.drain = s.rate
	}
	// The queue shall be gone within a second.
	from := s.Budget()
	s.fall.drain = min(s.fall.drain, carried*min(max(1-queue.Seconds(), 0.3), keep))
	s.set(t, s.fall.cause, min(s.rate, keep*carried))
	s.reason.From = from
	if s.fall.why.At.IsZero() {
		s.fall.why = s.reason
	}
	s.reason.At, s.reason.From = s.fall.why.At, s.fall.why.From
}

// follow waits for the effect of a fall. What feedback tells of packets from before it still says how much the path
// carries; afterwards less arrives because less is sent.
func (s *Sender) follow(t int64, queue time.Duration) {
	f := &s.fall
	if f.cause == Loss {
		s.followLoss(t)
		return
	}
	if queue < lowQueue {
		f.active = false
		s.set(t, Drained, s.rate)
		return
	}
	if s.latest <= f.began+reaction {
		f.queue = max(f.queue, queue)
		s.lower(t, queue)
		return
	}
	if s.latest < f.began+effect {
		return
	}
	switch yielded := queue < f.queue-max(f.queue/8, 10*time.Millisecond); {
	case yielded:
		f.began, f.queue = t-reaction, queue
	case s.sent.rate(t, 10) < 0.9*f.sent || s.rate <= s.floor:
		f.active = false
		s.path.remeasure()
		s.set(t, PathChanged, s.rate)
	default:
		s.decline(t, f.cause)
	}
}

// followLoss compares the loss after the fall with that before.
func (s *Sender) followLoss(t int64) {
	f := &s.fall
	if s.path.queue(4) > highQueue {
		s.decline(t, Queue)
		return
	}
	if s.latest < f.began+reaction+effect {
		return
	}
	f.active = false
	if loss, ok := s.losses.ratio(); ok && loss > sameLoss*f.loss {
		s.losses.own = max(s.losses.own, loss)
		s.set(t, LinkLoss, s.rate)
	}
}
