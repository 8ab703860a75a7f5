package participant

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/bench/internal/publicapi"
)

const (
	// silence after which a stream is dead; the server sends a heartbeat every 2 s.
	silence = 6 * time.Second
	// firstPause and longestPause bound the wait before a broken stream is opened again.
	firstPause   = 50 * time.Millisecond
	longestPause = 2 * time.Second
)

// Participant is one window of one participant in one lesson.
type Participant struct {
	api      *publicapi.Client
	lessonID string
	windowID string
	history  *history
	cancel   context.CancelFunc
	wg       sync.WaitGroup
}

// Attend enters a lesson as whoever the client is signed in as, and returns when its snapshot has arrived.
// The participant follows the lesson until Close.
func Attend(ctx context.Context, api *publicapi.Client, lessonID string) (*Participant, error) {
	following, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &Participant{api: api, lessonID: lessonID, windowID: rand.Text(), history: newHistory(), cancel: cancel}
	p.wg.Go(func() { p.follow(following) })
	if err := p.history.await(ctx, func(h *history) bool { return h.snapshot != nil }); err != nil {
		p.Close()
		return nil, fmt.Errorf("attend lesson %s: %w", lessonID, err)
	}
	return p, nil
}

// Close stops following. It does not say that the participant leaves.
func (p *Participant) Close() {
	p.cancel()
	p.wg.Wait()
}

// ID is the participant's id in the lesson.
func (p *Participant) ID() string { return p.history.selfID() }

// follow keeps a stream open until ctx ends, the lesson is over or the server refuses for good.
func (p *Participant) follow(ctx context.Context) {
	takeOver, pause := true, firstPause
	for {
		progressed, err := p.stream(ctx, takeOver)
		takeOver = false
		if ctx.Err() != nil {
			p.history.finish(ctx.Err())
			return
		}
		if over, reason := p.over(err); over {
			p.history.finish(reason)
			return
		}
		if progressed {
			pause = firstPause
		}
		if !wait(ctx, pause) {
			p.history.finish(ctx.Err())
			return
		}
		pause = min(2*pause, longestPause)
		p.history.count(func(h *history) { h.reopened++ })
	}
}

// stream follows one Attend stream to its end, or until it is silent for too long.
func (p *Participant) stream(ctx context.Context, takeOver bool) (progressed bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watchdog := time.AfterFunc(silence, cancel)
	defer watchdog.Stop()
	req := &classroomv1.AttendRequest{
		LessonId: p.lessonID, FromOrdinal: p.history.lastOrdinal(), WindowId: p.windowID, TakeOver: takeOver,
	}
	err = publicapi.Stream(ctx, p.api, classroomv1.ClassroomService_Attend_FullMethodName, req,
		func(res *classroomv1.AttendResponse) error {
			watchdog.Reset(silence)
			progressed = true
			return p.history.take(res, time.Now())
		})
	return progressed, err
}

// errEnded says that the lesson ended, which is the orderly end of following it.
var errEnded = errors.New("the lesson has ended")

// over tells an end for good from a broken stream.
func (p *Participant) over(err error) (bool, error) {
	if p.history.ended() {
		return true, errEnded
	}
	switch fault.ReasonOf(err) {
	case "", fault.Unavailable, fault.Cancelled, fault.DeadlineExceeded, fault.Internal, fault.ResourceExhausted, fault.Conflict:
		return false, nil
	}
	return true, err
}

// wait returns false when ctx ends first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
