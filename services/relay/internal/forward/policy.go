package forward

import (
	"slices"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/assign"
)

// policy is a LessonPolicy prepared for questions. The zero value permits nothing.
type policy struct {
	epoch, revision uint64
	flowing         bool
	participants    map[string]*relayv1.ParticipantPolicy
}

func newPolicy(p *relayv1.LessonPolicy) policy {
	out := policy{
		epoch:        p.GetEpoch(),
		revision:     p.GetRevision(),
		flowing:      p.GetFlowing(),
		participants: make(map[string]*relayv1.ParticipantPolicy, len(p.GetParticipants())),
	}
	for _, one := range p.GetParticipants() {
		out.participants[one.GetParticipantId()] = one
	}
	return out
}

// newer reports whether p takes the place of old: a higher epoch wins over any revision. The same revision again
// is no news.
func (p policy) newer(old policy) bool {
	if p.epoch != old.epoch {
		return p.epoch > old.epoch
	}
	return p.revision > old.revision
}

// permits reports whether a participant's media of this kind may be forwarded now.
func (p policy) permits(participant string, kind relayv1.MediaKind) bool {
	return p.flowing && slices.Contains(p.participants[participant].GetMaySend(), kind)
}

// standing is that of the policy; who is not in it is audience.
func (p policy) standing(participant string) (assign.Standing, uint32) {
	one, ok := p.participants[participant]
	if !ok || one.GetStanding() == relayv1.Standing_STANDING_UNSPECIFIED {
		return assign.Audience, one.GetRank()
	}
	return assign.Standing(one.GetStanding()), one.GetRank()
}
