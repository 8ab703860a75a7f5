package session

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/ids"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/placement"
)

// IssueToken issues a media token and returns it with its secret, which is kept nowhere. By is the lead teacher, or
// empty for an operator, who is none of the lesson's.
func (s *Session) IssueToken(ctx context.Context, by string, token lesson.MediaToken) (lesson.MediaToken, string, error) {
	secret := ids.Secret()
	token.ID, token.Hash = ids.New(ids.MediaToken), lesson.HashToken(secret)
	if _, err := s.Do(ctx, lesson.Command{Sender: by, Do: lesson.IssueMediaToken{Token: token}}); err != nil {
		return lesson.MediaToken{}, "", err
	}
	return s.State().MediaToken(token.ID), secret, nil
}

// retryInUse is when a holder may try again in whose place another session of the token was opened.
const retryInUse = 5 * time.Second

// OpenMedia brings the holder of a token into the lesson and hands its offer to the relay. The session's name is the
// holder's alone; the log has its hash, as of a window. The newest session counts, as an encoder needs that comes back
// before the relay has missed it; the relay ends the connection of the one before when the new one is up. A holder
// whose offer is refused leaves again.
func (s *Session) OpenMedia(ctx context.Context, secret string, use lesson.MediaUse, offer string) (answer, name string, err error) {
	token, err := s.State().TokenOf(lesson.HashToken(secret))
	if err != nil {
		return "", "", err
	}
	name = ids.Secret()
	open := lesson.OpenMedia{Hash: token.Hash, Use: use, Session: WindowHash(name)}
	if err := s.admit(ctx, lesson.Command{Sender: token.ID, Do: open}); err != nil {
		return "", "", err
	}
	connected, err := s.connect(ctx, token.ID, open.Session, placement.Offer{SDP: offer, Shape: placement.ShapeOf(token)})
	switch fault.ReasonOf(err) {
	case "":
		return connected.SDP, name, nil
	case fault.Superseded:
		return "", "", fault.New(fault.MediaTokenInUse, fault.RetryAfter(retryInUse))
	case fault.ParticipantNotFound: // it was sent away meanwhile
		return "", "", fault.New(fault.MediaTokenInvalid)
	}
	s.withdraw(ctx, token.ID, name)
	return "", "", err
}

// CloseMedia takes the holder of a token out, if the session is the one that counts.
func (s *Session) CloseMedia(ctx context.Context, secret, name string) error {
	token, err := s.State().TokenOf(lesson.HashToken(secret))
	if err != nil {
		return err
	}
	leave := lesson.Leave{ID: token.ID, Window: WindowHash(name)}
	receipt, err := s.Do(ctx, lesson.Command{Sender: token.ID, Do: leave})
	switch {
	case err != nil:
		return err
	case receipt.Ordinal == 0:
		return fault.New(fault.NotFound)
	}
	// The policy would do it too, a moment later: the next session might have begun by then.
	return s.p.Relay.Disconnect(ctx, s.id, token.ID)
}

// admit brings a participant without a stream in and gives its media time to come up.
func (s *Session) admit(ctx context.Context, c lesson.Command) error {
	_, err := inLoop(ctx, s, func(w *writer) (struct{}, error) {
		if _, err := w.commit(ctx, c); err != nil {
			return struct{}{}, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lastUsed = s.p.Now()
		s.attendees[c.Sender] = attendee{dropped: s.lastUsed}
		return struct{}{}, nil
	})
	if errors.Is(err, errClosed) && s.State().Phase == lesson.PhaseEnded {
		return fault.New(fault.LessonEnded)
	}
	return err
}

// withdraw takes somebody out whose offer came to nothing, also when the caller has gone. Should it fail, the loop does
// the same when nobody's media has come up.
func (s *Session) withdraw(ctx context.Context, id, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), relayTimeout)
	defer cancel()
	leave := lesson.Leave{ID: id, Window: WindowHash(name)}
	if _, err := s.Do(ctx, lesson.Command{Sender: id, Do: leave}); err != nil {
		s.log.Info("a refused session waits to be closed", zap.String(telemetry.ParticipantID, id), zap.Error(err))
	}
}
