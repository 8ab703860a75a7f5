package munge

import (
	"testing"
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
	if r.history.find(7) != nil {
		t.Error("found what was never sent")
	}
	r.Target(1)
	if len(r.history.ring) != 512 {
		t.Errorf("room for %d packets", len(r.history.ring))
	}
}
