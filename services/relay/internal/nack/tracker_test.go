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

func TestTracker_AsksForAHoleOnceItIsNoReordering(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+2, after(1))
	if due := tracker.Due(after(1), nil); len(due) > 0 {
		t.Errorf("asked for %v at once", due)
	}
	tracker.Arrived(base+3, after(2))
	if due := tracker.Due(after(2), nil); !slices.Equal(due, []uint16{65_535}) {
		t.Errorf("asked for %v", due)
	}
}

func TestTracker_AsksForAHoleAtTheEndAfter10ms(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+2, after(1))
	if due := tracker.Due(after(12), nil); !slices.Equal(due, []uint16{65_535}) {
		t.Errorf("asked for %v", due)
	}
}

func TestTracker_StopsWhenThePacketComes(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+4, after(1))
	if due := tracker.Due(after(20), nil); len(due) != 3 {
		t.Errorf("asked for %v", due)
	}
	for ext := uint64(base + 1); ext < base+4; ext++ {
		tracker.Arrived(ext, after(60))
	}
	if due := tracker.Due(after(900), nil); len(due) > 0 || tracker.Missing() > 0 {
		t.Errorf("asks for %v although all came", due)
	}
}

func TestTracker_WaitsAsLongAsRepairsTake(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+2, after(0))
	tracker.Due(after(10), nil)
	tracker.Arrived(base+1, after(170)) // 160 ms after the question
	tracker.Arrived(base+4, after(200))
	if due := tracker.Due(after(210), nil); len(due) != 1 {
		t.Fatalf("asked for %v", due)
	}
	if due := tracker.Due(after(210+199), nil); len(due) > 0 {
		t.Errorf("asked again after 199 ms where repairs take 160 ms")
	}
	if due := tracker.Due(after(210+200), nil); len(due) != 1 {
		t.Errorf("asked for %v after 200 ms", due)
	}
}

func TestTracker_GivesUpAfterASecondAndAfterTenQuestions(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+3, after(0))
	asked := 0
	for ms := 0; ms < 2_000; ms += 5 {
		asked += len(tracker.Due(after(ms), nil))
	}
	if asked != 20 || tracker.Missing() != 0 {
		t.Errorf("asked %d times for two packets, %d still awaited", asked, tracker.Missing())
	}
}

func TestTracker_WantsAKeyframeForALargeHole(t *testing.T) {
	var tracker nack.Tracker
	tracker.Arrived(base, after(0))
	if !tracker.Arrived(base+1_000, after(0)) {
		t.Error("999 lost packets are no reason for a keyframe")
	}
	if due := tracker.Due(after(50), nil); len(due) > 0 {
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
		scratch = tracker.Due(start, scratch[:0])
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
			if due := tracker.Due(now, nil); len(due) > tracker.Missing() {
				t.Fatalf("asks for %d of %d missing", len(due), tracker.Missing())
			}
		}
	})
}

func TestTracker_GivesUpAtTheEndOfItsLifetime(t *testing.T) {
	tracker := nack.Tracker{Lifetime: 100 * time.Millisecond}
	tracker.Arrived(base, after(0))
	tracker.Arrived(base+2, after(20))
	if due := tracker.Due(after(40), nil); !slices.Equal(due, []uint16{65_535}) {
		t.Errorf("asked for %v", due)
	}
	if due := tracker.Due(after(100), nil); !slices.Equal(due, []uint16{65_535}) {
		t.Errorf("asked again for %v", due)
	}
	if due := tracker.Due(after(121), nil); len(due) > 0 || tracker.Missing() > 0 {
		t.Errorf("asked for %v after the time in which it is of use", due)
	}
}
