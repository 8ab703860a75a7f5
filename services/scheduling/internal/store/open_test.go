package store_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/testkit/pgtest"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
)

func TestOpen_CommandAndServerShareOneSQLiteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a directory?with#odd%20characters", "tongke.db")
	server := open(t, store.SQLite, path)
	w := newSchool(t, server)
	command := open(t, store.SQLite, path)
	won := race(t, 8, fault.TeacherBooked, func(i int) error {
		_, err := []*store.Store{server, command}[i%2].AddLesson(t.Context(), w.lesson(ten, fortyFive, w.rooms[0]))
		return err
	})
	if won != 1 {
		t.Errorf("%d lessons won", won)
	}
}

func TestOpen_InstancesThatStartTogetherMigrateOnce(t *testing.T) {
	dsn := pgtest.Start(t).Database(t)
	stores, errs := make([]*store.Store, 3), make([]error, 3)
	var starting sync.WaitGroup
	for i := range stores {
		starting.Go(func() { stores[i], errs[i] = store.Open(t.Context(), store.Postgres, dsn) })
	}
	starting.Wait()
	for i, s := range stores {
		must(t, errs[i])
		t.Cleanup(func() { _ = s.Close() })
	}
	w := newSchool(t, stores[0])
	if rooms, err := stores[2].Classrooms(t.Context(), ""); err != nil || len(rooms) != len(w.rooms) {
		t.Errorf("another instance sees %d classrooms, %v", len(rooms), err)
	}
}
