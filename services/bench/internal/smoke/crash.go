package smoke

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// before and after say how many commands of each classroom are acknowledged on either side of the crash.
	before, after = 5, 3
)

// crash kills the server while all classrooms send commands, and starts it again on its data. The classrooms keep
// sending what was not acknowledged. Whether anything was lost or doubled shows when the lesson is concluded.
func (l *lesson) crash(ctx context.Context) error {
	var tasks tasks
	var running sync.WaitGroup // until each classroom has had its commands before
	running.Add(len(l.rooms))
	back := make(chan struct{}) // closed when the server is up again
	for _, room := range l.rooms {
		tasks.add(room.name, func() error {
			err := l.wave(ctx, room, before)
			running.Done()
			if err != nil {
				return err
			}
			for open := true; open; { // go on through the crash
				if err := l.wave(ctx, room, 1); err != nil {
					return err
				}
				select {
				case <-back:
					open = false
				default:
				}
			}
			return l.wave(ctx, room, after)
		})
	}
	running.Wait()
	l.server.Kill()
	killed := time.Now()
	err := l.server.start(ctx)
	close(back)
	if waitErr := tasks.wait(); err == nil {
		err = waitErr
	}
	if err != nil {
		return err
	}
	l.recovery = time.Since(killed)
	for _, m := range l.members() {
		if err := m.connect(ctx); err != nil {
			return fmt.Errorf("after the crash: %w", err)
		}
	}
	return nil
}

// wave raises and lowers a classroom's hand n times.
func (l *lesson) wave(ctx context.Context, room *member, n int) error {
	for range n {
		if err := l.acknowledge(ctx, room, room.RaiseHand); err != nil {
			return fmt.Errorf("raise: %w", err)
		}
		if err := l.acknowledge(ctx, room, room.LowerHand); err != nil {
			return fmt.Errorf("lower: %w", err)
		}
	}
	return nil
}
