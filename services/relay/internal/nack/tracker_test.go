package nack_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/nack"
)

var start = time.Unix(1_000, 0)

// after is a time in milliseconds after the start.
func after(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }

// base is an extended number whose lower half is about to wrap.
const base = 1<<16 + 65_534

func TestTracker_AsksForAHoleThatHasLastedTwentyMilliseconds(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+2, after(1))
	if next, ok := tracker.Next(); !ok || !next.Equal(after(21)) {
		t.Errorf("will ask at %v, %v", next, ok)
	}
	if due, _ := tracker.Due(after(20), nil); len(due) > 0 {
		t.Errorf("asked for %v, which may only be late", due)
	}
	if due, _ := tracker.Due(after(21), nil); !slices.Equal(due, []uint16{65_535}) {
		t.Errorf("asked for %v", due)
	}
}

func TestTracker_StopsWhenThePacketComes(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+4, after(1))
	if due, _ := tracker.Due(after(21), nil); len(due) != 3 {
		t.Errorf("asked for %v", due)
	}
	for ext := uint64(base + 1); ext < base+4; ext++ {
		tracker.Arrived(ext, after(60))
	}
	if due, _ := tracker.Due(after(900), nil); len(due) > 0 || tracker.Missing() > 0 {
		t.Errorf("asks for %v although all came", due)
	}
}

func TestTracker_WaitsAsLongAsRepairsTake(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+2, after(0))
	tracker.Due(after(20), nil)
	tracker.Arrived(base+1, after(180)) // 160 ms after the question
	tracker.Arrived(base+4, after(200))
	if due, _ := tracker.Due(after(220), nil); len(due) != 1 {
		t.Fatalf("asked for %v", due)
	}
	if due, _ := tracker.Due(after(220+191), nil); len(due) > 0 {
		t.Errorf("asked again after 191 ms where repairs take 160 ms")
	}
	if due, _ := tracker.Due(after(220+192), nil); len(due) != 1 {
		t.Errorf("asked for %v after 192 ms", due)
	}
}

func TestTracker_GivesUpAfterHalfASecondAndWantsAKeyframe(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+3, after(0))
	asked := 0
	for ms := 0; ms < 500; ms += 5 {
		due, keyframe := tracker.Due(after(ms), nil)
		if asked += len(due); keyframe {
			t.Fatalf("given up after %d ms", ms)
		}
	}
	if asked != 2*8 || tracker.Missing() != 2 {
		t.Errorf("asked %d times for two packets, %d still awaited", asked, tracker.Missing())
	}
	if _, keyframe := tracker.Due(after(500), nil); !keyframe || tracker.Missing() != 0 {
		t.Errorf("after half a second %d are awaited, keyframe %v", tracker.Missing(), keyframe)
	}
	if next, ok := tracker.Next(); ok {
		t.Errorf("nothing is missing, and yet there is something to do at %v", next)
	}
}

func TestTracker_AsksTenTimesAtMost(t *testing.T) {
	tracker := nack.Tracker{Lifetime: time.Hour}
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+2, after(0))
	asked := 0
	for ms := 0; ms < 5_000; ms += 5 {
		due, _ := tracker.Due(after(ms), nil)
		asked += len(due)
	}
	if asked != 10 {
		t.Errorf("asked %d times", asked)
	}
}

func TestTracker_WhatIsGivenUpBeforeAKeyframeNeedsNoOther(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+2, after(0))
	tracker.Keyframe(base + 2)
	if _, keyframe := tracker.Due(after(500), nil); keyframe {
		t.Error("wants one")
	}
}

func TestTracker_LearnsHowLongRepairsTakeThoughItAskedTooEarly(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	for n := range 20 { // repairs take 250 ms, more than the tracker waits at first
		at := n * 1_000
		tracker.Arrived(base+2+2*uint64(n), after(at))
		for ms := at; ms < at+270; ms++ {
			tracker.Due(after(ms), nil)
		}
		tracker.Arrived(base+1+2*uint64(n), after(at+270))
	}
	tracker.Arrived(base+100, after(30_000))
	tracker.Due(after(30_020), nil)
	if next, _ := tracker.Next(); next.Before(after(30_020 + 250)) {
		t.Errorf("asks again after %v where repairs take 250 ms", next.Sub(after(30_020)))
	}
}

func TestTracker_WantsAKeyframeForALargeHole(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	if !tracker.Arrived(base+1_000, after(0)) {
		t.Error("999 lost packets are no reason for a keyframe")
	}
	if due, _ := tracker.Due(after(50), nil); len(due) > 0 {
		t.Errorf("asks for %d packets all the same", len(due))
	}
	if tracker.Arrived(base+1_002, after(60)) {
		t.Error("a small hole after it is a reason for a keyframe")
	}
}

func TestTracker_AllocatesNothing(t *testing.T) {
	var tracker nack.Tracker
	ext, scratch := uint64(base), make([]uint16, 0, 128)
	allocations := testing.AllocsPerRun(1_000, func() {
		ext += 3
		tracker.Arrived(ext, start)
		scratch, _ = tracker.Due(start, scratch[:0])
		tracker.Arrived(ext-1, start)
		tracker.Arrived(ext-2, start)
	})
	if allocations > 0 {
		t.Errorf("%v allocations per packet", allocations)
	}
}

func FuzzTracker(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 1, 255, 0})
	f.Fuzz(func(t *testing.T, moves []byte) {
		var tracker nack.Tracker
		ext, now := uint64(base), start
		for _, move := range moves {
			if move < 200 {
				ext += uint64(move % 20)
				tracker.Arrived(ext, now)
			} else {
				tracker.Arrived(ext-uint64(move-200), now)
			}
			now = now.Add(time.Duration(move) * time.Millisecond)
			if due, _ := tracker.Due(now, nil); len(due) > tracker.Missing() {
				t.Fatalf("asks for %d of %d missing", len(due), tracker.Missing())
			}
		}
	})
}

func TestTracker_GivesUpAtTheEndOfItsLifetime(t *testing.T) {
	tracker := nack.Tracker{Lifetime: 100 * time.Millisecond}
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+2, after(20))
	if due, _ := tracker.Due(after(40), nil); !slices.Equal(due, []uint16{65_535}) {
		t.Errorf("asked for %v", due)
	}
	if due, _ := tracker.Due(after(100), nil); !slices.Equal(due, []uint16{65_535}) {
		t.Errorf("asked again for %v", due)
	}
	if due, _ := tracker.Due(after(121), nil); len(due) > 0 || tracker.Missing() > 0 {
		t.Errorf("asked for %v after the time in which it is of use", due)
	}
}
