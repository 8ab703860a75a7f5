package placement

import (
	"context"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// Relay serves every lesson by the same relay.
type Relay struct{ client relayv1.RelayServiceClient }

// NewRelay returns the relay behind a client.
func NewRelay(client relayv1.RelayServiceClient) *Relay { return &Relay{client: client} }

// Answer is what a relay says to an offer.
type Answer struct {
	SDP          string
	ConnectionID string
}

// Offer is what a participant wants of a relay.
type Offer struct {
	SDP   string
	Shape Shape
}

// Shape is which of the agreed shapes an offer is to have.
type Shape int

// The shapes: that of Tongke's own clients, and those of programs that publish or watch.
const (
	Client Shape = iota
	PublishCamera
	PublishScreen
	Watch
)

// ShapeOf is the shape of the offers that come with a token.
func ShapeOf(t lesson.MediaToken) Shape {
	switch {
	case t.Use == lesson.MediaWatch:
		return Watch
	case t.Screen:
		return PublishScreen
	default:
		return PublishCamera
	}
}

// Connect answers an offer and sets the policy in the same call. Faults of the relay pass through.
func (r *Relay) Connect(ctx context.Context, lessonID, participantID string, offer Offer, p Policy) (Answer, error) {
	answer, err := r.client.Connect(ctx, &relayv1.ConnectRequest{
		LessonId: lessonID, ParticipantId: participantID, Offer: offer.SDP, Policy: wire(p), Shape: shapes[offer.Shape],
	})
	if err != nil {
		return Answer{}, err
	}
	return Answer{SDP: answer.GetAnswer(), ConnectionID: answer.GetConnectionId()}, nil
}

// SetPolicy replaces the policy of a lesson; the relay ignores one that is older than its own.
func (r *Relay) SetPolicy(ctx context.Context, lessonID string, p Policy) error {
	_, err := r.client.SetPolicy(ctx, &relayv1.SetPolicyRequest{LessonId: lessonID, Policy: wire(p)})
	return err
}

// Disconnect closes a participant's connections.
func (r *Relay) Disconnect(ctx context.Context, lessonID, participantID string) error {
	_, err := r.client.Disconnect(ctx, &relayv1.DisconnectRequest{LessonId: lessonID, ParticipantId: participantID})
	return err
}

// CloseLesson closes all connections of a lesson.
func (r *Relay) CloseLesson(ctx context.Context, lessonID string) error {
	_, err := r.client.CloseLesson(ctx, &relayv1.CloseLessonRequest{LessonId: lessonID})
	return err
}

func wire(p Policy) *relayv1.LessonPolicy {
	policy := &relayv1.LessonPolicy{Epoch: p.Epoch, Revision: p.Revision, Flowing: p.Flowing}
	for _, g := range p.Participants {
		grant := &relayv1.ParticipantPolicy{
			ParticipantId: g.ParticipantID, Standing: standings[g.Standing], Rank: g.Rank,
		}
		for _, m := range g.MaySend {
			grant.MaySend = append(grant.MaySend, kinds[m])
		}
		policy.Participants = append(policy.Participants, grant)
	}
	return policy
}

var shapes = map[Shape]relayv1.OfferShape{
	Client:        relayv1.OfferShape_OFFER_SHAPE_CLIENT,
	PublishCamera: relayv1.OfferShape_OFFER_SHAPE_PUBLISH_CAMERA,
	PublishScreen: relayv1.OfferShape_OFFER_SHAPE_PUBLISH_SCREEN,
	Watch:         relayv1.OfferShape_OFFER_SHAPE_WATCH,
}

var standings = map[Standing]relayv1.Standing{
	Lead:     relayv1.Standing_STANDING_LEAD,
	Stage:    relayv1.Standing_STANDING_STAGE,
	Room:     relayv1.Standing_STANDING_ROOM,
	Audience: relayv1.Standing_STANDING_AUDIENCE,
}

var kinds = map[Media]relayv1.MediaKind{
	Microphone:  relayv1.MediaKind_MEDIA_KIND_MICROPHONE,
	Camera:      relayv1.MediaKind_MEDIA_KIND_CAMERA,
	Screen:      relayv1.MediaKind_MEDIA_KIND_SCREEN,
	ScreenAudio: relayv1.MediaKind_MEDIA_KIND_SCREEN_AUDIO,
}
