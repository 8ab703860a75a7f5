package rpcapi

import (
	"context"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/classroom/internal/codec"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
	"github.com/tongke-edu/tongke/services/classroom/internal/session"
)

// IssueMediaToken implements the RPC.
func (s *Server) IssueMediaToken(ctx context.Context, r *classroomv1.IssueMediaTokenRequest) (*classroomv1.IssueMediaTokenResponse, error) {
	found, sender, err := s.issuing(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	token, secret, err := found.IssueToken(ctx, sender, lesson.MediaToken{
		Use: codec.MediaUse(r.GetUse()), Name: r.GetName(), IssuedBy: rpc.IdentityFrom(ctx).Subject,
		Screen: r.GetPicture() == classroomv1.MediaPicture_MEDIA_PICTURE_SCREEN,
	})
	if err != nil {
		return nil, err
	}
	return &classroomv1.IssueMediaTokenResponse{Token: codec.MediaToken(found.State(), token), Secret: secret}, nil
}

// ListMediaTokens implements the RPC.
func (s *Server) ListMediaTokens(ctx context.Context, r *classroomv1.ListMediaTokensRequest) (*classroomv1.ListMediaTokensResponse, error) {
	found, _, err := s.issuing(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	return &classroomv1.ListMediaTokensResponse{Tokens: codec.MediaTokens(found.State())}, nil
}

// RevokeMediaToken implements the RPC.
func (s *Server) RevokeMediaToken(ctx context.Context, r *classroomv1.RevokeMediaTokenRequest) (*classroomv1.RevokeMediaTokenResponse, error) {
	found, sender, err := s.issuing(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	receipt, err := found.Do(ctx, lesson.Command{Sender: sender, Do: lesson.RevokeMediaToken{ID: r.GetTokenId()}})
	return &classroomv1.RevokeMediaTokenResponse{Ordinal: receipt.Ordinal}, err
}

// OpenMediaSession implements the RPC.
func (s *Server) OpenMediaSession(ctx context.Context, r *classroomv1.OpenMediaSessionRequest) (*classroomv1.OpenMediaSessionResponse, error) {
	found, err := s.findByToken(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	answer, name, err := found.OpenMedia(ctx, r.GetSecret(), codec.MediaUse(r.GetUse()), r.GetOffer())
	return &classroomv1.OpenMediaSessionResponse{Answer: answer, SessionId: name}, err
}

// CloseMediaSession implements the RPC.
func (s *Server) CloseMediaSession(ctx context.Context, r *classroomv1.CloseMediaSessionRequest) (*classroomv1.CloseMediaSessionResponse, error) {
	found, err := s.findByToken(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	return &classroomv1.CloseMediaSessionResponse{}, found.CloseMedia(ctx, r.GetSecret(), r.GetSessionId())
}

// issuing finds an open lesson for who may issue tokens in it, and as whom its commands are sent: the lead teacher in
// the own name, operators and administrators as the system. The lead teacher opens the lesson if it is time.
func (s *Server) issuing(ctx context.Context, lessonID string) (found *session.Session, sender string, err error) {
	caller := rpc.IdentityFrom(ctx)
	if caller.Has(commonv1.Role_ROLE_OPERATOR, commonv1.Role_ROLE_ADMINISTRATOR) {
		found, err = s.find(ctx, lessonID)
		return found, "", err
	}
	found, _, err = s.open(ctx, lessonID)
	if err == nil && !found.State().MayIssueTokens(caller.Subject) {
		err = fault.New(fault.PermissionDenied)
	}
	return found, caller.Subject, err
}

// findByToken finds a lesson for a stranger, who is not told which lessons there are.
func (s *Server) findByToken(ctx context.Context, lessonID string) (*session.Session, error) {
	found, err := s.find(ctx, lessonID)
	switch fault.ReasonOf(err) {
	case fault.NotFound, fault.LessonNotOpen:
		return nil, fault.New(fault.MediaTokenInvalid)
	default:
		return found, err
	}
}
