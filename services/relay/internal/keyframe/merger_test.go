package keyframe

import (
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return epoch.Add(time.Duration(ms) * time.Millisecond) }

func TestMerger_FirstRequestGoesOutAtOnce(t *testing.T) {
	var m Merger
	if m.Due(at(0)) {
		t.Fatal("nobody asked")
	}
	if !m.Request(at(0)) {
		t.Fatal("the first request must go out at once")
	}
}

func TestMerger_HundredSubscribersCostTwoRequestsPerSecond(t *testing.T) {
	var m Merger
	sent := 0
	for now := range 3000 { // each millisecond somebody asks, no keyframe comes
		if m.Request(at(now)) {
			sent++
		}
	}
	if sent != 6 {
		t.Fatalf("%d requests in 3 s, want 6", sent)
	}
}

func TestMerger_OpenNeedIsAskedForAgainUntilTheKeyframe(t *testing.T) {
	var m Merger
	m.Request(at(0))
	if m.Due(at(499)) || !m.Due(at(500)) || !m.Due(at(1000)) {
		t.Fatal("an open need is due every 500 ms")
	}
	m.Arrived()
	if m.Due(at(5000)) || m.Pending() {
		t.Fatal("the keyframe meets all needs")
	}
}

func TestMerger_NeedAfterAKeyframeStillKeepsTheRate(t *testing.T) {
	var m Merger
	m.Request(at(0))
	m.Arrived()
	if m.Request(at(100)) {
		t.Fatal("100 ms after the last request is too early")
	}
	if !m.Due(at(500)) {
		t.Fatal("the need must not be forgotten")
	}
}
