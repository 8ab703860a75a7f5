package codec

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// story is a lesson's log as one of its members receives it.
type story struct {
	viewer Viewer
	// actor caused the events after the first.
	actor string
	kinds []lesson.Kind
}

const (
	lead, roomA, roomB, helper = "psn_lead", "rom_a", "rom_b", "psn_helper"
	nobody                     = "rom_unknown"
)

func opened() lesson.Kind {
	return lesson.LessonOpened{Plan: lesson.Plan{
		LessonID: "lsn_1", Title: "语文", Kind: "DELIVERED_CLASS", StartsAt: at, EndsAt: at.Add(time.Hour),
		Overrun: 10 * time.Minute, StageSize: 3, CampusIDs: []string{"cmp_1"}, Roster: []lesson.Member{
			member(lead, lesson.RoleLead), member(roomA, lesson.RoleClassroom), member(roomB, lesson.RoleClassroom),
		},
	}}
}

func stories() map[string]story {
	everyone := map[string]Viewer{
		"lead": ViewerOf(member(lead, lesson.RoleLead)), "classroom": ViewerOf(member(roomB, lesson.RoleClassroom)),
		"observer": ViewerOf(member("psn_observer", lesson.RoleObserver)),
	}
	all := map[string]story{
		"chat-beyond-what-is-kept": {viewer: Everything, actor: roomA, kinds: chatter(lesson.ChatKept + 3)},
		"anything-in-any-order":    {viewer: Everything, actor: roomB, kinds: anything(400)},
		"presence":                 {viewer: Everything, kinds: presences()},
	}
	for who, viewer := range everyone {
		all["whole-lesson-for-"+who] = story{viewer: viewer, actor: lead, kinds: wholeLesson()}
		all["open-poll-for-"+who] = story{viewer: viewer, kinds: openPoll()}
	}
	return all
}

func openPoll() []lesson.Kind {
	return []lesson.Kind{
		opened(), lesson.LessonStarted{},
		lesson.PollOpened{PollID: "pol_1", Question: "对吗？", Options: []string{"对", "错"}},
		lesson.PollAnswered{PollID: "pol_1", ID: roomA, Counts: []uint32{1, 2}},
		lesson.PollAnswered{PollID: "pol_1", ID: roomB, Counts: []uint32{3, 0}},
		lesson.PollAnswered{PollID: "pol_0", ID: roomB, Counts: []uint32{9, 9}},
		lesson.PollAnswered{PollID: "pol_1", ID: roomA, Counts: []uint32{5, 6}},
		lesson.PollClosed{PollID: "pol_0", Totals: []uint32{9, 9}},
	}
}

func wholeLesson() []lesson.Kind {
	answers := []lesson.Answer{
		{ParticipantID: roomA, Counts: []uint32{5, 6}}, {ParticipantID: roomB, Counts: []uint32{3, 0}},
	}
	return append(openPoll(),
		lesson.ParticipantJoined{Member: member(lead, lesson.RoleLead), Window: "ab12"},
		lesson.ParticipantJoined{Member: member(roomA, lesson.RoleClassroom), Window: "ab13"},
		lesson.ParticipantJoined{Member: member(helper, lesson.RoleAssistant), Window: "ab14"},
		lesson.MediaConnected{ID: lead}, lesson.MediaConnected{ID: roomA}, lesson.MediaLost{ID: lead},
		lesson.HeadCountSet{ID: roomA, Count: 31}, lesson.HeadCountSet{ID: roomB, Count: 0},
		lesson.PollClosed{PollID: "pol_1", Totals: []uint32{8, 6}, Answers: answers},
		lesson.HandRaised{ID: roomB}, lesson.HandRaised{ID: roomA}, lesson.HandRaised{ID: roomB},
		lesson.HandLowered{ID: roomB}, lesson.CalledOn{ID: roomB}, lesson.SteppedOnStage{ID: roomB},
		lesson.SteppedOnStage{ID: roomB}, lesson.AudioChanged{ID: roomB, Open: true},
		lesson.SteppedOnStage{ID: roomA}, lesson.SteppedOffStage{ID: roomB},
		lesson.AudioChanged{ID: roomB, MutedByTeacher: true}, lesson.CalledOn{ID: roomB},
		issued("mtk_1", lesson.MediaPublish, false), issued("mtk_2", lesson.MediaWatch, false),
		lesson.ParticipantJoined{Member: member("mtk_1", lesson.RoleEncoder), Window: "ab15"},
		lesson.AudioChanged{ID: "mtk_1", Open: true}, lesson.MediaConnected{ID: "mtk_1"},
		lesson.MediaTokenRevoked{ID: "mtk_1"}, lesson.MediaLost{ID: "mtk_1"}, lesson.ParticipantLeft{ID: "mtk_1"},
		lesson.ChatPosted{Text: "<b>文</b>"}, lesson.ConnectionLost{ID: roomA}, lesson.ParticipantLeft{ID: helper},
		lesson.LessonEnded{Reason: lesson.EndedByHand},
	)
}

