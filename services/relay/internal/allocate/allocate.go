// Package allocate shares what a viewer's downlink carries among its slots.
//
// The order is that of Class: the lead's voice, other voices, the stage, content (screens and document cameras), the
// lead's picture, cameras, thumbnails. Every slot first gets the least that its source has, then what is left makes
// pictures better, both in that order. Where not even the least of everything fits, the pictures of the least important
// are paused, and voices only after all pictures. The floor is never paused: the lead's voice, or else the first one, and
// the least of the lead's picture, unless that is large.
//
// What a picture can be is a ladder: lower layers and upper ones, and between them a layer without its highest temporal
// layer (half of the frames), so that the picture slows down before it gets small. The lowest layer may go down to its
// lowest temporal layer before it is paused.
//
// A choice falls as soon as it does not fit. It rises when it has fitted for Hold, with some room to spare; longer when
// it fell soon after the last rise. Only a viewer that asks for more, and a slot that is new, need not wait. The budget
// itself rises by proof alone (package estimate); Outcome.Want says how much proof would be useful.
//
// Pure: times are handed in, nothing runs by itself, and sharing allocates nothing once it has grown.
package allocate

import (
	"cmp"
	"slices"
	"time"
)

const (
	// Hold is how long something better must fit before it is given.
	Hold = 2 * time.Second
	// longestHold is reached by doubling, when what was given last did not fit for relapse; steady is how long it takes
	// without a fall until that is forgotten.
	longestHold = 8 * time.Second
	relapse     = 10 * time.Second
	steady      = 30 * time.Second

	// room is what must be to spare before something better is given: measured bitrates rise and fall. In percent.
	room = 10
	// proof is what a probe should show beyond the need: more than room, so that the two never wait for each other.
	proof = 25
	// leastFloor lets an estimate find its way up again, and mostPicture keeps a picture without layers out of the floor.
	leastFloor  = 50_000
	mostPicture = 150_000
)

// Outcome is what a decision means for the estimate, in bits per second.
type Outcome struct {
	// Used is what the slots will carry.
	Used int
	// Want is the budget that would let every slot have what it wants, and keep it while bitrates rise and fall. It does
	// not stop at the next better thing: proof grows by half with each probe, and rungs lie closer together than that.
	Want int
	// Floor is what has to be sent in any case: the most important voice, and the least of the lead's picture.
	Floor int
}

// Budget is what may be sent.
type Budget struct {
	// Bitrate in bits per second.
	Bitrate int
	// Limited: the way has shown lately that it does not carry everything. Until it has, the budget is but an assumption,
	// and nothing is paused for it.
	Limited bool
}

// Share gives every slot what it may carry now. It puts slots into the order of importance.
func Share(now time.Time, budget Budget, slots []*Slot) Outcome {
	slices.SortFunc(slots, func(a, b *Slot) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(b.Height, a.Height), cmp.Compare(a.Number, b.Number))
	})
	p := purse{Budget: budget}
	for _, s := range slots {
		s.prepare(now)
		s.secure(&p)
	}
	for _, s := range slots {
		s.begin(now, &p)
	}
	for _, s := range slots {
		s.improve(now, &p)
		s.conclude(now)
	}
	return Outcome{Used: p.used, Want: p.wanted * (100 + proof) / 100, Floor: max(p.voice+p.picture, leastFloor)}
}

// purse is what is left to give.
type purse struct {
	Budget
	used     int // given
	reserved int // and promised to those who wait for Hold
	wanted   int // by all, whatever the budget
	voice    int // of it given in any case
	picture  int
}

// fits reports whether something may be kept, or be given to a newcomer.
func (p *purse) fits(cost int) bool { return p.used+cost <= p.Bitrate }

// lasts reports whether something may be given to one who can wait.
func (p *purse) lasts(cost int) bool { return (p.reserved+cost)*(100+room)/100 <= p.Bitrate }

func (p *purse) give(cost int) { p.used, p.reserved = p.used+cost, p.reserved+cost }

func (p *purse) promise(cost int) { p.reserved += cost }
