package forward_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

// program joins without a control channel, at a relay that waits five seconds for a sign of life.
func program(t *testing.T, id string) (*forward.Connection, *line) {
	t.Helper()
	f := forward.New(forward.Config{
		MaxConnections: 10, MaxConnectionsPerParticipant: 3,
		ConnectTimeout: time.Minute, SilenceTimeout: 5 * time.Second, IdleTimeout: time.Minute,
	}, zap.NewNop(), forward.NewEvents(), nowhere{})
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { f.Run(done) })
	t.Cleanup(func() { close(done); running.Wait() })
	w := &line{}
	c, err := f.Join(forward.JoinParams{
		LessonID: "lesson", ParticipantID: id, Policy: teaching(1, relayv1.MediaKind_MEDIA_KIND_CAMERA), NoChannel: true,
		Open: func(*forward.Connection) (forward.Transport, error) { return w, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Connected(nil, nil, false)
	return c, w
}

func TestPlayer_StaysByChecksAloneAndGoesWithoutThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, w := program(t, "player")
		for range 20 { // a lesson that has not begun: nothing to report on
			c.Checked(time.Now())
			time.Sleep(7 * time.Second)
		}
		if w.isClosed() {
			t.Fatal("closed in spite of checks")
		}
		time.Sleep(10 * time.Second)
		if !w.isClosed() {
			t.Error("open without any sign of life")
		}
	})
}

func TestEncoder_IsJudgedByMediaAndReportsNotByChecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, w := program(t, "teacher")
		camera := c.Incoming(forward.Track{
			Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8,
		})
		p := newPicture(t)
		receive(camera, p.next(0, true), time.Now())
		for range 5 { // a still picture, told of by reports
			time.Sleep(4 * time.Second)
			c.Heard(time.Now())
		}
		if w.isClosed() {
			t.Fatal("closed in spite of reports")
		}
		for range 3 {
			time.Sleep(2 * time.Second)
			c.Checked(time.Now())
		}
		if !w.isClosed() {
			t.Error("an encoder that only checks is kept")
		}
	})
}
