package health

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

var start = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

const (
	teacher = "psn_lead"
	roomA   = "rom_a"
	roomB   = "rom_b"
	watcher = "psn_observer"
)

// testLesson is an open lesson; actions happen at its start.
func testLesson(t *testing.T, id string, actions ...lesson.Command) *lesson.State {
	t.Helper()
	plan := lesson.Plan{
		LessonID: id, StartsAt: start, EndsAt: start.Add(40 * time.Minute), StageSize: 3,
		Roster: []lesson.Member{
			{ID: teacher, Role: lesson.RoleLead, CampusID: "cmp_l", CampusName: "L"},
			{ID: roomA, Role: lesson.RoleClassroom, CampusID: "cmp_a", CampusName: "A"},
			{ID: roomB, Role: lesson.RoleClassroom, CampusID: "cmp_b", CampusName: "B"},
		},
		CampusIDs: []string{"cmp_l"},
	}
	s := &lesson.State{}
	for _, c := range append([]lesson.Command{{Do: lesson.Open{Plan: plan}}}, actions...) {
		d, err := lesson.Decide(s, c, start)
		if err != nil {
			t.Fatalf("%T: %v", c.Do, err)
		}
		s = d.Next
	}
	return s
}

func joins(ids ...string) []lesson.Command {
	roles := map[string]lesson.Role{teacher: lesson.RoleLead, roomA: lesson.RoleClassroom, roomB: lesson.RoleClassroom, watcher: lesson.RoleObserver}
	var list []lesson.Command
	for _, id := range ids {
		list = append(list, lesson.Command{Do: lesson.Join{Member: lesson.Member{ID: id, Role: roles[id]}, Window: "w"}},
			lesson.Command{Do: lesson.ReportMedia{ID: id, Connected: true}})
	}
	return list
}

func started() lesson.Command { return lesson.Command{Sender: teacher, Do: lesson.Start{}} }

func live(t *testing.T) *lesson.State {
	return testLesson(t, "lsn_1", append(joins(teacher, roomA, roomB, watcher), started())...)
}

// well is a sample without fault.
func well() *relayv1.ConnectionSample {
	return &relayv1.ConnectionSample{
		Transport: "udp", RoundTrip: durationpb.New(20 * time.Millisecond), Jitter: durationpb.New(2 * time.Millisecond),
		LossUp: proto.Float64(0), LossDown: proto.Float64(0), BitrateUp: 1_500_000, BitrateDown: 2_000_000,
		LayersUp: []*relayv1.LayerSample{
			{Kind: relayv1.MediaKind_MEDIA_KIND_MICROPHONE, Bitrate: 40_000},
			{Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA, Rid: "f", Bitrate: 1_000_000, Height: 720},
		},
		Slots: []*relayv1.SlotSample{{
			SlotId: "video0", SourceId: roomB, Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA, HeightWanted: 720, HeightSent: 720,
		}},
		Client: &relayv1.ClientStats{FramesDecoded: 150, TotalSamples: 240_000, MaxHeightReceived: 720, SpanMs: 5000},
	}
}

// tenSeconds is a window of the same sample.
func tenSeconds(edit func(*relayv1.ConnectionSample)) *window {
	w := &window{}
	for i := range 10 {
		s := well()
		if edit != nil {
			edit(s)
		}
		w.add(start.Add(time.Duration(i)*time.Second), s)
	}
	return w
}

func TestScore_IsHighestOnAPerfectLineAndFallsWithDelayAndLoss(t *testing.T) {
	best := opinionScore(0, 0, 0)
	if best < 4.3 || best > 4.5 {
		t.Errorf("a perfect line scores %.2f", best)
	}
	last := best
	for _, rtt := range []float64{100, 200, 400, 800, 1600} {
		score := opinionScore(rtt, 5, 0)
		if score >= last || score < 1 {
			t.Errorf("%v ms scores %.2f after %.2f", rtt, score, last)
		}
		last = score
	}
	last = best
	for _, loss := range []float64{0.01, 0.02, 0.05, 0.1, 0.3} {
		score := opinionScore(20, 5, loss)
		if score >= last || score < 1 {
			t.Errorf("loss %v scores %.2f after %.2f", loss, score, last)
		}
		last = score
	}
}

