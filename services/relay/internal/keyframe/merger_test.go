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

func TestMerger_NeedAfterAKeyframeDoesNotWait(t *testing.T) {
	var m Merger
	m.Request(at(0))
	if m.Request(at(50)) {
		t.Fatal("the keyframe is under way")
	}
	m.Arrived()
	if !m.Request(at(100)) {
		t.Fatal("who needs a keyframe just after another one must not wait")
	}
}

func TestMerger_NeverAsksMoreThanTwiceInASecond(t *testing.T) {
	var m Merger
	var asked []int
	for now := range 5000 { // each request is answered at once, and each millisecond somebody asks
		if m.Request(at(now)) {
			asked = append(asked, now)
			m.Arrived()
		}
	}
	for i := 2; i < len(asked); i++ {
		if asked[i]-asked[i-2] < 1000 {
			t.Fatalf("three requests within a second: %v", asked)
		}
	}
	if len(asked) != 10 {
		t.Fatalf("%d requests in 5 s, want 10", len(asked))
	}
}

func TestMerger_NeedThatFindsNoRoomIsNotForgotten(t *testing.T) {
	var m Merger
	for _, now := range []int{0, 100} {
		m.Request(at(now))
		m.Arrived()
	}
	if m.Request(at(200)) || m.Due(at(999)) {
		t.Fatal("two requests are enough for this second")
	}
	if !m.Due(at(1000)) {
		t.Fatal("the need must not be forgotten")
	}
}
