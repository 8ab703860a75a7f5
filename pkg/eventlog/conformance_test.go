package eventlog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

// shortest is the shortest lease that JetStream can hold.
const shortest = time.Second

// claims are what every Log must hold; each gets a fresh one.
var claims = []struct {
	name string
	test func(*testing.T, Log)
}{
	{"AppendedEntriesAreReadInOrder", appendedEntriesAreReadInOrder},
	{"AppendBehindAnyOtherPositionConflicts", appendBehindAnyOtherPositionConflicts},
	{"OneOfManyConcurrentAppendsWins", oneOfManyConcurrentAppendsWins},
	{"LastIsTheEntryThatReadEndsWith", lastIsTheEndOfRead},
	{"LogsDoNotMix", logsDoNotMix},
	{"FollowSeesEveryEntryOnceAcrossConcurrentAppends", followSeesEveryEntryOnce},
	{"FollowEndsWithItsCallback", followEndsWithItsCallback},
	{"FollowWaitsForALogThatDoesNotExist", followWaitsForALog},
	{"UnfinishedAreThoseWhoseLastEntryIsNotFinal", unfinishedAreThoseNotFinal},
	{"BadInputIsRefused", badInputIsRefused},
	{"LeaseHeldByAnotherConflicts", leaseHeldByAnotherConflicts},
	{"SameHolderReclaimsAtOnceWithTheNextEpoch", sameHolderReclaims},
	{"ReleasedLeaseIsFreeAtOnce", releasedLeaseIsFree},
	{"LeaseRenewsItself", leaseRenewsItself},
}

func TestMemory(t *testing.T) {
	for _, c := range claims {
		t.Run(c.name, func(t *testing.T) {
			testkit.NoLeaks(t)
			c.test(t, NewMemory())
		})
	}
}

func TestStore(t *testing.T) {
	for _, c := range claims {
		t.Run(c.name, func(t *testing.T) {
			testkit.NoLeaks(t)
			c.test(t, openStore(t, startEmbedded(t, t.TempDir())))
		})
	}
}

func appendedEntriesAreReadInOrder(t *testing.T, l Log) {
	if got := read(t, l, "a", 0); len(got) != 0 {
		t.Fatalf("a new log holds %v", got)
	}
	before := time.Now()
	var last Position
	for i := range 20 {
		last = mustAppend(t, l, "a", last, Entry{Epoch: uint64(i / 10), Data: fmt.Appendf(nil, "entry %d", i), Final: i == 19})
	}
	got := read(t, l, "a", 0)
	if len(got) != 20 {
		t.Fatalf("read %d entries", len(got))
	}
	for i, e := range got {
		if string(e.Data) != fmt.Sprintf("entry %d", i) || e.Epoch != uint64(i/10) || e.Final != (i == 19) {
			t.Errorf("entry %d is %+v", i, e)
		}
		if i > 0 && e.Position <= got[i-1].Position {
			t.Errorf("position %d follows %d", e.Position, got[i-1].Position)
		}
		if e.Time.Before(before.Add(-time.Second)) || e.Time.After(time.Now().Add(time.Second)) {
			t.Errorf("entry %d has time %v", i, e.Time)
		}
	}
	if tail := read(t, l, "a", got[16].Position); len(tail) != 3 || string(tail[0].Data) != "entry 17" {
		t.Errorf("behind entry 16: %v", tail)
	}
	if tail := read(t, l, "a", last); len(tail) != 0 {
		t.Errorf("behind the last entry: %v", tail)
	}
}

func appendBehindAnyOtherPositionConflicts(t *testing.T, l Log) {
	first := mustAppend(t, l, "a", 0, Entry{Data: []byte("1")})
	last := mustAppend(t, l, "a", first, Entry{Data: []byte("2")})
	for _, after := range []Position{0, first, last + 1} {
		_, err := l.Append(t.Context(), "a", after, Entry{Data: []byte("x")})
		wantReason(t, err, fault.Conflict)
	}
	if got := data(read(t, l, "a", 0)); got != "1 2" {
		t.Fatalf("the log holds %q", got)
	}
}

func oneOfManyConcurrentAppendsWins(t *testing.T, l Log) {
	const writers = 8
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() { _, errs[i] = l.Append(t.Context(), "a", 0, Entry{Data: []byte("x")}) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		wantReason(t, err, fault.Conflict)
	}
	if won != 1 || len(read(t, l, "a", 0)) != 1 {
		t.Fatalf("%d writers won", won)
	}
}

