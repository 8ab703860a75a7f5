package forward_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

func TestJoin_AtTheLimitThoseWhoAreHereAndTheTeacherStillGetIn(t *testing.T) {
	f := forward.New(forward.Config{
		MaxConnections: 3, MaxConnectionsPerParticipant: 3,
		ConnectTimeout: time.Minute, SilenceTimeout: time.Minute, AckTimeout: time.Second, IdleTimeout: time.Minute,
	}, zap.NewNop(), forward.NewEvents(), nowhere{})
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { f.Run(done) })
	t.Cleanup(func() { close(done); running.Wait() })
	enter := func(id string) error {
		_, err := f.Join(forward.JoinParams{
			LessonID: "lesson", ParticipantID: id, Policy: teaching(1),
			Open: func(*forward.Connection) (forward.Transport, error) { return &line{}, nil },
		})
		return err
	}
	for n := range 3 {
		if err := enter("room" + strconv.Itoa(n)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		id      string
		refused bool
	}{{"newcomer", true}, {"room1", false}, {"teacher", false}, {"newcomer", true}} {
		if err := enter(c.id); (fault.ReasonOf(err) == fault.ResourceExhausted) != c.refused {
			t.Errorf("%s: %v", c.id, err)
		}
	}
}
