// Package placement says which relay serves a lesson and what it shall forward. PolicyOf is pure; Relay carries
// policies and offers to the one relay there is for now. The package owns no goroutine.
package placement

import (
	"slices"

	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// Standing orders participants for slots and bandwidth.
type Standing int

// The standings, first served first.
const (
	Lead Standing = iota + 1
	Stage
	Room
	Audience
)

// Media is a kind of publication.
type Media int

// The kinds of media that a policy speaks of.
const (
	Microphone Media = iota + 1
	Camera
	Screen
	ScreenAudio
)

// Policy is who may send what in a lesson. It is always complete.
type Policy struct {
	// Epoch and Revision order policies: the writer's epoch first, then the ordinal that it was made from.
	Epoch    uint64
	Revision uint64
	// Flowing is false until the lesson starts, and after it has ended.
	Flowing      bool
	Participants []Grant
}

// Grant is one participant's part in a policy.
type Grant struct {
	ParticipantID string
	Standing      Standing
	// Rank orders participants of the same standing; lower goes first.
	Rank    uint32
	MaySend []Media
}

// PolicyOf makes the policy of a state. Absent participants are left out. A microphone is forwarded only while it is
// open; the lead teacher may show camera and screen, a classroom its camera, an encoder what
// its token says; assistants and observers send nothing.
func PolicyOf(s *lesson.State, epoch uint64) Policy {
	policy := Policy{Epoch: epoch, Revision: s.Ordinal, Flowing: s.Phase == lesson.PhaseLive}
	for i, p := range s.Participants {
		if p.Presence == lesson.Absent {
			continue
		}
		grant := Grant{ParticipantID: p.ID, Standing: Audience, Rank: uint32(i)}
		switch p.Role {
		case lesson.RoleLead:
			grant.Standing, grant.Rank = Lead, 0
			grant.MaySend = []Media{Camera, Screen, ScreenAudio}
		case lesson.RoleClassroom:
			grant.Standing, grant.Rank = place(s, p, grant.Rank)
			grant.MaySend = []Media{Camera}
		case lesson.RoleEncoder:
			policy.Participants = append(policy.Participants, encoder(s, p, uint32(i)))
			continue
		}
		if p.AudioOpen && grant.Standing != Audience {
			grant.MaySend = append([]Media{Microphone}, grant.MaySend...)
		}
		policy.Participants = append(policy.Participants, grant)
	}
	return policy
}

// encoder is the part of a program that publishes: that of a room, with what its token says it shows.
func encoder(s *lesson.State, p *lesson.Participant, rank uint32) Grant {
	grant := Grant{ParticipantID: p.ID}
	grant.Standing, grant.Rank = place(s, p, rank)
	sound := Microphone
	grant.MaySend = []Media{Camera}
	if s.MediaToken(p.ID).Screen {
		sound, grant.MaySend = ScreenAudio, []Media{Screen}
	}
	if p.AudioOpen {
		grant.MaySend = append([]Media{sound}, grant.MaySend...)
	}
	return grant
}

// place is the standing of who may be on stage, and its rank there.
func place(s *lesson.State, p *lesson.Participant, rank uint32) (Standing, uint32) {
	if at := slices.Index(s.Stage, p.ID); at >= 0 {
		return Stage, uint32(at)
	}
	return Room, rank
}

// Same tells whether two policies say the same, whenever they were made.
func (p Policy) Same(q Policy) bool {
	return p.Epoch == q.Epoch && p.Flowing == q.Flowing && slices.EqualFunc(p.Participants, q.Participants, Grant.same)
}

func (g Grant) same(h Grant) bool {
	return g.ParticipantID == h.ParticipantID && g.Standing == h.Standing && g.Rank == h.Rank &&
		slices.Equal(g.MaySend, h.MaySend)
}