func TestJudge_NamesTheFindingTheHopAndTheLight(t *testing.T) {
	for _, tt := range []struct {
		name    string
		edit    func(*relayv1.ConnectionSample)
		light   classroomv1.HealthLight
		hop     classroomv1.Hop
		finding classroomv1.Finding
	}{
		{"all well", nil, green, noHop, classroomv1.Finding_FINDING_NONE},
		{"1.9 % loss up", func(s *relayv1.ConnectionSample) { s.LossUp = proto.Float64(0.019) }, green, noHop, classroomv1.Finding_FINDING_NONE},
		{"2.1 % loss up", func(s *relayv1.ConnectionSample) { s.LossUp = proto.Float64(0.021) }, yellow, access, classroomv1.Finding_FINDING_LOSS_UP},
		{"8.1 % loss up", func(s *relayv1.ConnectionSample) { s.LossUp = proto.Float64(0.081) }, red, access, classroomv1.Finding_FINDING_LOSS_UP},
		{"10 % loss down", func(s *relayv1.ConnectionSample) { s.LossDown = proto.Float64(0.1) }, red, access, classroomv1.Finding_FINDING_LOSS_DOWN},
		{"round trip of 260 ms", func(s *relayv1.ConnectionSample) { s.RoundTrip = durationpb.New(260 * time.Millisecond) }, yellow, access, classroomv1.Finding_FINDING_HIGH_ROUND_TRIP},
		{"round trip of 510 ms", func(s *relayv1.ConnectionSample) { s.RoundTrip = durationpb.New(510 * time.Millisecond) }, red, access, classroomv1.Finding_FINDING_HIGH_ROUND_TRIP},
		{"TCP", func(s *relayv1.ConnectionSample) { s.Transport = "tcp" }, yellow, access, classroomv1.Finding_FINDING_UDP_BLOCKED},
		{"a freeze", func(s *relayv1.ConnectionSample) { s.Client.Freezes = 1 }, yellow, room, classroomv1.Finding_FINDING_FREEZES},
		{"many freezes", func(s *relayv1.ConnectionSample) { s.Client.Freezes = 4 }, red, room, classroomv1.Finding_FINDING_FREEZES},
		{"freezes because of loss", func(s *relayv1.ConnectionSample) {
			s.Client.Freezes, s.LossDown = 4, proto.Float64(0.1)
		}, red, access, classroomv1.Finding_FINDING_LOSS_DOWN},
		{"sound made up", func(s *relayv1.ConnectionSample) { s.Client.ConcealedSamples = 20_000 }, yellow, access, classroomv1.Finding_FINDING_LOSS_DOWN},
		{"no camera", func(s *relayv1.ConnectionSample) { s.LayersUp = s.LayersUp[:1] }, yellow, room, classroomv1.Finding_FINDING_NO_CAMERA},
		{"no microphone, closed anyway", func(s *relayv1.ConnectionSample) { s.LayersUp = s.LayersUp[1:] }, green, noHop, classroomv1.Finding_FINDING_NONE},
		{"squeezed picture", func(s *relayv1.ConnectionSample) { s.Slots[0].HeightSent = 180 }, yellow, access, classroomv1.Finding_FINDING_LOW_BANDWIDTH},
		{"paused picture", func(s *relayv1.ConnectionSample) { s.Slots[0].HeightSent, s.Slots[0].Paused = 0, true }, yellow, access, classroomv1.Finding_FINDING_LOW_BANDWIDTH},
		{"nothing was measured", func(s *relayv1.ConnectionSample) {
			*s = relayv1.ConnectionSample{LayersUp: s.LayersUp}
		}, green, noHop, classroomv1.Finding_FINDING_NONE},
	} {
		t.Run(tt.name, func(t *testing.T) {
			windows := map[place]*window{{"lsn_1", roomA}: tenSeconds(tt.edit), {"lsn_1", roomB}: tenSeconds(nil)}
			line := newBoard().judge([]*lesson.State{live(t)}, windows, start.Add(9*time.Second))[0]
			p := find(line, roomA)
			if p.GetLight() != tt.light || p.GetHop() != tt.hop || p.GetFinding() != tt.finding {
				t.Errorf("%v %v %v, want %v %v %v", p.GetLight(), p.GetHop(), p.GetFinding(), tt.light, tt.hop, tt.finding)
			}
		})
	}
}

