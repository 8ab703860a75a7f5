package forward_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	aloud  = 30 // levels in dB below the loudest
	louder = 15
	silent = 127
)

// heard is whose frames the last packets hold, without their numbers.
func (e *ear) last() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.heard) == 0 {
		return ""
	}
	return strings.TrimRight(e.heard[len(e.heard)-1].text(), "0123456789")
}

func TestContest_WhoSpeaksIsHeardWhereSlotsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		names := []string{"anna", "berta", "carla"}
		policy := microphones(1, names...)
		var mics []*microphone
		for _, name := range names {
			mics = append(mics, open(listen(t, f, name, 1, policy, &ear{line: &line{}}), name))
		}
		w := &ear{line: &line{}, keeps: true}
		listen(t, f, "viewer", 1, policy, w)
		sound := func(d time.Duration, levels ...uint8) {
			for range d / (20 * time.Millisecond) {
				for i, m := range mics {
					m.layer.Heard(levels[i], time.Now())
					m.say()
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
		for _, step := range []struct {
			claim              string
			d                  time.Duration
			anna, berta, carla uint8
			want               string
		}{
			{"in silence the one of best rank", time.Second, silent, silent, silent, "anna"},
			{"who speaks, soon", 300 * time.Millisecond, silent, silent, aloud, "carla"},
			{"through a pause", time.Second, silent, silent, silent, "carla"},
			{"in long silence too", 4 * time.Second, silent, silent, silent, "carla"},
			{"until another speaks", 300 * time.Millisecond, silent, aloud, silent, "berta"},
			{"who goes on beside one as loud", 3 * time.Second, silent, aloud, aloud, "berta"},
			{"but not beside one who is louder", time.Second, louder, aloud, aloud, "anna"},
		} {
			sound(step.d, step.anna, step.berta, step.carla)
			if got := w.last(); got != step.want {
				t.Errorf("heard is %s: %s, want %s", step.claim, got, step.want)
			}
		}
	})
}

func TestContest_ARoomDoesNotCompeteWithItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		policy := microphones(1, "anna", "berta")
		w := &ear{line: &line{}, keeps: true}
		anna := open(listen(t, f, "anna", 1, policy, w), "anna")
		berta := open(listen(t, f, "berta", 1, policy, &ear{line: &line{}}), "berta")
		for range 100 {
			anna.layer.Heard(louder, time.Now())
			anna.say()
			berta.layer.Heard(silent, time.Now())
			berta.say()
			time.Sleep(20 * time.Millisecond)
		}
		if got := w.last(); got != "berta" {
			t.Errorf("anna hears %q", got)
		}
	})
}
