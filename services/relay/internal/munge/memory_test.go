package munge

import (
	"testing"
	"time"
	"unsafe"
)

func TestHistory_TakesLittleMemoryAndNoneBeforeItsFirstSource(t *testing.T) {
	if size := unsafe.Sizeof(Sent{}); size != 24 {
		t.Errorf("%d octets for each packet", size)
	}
	r := NewRewriter(Params{ClockRate: 90_000, History: 512})
	if r.history.ring != nil {
		t.Error("a slot that shows nothing remembers packets")
	}
	if _, ok := r.history.again(7, time.Now(), 0); ok {
		t.Error("found what was never sent")
	}
	r.Target(1)
	if len(r.history.ring) != 512 {
		t.Errorf("room for %d packets", len(r.history.ring))
	}
}
