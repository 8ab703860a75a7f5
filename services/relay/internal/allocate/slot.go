package allocate

import (
	"slices"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/layer"
)

// Demand is what a slot could carry.
type Demand struct {
	Class Class
	// Number orders slots of one class and height; lower goes first.
	Number int
	// Height at which the picture is shown, in pixels; 0 when it is not shown at all.
	Height int
	// Layers of the source, lowest picture first; those of one source have different RIDs.
	Layers []layer.Layer
	// Copies is how often each frame of a voice is sent: 3 where the participant loses packets (RED); 0 counts as 1.
	Copies int
}

// Limit is why a slot carries no more than it does.
type Limit uint8

// Limits.
const (
	Unlimited Limit = iota // it has what it wants
	Source                 // its source sends no more
	Downlink               // more does not fit
	Proof                  // all that it wants fits, but not for long enough yet
)

// Given is what a slot may carry.
type Given struct {
	// Layer is an index in Demand.Layers, or layer.None.
	Layer int
	// Top is the highest temporal layer of it, munge.AllLayers for all.
	Top uint8
	// Bitrate of that, and of what would be given if everything fitted, in bits per second.
	Bitrate, Wanted int
	Limit           Limit
	// Paused: there is something to carry, and not even its least fits.
	Paused bool
}

// Slot is one slot of a viewer: what it could carry, set before each decision, what it may carry, and the hysteresis
// between decisions. The zero value is ready.
type Slot struct {
	Demand
	Given

	ladder  []rung
	at      int  // rung of the last decision; -1 when there is none on this ladder
	next    int  // rung of this one; -1 for none
	want    int  // rung that would last, at least next
	secured bool // belongs to the floor

	// Remembered from one decision to the next.
	rid     string // of the layer that is carried
	carries bool
	paused  bool
	asked   int       // height
	since   time.Time // when something better began to last; zero while nothing does
	rose    time.Time
	fell    time.Time
	hold    time.Duration
}

// Reset forgets what was carried: the next choice is a new slot's. Call it when the source changes.
func (s *Slot) Reset() {
	*s = Slot{Demand: s.Demand, ladder: s.ladder[:0], Given: Given{Layer: layer.None}}
}

// prepare builds the ladder and finds where the slot stands on it.
func (s *Slot) prepare(now time.Time) {
	s.ladder = climb(s.ladder, s.Demand, now)
	s.at, s.next, s.want, s.secured = s.find(now), -1, -1, false
	if s.hold == 0 || now.Sub(s.fell) > steady {
		s.hold = Hold
	}
}

// find is the lowest rung that shows at least what is carried, or the highest where less is wanted; -1 when nothing is
// carried, or its layer is silent while another is live.
func (s *Slot) find(now time.Time) int {
	known := slices.IndexFunc(s.Layers, func(l layer.Layer) bool { return l.RID == s.rid })
	if !s.carries || known < 0 || len(s.ladder) == 0 {
		return -1
	}
	if !s.Class.sound() && !s.Layers[known].Live(now) && s.ladder[0].layer != known {
		return -1
	}
	for i, r := range s.ladder {
		if r.layer > known || r.layer == known && r.top >= s.Top {
			return i
		}
	}
	return len(s.ladder) - 1
}

// secure gives the slot the least that its source has, if that belongs to the floor.
func (s *Slot) secure(p *purse) {
	if len(s.ladder) == 0 {
		return
	}
	cost := s.ladder[0].cost
	p.wanted += s.ladder[len(s.ladder)-1].cost
	switch {
	case s.Class == LeadVoice, s.Class.sound() && p.voice == 0:
		p.voice += cost
	case s.Class == Lead && p.picture == 0 && cost <= mostPicture:
		p.picture = cost
	default:
		return
	}
	s.next, s.secured = 0, true
	p.give(cost)
}

// begin gives the slot the least that its source has, if that fits.
func (s *Slot) begin(now time.Time, p *purse) {
	if len(s.ladder) == 0 || s.secured {
		return
	}
	cost := s.ladder[0].cost
	switch {
	case !p.Limited, !s.paused && p.fits(cost):
		s.next = 0
		p.give(cost)
	case s.paused && p.lasts(cost):
		if s.held(now) {
			s.next, s.since = 0, time.Time{}
			p.give(cost)
		} else {
			p.promise(cost)
		}
		s.want = 0
	}
}

// improve gives a slot that has its least what more fits.
func (s *Slot) improve(now time.Time, p *purse) {
	if s.next < 0 {
		return
	}
	keep, want, patient := 0, 0, s.paused || s.at >= 0 && s.Height <= s.asked
	extra := func(i int) int { return s.ladder[i].cost - s.ladder[0].cost }
	for i := 1; i < len(s.ladder); i++ {
		switch {
		case i <= s.at && p.fits(extra(i)):
			keep, want = i, i
		case i > s.at && p.lasts(extra(i)):
			want = i
		}
	}
	s.next, s.want = keep, want
	if want > keep && (!patient || s.held(now)) {
		s.next = want
	}
	p.give(extra(s.next))
	p.promise(extra(want) - extra(s.next))
}

// held reports whether something better has lasted for long enough.
func (s *Slot) held(now time.Time) bool {
	if s.since.IsZero() {
		s.since = now
	}
	return now.Sub(s.since) >= s.hold
}

// conclude remembers the decision and says why it is so.
func (s *Slot) conclude(now time.Time) {
	if s.want <= s.next {
		s.since = time.Time{}
	}
	switch {
	case s.next > s.at && s.at >= 0, s.paused && s.next >= 0:
		s.rose = now
	case s.next < s.at:
		if s.fell = now; now.Sub(s.rose) < relapse {
			s.hold, s.rose = min(2*s.hold, longestHold), time.Time{}
		}
	}
	s.asked, s.paused, s.carries = s.Height, len(s.ladder) > 0 && s.next < 0, s.next >= 0
	s.Given = Given{Layer: layer.None, Paused: s.paused, Limit: s.limit()}
	if n := len(s.ladder); n > 0 {
		s.Wanted = s.ladder[n-1].cost
	}
	if s.carries {
		r := s.ladder[s.next]
		s.Layer, s.Top, s.Bitrate, s.rid = r.layer, r.top, r.cost, s.Layers[r.layer].RID
	}
}

func (s *Slot) limit() Limit {
	last := len(s.ladder) - 1
	switch {
	case s.want < last:
		return Downlink
	case s.next < last:
		return Proof
	case s.Class.sound() || s.Height == 0:
		return Unlimited
	case last < 0 || s.Layers[s.ladder[last].layer].Height < s.Height:
		return Source
	}
	return Unlimited
}
