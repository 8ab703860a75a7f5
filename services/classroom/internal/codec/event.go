package codec

import (
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// Event returns an event as the viewer may see it: the counts of an answer stay hidden from other rooms.
func Event(e lesson.Event, v Viewer) *classroomv1.LessonEvent {
	wire := &classroomv1.LessonEvent{Ordinal: e.Ordinal, At: timestamppb.New(e.At), ActorId: e.Actor}
	switch k := e.Kind.(type) {
	case lesson.LessonOpened:
		wire.Kind = &classroomv1.LessonEvent_LessonOpened{LessonOpened: &classroomv1.LessonOpened{Plan: planTo(k.Plan)}}
	case lesson.LessonStarted:
		wire.Kind = &classroomv1.LessonEvent_LessonStarted{LessonStarted: &classroomv1.LessonStarted{}}
	case lesson.LessonEnded:
		wire.Kind = &classroomv1.LessonEvent_LessonEnded{LessonEnded: &classroomv1.LessonEnded{Reason: endReasonTo(k.Reason)}}
	case lesson.ParticipantJoined:
		wire.Kind = &classroomv1.LessonEvent_ParticipantJoined{ParticipantJoined: &classroomv1.ParticipantJoined{
			Participant: memberTo(k.Member), WindowId: k.Window,
		}}
	case lesson.ConnectionLost:
		wire.Kind = &classroomv1.LessonEvent_ConnectionLost{ConnectionLost: &classroomv1.ConnectionLost{ParticipantId: k.ID}}
	case lesson.ParticipantLeft:
		wire.Kind = &classroomv1.LessonEvent_ParticipantLeft{ParticipantLeft: &classroomv1.ParticipantLeft{ParticipantId: k.ID}}
	case lesson.HandRaised:
		wire.Kind = &classroomv1.LessonEvent_HandRaised{HandRaised: &classroomv1.HandRaised{ParticipantId: k.ID}}
	case lesson.HandLowered:
		wire.Kind = &classroomv1.LessonEvent_HandLowered{HandLowered: &classroomv1.HandLowered{ParticipantId: k.ID}}
	case lesson.CalledOn:
		wire.Kind = &classroomv1.LessonEvent_CalledOn{CalledOn: &classroomv1.CalledOn{ParticipantId: k.ID}}
	case lesson.SteppedOnStage:
		wire.Kind = &classroomv1.LessonEvent_SteppedOnStage{SteppedOnStage: &classroomv1.SteppedOnStage{ParticipantId: k.ID}}
	case lesson.SteppedOffStage:
		wire.Kind = &classroomv1.LessonEvent_SteppedOffStage{SteppedOffStage: &classroomv1.SteppedOffStage{ParticipantId: k.ID}}
	case lesson.AudioChanged:
		wire.Kind = &classroomv1.LessonEvent_AudioChanged{AudioChanged: &classroomv1.AudioChanged{
			ParticipantId: k.ID, Open: k.Open, MutedByTeacher: k.MutedByTeacher,
		}}
	case lesson.ChatPosted:
		wire.Kind = &classroomv1.LessonEvent_ChatPosted{ChatPosted: &classroomv1.ChatPosted{Text: k.Text}}
	case lesson.PollOpened:
		wire.Kind = &classroomv1.LessonEvent_PollOpened{PollOpened: &classroomv1.PollOpened{
			PollId: k.PollID, Question: k.Question, Options: k.Options,
		}}
	case lesson.PollAnswered:
		answered := &classroomv1.PollAnswered{PollId: k.PollID, ParticipantId: k.ID}
		if v.sees(k.ID) {
			answered.Counts = k.Counts
		}
		wire.Kind = &classroomv1.LessonEvent_PollAnswered{PollAnswered: answered}
	case lesson.PollClosed:
		closed := &classroomv1.PollClosed{PollId: k.PollID, Totals: k.Totals}
		for _, a := range k.Answers {
			closed.Answers = append(closed.Answers, &classroomv1.PollAnswered{
				PollId: k.PollID, ParticipantId: a.ParticipantID, Counts: a.Counts,
			})
		}
		wire.Kind = &classroomv1.LessonEvent_PollClosed{PollClosed: closed}
	case lesson.HeadCountSet:
		wire.Kind = &classroomv1.LessonEvent_HeadCountSet{HeadCountSet: &classroomv1.HeadCountSet{ParticipantId: k.ID, Count: k.Count}}
	case lesson.MediaConnected:
		wire.Kind = &classroomv1.LessonEvent_MediaConnected{MediaConnected: &classroomv1.MediaConnected{ParticipantId: k.ID}}
	case lesson.MediaLost:
		wire.Kind = &classroomv1.LessonEvent_MediaLost{MediaLost: &classroomv1.MediaLost{ParticipantId: k.ID}}
	case lesson.MediaTokenIssued:
		wire.Kind = &classroomv1.LessonEvent_MediaTokenIssued{MediaTokenIssued: issuedTo(k.Token, v)}
	case lesson.MediaTokenRevoked:
		wire.Kind = &classroomv1.LessonEvent_MediaTokenRevoked{MediaTokenRevoked: &classroomv1.MediaTokenRevoked{TokenId: k.ID}}
	}
	return wire
}

// kindFrom is the reverse of Event.
func kindFrom(e *classroomv1.LessonEvent) (lesson.Kind, error) {
	switch k := e.GetKind().(type) {
	case *classroomv1.LessonEvent_LessonOpened:
		return lesson.LessonOpened{Plan: planFrom(k.LessonOpened.GetPlan())}, nil
	case *classroomv1.LessonEvent_LessonStarted:
		return lesson.LessonStarted{}, nil
	case *classroomv1.LessonEvent_LessonEnded:
		return lesson.LessonEnded{Reason: endReasonFrom(k.LessonEnded.GetReason())}, nil
	case *classroomv1.LessonEvent_ParticipantJoined:
		return lesson.ParticipantJoined{
			Member: memberFrom(k.ParticipantJoined.GetParticipant()), Window: k.ParticipantJoined.GetWindowId(),
		}, nil
	case *classroomv1.LessonEvent_ConnectionLost:
		return lesson.ConnectionLost{ID: k.ConnectionLost.GetParticipantId()}, nil
	case *classroomv1.LessonEvent_ParticipantLeft:
		return lesson.ParticipantLeft{ID: k.ParticipantLeft.GetParticipantId()}, nil
	case *classroomv1.LessonEvent_HandRaised:
		return lesson.HandRaised{ID: k.HandRaised.GetParticipantId()}, nil
	case *classroomv1.LessonEvent_HandLowered:
		return lesson.HandLowered{ID: k.HandLowered.GetParticipantId()}, nil
	case *classroomv1.LessonEvent_CalledOn:
		return lesson.CalledOn{ID: k.CalledOn.GetParticipantId()}, nil
	case *classroomv1.LessonEvent_SteppedOnStage:
		return lesson.SteppedOnStage{ID: k.SteppedOnStage.GetParticipantId()}, nil
	case *classroomv1.LessonEvent_SteppedOffStage:
		return lesson.SteppedOffStage{ID: k.SteppedOffStage.GetParticipantId()}, nil
	case *classroomv1.LessonEvent_AudioChanged:
		return lesson.AudioChanged{
			ID: k.AudioChanged.GetParticipantId(), Open: k.AudioChanged.GetOpen(), MutedByTeacher: k.AudioChanged.GetMutedByTeacher(),
		}, nil
	case *classroomv1.LessonEvent_ChatPosted:
		return lesson.ChatPosted{Text: k.ChatPosted.GetText()}, nil
	case *classroomv1.LessonEvent_PollOpened:
		return lesson.PollOpened{
			PollID: k.PollOpened.GetPollId(), Question: k.PollOpened.GetQuestion(), Options: k.PollOpened.GetOptions(),
		}, nil
	case *classroomv1.LessonEvent_PollAnswered:
		return lesson.PollAnswered{
			PollID: k.PollAnswered.GetPollId(), ID: k.PollAnswered.GetParticipantId(), Counts: k.PollAnswered.GetCounts(),
		}, nil
	case *classroomv1.LessonEvent_PollClosed:
		closed := lesson.PollClosed{PollID: k.PollClosed.GetPollId(), Totals: k.PollClosed.GetTotals()}
		for _, a := range k.PollClosed.GetAnswers() {
			closed.Answers = append(closed.Answers, lesson.Answer{ParticipantID: a.GetParticipantId(), Counts: a.GetCounts()})
		}
		return closed, nil
	case *classroomv1.LessonEvent_HeadCountSet:
		return lesson.HeadCountSet{ID: k.HeadCountSet.GetParticipantId(), Count: k.HeadCountSet.GetCount()}, nil
	case *classroomv1.LessonEvent_MediaConnected:
		return lesson.MediaConnected{ID: k.MediaConnected.GetParticipantId()}, nil
	case *classroomv1.LessonEvent_MediaLost:
		return lesson.MediaLost{ID: k.MediaLost.GetParticipantId()}, nil
	case *classroomv1.LessonEvent_MediaTokenIssued:
		return issuedFrom(k.MediaTokenIssued)
	case *classroomv1.LessonEvent_MediaTokenRevoked:
		return lesson.MediaTokenRevoked{ID: k.MediaTokenRevoked.GetTokenId()}, nil
	default:
		return nil, fmt.Errorf("unknown kind %T", k)
	}
}
