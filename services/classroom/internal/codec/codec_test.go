package codec

import (
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

var at = time.Date(2026, 11, 23, 8, 0, 0, 123456789, time.UTC)

func member(id string, role lesson.Role) lesson.Member {
	return lesson.Member{ID: id, Name: "名 " + id, Role: role, CampusID: "cmp_1", CampusName: "校区"}
}

// everyKind is one event of each kind.
func everyKind() []lesson.Kind {
	return []lesson.Kind{
		lesson.LessonOpened{Plan: lesson.Plan{
			LessonID: "lsn_1", Title: "语文", Kind: "DELIVERED_CLASS", StartsAt: at, EndsAt: at.Add(time.Hour),
			Overrun: 10 * time.Minute, StageSize: 3, CampusIDs: []string{"cmp_1"},
			Roster: []lesson.Member{member("t", lesson.RoleLead), member("a", lesson.RoleClassroom)},
		}},
		lesson.LessonStarted{},
		lesson.LessonEnded{Reason: lesson.EndedByOverrun},
		lesson.LessonEnded{Reason: lesson.EndedByHand},
		lesson.ParticipantJoined{Member: member("o", lesson.RoleObserver), Window: "ab12"},
		lesson.ParticipantJoined{Member: member("s", lesson.RoleAssistant), Window: "ab13"},
		lesson.ConnectionLost{ID: "a"},
		lesson.ParticipantLeft{ID: "a"},
		lesson.HandRaised{ID: "a"},
		lesson.HandLowered{ID: "a"},
		lesson.CalledOn{ID: "a"},
		lesson.SteppedOnStage{ID: "a"},
		lesson.SteppedOffStage{ID: "a"},
		lesson.AudioChanged{ID: "a", Open: true, MutedByTeacher: true},
		lesson.ChatPosted{Text: "<b>文</b>"},
		lesson.PollOpened{PollID: "pol_9", Question: "?", Options: []string{"x", "y"}},
		lesson.PollAnswered{PollID: "pol_9", ID: "a", Counts: []uint32{0, 30}},
		lesson.PollClosed{
			PollID: "pol_9", Totals: []uint32{0, 30}, Answers: []lesson.Answer{{ParticipantID: "a", Counts: []uint32{0, 30}}},
		},
		lesson.HeadCountSet{ID: "a", Count: 31},
		lesson.MediaConnected{ID: "a"},
		lesson.MediaLost{ID: "a"},
		issued("mtk_1", lesson.MediaPublish, true),
		issued("mtk_2", lesson.MediaWatch, false),
		lesson.MediaTokenRevoked{ID: "mtk_1"},
	}
}

func issued(id string, use lesson.MediaUse, screen bool) lesson.Kind {
	return lesson.MediaTokenIssued{Token: lesson.MediaToken{
		ID: id, Use: use, Name: "编码器", Screen: screen, IssuedBy: "t", Hash: lesson.HashToken(id),
	}}
}

func everyEvent() lesson.Entry {
	entry := lesson.Entry{Key: "key-00001", Sender: "t", Command: "Start", At: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	for i, k := range everyKind() {
		entry.Events = append(entry.Events, lesson.Event{
			Ordinal: uint64(i + 1), At: at.Add(time.Duration(i)), Actor: "t", Kind: k,
		})
	}
	return entry
}

func TestEntry_ComesBackAsItWas(t *testing.T) {
	data, err := EncodeEntry(everyEvent())
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeEntry(data)
	if err != nil {
		t.Fatal(err)
	}
	if want := everyEvent(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestEvent_CoversEveryKindOfTheContract(t *testing.T) {
	covered := map[protoreflect.Name]bool{}
	for _, e := range everyEvent().Events {
		m := Event(e, Everything).ProtoReflect()
		field := m.WhichOneof(m.Descriptor().Oneofs().ByName("kind"))
		if field == nil {
			t.Fatalf("%T has no place on the wire", e.Kind)
		}
		covered[field.Name()] = true
	}
	fields := (&classroomv1.LessonEvent{}).ProtoReflect().Descriptor().Oneofs().ByName("kind").Fields()
	for i := range fields.Len() {
		if name := fields.Get(i).Name(); !covered[name] {
			t.Errorf("%s is never sent", name)
		}
	}
}

func TestDecodeEntry_RefusesWhatItDoesNotKnow(t *testing.T) {
	unknown, err := proto.Marshal(&classroomv1.LogEntry{Events: []*classroomv1.LessonEvent{{Ordinal: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"event of no known kind": unknown, "other bytes": []byte("hello")} {
		if _, err := DecodeEntry(data); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAnswers_AreHiddenFromOtherRoomsUntilThePollIsClosed(t *testing.T) {
	answered := lesson.Event{Kind: lesson.PollAnswered{PollID: "p", ID: "a", Counts: []uint32{1, 2}}}
	viewers := map[string]Viewer{
		"lead":       ViewerOf(member("t", lesson.RoleLead)),
		"room":       ViewerOf(member("a", lesson.RoleClassroom)),
		"other room": ViewerOf(member("b", lesson.RoleClassroom)),
		"observer":   ViewerOf(member("o", lesson.RoleObserver)),
	}
	for name, v := range viewers {
		sees := name == "lead" || name == "room"
		if got := Event(answered, v).GetPollAnswered().GetCounts(); (got != nil) != sees {
			t.Errorf("event for %s: counts %v", name, got)
		}
		for _, closed := range []bool{false, true} {
			s := &lesson.State{Poll: &lesson.Poll{
				ID: "p", Closed: closed, Answers: []lesson.Answer{{ParticipantID: "a", Counts: []uint32{1, 2}}},
			}}
			answers := State(s, v).GetPoll().GetAnswers()
			if len(answers) != 1 || answers[0].GetParticipantId() != "a" {
				t.Fatalf("state for %s: answers %v", name, answers)
			}
			if got := answers[0].GetCounts(); (got != nil) != (sees || closed) {
				t.Errorf("state for %s, closed %v: counts %v", name, closed, got)
			}
		}
	}
}

func TestMediaTokens_AreToldToTheLeadTeacherWithoutWhatIsStoredOfTheSecret(t *testing.T) {
	e := lesson.Event{Ordinal: 1, At: at, Kind: issued("mtk_1", lesson.MediaPublish, true)}
	for name, v := range map[string]Viewer{
		"lead": ViewerOf(member("t", lesson.RoleLead)), "room": ViewerOf(member("a", lesson.RoleClassroom)),
	} {
		got := Event(e, v).GetMediaTokenIssued()
		if got.GetTokenId() != "mtk_1" || got.GetHash() != nil || (got.GetName() != "") != v.All {
			t.Errorf("the %s is told %v", name, got)
		}
	}
	if got := Event(e, Everything).GetMediaTokenIssued().GetHash(); len(got) != 32 {
		t.Errorf("the log keeps %x", got)
	}
	list := MediaTokens(lesson.Apply(&lesson.State{}, e))
	if len(list) != 1 || list[0].GetInUse() || list[0].GetRevoked() || !list[0].GetIssuedAt().AsTime().Equal(at) {
		t.Errorf("listed as %v", list)
	}
}

func FuzzDecodeEntry(f *testing.F) {
	data, err := EncodeEntry(everyEvent())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		entry, err := DecodeEntry(data)
		if err != nil {
			return
		}
		state := &lesson.State{}
		for _, e := range entry.Events {
			state = lesson.Apply(state, e)
		}
		State(state, Everything)
		again, err := EncodeEntry(entry)
		if err != nil {
			return // text that is not UTF-8 is refused by the writer
		}
		if twice, err := DecodeEntry(again); err != nil || !reflect.DeepEqual(twice, entry) {
			t.Errorf("%+v became %+v, %v", entry, twice, err)
		}
	})
}
