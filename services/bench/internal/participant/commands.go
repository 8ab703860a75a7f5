package participant

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/bench/internal/publicapi"
)

// ordinal is what every command's answer has: the ordinal of the last event that it caused, 0 for none.
type ordinal interface{ GetOrdinal() uint64 }

// longestRetryAfter bounds how long a server can make a command wait before it is sent again.
const longestRetryAfter = 10 * time.Second

// command sends a command until it is answered. A call that may have been lost is sent again with the same
// idempotency key, so that it takes effect once; not before the server says, if it does.
func command[Req, Res any](ctx context.Context, p *Participant, procedure string, build func(key string) *Req) (*Res, error) {
	req := build(rand.Text())
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		res, err := attempt[Req, Res](ctx, p, procedure, req)
		if !again(err) || !wait(ctx, pauseAfter(err, pause)) {
			return res, err
		}
	}
}

// again tells failures that pass from answers that stand. A limit passes when the server says when.
func again(err error) bool {
	switch fault.ReasonOf(err) {
	case fault.Unavailable, fault.Conflict, fault.DeadlineExceeded:
		return true
	case fault.ResourceExhausted:
		return fault.From(err).RetryAfter() > 0
	default:
		return false
	}
}

// pauseAfter is the usual pause, or what the server asks for, within reason.
func pauseAfter(err error, usual time.Duration) time.Duration {
	return max(usual, min(fault.From(err).RetryAfter(), longestRetryAfter))
}

// attemptTimeout is longer than the stall of a log whose cluster elects a leader.
const attemptTimeout = 12 * time.Second

func attempt[Req, Res any](ctx context.Context, p *Participant, procedure string, req *Req) (*Res, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	return publicapi.Call[Req, Res](ctx, p.api, procedure, req)
}

// done reduces an answer to its ordinal.
func done[Res ordinal](res Res, err error) (uint64, error) {
	if err != nil {
		return 0, err
	}
	return res.GetOrdinal(), nil
}

// Start starts the lesson.
func (p *Participant) Start(ctx context.Context) (uint64, error) {
	return done(command[classroomv1.StartLessonRequest, classroomv1.StartLessonResponse](ctx, p,
		classroomv1.ClassroomService_StartLesson_FullMethodName, func(key string) *classroomv1.StartLessonRequest {
			return &classroomv1.StartLessonRequest{LessonId: p.lessonID, IdempotencyKey: key}
		}))
}

// End ends the lesson.
func (p *Participant) End(ctx context.Context) (uint64, error) {
	return done(command[classroomv1.EndLessonRequest, classroomv1.EndLessonResponse](ctx, p,
		classroomv1.ClassroomService_EndLesson_FullMethodName, func(key string) *classroomv1.EndLessonRequest {
			return &classroomv1.EndLessonRequest{LessonId: p.lessonID, IdempotencyKey: key}
		}))
}

// RaiseHand raises the participant's own hand.
func (p *Participant) RaiseHand(ctx context.Context) (uint64, error) {
	return done(command[classroomv1.RaiseHandRequest, classroomv1.RaiseHandResponse](ctx, p,
		classroomv1.ClassroomService_RaiseHand_FullMethodName, func(key string) *classroomv1.RaiseHandRequest {
			return &classroomv1.RaiseHandRequest{LessonId: p.lessonID, IdempotencyKey: key, ParticipantId: p.ID()}
		}))
}

// LowerHand lowers the participant's own hand.
func (p *Participant) LowerHand(ctx context.Context) (uint64, error) {
	return done(command[classroomv1.LowerHandRequest, classroomv1.LowerHandResponse](ctx, p,
		classroomv1.ClassroomService_LowerHand_FullMethodName, func(key string) *classroomv1.LowerHandRequest {
			return &classroomv1.LowerHandRequest{LessonId: p.lessonID, IdempotencyKey: key, ParticipantId: p.ID()}
		}))
}

// CallOn calls on a classroom.
func (p *Participant) CallOn(ctx context.Context, participantID string) (uint64, error) {
	return done(command[classroomv1.CallOnRequest, classroomv1.CallOnResponse](ctx, p,
		classroomv1.ClassroomService_CallOn_FullMethodName, func(key string) *classroomv1.CallOnRequest {
			return &classroomv1.CallOnRequest{LessonId: p.lessonID, IdempotencyKey: key, ParticipantId: participantID}
		}))
}

// SetStage brings a classroom on or off stage.
func (p *Participant) SetStage(ctx context.Context, participantID string, on bool) (uint64, error) {
	return done(command[classroomv1.SetStageRequest, classroomv1.SetStageResponse](ctx, p,
		classroomv1.ClassroomService_SetStage_FullMethodName, func(key string) *classroomv1.SetStageRequest {
			return &classroomv1.SetStageRequest{LessonId: p.lessonID, IdempotencyKey: key, ParticipantId: participantID, OnStage: on}
		}))
}

// PostChat posts a line of text.
func (p *Participant) PostChat(ctx context.Context, text string) (uint64, error) {
	return done(command[classroomv1.PostChatRequest, classroomv1.PostChatResponse](ctx, p,
		classroomv1.ClassroomService_PostChat_FullMethodName, func(key string) *classroomv1.PostChatRequest {
			return &classroomv1.PostChatRequest{LessonId: p.lessonID, IdempotencyKey: key, Text: text}
		}))
}

// OpenPoll asks a question and returns the poll's id.
func (p *Participant) OpenPoll(ctx context.Context, question string, options ...string) (string, uint64, error) {
	res, err := command[classroomv1.OpenPollRequest, classroomv1.OpenPollResponse](ctx, p,
		classroomv1.ClassroomService_OpenPoll_FullMethodName, func(key string) *classroomv1.OpenPollRequest {
			return &classroomv1.OpenPollRequest{LessonId: p.lessonID, IdempotencyKey: key, Question: question, Options: options}
		})
	if err != nil {
		return "", 0, err
	}
	return res.GetPollId(), res.GetOrdinal(), nil
}

// AnswerPoll gives the room's head-counts per option.
func (p *Participant) AnswerPoll(ctx context.Context, pollID string, counts ...uint32) (uint64, error) {
	return done(command[classroomv1.AnswerPollRequest, classroomv1.AnswerPollResponse](ctx, p,
		classroomv1.ClassroomService_AnswerPoll_FullMethodName, func(key string) *classroomv1.AnswerPollRequest {
			return &classroomv1.AnswerPollRequest{LessonId: p.lessonID, IdempotencyKey: key, PollId: pollID, ParticipantId: p.ID(), Counts: counts}
		}))
}

// ClosePoll closes a poll.
func (p *Participant) ClosePoll(ctx context.Context, pollID string) (uint64, error) {
	return done(command[classroomv1.ClosePollRequest, classroomv1.ClosePollResponse](ctx, p,
		classroomv1.ClassroomService_ClosePoll_FullMethodName, func(key string) *classroomv1.ClosePollRequest {
			return &classroomv1.ClosePollRequest{LessonId: p.lessonID, IdempotencyKey: key, PollId: pollID}
		}))
}

// exchange sends an offer and returns the answer. An offer is sent once: its answer belongs to one connection.
func (p *Participant) exchange(ctx context.Context, offer string) (*classroomv1.ConnectMediaResponse, error) {
	return attempt[classroomv1.ConnectMediaRequest, classroomv1.ConnectMediaResponse](ctx, p,
		classroomv1.ClassroomService_ConnectMedia_FullMethodName,
		&classroomv1.ConnectMediaRequest{LessonId: p.lessonID, WindowId: p.windowID, Offer: offer})
}
