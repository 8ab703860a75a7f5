// Package health judges how lessons fare: it follows the relay's reports, keeps a window of samples for each
// participant, and puts a traffic light, a hop and a finding on each, worst first. Absence comes first of all: a room
// that is expected and not there is the worst that can happen to it.
//
// Monitor.Run owns two goroutines, one that follows the relay and one that makes the board.
package health

import (
	"cmp"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/codec"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// place is a participant in a lesson.
type place struct{ lessonID, participantID string }

// board judges lessons; it remembers since when each participant has its finding. One goroutine uses it.
type board struct{ since map[place]finding }

type finding struct {
	classroomv1.Finding
	light classroomv1.HealthLight
	since time.Time
}

func newBoard() *board { return &board{since: map[place]finding{}} }

// judge makes the operator's board of the given lessons. windows may lack participants.
func (b *board) judge(states []*lesson.State, windows map[place]*window, now time.Time) []*classroomv1.LessonHealth {
	seen := make(map[place]finding, len(b.since))
	lines := make([]*classroomv1.LessonHealth, 0, len(states))
	for _, s := range states {
		lines = append(lines, b.judgeLesson(s, windows, now, seen))
	}
	b.since = seen
	slices.SortStableFunc(lines, func(x, y *classroomv1.LessonHealth) int {
		return cmp.Or(
			cmp.Compare(severity(y.GetLight()), severity(x.GetLight())),
			x.GetStartsAt().AsTime().Compare(y.GetStartsAt().AsTime()),
			cmp.Compare(x.GetLessonId(), y.GetLessonId()),
		)
	})
	return lines
}

func (b *board) judgeLesson(
	s *lesson.State, windows map[place]*window, now time.Time, seen map[place]finding,
) *classroomv1.LessonHealth {
	id := s.Plan.LessonID
	line := &classroomv1.LessonHealth{
		LessonId: id,
		Title:    s.Plan.Title,
		Phase:    codec.Phase(s.Phase),
		Light:    grey,
		StartsAt: timestamppb.New(s.Plan.StartsAt),
		EndsAt:   timestamppb.New(s.Plan.EndsAt),
	}
	best := func(source string, kind relayv1.MediaKind) uint32 {
		if w := windows[place{id, source}]; w != nil {
			return w.tallest(kind)
		}
		return 0
	}
	for _, p := range s.Participants {
		at := place{id, p.ID}
		var m measure
		if w := windows[at]; w != nil {
			w.trim(now)
			m = w.measure(best)
			m.disturbed = slices.ContainsFunc(w.sources(), func(source string) bool {
				from := windows[place{id, source}]
				return from != nil && above(from.lossUp(), lossYellow, lossRed) != green
			})
		}
		v := judge(s, p, m, now)
		f, known := b.since[at]
		if !known || f.Finding != v.finding || f.light != v.light {
			f = finding{v.finding, v.light, now}
		}
		seen[at] = f
		line.Participants = append(line.Participants, describe(p, m, v, f.since))
	}
	blameRelay(line.Participants)
	for _, p := range line.Participants {
		if severity(p.GetLight()) > severity(line.GetLight()) {
			line.Light = p.GetLight()
		}
	}
	slices.SortStableFunc(line.Participants, func(x, y *classroomv1.ParticipantHealth) int {
		return cmp.Or(
			cmp.Compare(severity(y.GetLight()), severity(x.GetLight())),
			cmp.Compare(x.GetRole(), y.GetRole()),
		)
	})
	return line
}

func describe(p *lesson.Participant, m measure, v verdict, since time.Time) *classroomv1.ParticipantHealth {
	return &classroomv1.ParticipantHealth{
		ParticipantId:   p.ID,
		Name:            p.Name,
		CampusName:      p.CampusName,
		Role:            codec.Role(p.Role),
		Presence:        codec.Presence(p.Presence),
		Light:           v.light,
		Hop:             v.hop,
		Finding:         v.finding,
		Since:           timestamppb.New(since),
		RoundTripMs:     m.roundTripMs,
		LossUp:          m.lossUp,
		LossDown:        m.lossDown,
		JitterMs:        m.jitterMs,
		BitrateUpKbps:   m.bitrateUp,
		BitrateDownKbps: m.bitrateDown,
		HeightReceived:  m.received,
		HeightWanted:    m.wanted,
		Freezes:         m.freezes,
		ConcealedAudio:  m.concealed,
		OpinionScore:    m.opinion(),
		Transport:       m.transport,
		NarrowLine:      m.narrow,
	}
}

// blameRelay looks at what measured participants have in common: when at least three of them, from different campuses,
// all suffer on the way to the relay, the relay is the likelier cause than all their lines at once.
func blameRelay(participants []*classroomv1.ParticipantHealth) {
	campuses := map[string]bool{}
	var suffering []*classroomv1.ParticipantHealth
	for _, p := range participants {
		if p.RoundTripMs == nil && p.LossUp == nil && p.LossDown == nil {
			continue
		}
		if p.GetHop() != access {
			return
		}
		suffering = append(suffering, p)
		campuses[p.GetCampusName()] = true
	}
	if len(suffering) < 3 || len(campuses) < 2 {
		return
	}
	for _, p := range suffering {
		p.Hop = relayHop
	}
}
