package rpcapi

import (
	"context"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// StartLesson implements the RPC. Like Attend it opens a lesson that nobody entered yet.
func (s *Server) StartLesson(ctx context.Context, r *classroomv1.StartLessonRequest) (*classroomv1.StartLessonResponse, error) {
	opened, member, err := s.open(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	receipt, err := opened.Do(ctx, lesson.Command{Sender: member.ID, Key: r.GetIdempotencyKey(), Do: lesson.Start{}})
	return &classroomv1.StartLessonResponse{Ordinal: receipt.Ordinal}, err
}

// EndLesson implements the RPC.
func (s *Server) EndLesson(ctx context.Context, r *classroomv1.EndLessonRequest) (*classroomv1.EndLessonResponse, error) {
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), lesson.End{})
	return &classroomv1.EndLessonResponse{Ordinal: receipt.Ordinal}, err
}

// LeaveLesson implements the RPC.
func (s *Server) LeaveLesson(ctx context.Context, r *classroomv1.LeaveLessonRequest) (*classroomv1.LeaveLessonResponse, error) {
	found, err := s.find(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	receipt, err := found.Leave(ctx, rpc.IdentityFrom(ctx).Subject, r.GetWindowId())
	return &classroomv1.LeaveLessonResponse{Ordinal: receipt.Ordinal}, err
}

// ConnectMedia implements the RPC.
func (s *Server) ConnectMedia(ctx context.Context, r *classroomv1.ConnectMediaRequest) (*classroomv1.ConnectMediaResponse, error) {
	found, err := s.find(ctx, r.GetLessonId())
	if err != nil {
		return nil, err
	}
	answer, err := found.Connect(ctx, rpc.IdentityFrom(ctx).Subject, r.GetWindowId(), r.GetOffer())
	return &classroomv1.ConnectMediaResponse{Answer: answer.SDP, ConnectionId: answer.ConnectionID}, err
}

// RaiseHand implements the RPC.
func (s *Server) RaiseHand(ctx context.Context, r *classroomv1.RaiseHandRequest) (*classroomv1.RaiseHandResponse, error) {
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), lesson.RaiseHand{ID: r.GetParticipantId()})
	return &classroomv1.RaiseHandResponse{Ordinal: receipt.Ordinal}, err
}

// LowerHand implements the RPC.
func (s *Server) LowerHand(ctx context.Context, r *classroomv1.LowerHandRequest) (*classroomv1.LowerHandResponse, error) {
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), lesson.LowerHand{ID: r.GetParticipantId()})
	return &classroomv1.LowerHandResponse{Ordinal: receipt.Ordinal}, err
}

// CallOn implements the RPC.
func (s *Server) CallOn(ctx context.Context, r *classroomv1.CallOnRequest) (*classroomv1.CallOnResponse, error) {
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), lesson.CallOn{ID: r.GetParticipantId()})
	return &classroomv1.CallOnResponse{Ordinal: receipt.Ordinal}, err
}

// SetStage implements the RPC.
func (s *Server) SetStage(ctx context.Context, r *classroomv1.SetStageRequest) (*classroomv1.SetStageResponse, error) {
	action := lesson.SetStage{ID: r.GetParticipantId(), On: r.GetOnStage()}
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), action)
	return &classroomv1.SetStageResponse{Ordinal: receipt.Ordinal}, err
}

// SetAudio implements the RPC.
func (s *Server) SetAudio(ctx context.Context, r *classroomv1.SetAudioRequest) (*classroomv1.SetAudioResponse, error) {
	action := lesson.SetAudio{ID: r.GetParticipantId(), Open: r.GetOpen()}
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), action)
	return &classroomv1.SetAudioResponse{Ordinal: receipt.Ordinal}, err
}

// MuteAll implements the RPC.
func (s *Server) MuteAll(ctx context.Context, r *classroomv1.MuteAllRequest) (*classroomv1.MuteAllResponse, error) {
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), lesson.MuteAll{})
	return &classroomv1.MuteAllResponse{Ordinal: receipt.Ordinal}, err
}

// PostChat implements the RPC.
func (s *Server) PostChat(ctx context.Context, r *classroomv1.PostChatRequest) (*classroomv1.PostChatResponse, error) {
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), lesson.PostChat{Text: r.GetText()})
	return &classroomv1.PostChatResponse{Ordinal: receipt.Ordinal}, err
}

// OpenPoll implements the RPC.
func (s *Server) OpenPoll(ctx context.Context, r *classroomv1.OpenPollRequest) (*classroomv1.OpenPollResponse, error) {
	action := lesson.OpenPoll{Question: r.GetQuestion(), Options: r.GetOptions()}
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), action)
	return &classroomv1.OpenPollResponse{Ordinal: receipt.Ordinal, PollId: receipt.PollID}, err
}

// AnswerPoll implements the RPC.
func (s *Server) AnswerPoll(ctx context.Context, r *classroomv1.AnswerPollRequest) (*classroomv1.AnswerPollResponse, error) {
	action := lesson.AnswerPoll{PollID: r.GetPollId(), ID: r.GetParticipantId(), Counts: r.GetCounts()}
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), action)
	return &classroomv1.AnswerPollResponse{Ordinal: receipt.Ordinal}, err
}

// ClosePoll implements the RPC.
func (s *Server) ClosePoll(ctx context.Context, r *classroomv1.ClosePollRequest) (*classroomv1.ClosePollResponse, error) {
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), lesson.ClosePoll{PollID: r.GetPollId()})
	return &classroomv1.ClosePollResponse{Ordinal: receipt.Ordinal}, err
}

// SetHeadCount implements the RPC.
func (s *Server) SetHeadCount(ctx context.Context, r *classroomv1.SetHeadCountRequest) (*classroomv1.SetHeadCountResponse, error) {
	action := lesson.SetHeadCount{ID: r.GetParticipantId(), Count: r.GetCount()}
	receipt, err := s.do(ctx, r.GetLessonId(), r.GetIdempotencyKey(), action)
	return &classroomv1.SetHeadCountResponse{Ordinal: receipt.Ordinal}, err
}