func lastIsTheEndOfRead(t *testing.T, l Log) {
	last := func() Entry {
		t.Helper()
		e, err := l.Last(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if e := last(); e.Position != 0 {
		t.Errorf("a new log ends with %+v", e)
	}
	mustAppend(t, l, "b", 0, Entry{Data: []byte("other")})
	var position Position
	for i := range 3 {
		position = mustAppend(t, l, "a", position, Entry{Epoch: 7, Data: fmt.Append(nil, i), Final: i == 2})
		got, want := last(), read(t, l, "a", 0)[i]
		if got.Position != want.Position || got.Epoch != 7 || string(got.Data) != string(want.Data) ||
			got.Final != want.Final || !got.Time.Equal(want.Time) {
			t.Errorf("the log ends with %+v, want %+v", got, want)
		}
	}
}

func logsDoNotMix(t *testing.T, l Log) {
	// More logs than shards, so that some share one.
	last := map[string]Position{}
	for round := range 3 {
		for i := range 40 {
			name := fmt.Sprintf("log-%d", i)
			last[name] = mustAppend(t, l, name, last[name], Entry{Data: fmt.Appendf(nil, "%d.%d", i, round)})
		}
	}
	for i := range 40 {
		want := fmt.Sprintf("%[1]d.0 %[1]d.1 %[1]d.2", i)
		if got := data(read(t, l, fmt.Sprintf("log-%d", i), 0)); got != want {
			t.Errorf("log %d holds %q", i, got)
		}
	}
}

func followSeesEveryEntryOnce(t *testing.T, l Log) {
	const total = 300
	positions := make(chan Position, total)
	go func() {
		var last Position
		for i := range total {
			var err error
			if last, err = l.Append(t.Context(), "a", last, Entry{Data: fmt.Append(nil, i)}); err != nil {
				t.Errorf("append %d: %v", i, err)
				break
			}
			// Neighbours in the same shard must not be seen.
			if i%10 == 0 {
				_, _ = l.Append(t.Context(), fmt.Sprintf("other-%d", i), 0, Entry{Data: []byte("not yours")})
			}
			positions <- last
		}
		close(positions)
	}()
	var wg sync.WaitGroup
	follow := func(after Position, next int) {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			err := l.Follow(ctx, "a", after, func(e Entry) error {
				if string(e.Data) != fmt.Sprint(next) {
					return fmt.Errorf("entry %q where %d should be", e.Data, next)
				}
				if next++; next == total {
					return errEnough
				}
				return nil
			})
			if !errors.Is(err, errEnough) {
				t.Errorf("follow after %d: %v", after, err)
			}
		})
	}
	follow(0, 0)
	n := 0
	for p := range positions {
		if n++; n%60 == 0 && n < total {
			follow(p, n) // joins late, while the log grows
		}
	}
	wg.Wait()
}

func followEndsWithItsCallback(t *testing.T, l Log) {
	mustAppend(t, l, "a", 0, Entry{})
	stop := errors.New("stop")
	if err := l.Follow(t.Context(), "a", 0, func(Entry) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("follow ended with %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := l.Follow(ctx, "a", 0, func(Entry) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("follow ended with %v", err)
	}
}

func followWaitsForALog(t *testing.T, l Log) {
	got := make(chan Entry, 1)
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- l.Follow(ctx, "later", 0, func(e Entry) error { got <- e; return nil }) }()
	mustAppend(t, l, "later", 0, Entry{Data: []byte("here")})
	if e := testkit.Receive(t, got, "the first entry"); string(e.Data) != "here" {
		t.Errorf("received %q", e.Data)
	}
	cancel()
	if err := testkit.Receive(t, done, "the end of Follow"); !errors.Is(err, context.Canceled) {
		t.Errorf("follow ended with %v", err)
	}
}

func unfinishedAreThoseNotFinal(t *testing.T, l Log) {
	var want []string
	for i := range 30 {
		name := fmt.Sprintf("log-%02d", i)
		p := mustAppend(t, l, name, 0, Entry{Final: i == 7}) // log 7 goes on behind its final entry
		p = mustAppend(t, l, name, p, Entry{Data: []byte("second")})
		if i%3 == 0 {
			mustAppend(t, l, name, p, Entry{Final: true})
		} else {
			want = append(want, name)
		}
	}
	got, err := l.Unfinished(t.Context())
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("unfinished: %v (%v), want %v", got, err, want)
	}
}

func badInputIsRefused(t *testing.T, l Log) {
	ctx := t.Context()
	for _, name := range []string{"", "a.b", "a b", "*", ">", "课", strings.Repeat("x", 129)} {
		_, err := l.Append(ctx, name, 0, Entry{})
		wantReason(t, err, fault.InvalidArgument)
		_, err = l.Read(ctx, name, 0)
		wantReason(t, err, fault.InvalidArgument)
		_, err = l.Last(ctx, name)
		wantReason(t, err, fault.InvalidArgument)
		wantReason(t, l.Follow(ctx, name, 0, func(Entry) error { return nil }), fault.InvalidArgument)
		_, err = l.Acquire(ctx, name, "me", time.Minute)
		wantReason(t, err, fault.InvalidArgument)
		_, err = l.Acquire(ctx, "a", name, time.Minute)
		wantReason(t, err, fault.InvalidArgument)
	}
	_, err := l.Append(ctx, "a", 0, Entry{Data: make([]byte, MaxEntryBytes+1)})
	wantReason(t, err, fault.InvalidArgument)
	_, err = l.Acquire(ctx, "a", "me", 0)
	wantReason(t, err, fault.InvalidArgument)
	mustAppend(t, l, "a", 0, Entry{Data: make([]byte, MaxEntryBytes)})
}
