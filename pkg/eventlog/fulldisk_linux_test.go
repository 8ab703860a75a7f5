package eventlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

// fullDiskEnv makes a test use that directory, which has a small file system of its own, instead of starting itself
// again with one.
const fullDiskEnv = "TONGKE_TEST_SMALL_DISK"

// onSmallDisk runs a test in a process with a disk of 8 MiB that nobody else sees.
func onSmallDisk(t *testing.T, test func(t *testing.T, dir string)) {
	t.Helper()
	if dir := os.Getenv(fullDiskEnv); dir != "" {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
			t.Fatal(err)
		}
		test(t, dir)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), fullDiskEnv+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOSPC) {
		t.Skipf("this system lets nobody mount a small disk: %v", err)
	}
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// fill takes all space of a directory's disk, and returns what frees it again.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 4096); err == nil; {
		_, err = f.Write(chunk)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStore_AppendsAgainWhenAFullDiskHasRoom(t *testing.T) {
	onSmallDisk(t, func(t *testing.T, dir string) {
		testkit.NoLeaks(t)
		e := startEmbedded(t, dir)
		s := openStore(t, e)
		w := &logWriter{store: s}
		for range 20 {
			w.mustAppend(t)
		}
		followed, stopFollowing := make(chan Entry, 1000), make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			defer close(stopFollowing)
			_ = s.Follow(ctx, "a", 0, func(e Entry) error { followed <- e; return nil })
		}()
		t.Cleanup(func() { cancel(); <-stopFollowing })

		for round := range 3 {
			free := fill(t, dir)
			w.appendUntilRefused(t)
			crumbs := 0
			testkit.Eventually(t, func() bool { // a few octets may still fit into another log
				crumbs++
				_, err := s.Append(t.Context(), fmt.Sprintf("crumb-%d-%d", round, crumbs), 0, Entry{Data: []byte("no")})
				return fault.ReasonOf(err) == fault.Unavailable
			}, "every log is refused")
			for range 3 { // while it is full, the answer is quick and typed, and what is there can be read
				began := time.Now()
				_, err := s.Append(t.Context(), "b", 0, Entry{Data: []byte("no")})
				wantReason(t, err, fault.Unavailable)
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("refused after %v", took)
				}
				w.check(t)
			}
			_, err := s.Acquire(t.Context(), "a", "me", time.Second)
			wantReason(t, err, fault.Unavailable)

			free()
			testkit.Eventually(t, func() bool { return w.append(t) == nil }, "appends work again")
			lease, err := s.Acquire(t.Context(), "a", "me", time.Minute)
			if err != nil {
				t.Fatalf("round %d: acquire: %v", round, err)
			}
			if err := lease.Release(t.Context()); err != nil {
				t.Errorf("round %d: release: %v", round, err)
			}
		}
		w.mustAppend(t)
		w.check(t)
		for _, want := range w.acknowledged {
			for got := testkit.Receive(t, followed, "entry "+want); string(got.Data) != want; {
				got = testkit.Receive(t, followed, "entry "+want)
			}
		}
		e.Close()
		w.store = openStore(t, startEmbedded(t, dir))
		w.check(t)
	})
}

// logWriter appends to log "a" as a lesson does, and knows what was acknowledged.
type logWriter struct {
	store        *Store
	last         Position
	n            int
	acknowledged []string
}

// append stores one more entry, reading the log again first as the contract asks after a failure.
func (w *logWriter) append(t *testing.T) error {
	t.Helper()
	entries, err := w.store.Read(t.Context(), "a", 0)
	if err != nil {
		return err
	}
	w.last = 0
	if len(entries) > 0 {
		w.last = entries[len(entries)-1].Position
	}
	w.n++
	text := fmt.Sprintf("%d-%0200d", w.n, w.n)
	if _, err := w.store.Append(t.Context(), "a", w.last, Entry{Data: []byte(text)}); err != nil {
		return err
	}
	w.acknowledged = append(w.acknowledged, text)
	return nil
}

func (w *logWriter) mustAppend(t *testing.T) {
	t.Helper()
	if err := w.append(t); err != nil {
		t.Fatal(err)
	}
}

func (w *logWriter) appendUntilRefused(t *testing.T) {
	t.Helper()
	for range 1000 {
		if err := w.append(t); err != nil {
			wantReason(t, err, fault.Unavailable)
			return
		}
	}
	t.Fatal("a full disk took 1000 entries")
}

// check wants all that was acknowledged, in order, perhaps with entries between whose acknowledgement was lost.
func (w *logWriter) check(t *testing.T) {
	t.Helper()
	rest := w.acknowledged
	for _, e := range read(t, w.store, "a", 0) {
		if len(rest) > 0 && string(e.Data) == rest[0] {
			rest = rest[1:]
		}
	}
	if len(rest) > 0 {
		t.Fatalf("%d of %d acknowledged entries are lost, the first is %.20q", len(rest), len(w.acknowledged), rest[0])
	}
}
