package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
)

// race runs n calls at once and returns how many succeeded; the others must fail with one of the reasons in lost.
func race(t *testing.T, n int, lost fault.Reason, call func(i int) error) int {
	t.Helper()
	start, results := make(chan struct{}), make(chan error, n)
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() {
			<-start
			results <- call(i)
		})
	}
	close(start)
	running.Wait()
	close(results)
	won := 0
	for err := range results {
		switch {
		case err == nil:
			won++
		case fault.ReasonOf(err) != lost:
			t.Errorf("lost with %v, want %s", err, lost)
		}
	}
	return won
}

func slotRace(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	for slot := range 5 {
		start := ten.Add(time.Duration(slot) * time.Hour)
		// All overlap, though no two begin at the same time.
		won := race(t, 16, fault.TeacherBooked, func(i int) error {
			_, err := s.AddLesson(t.Context(), w.lesson(start.Add(time.Duration(i)*time.Minute), 40*time.Minute, w.rooms[i%3]))
			return err
		})
		if won != 1 {
			t.Errorf("slot %d: %d lessons won", slot, won)
		}
	}
}

func crossingRace(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	teachers := []directory.Person{w.teacher, addPerson(t, s, "second", w.lead.ID, directory.RoleTeacher)}
	for slot := range 5 {
		start := ten.Add(time.Duration(slot) * time.Hour)
		begun := time.Now()
		won := race(t, 8, fault.ClassroomBooked, func(i int) error {
			n := w.lesson(start, fortyFive, w.rooms[0], w.rooms[1], w.rooms[2])
			n.TeacherID = teachers[i%2].ID
			if i%2 == 1 { // the same classrooms, named the other way round
				n = w.lesson(start, fortyFive, w.rooms[2], w.rooms[1], w.rooms[0])
				n.TeacherID = teachers[1].ID
			}
			_, err := s.AddLesson(t.Context(), n)
			var f *fault.Error
			if errors.As(err, &f) && f.Reason() == fault.TeacherBooked {
				return fault.New(fault.ClassroomBooked) // the teacher won with another classroom order: lost all the same
			}
			return err
		})
		if won != 1 {
			t.Errorf("slot %d: %d lessons won", slot, won)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("slot %d took %v: transactions block each other", slot, took)
		}
	}
}

func requestRace(t *testing.T, s *store.Store) {
	w := newSchool(t, s)
	var mu sync.Mutex
	ids := map[string]int{}
	base := w.lesson(ten, fortyFive, w.rooms[0], w.rooms[1])
	won := race(t, 8, "", func(int) error {
		n := w.lesson(ten, fortyFive, w.rooms[0], w.rooms[1])
		n.IdempotencyKey = base.IdempotencyKey
		l, err := s.AddLesson(t.Context(), n)
		mu.Lock()
		ids[l.ID]++
		mu.Unlock()
		return err
	})
	if won != 8 || len(ids) != 1 {
		t.Errorf("%d calls succeeded with lessons %v, want 8 with one", won, ids)
	}
}
