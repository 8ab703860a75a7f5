package health

import (
	"time"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// Thresholds. Below yellow a lesson is not disturbed; at red it cannot be followed.
const (
	lossYellow, lossRed           = 0.02, 0.08
	roundTripYellow, roundTripRed = 250.0, 500.0 // ms
	freezesYellow, freezesRed     = 1, 4         // in the window
	concealedYellow, concealedRed = 0.05, 0.15   // share of sound made up
	opinionYellow, opinionRed     = 3.6, 2.6     // R 70 and 50: "some" and "nearly all dissatisfied" (G.107, annex B)
	// squeezedYellow is the share of the window in which a picture is much smaller than it could be.
	squeezedYellow = 0.5
	// settle is the time between joining and being expected to have media.
	settle = 10 * time.Second
	// enoughSamples are needed before silence means that nothing is sent.
	enoughSamples = 5
)

// Short names of what verdicts are made of.
const (
	green  = classroomv1.HealthLight_HEALTH_LIGHT_GREEN
	yellow = classroomv1.HealthLight_HEALTH_LIGHT_YELLOW
	red    = classroomv1.HealthLight_HEALTH_LIGHT_RED
	grey   = classroomv1.HealthLight_HEALTH_LIGHT_GREY

	noHop    = classroomv1.Hop_HOP_UNSPECIFIED
	room     = classroomv1.Hop_HOP_ROOM
	access   = classroomv1.Hop_HOP_ACCESS
	relayHop = classroomv1.Hop_HOP_RELAY
)

// verdict is what is wrong with a participant, where, and how badly.
type verdict struct {
	light   classroomv1.HealthLight
	hop     classroomv1.Hop
	finding classroomv1.Finding
}

func fine() verdict { return verdict{green, noHop, classroomv1.Finding_FINDING_NONE} }

func nothingToJudge() verdict { return verdict{grey, noHop, classroomv1.Finding_FINDING_NONE} }

// judge names the worst thing about a participant; absence comes before anything that is measured. Assistants and
// observers are never red: the lesson goes on without them.
func judge(s *lesson.State, p *lesson.Participant, m measure, now time.Time) verdict {
	v := judgePresence(s, p, now)
	if v == nil {
		measured := judgeMeasure(s, p, m)
		v = &measured
	}
	if !taking(p) && v.light == red {
		v.light = yellow
	}
	return *v
}

// taking tells whether the lesson needs the participant.
func taking(p *lesson.Participant) bool {
	return p.Role == lesson.RoleLead || p.Role == lesson.RoleClassroom
}

// judgePresence returns nil for a participant whose media can be judged.
func judgePresence(s *lesson.State, p *lesson.Participant, now time.Time) *verdict {
	expected := taking(p) && (s.Phase == lesson.PhaseLive || !now.Before(s.Plan.StartsAt))
	settled := now.Sub(p.PresenceSince) >= settle
	switch {
	case p.Presence == lesson.Absent && expected && len(p.Spans) == 0:
		return &verdict{red, room, classroomv1.Finding_FINDING_EXPECTED_BUT_ABSENT}
	case p.Presence == lesson.Absent && expected:
		return &verdict{red, access, classroomv1.Finding_FINDING_DISCONNECTED}
	case p.Presence == lesson.Absent:
		v := nothingToJudge()
		return &v
	case p.Presence == lesson.Reconnecting:
		return &verdict{red, access, classroomv1.Finding_FINDING_DISCONNECTED}
	case p.MediaConnected:
		return nil
	case !taking(p) || !settled:
		v := nothingToJudge()
		return &v
	case expected:
		return &verdict{red, access, classroomv1.Finding_FINDING_NO_MEDIA}
	default:
		return &verdict{yellow, access, classroomv1.Finding_FINDING_NO_MEDIA}
	}
}

// judgeMeasure tries the findings in the order in which they explain each other: loss explains freezes, and a picture
// that was squeezed explains nothing else.
func judgeMeasure(s *lesson.State, p *lesson.Participant, m measure) verdict {
	if m.samples == 0 {
		return nothingToJudge()
	}
	sends := s.Phase == lesson.PhaseLive && taking(p) && m.samples >= enoughSamples
	findings := []verdict{
		{above(m.lossUp, lossYellow, lossRed), access, classroomv1.Finding_FINDING_LOSS_UP},
		{above(m.lossDown, lossYellow, lossRed), access, classroomv1.Finding_FINDING_LOSS_DOWN},
		{above(m.roundTripMs, roundTripYellow, roundTripRed), access, classroomv1.Finding_FINDING_HIGH_ROUND_TRIP},
		{above(m.concealed, concealedYellow, concealedRed), access, classroomv1.Finding_FINDING_LOSS_DOWN},
		{opinionLight(m), access, classroomv1.Finding_FINDING_HIGH_ROUND_TRIP},
		{freezeLight(m), room, classroomv1.Finding_FINDING_FREEZES},
		{yellowIf(m.squeezed >= squeezedYellow), access, classroomv1.Finding_FINDING_LOW_BANDWIDTH},
		{yellowIf(m.transport == "tcp"), access, classroomv1.Finding_FINDING_UDP_BLOCKED},
		{yellowIf(sends && !m.camera), room, classroomv1.Finding_FINDING_NO_CAMERA},
		{yellowIf(sends && p.AudioOpen && !m.voice), room, classroomv1.Finding_FINDING_NO_MICROPHONE},
	}
	worst := fine()
	for _, v := range findings {
		if severity(v.light) > severity(worst.light) {
			worst = v
		}
	}
	return worst
}

// above compares a figure with its thresholds; what was not measured is green.
func above(figure *float64, atYellow, atRed float64) classroomv1.HealthLight {
	switch {
	case figure == nil || *figure < atYellow:
		return green
	case *figure < atRed:
		return yellow
	default:
		return red
	}
}

// freezeLight blames the computer for freezes unless what it was sent came damaged already.
func freezeLight(m measure) classroomv1.HealthLight {
	if m.disturbed {
		return green
	}
	return above(asFloat(m.freezes), freezesYellow, freezesRed)
}

func yellowIf(wrong bool) classroomv1.HealthLight {
	if wrong {
		return yellow
	}
	return green
}

// opinion is the score of the sound that the participant hears; nil when it cannot be told.
func (m measure) opinion() *float64 {
	if m.roundTripMs == nil {
		return nil
	}
	var jitter, loss float64
	if m.jitterMs != nil {
		jitter = *m.jitterMs
	}
	if m.lossDown != nil {
		loss = *m.lossDown
	}
	score := opinionScore(*m.roundTripMs, jitter, loss)
	return &score
}

func opinionLight(m measure) classroomv1.HealthLight {
	score := m.opinion()
	switch {
	case score == nil || *score > opinionYellow:
		return green
	case *score > opinionRed:
		return yellow
	default:
		return red
	}
}

// severity orders lights: grey says nothing, so it is worse than green for nobody.
func severity(l classroomv1.HealthLight) int {
	switch l {
	case red:
		return 3
	case yellow:
		return 2
	case green:
		return 1
	default:
		return 0
	}
}

func asFloat(n *uint32) *float64 {
	if n == nil {
		return nil
	}
	v := float64(*n)
	return &v
}