func TestJudge_FreezesAreNotBlamedOnAViewerWhoseSourceLosesPackets(t *testing.T) {
	freezing := func(s *relayv1.ConnectionSample) { s.Client.Freezes = 4 }
	losing := func(s *relayv1.ConnectionSample) { s.LossUp = proto.Float64(0.1) }
	windows := map[place]*window{{"lsn_1", roomA}: tenSeconds(freezing), {"lsn_1", roomB}: tenSeconds(losing)}
	line := newBoard().judge([]*lesson.State{live(t)}, windows, start.Add(9*time.Second))[0]
	if p := find(line, roomA); p.GetFinding() != classroomv1.Finding_FINDING_NONE || p.GetFreezes() == 0 {
		t.Errorf("finding %v, %d freezes", p.GetFinding(), p.GetFreezes())
	}
	if p := find(line, roomB); p.GetFinding() != classroomv1.Finding_FINDING_LOSS_UP {
		t.Errorf("the source: %v", p.GetFinding())
	}
}

func TestJudge_ASqueezedPictureIsNoFaultWhenItsSourceSendsNoMore(t *testing.T) {
	small := func(s *relayv1.ConnectionSample) { s.Slots[0].HeightSent = 180 }
	source := func(s *relayv1.ConnectionSample) { s.LayersUp[1].Height = 180 }
	windows := map[place]*window{{"lsn_1", roomA}: tenSeconds(small), {"lsn_1", roomB}: tenSeconds(source)}
	line := newBoard().judge([]*lesson.State{live(t)}, windows, start.Add(9*time.Second))[0]
	if p := find(line, roomA); p.GetFinding() != classroomv1.Finding_FINDING_NONE {
		t.Errorf("finding %v", p.GetFinding())
	}
}

func TestJudge_AbsenceComesFirst(t *testing.T) {
	before, after := start.Add(-time.Minute), start.Add(time.Minute)
	join := func(id string) []lesson.Command { return joins(id)[:1] }
	for _, tt := range []struct {
		name    string
		actions []lesson.Command
		at      time.Time
		light   classroomv1.HealthLight
		finding classroomv1.Finding
	}{
		{"before the bell", nil, before, grey, classroomv1.Finding_FINDING_NONE},
		{"after the bell", nil, after, red, classroomv1.Finding_FINDING_EXPECTED_BUT_ABSENT},
		{"started before the bell", append(join(teacher), started()), before, red, classroomv1.Finding_FINDING_EXPECTED_BUT_ABSENT},
		{"connection lost", append(join(roomA), lesson.Command{Do: lesson.LoseConnection{ID: roomA}}), before, red, classroomv1.Finding_FINDING_DISCONNECTED},
		{"was here and left", append(join(roomA), lesson.Command{Do: lesson.Leave{ID: roomA}}), after, red, classroomv1.Finding_FINDING_DISCONNECTED},
		{"just joined", join(roomA), start.Add(time.Second), grey, classroomv1.Finding_FINDING_NONE},
		{"no media", join(roomA), after, red, classroomv1.Finding_FINDING_NO_MEDIA},
		{"connected, nothing measured", joins(roomA), after, grey, classroomv1.Finding_FINDING_NONE},
	} {
		t.Run(tt.name, func(t *testing.T) {
			line := newBoard().judge([]*lesson.State{testLesson(t, "lsn_1", tt.actions...)}, nil, tt.at)[0]
			p := find(line, roomA)
			if p.GetLight() != tt.light || p.GetFinding() != tt.finding {
				t.Errorf("%v %v, want %v %v", p.GetLight(), p.GetFinding(), tt.light, tt.finding)
			}
		})
	}
}

