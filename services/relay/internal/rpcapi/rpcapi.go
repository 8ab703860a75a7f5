// Package rpcapi is RelayService over gRPC: it maps requests to offer, peer and forward, and their results back.
// Limits of fields and the right to call are checked before it (pkg/rpc).
package rpcapi

import (
	"context"
	"errors"

	"github.com/tongke-edu/tongke/pkg/fault"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
	"github.com/tongke-edu/tongke/services/relay/internal/peer"
)

// Handler implements RelayService.
type Handler struct {
	relayv1.UnimplementedRelayServiceServer
	forwarder *forward.Forwarder
	hub       *peer.Hub
	events    *forward.Events
}

// New returns the handler of a relay.
func New(f *forward.Forwarder, h *peer.Hub, e *forward.Events) *Handler {
	return &Handler{forwarder: f, hub: h, events: e}
}

// Connect answers an offer.
func (h *Handler) Connect(_ context.Context, req *relayv1.ConnectRequest) (*relayv1.ConnectResponse, error) {
	shape, err := parse(req)
	if err != nil {
		return nil, rejected(err)
	}
	var answer string
	c, err := h.forwarder.Join(forward.JoinParams{
		LessonID:      req.GetLessonId(),
		ParticipantID: req.GetParticipantId(),
		Policy:        req.GetPolicy(),
		Slots:         forward.Slots{Audio: shape.AudioSlots, Video: shape.VideoSlots},
		NoChannel:     !shape.HasData(),
		Open: func(c *forward.Connection) (forward.Transport, error) {
			var p *peer.Peer
			p, answer = h.hub.Answer(shape, c)
			return p, nil
		},
	})
	if err != nil {
		return nil, err
	}
	return &relayv1.ConnectResponse{Answer: answer, ConnectionId: c.ID()}, nil
}

// parse checks an offer for the shape that it is to have.
func parse(req *relayv1.ConnectRequest) (*offer.Shape, error) {
	switch req.GetShape() {
	case relayv1.OfferShape_OFFER_SHAPE_PUBLISH_CAMERA:
		return offer.ParseProgram(req.GetOffer(), offer.PublishCamera)
	case relayv1.OfferShape_OFFER_SHAPE_PUBLISH_SCREEN:
		return offer.ParseProgram(req.GetOffer(), offer.PublishScreen)
	case relayv1.OfferShape_OFFER_SHAPE_WATCH:
		return offer.ParseProgram(req.GetOffer(), offer.Watch)
	default:
		return offer.Parse(req.GetOffer())
	}
}

// rejected names the problem of an offer, for the log of whoever wrote the client.
func rejected(err error) error {
	var problem offer.Problem
	if errors.As(err, &problem) {
		return fault.Wrap(fault.OfferRejected, err, fault.With("problem", string(problem)))
	}
	return fault.Wrap(fault.OfferRejected, err)
}

// SetPolicy replaces a lesson's policy.
func (h *Handler) SetPolicy(_ context.Context, req *relayv1.SetPolicyRequest) (*relayv1.SetPolicyResponse, error) {
	h.forwarder.SetPolicy(req.GetLessonId(), req.GetPolicy())
	return &relayv1.SetPolicyResponse{}, nil
}

// Disconnect closes a participant's connections.
func (h *Handler) Disconnect(_ context.Context, req *relayv1.DisconnectRequest) (*relayv1.DisconnectResponse, error) {
	h.forwarder.Disconnect(req.GetLessonId(), req.GetParticipantId())
	return &relayv1.DisconnectResponse{}, nil
}

// CloseLesson closes all connections of a lesson.
func (h *Handler) CloseLesson(_ context.Context, req *relayv1.CloseLessonRequest) (*relayv1.CloseLessonResponse, error) {
	h.forwarder.CloseLesson(req.GetLessonId())
	return &relayv1.CloseLessonResponse{}, nil
}

// Watch streams events until the caller goes, the relay stops, or the caller reads too slowly: then it fails with
// UNAVAILABLE, and a new watch begins with the present.
func (h *Handler) Watch(_ *relayv1.WatchRequest, stream relayv1.RelayService_WatchServer) error {
	w := h.events.Watch()
	defer w.Close()
	for {
		select {
		case event, ok := <-w.C:
			if !ok {
				return fault.New(fault.Unavailable)
			}
			if err := stream.Send(event); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}