func presences() []lesson.Kind {
	joined := lesson.ParticipantJoined{Member: member(roomA, lesson.RoleClassroom), Window: "ab13"}
	return []lesson.Kind{
		opened(),
		lesson.ConnectionLost{ID: roomA}, lesson.ParticipantLeft{ID: roomB}, // who never came
		joined, joined, lesson.ConnectionLost{ID: roomA}, lesson.ConnectionLost{ID: roomA}, joined,
		lesson.MediaConnected{ID: roomA}, lesson.ConnectionLost{ID: roomA}, lesson.ParticipantLeft{ID: roomA},
		lesson.ParticipantLeft{ID: roomA}, joined,
		lesson.ParticipantLeft{ID: nobody}, lesson.ConnectionLost{ID: nobody},
	}
}

func chatter(lines int) []lesson.Kind {
	kinds := []lesson.Kind{opened()}
	for i := range lines {
		kinds = append(kinds, lesson.ChatPosted{Text: fmt.Sprint(i)})
	}
	return kinds
}

// anything is events that no command would lead to in this order: Apply refuses nothing.
func anything(n int) []lesson.Kind {
	rnd := rand.New(rand.NewPCG(1, 2))
	id := func() string { return []string{lead, roomA, roomB, helper, nobody}[rnd.IntN(5)] }
	yes := func() bool { return rnd.IntN(2) == 0 }
	poll := func() string { return fmt.Sprintf("pol_%d", rnd.IntN(3)) }
	counts := func() []uint32 { return []uint32{rnd.Uint32N(50), rnd.Uint32N(50)} }
	roles := map[string]lesson.Role{lead: lesson.RoleLead, helper: lesson.RoleAssistant, nobody: lesson.RoleObserver}
	joins := func(who string) lesson.Kind {
		role := lesson.RoleClassroom
		if r, ok := roles[who]; ok {
			role = r
		}
		return lesson.ParticipantJoined{Member: member(who, role), Window: "ab12"}
	}
	makers := []func() lesson.Kind{
		func() lesson.Kind { return joins(id()) },
		func() lesson.Kind { return lesson.ConnectionLost{ID: id()} },
		func() lesson.Kind { return lesson.ParticipantLeft{ID: id()} },
		func() lesson.Kind { return lesson.HandRaised{ID: id()} },
		func() lesson.Kind { return lesson.HandLowered{ID: id()} },
		func() lesson.Kind { return lesson.CalledOn{ID: id()} },
		func() lesson.Kind { return lesson.SteppedOnStage{ID: id()} },
		func() lesson.Kind { return lesson.SteppedOffStage{ID: id()} },
		func() lesson.Kind { return lesson.AudioChanged{ID: id(), Open: yes(), MutedByTeacher: yes()} },
		func() lesson.Kind { return lesson.ChatPosted{Text: "？"} },
		func() lesson.Kind {
			return lesson.PollOpened{PollID: poll(), Question: "?", Options: []string{"x", "y"}}
		},
		func() lesson.Kind { return lesson.PollAnswered{PollID: poll(), ID: id(), Counts: counts()} },
		func() lesson.Kind { return lesson.PollClosed{PollID: poll(), Totals: counts()} },
		func() lesson.Kind { return lesson.HeadCountSet{ID: id(), Count: rnd.Uint32N(60)} },
		func() lesson.Kind { return lesson.MediaConnected{ID: id()} },
		func() lesson.Kind { return lesson.MediaLost{ID: id()} },
	}
	kinds := []lesson.Kind{opened(), lesson.LessonStarted{}}
	for range n {
		kinds = append(kinds, makers[rnd.IntN(len(makers))]())
	}
	return kinds
}