func TestJudge_AnObserverIsNeverRed(t *testing.T) {
	bad := func(s *relayv1.ConnectionSample) { s.LossDown = proto.Float64(0.5) }
	windows := map[place]*window{{"lsn_1", watcher}: tenSeconds(bad)}
	line := newBoard().judge([]*lesson.State{live(t)}, windows, start.Add(9*time.Second))[0]
	if p := find(line, watcher); p.GetLight() != yellow || line.GetLight() != yellow {
		t.Errorf("observer %v, lesson %v", p.GetLight(), line.GetLight())
	}
}

func TestJudge_BlamesTheRelayWhenEverybodySuffers(t *testing.T) {
	bad := func(s *relayv1.ConnectionSample) { s.LossDown = proto.Float64(0.1) }
	windows := map[place]*window{}
	for _, id := range []string{teacher, roomA, roomB} {
		windows[place{"lsn_1", id}] = tenSeconds(bad)
	}
	line := newBoard().judge([]*lesson.State{live(t)}, windows, start.Add(9*time.Second))[0]
	if p := find(line, roomA); p.GetHop() != relayHop {
		t.Errorf("hop %v", p.GetHop())
	}
	windows[place{"lsn_1", teacher}] = tenSeconds(nil)
	line = newBoard().judge([]*lesson.State{live(t)}, windows, start.Add(9*time.Second))[0]
	if p := find(line, roomA); p.GetHop() != access {
		t.Errorf("hop %v although the teacher's line is well", p.GetHop())
	}
}

func TestBoard_IsWorstFirstAndRemembersSince(t *testing.T) {
	good := testLesson(t, "lsn_good", append(joins(teacher, roomA, roomB), started())...)
	bad := testLesson(t, "lsn_bad", append(joins(teacher, roomA), started())...)
	windows := map[place]*window{}
	for _, id := range []string{teacher, roomA, roomB} {
		windows[place{"lsn_good", id}] = tenSeconds(nil)
	}
	b := newBoard()
	first := start.Add(8 * time.Second)
	b.judge([]*lesson.State{good, bad}, windows, first)
	lines := b.judge([]*lesson.State{good, bad}, windows, first.Add(time.Second))
	if lines[0].GetLessonId() != "lsn_bad" || lines[0].GetLight() != red || lines[1].GetLight() != green {
		t.Fatalf("%s %v before %s %v", lines[0].GetLessonId(), lines[0].GetLight(), lines[1].GetLessonId(), lines[1].GetLight())
	}
	worst := lines[0].GetParticipants()[0]
	if worst.GetParticipantId() != roomB || !worst.GetSince().AsTime().Equal(first) {
		t.Errorf("%s since %v", worst.GetParticipantId(), worst.GetSince().AsTime())
	}
}

func TestWindow_CountsEachReportOnceAndForgetsAfterTenSeconds(t *testing.T) {
	w := &window{}
	for i := range 25 {
		s := well()
		report := i / 5
		s.Client.Freezes, s.Client.FramesDecoded = 1, uint32(100+report)
		w.add(start.Add(time.Duration(i)*time.Second), s)
	}
	m := w.measure(func(string, relayv1.MediaKind) uint32 { return 0 })
	if m.samples != 10 || *m.freezes != 2 {
		t.Errorf("%d samples, %d freezes", m.samples, *m.freezes)
	}
	if *m.bitrateUp != 1500 || *m.roundTripMs != 20 || *m.wanted != 720 || *m.received != 720 {
		t.Errorf("measure %+v", m)
	}
	w.trim(start.Add(time.Hour))
	if m := w.measure(nil); m.samples != 0 || m.roundTripMs != nil {
		t.Errorf("an hour later: %+v", m)
	}
}

func find(line *classroomv1.LessonHealth, id string) *classroomv1.ParticipantHealth {
	for _, p := range line.GetParticipants() {
		if p.GetParticipantId() == id {
			return p
		}
	}
	panic(fmt.Sprintf("%s is not on the board", id))
}
