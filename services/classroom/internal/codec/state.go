package codec

import (
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// State returns a state as the viewer may see it.
func State(s *lesson.State, v Viewer) *classroomv1.LessonState {
	wire := &classroomv1.LessonState{
		Plan:      planTo(s.Plan),
		Phase:     Phase(s.Phase),
		Ordinal:   s.Ordinal,
		Stage:     s.Stage,
		StartedAt: stamp(s.StartedAt),
		EndedAt:   stamp(s.EndedAt),
		EndReason: endReasonTo(s.EndReason),
		Poll:      pollTo(s.Poll, v),
	}
	for _, p := range s.Participants {
		wire.Participants = append(wire.Participants, participantTo(p))
	}
	for _, h := range s.Hands {
		wire.Hands = append(wire.Hands, &classroomv1.HandState{ParticipantId: h.ParticipantID, RaisedAt: stamp(h.RaisedAt)})
	}
	for _, l := range s.Chat {
		wire.Chat = append(wire.Chat, &classroomv1.ChatLine{
			Ordinal: l.Ordinal, ParticipantId: l.ParticipantID, Text: l.Text, At: stamp(l.At),
		})
	}
	return wire
}

func participantTo(p *lesson.Participant) *classroomv1.ParticipantState {
	return &classroomv1.ParticipantState{
		Entry:          memberTo(p.Member),
		Presence:       Presence(p.Presence),
		AudioOpen:      p.AudioOpen,
		MutedByTeacher: p.MutedByTeacher,
		MediaConnected: p.MediaConnected,
		HeadCount:      p.HeadCount,
		PresenceSince:  stamp(p.PresenceSince),
		CalledOn:       p.CalledOn,
	}
}

func pollTo(p *lesson.Poll, v Viewer) *classroomv1.PollState {
	if p == nil {
		return nil
	}
	wire := &classroomv1.PollState{
		PollId: p.ID, Question: p.Question, Options: p.Options, Closed: p.Closed, Totals: p.Totals,
	}
	for _, a := range p.Answers {
		answer := &classroomv1.PollAnswered{PollId: p.ID, ParticipantId: a.ParticipantID}
		if p.Closed || v.sees(a.ParticipantID) {
			answer.Counts = a.Counts
		}
		wire.Answers = append(wire.Answers, answer)
	}
	return wire
}

// Attendance returns who was there from when to when.
func Attendance(s *lesson.State) []*classroomv1.AttendanceRecord {
	var records []*classroomv1.AttendanceRecord
	for _, p := range s.Attendance() {
		record := &classroomv1.AttendanceRecord{
			ParticipantId: p.ID, Name: p.Name, CampusName: p.CampusName, Role: Role(p.Role), HeadCount: p.HeadCount,
		}
		for _, span := range p.Spans {
			record.Spans = append(record.Spans, &classroomv1.AttendanceSpan{From: stamp(span.From), To: stamp(span.To)})
		}
		records = append(records, record)
	}
	return records
}
