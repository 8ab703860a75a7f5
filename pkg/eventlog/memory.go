package eventlog

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// Memory keeps logs for the life of the process. It is for tests and for trying Tongke without a disk.
type Memory struct {
	mu   sync.Mutex
	logs map[string]*memoryLog
}

// memoryLog is one log and its lease.
type memoryLog struct {
	entries []Entry
	grown   chan struct{} // closed and replaced by each append

	holder string // empty: free
	epoch  uint64
	ends   time.Time
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{logs: map[string]*memoryLog{}} }

// log returns a log, made on first use. The caller holds mu.
func (m *Memory) log(name string) *memoryLog {
	l := m.logs[name]
	if l == nil {
		l = &memoryLog{grown: make(chan struct{})}
		m.logs[name] = l
	}
	return l
}

// Append implements [Log].
func (m *Memory) Append(ctx context.Context, log string, after Position, entry Entry) (Position, error) {
	if err := checkEntry(log, entry); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, fault.Wrap(fault.Unavailable, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.log(log)
	last := Position(len(l.entries))
	if after != last {
		return 0, conflict(fmt.Errorf("append to %s after %d: the last position is %d", log, after, last))
	}
	entry.Position = last + 1
	entry.Time = time.Now()
	entry.Data = slices.Clone(entry.Data)
	l.entries = append(l.entries, entry)
	close(l.grown)
	l.grown = make(chan struct{})
	return entry.Position, nil
}

// Read implements [Log].
func (m *Memory) Read(ctx context.Context, log string, after Position) ([]Entry, error) {
	if err := checkName("log", log); err != nil {
		return nil, err
	}
	entries, _ := m.tail(log, after)
	return entries, ctx.Err()
}

// Last implements [Log].
func (m *Memory) Last(ctx context.Context, log string) (Entry, error) {
	if err := checkName("log", log); err != nil {
		return Entry{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.logs[log]
	if l == nil || len(l.entries) == 0 {
		return Entry{}, ctx.Err()
	}
	last := l.entries[len(l.entries)-1]
	last.Data = slices.Clone(last.Data)
	return last, ctx.Err()
}

// tail returns a copy of the entries behind after, and a channel that is closed when there are more.
func (m *Memory) tail(log string, after Position) ([]Entry, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.log(log)
	if after >= Position(len(l.entries)) {
		return nil, l.grown
	}
	entries := slices.Clone(l.entries[after:])
	for i := range entries {
		entries[i].Data = slices.Clone(entries[i].Data)
	}
	return entries, l.grown
}

// Follow implements [Log].
func (m *Memory) Follow(ctx context.Context, log string, after Position, each func(Entry) error) error {
	if err := checkName("log", log); err != nil {
		return err
	}
	for {
		entries, grown := m.tail(log, after)
		for _, entry := range entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := each(entry); err != nil {
				return err
			}
			after = entry.Position
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-grown:
		}
	}
}

// Unfinished implements [Log].
func (m *Memory) Unfinished(ctx context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name, l := range m.logs {
		if n := len(l.entries); n > 0 && !l.entries[n-1].Final {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, ctx.Err()
}

// Acquire implements [Log].
func (m *Memory) Acquire(_ context.Context, log, holder string, ttl time.Duration) (*Lease, error) {
	ttl, err := checkLease(log, holder, ttl)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.log(log)
	now := time.Now()
	if l.holder != "" && l.holder != holder && now.Before(l.ends) {
		return nil, heldBy(l.holder)
	}
	l.epoch++
	l.holder, l.ends = holder, now.Add(ttl)
	return newLease(l.epoch, ttl, now, &memoryTenure{store: m, log: l, epoch: l.epoch, ttl: ttl}), nil
}

// memoryTenure is one holding of a memoryLog's lease.
type memoryTenure struct {
	store *Memory
	log   *memoryLog
	epoch uint64
	ttl   time.Duration
}

func (t *memoryTenure) renew(context.Context) error {
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	if t.log.epoch != t.epoch || !time.Now().Before(t.log.ends) {
		return heldBy(t.log.holder)
	}
	t.log.ends = time.Now().Add(t.ttl)
	return nil
}

func (t *memoryTenure) release(context.Context) error {
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	if t.log.epoch == t.epoch {
		t.log.holder = ""
	}
	return nil
}
