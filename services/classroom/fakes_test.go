package classroom_test

import (
	"context"
	"maps"
	"slices"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tongke-edu/tongke/pkg/fault"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
)

// fakeScheduling holds planned lessons.
type fakeScheduling struct {
	schedulingv1.UnimplementedSchedulingServiceServer
	mu      sync.Mutex
	lessons map[string]*schedulingv1.Lesson
	away    bool
}

func (f *fakeScheduling) put(l *schedulingv1.Lesson) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lessons[l.GetId()] = l
}

func (f *fakeScheduling) GetLesson(_ context.Context, r *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away {
		return nil, fault.New(fault.Unavailable)
	}
	l, ok := f.lessons[r.GetLessonId()]
	if !ok {
		return nil, fault.New(fault.NotFound)
	}
	return &schedulingv1.GetLessonResponse{Lesson: l}, nil
}

func (f *fakeScheduling) ListLessons(_ context.Context, r *schedulingv1.ListLessonsRequest) (*schedulingv1.ListLessonsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer := &schedulingv1.ListLessonsResponse{}
	for _, id := range slices.Sorted(maps.Keys(f.lessons)) {
		l := f.lessons[id]
		if l.GetStartsAt().AsTime().Before(r.GetTo().AsTime()) && l.GetEndsAt().AsTime().After(r.GetFrom().AsTime()) {
			answer.Lessons = append(answer.Lessons, l)
		}
	}
	return answer, nil
}

// fakeRelay holds policies and connections, and reports them.
type fakeRelay struct {
	relayv1.UnimplementedRelayServiceServer
	mu       sync.Mutex
	policies map[string]*relayv1.LessonPolicy
	up       map[string]string // participant -> lesson
	closed   []string
	watchers map[chan *relayv1.WatchResponse]bool
}

func newFakeRelay() *fakeRelay {
	return &fakeRelay{
		policies: map[string]*relayv1.LessonPolicy{}, up: map[string]string{},
		watchers: map[chan *relayv1.WatchResponse]bool{},
	}
}

func (f *fakeRelay) Connect(_ context.Context, r *relayv1.ConnectRequest) (*relayv1.ConnectResponse, error) {
	if r.GetOffer() == "bad offer" {
		return nil, fault.New(fault.OfferRejected, fault.With("problem", "no such shape"))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set(r.GetLessonId(), r.GetPolicy())
	f.up[r.GetParticipantId()] = r.GetLessonId()
	f.tell(connection(r.GetLessonId(), r.GetParticipantId(), true))
	return &relayv1.ConnectResponse{Answer: "answer", ConnectionId: "con_" + r.GetParticipantId()}, nil
}

func (f *fakeRelay) SetPolicy(_ context.Context, r *relayv1.SetPolicyRequest) (*relayv1.SetPolicyResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set(r.GetLessonId(), r.GetPolicy())
	return &relayv1.SetPolicyResponse{}, nil
}

// set keeps the newer policy. The caller holds mu.
func (f *fakeRelay) set(lessonID string, p *relayv1.LessonPolicy) {
	old := f.policies[lessonID]
	if p.GetEpoch() > old.GetEpoch() || p.GetEpoch() == old.GetEpoch() && p.GetRevision() > old.GetRevision() {
		f.policies[lessonID] = p
	}
}

func (f *fakeRelay) Disconnect(_ context.Context, r *relayv1.DisconnectRequest) (*relayv1.DisconnectResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(r.GetParticipantId())
	return &relayv1.DisconnectResponse{}, nil
}

func (f *fakeRelay) CloseLesson(_ context.Context, r *relayv1.CloseLessonRequest) (*relayv1.CloseLessonResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = append(f.closed, r.GetLessonId())
	for id, in := range f.up {
		if in == r.GetLessonId() {
			f.drop(id)
		}
	}
	return &relayv1.CloseLessonResponse{}, nil
}

func (f *fakeRelay) Watch(_ *relayv1.WatchRequest, stream grpc.ServerStreamingServer[relayv1.WatchResponse]) error {
	queue := make(chan *relayv1.WatchResponse, 256)
	f.mu.Lock()
	for id, in := range f.up {
		queue <- connection(in, id, true)
	}
	f.watchers[queue] = true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.watchers, queue)
	}()
	for {
		select {
		case r, open := <-queue:
			if !open {
				return fault.New(fault.Unavailable)
			}
			if err := stream.Send(r); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

// drop ends a participant's media. The caller holds mu.
func (f *fakeRelay) drop(participantID string) {
	if in, ok := f.up[participantID]; ok {
		delete(f.up, participantID)
		f.tell(connection(in, participantID, false))
	}
}

func (f *fakeRelay) tell(r *relayv1.WatchResponse) {
	for queue := range f.watchers {
		queue <- r
	}
}

// restart forgets everything and cuts those who watch, as a relay does that was killed.
func (f *fakeRelay) restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.policies, f.up = map[string]*relayv1.LessonPolicy{}, map[string]string{}
	for queue := range f.watchers {
		close(queue)
		delete(f.watchers, queue)
	}
}

// sample reports one second of a participant with a share of loss towards it.
func (f *fakeRelay) sample(participantID string, lossDown float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tell(&relayv1.WatchResponse{Payload: &relayv1.WatchResponse_Samples{Samples: &relayv1.ConnectionSamples{
		At: timestamppb.Now(),
		Samples: []*relayv1.ConnectionSample{{
			LessonId: f.up[participantID], ParticipantId: participantID, Transport: "udp",
			RoundTrip: durationpb.New(30e6), LossUp: proto.Float64(0), LossDown: &lossDown,
		}},
	}}})
}

func (f *fakeRelay) policy(lessonID string) *relayv1.LessonPolicy {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.policies[lessonID]
}

func (f *fakeRelay) maySend(lessonID, participantID string) []relayv1.MediaKind {
	for _, p := range f.policy(lessonID).GetParticipants() {
		if p.GetParticipantId() == participantID {
			return p.GetMaySend()
		}
	}
	return nil
}

func (f *fakeRelay) isUp(participantID string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.up[participantID] != ""
}

func connection(lessonID, participantID string, up bool) *relayv1.WatchResponse {
	return &relayv1.WatchResponse{Payload: &relayv1.WatchResponse_ConnectionChanged{
		ConnectionChanged: &relayv1.ConnectionChanged{LessonId: lessonID, ParticipantId: participantID, Connected: up},
	}}
}
