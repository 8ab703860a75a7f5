package participant

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

func TestParticipant_ComesBackFromItsLastOrdinalWithoutTakingOver(t *testing.T) {
	s := newServer(t)
	p, first := s.enter("rom_1", 4)
	if first.req.GetFromOrdinal() != 0 || !first.req.GetTakeOver() {
		t.Errorf("entered with %v", first.req)
	}
	first.send <- hand(5, "rom_2")
	close(first.send)
	second := testkit.Receive(t, s.streams, "the second stream")
	if second.req.GetFromOrdinal() != 5 || second.req.GetTakeOver() || second.req.GetWindowId() != first.req.GetWindowId() {
		t.Errorf("came back with %v", second.req)
	}
	second.send <- hand(6, "rom_3")
	got, err := p.AwaitOrdinal(bounded(t), 6)
	if err != nil || got.Event.GetHandRaised().GetParticipantId() != "rom_3" {
		t.Fatalf("received %v (%v)", got, err)
	}
	if p.Reopened() != 1 {
		t.Errorf("reopened %d times", p.Reopened())
	}
}

func TestParticipant_RefusesAGap(t *testing.T) {
	s := newServer(t)
	p, stream := s.enter("rom_1", 4)
	stream.send <- hand(6, "rom_2")
	_, err := p.AwaitOrdinal(bounded(t), 6)
	if err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a missing event passes: %v", err)
	}
}

func TestParticipant_StopsWhenTheLessonHasEnded(t *testing.T) {
	s := newServer(t)
	p, stream := s.enter("rom_1", 1)
	stream.send <- event(&classroomv1.LessonEvent{Ordinal: 2, Kind: &classroomv1.LessonEvent_LessonEnded{
		LessonEnded: &classroomv1.LessonEnded{Reason: classroomv1.EndReason_END_REASON_BY_HAND},
	}})
	if err := p.AwaitEnd(bounded(t)); err != nil {
		t.Fatal(err)
	}
	close(stream.send)
	p.wg.Wait()
	if len(s.streams) != 0 {
		t.Error("opened a stream of an ended lesson again")
	}
}

func TestCommand_IsRepeatedWithOneKeyUntilItIsAnswered(t *testing.T) {
	s := newServer(t)
	var mu sync.Mutex
	var keys []string
	handle(s, classroomv1.ClassroomService_RaiseHand_FullMethodName,
		func(req *classroomv1.RaiseHandRequest) (*classroomv1.RaiseHandResponse, error) {
			mu.Lock()
			defer mu.Unlock()
			keys = append(keys, req.GetIdempotencyKey())
			if len(keys) < 3 {
				return nil, connect.NewError(connect.CodeUnavailable, nil)
			}
			return &classroomv1.RaiseHandResponse{Ordinal: 9}, nil
		})
	p, _ := s.enter("rom_1", 4)
	ordinal, err := p.RaiseHand(bounded(t))
	if err != nil || ordinal != 9 {
		t.Fatalf("answered %d (%v)", ordinal, err)
	}
	if len(keys) != 3 || len(slices.Compact(keys)) != 1 {
		t.Errorf("keys %v", keys)
	}
}

func TestCommand_IsNotRepeatedBeforeTheServerSays(t *testing.T) {
	const after = 400 * time.Millisecond
	for _, reason := range []commonv1.Reason{commonv1.Reason_REASON_RESOURCE_EXHAUSTED, commonv1.Reason_REASON_UNAVAILABLE} {
		s := newServer(t)
		var calls []time.Time // one call at a time
		handle(s, classroomv1.ClassroomService_PostChat_FullMethodName,
			func(*classroomv1.PostChatRequest) (*classroomv1.PostChatResponse, error) {
				if calls = append(calls, time.Now()); len(calls) > 1 {
					return &classroomv1.PostChatResponse{Ordinal: 9}, nil
				}
				refusal := connect.NewError(connect.CodeResourceExhausted, nil)
				if detail, err := connect.NewErrorDetail(&commonv1.Fault{Reason: reason, RetryAfter: durationpb.New(after)}); err == nil {
					refusal.AddDetail(detail)
				}
				return nil, refusal
			})
		p, _ := s.enter("rom_1", 4)
		if _, err := p.PostChat(bounded(t), "hello"); err != nil {
			t.Fatal(err)
		}
		if waited := calls[1].Sub(calls[0]); waited < after {
			t.Errorf("%v: waited %v", reason, waited)
		}
	}
}

func TestPauseAfter_IsTheLongerOfTheUsualAndTheServersWithinReason(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{
		0: time.Second, 500 * time.Millisecond: time.Second, 3 * time.Second: 3 * time.Second, time.Hour: longestRetryAfter,
	} {
		if got := pauseAfter(fault.New(fault.Unavailable, fault.RetryAfter(asked)), time.Second); got != want {
			t.Errorf("asked for %v: paused %v, want %v", asked, got, want)
		}
	}
}

func TestCommand_IsNotRepeatedWhenItWasRefused(t *testing.T) {
	s := newServer(t)
	calls := 0
	handle(s, classroomv1.ClassroomService_StartLesson_FullMethodName,
		func(*classroomv1.StartLessonRequest) (*classroomv1.StartLessonResponse, error) {
			calls++
			return nil, connect.NewError(connect.CodePermissionDenied, nil)
		})
	p, _ := s.enter("rom_1", 4)
	if _, err := p.Start(bounded(t)); err == nil || calls != 1 {
		t.Errorf("%d calls (%v)", calls, err)
	}
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	t.Cleanup(cancel)
	return ctx
}
