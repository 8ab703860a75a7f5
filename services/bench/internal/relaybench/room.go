package relaybench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/bench/internal/light"
	"github.com/tongke-edu/tongke/services/bench/internal/probe"
)

const (
	joinTimeout = 20 * time.Second
	// joinsAtOnce bounds joins that are not what is measured.
	joinsAtOnce = 8
)

// lectureFormat is 1.5 Mbit/s: bursts of five packets of 1,200 bytes at 30/s, and keyframes of 30 kB.
var lectureFormat = probe.Format{Width: 1280, Height: 720, PayloadBytes: 1188, PerFrame: 5, PerKeyframe: 25}

// cameraFormat is 0.6 Mbit/s, a camera of the classroom workload.
var cameraFormat = probe.Format{Width: 640, Height: 360, PayloadBytes: 1188, PerFrame: 2, PerKeyframe: 10}

// simulcast is a camera of three layers.
var simulcast = []light.Layer{
	{RID: "q", Format: probe.Format{Width: 320, Height: 180, PayloadBytes: 600, PerFrame: 1, PerKeyframe: 4}},
	{RID: "h", Format: probe.Format{Width: 640, Height: 360, PayloadBytes: 1000, PerFrame: 2, PerKeyframe: 8}},
	{RID: "f", Format: lectureFormat},
}

// room is one lesson on one server, with those whom this process puts into it.
type room struct {
	server  *server
	lesson  string
	policy  *relayv1.LessonPolicy
	teacher []*light.Client // those who publish
	viewers []*light.Client
	joined  int
}

// newRoom names a lesson and who may send in it.
func newRoom(s *server, lesson string, publishers int) *room {
	r := &room{server: s, lesson: lesson, policy: &relayv1.LessonPolicy{Epoch: 1, Revision: 1, Flowing: true}}
	for i := range publishers {
		standing := relayv1.Standing_STANDING_STAGE
		if i == 0 {
			standing = relayv1.Standing_STANDING_LEAD
		}
		r.policy.Participants = append(r.policy.Participants, &relayv1.ParticipantPolicy{
			ParticipantId: publisher(i), Standing: standing, Rank: uint32(i),
			MaySend: []relayv1.MediaKind{relayv1.MediaKind_MEDIA_KIND_MICROPHONE, relayv1.MediaKind_MEDIA_KIND_CAMERA},
		})
	}
	return r
}

func publisher(i int) string { return fmt.Sprintf("publisher%d", i) }

// exchange returns the signalling of one participant.
func (r *room) exchange(name string) func(context.Context, string) (string, error) {
	return func(ctx context.Context, offer string) (string, error) {
		resp, err := r.server.client.Connect(ctx, &relayv1.ConnectRequest{
			LessonId: r.lesson, ParticipantId: name, Offer: offer, Policy: r.policy,
		})
		return resp.GetAnswer(), err
	}
}

// join adds one participant.
func (r *room) join(ctx context.Context, name string, p light.Params) (*light.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	p.Exchange = r.exchange(name)
	c, err := light.Join(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("%s joins %s on %s: %w", name, r.lesson, r.server.name, err)
	}
	return c, nil
}

// publish adds the next publisher.
func (r *room) publish(ctx context.Context, p light.Params, layers ...light.Layer) error {
	name := publisher(len(r.teacher))
	p.Publish = &light.Publication{Name: name, Layers: layers}
	c, err := r.join(ctx, name, p)
	if err != nil {
		return err
	}
	r.teacher = append(r.teacher, c)
	return nil
}

// listener is one who shows 4 sounds and 2 pictures.
func listener() light.Params { return light.Params{AudioSlots: 4, VideoSlots: 2} }

// fill adds viewers until there are n.
func (r *room) fill(ctx context.Context, n int, p light.Params) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	tickets := make(chan struct{}, joinsAtOnce)
	for range n - len(r.viewers) {
		r.joined++
		name := fmt.Sprintf("viewer%d", r.joined)
		tickets <- struct{}{}
		wg.Go(func() {
			defer func() { <-tickets }()
			c, err := r.join(ctx, name, p)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			r.viewers = append(r.viewers, c)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// viewersRest lets hundreds of viewers leave half of a small machine to the server that they load.
const viewersRest = 25 * time.Millisecond

// resize adds viewers whose delays are taken until there are n, or lets the last ones leave.
func (r *room) resize(ctx context.Context, n int, delays *sampler) error {
	p := listener()
	p.Delay, p.Rest = delays.take, viewersRest
	for len(r.viewers) > n {
		last := len(r.viewers) - 1
		r.viewers[last].Close()
		r.viewers = r.viewers[:last]
	}
	return r.fill(ctx, n, p)
}

// sending pauses the publishers, or lets them go on.
func (r *room) sending(on bool) {
	for _, c := range r.teacher {
		c.SetSending(on)
	}
}

// counts sums what viewers and publishers have received.
func (r *room) counts(audio bool) light.Counts {
	var sum light.Counts
	for _, c := range r.viewers {
		sum = sum.Add(c.Counts(audio))
	}
	for _, c := range r.teacher {
		sum = sum.Add(c.Counts(audio))
	}
	return sum
}

// awaitMedia waits until everybody who views has got a packet.
func (r *room) awaitMedia(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	for _, c := range r.viewers {
		if _, err := c.AwaitMedia(ctx); err != nil {
			return fmt.Errorf("%s on %s: %w", r.lesson, r.server.name, err)
		}
	}
	return nil
}

// sent sums what the publishers have sent.
func (r *room) sent() (sum uint64) {
	for _, c := range r.teacher {
		sum += c.Sent()
	}
	return sum
}

// stillPublishes fails when the server has ended a publisher's connection.
func (r *room) stillPublishes() error {
	for i, c := range r.teacher {
		select {
		case <-c.Ended():
			return fmt.Errorf("%s has ended the connection of %s%s", r.server.name, publisher(i), r.server.log)
		default:
		}
	}
	return nil
}

// gone is how many viewers the server has let go.
func (r *room) gone() (n int) {
	for _, c := range r.viewers {
		select {
		case <-c.Ended():
			n++
		default:
		}
	}
	return n
}

// leave ends everybody's connection.
func (r *room) leave() {
	r.empty()
	closeAll(r.teacher)
	r.teacher = nil
}

// empty ends the connections of all who view.
func (r *room) empty() {
	closeAll(r.viewers)
	r.viewers = nil
}

func closeAll(all []*light.Client) {
	var wg sync.WaitGroup
	for _, c := range all {
		wg.Go(c.Close)
	}
	wg.Wait()
}

// close ends the lesson on the server as well.
func (r *room) close(ctx context.Context) error {
	r.leave()
	_, err := r.server.client.CloseLesson(ctx, &relayv1.CloseLessonRequest{LessonId: r.lesson})
	return err
}
