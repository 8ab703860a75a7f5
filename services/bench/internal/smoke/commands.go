package smoke

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// acknowledged is a command that the server answered: from then on it must never be missing.
type acknowledged struct {
	sender  *member
	ordinal uint64
}

// send sends a command and remembers its acknowledgement.
func (l *lesson) send(ctx context.Context, m *member, command func(context.Context) (uint64, error)) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	ordinal, err := command(ctx)
	if err != nil {
		return 0, err
	}
	if ordinal == 0 {
		return 0, fmt.Errorf("the command of %s changed nothing", m.name)
	}
	l.record(m, ordinal)
	return ordinal, nil
}

func (l *lesson) acknowledge(ctx context.Context, m *member, command func(context.Context) (uint64, error)) error {
	_, err := l.send(ctx, m, command)
	return err
}

func (l *lesson) record(m *member, ordinal uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commands = append(l.commands, acknowledged{m, ordinal})
}

// lostCommands counts the acknowledged commands whose event, by their sender, did not reach the teacher.
func (l *lesson) lostCommands() (lost int, err error) {
	if len(l.commands) == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, c := range l.commands {
		seen, awaitErr := l.teacher.AwaitOrdinal(ctx, c.ordinal)
		if awaitErr != nil || seen.Event.GetOrdinal() != c.ordinal || seen.Event.GetActorId() != c.sender.ID() {
			lost++
			err = errors.Join(awaitErr, fmt.Errorf("command %d of %s: the teacher received %v", c.ordinal, c.sender.name, seen.Event))
		}
	}
	return lost, err
}
