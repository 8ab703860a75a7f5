package classroom_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/eventlog"
	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/classroom"
)

func TestLesson_FromTheFirstVisitorToTheAttendanceList(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	ctx := t.Context()
	lead, a, b := w.attend(teacher), w.attend(roomA), w.attend(roomB)
	phone := w.attend(assistant)

	if s := a.self(); s.GetSelfId() != roomA || s.GetState().GetPhase() != classroomv1.LessonPhase_LESSON_PHASE_WAITING ||
		s.GetState().GetPlan().GetStageSize() != 3 || s.GetServerTime() == nil {
		t.Errorf("snapshot %v", s)
	}
	media, err := w.as(roomA).ConnectMedia(ctx, &classroomv1.ConnectMediaRequest{LessonId: theLesson, WindowId: window(roomA), Offer: "offer"})
	must(t, err)
	if media.GetAnswer() != "answer" || w.relay.policy(theLesson).GetFlowing() {
		t.Errorf("answer %q, flowing %v before the start", media.GetAnswer(), w.relay.policy(theLesson).GetFlowing())
	}
	lead.saw("the room's media is up", func(e *classroomv1.LessonEvent) bool { return e.GetMediaConnected().GetParticipantId() == roomA })

	_, err = w.as(teacher).StartLesson(ctx, &classroomv1.StartLessonRequest{LessonId: theLesson, IdempotencyKey: key()})
	must(t, err)
	a.saw("the lesson starts", func(e *classroomv1.LessonEvent) bool { return e.GetLessonStarted() != nil })
	testkit.Eventually(t, func() bool { return w.relay.policy(theLesson).GetFlowing() }, "media flows")

	// hand, call, stage, microphone
	_, err = w.as(assistant).RaiseHand(ctx, &classroomv1.RaiseHandRequest{LessonId: theLesson, IdempotencyKey: key(), ParticipantId: roomA})
	must(t, err)
	raised := lead.saw("the hand is up", func(e *classroomv1.LessonEvent) bool { return e.GetHandRaised().GetParticipantId() == roomA })
	if raised.GetActorId() != assistant {
		t.Errorf("raised by %s", raised.GetActorId())
	}
	_, err = w.as(teacher).CallOn(ctx, &classroomv1.CallOnRequest{LessonId: theLesson, IdempotencyKey: key(), ParticipantId: roomA})
	must(t, err)
	b.saw("the other room sees it", func(e *classroomv1.LessonEvent) bool { return e.GetSteppedOnStage().GetParticipantId() == roomA })
	testkit.Eventually(t, func() bool {
		return reflect.DeepEqual(w.relay.maySend(theLesson, roomA), []relayv1.MediaKind{
			relayv1.MediaKind_MEDIA_KIND_MICROPHONE, relayv1.MediaKind_MEDIA_KIND_CAMERA,
		})
	}, "the relay forwards its microphone")
	_, err = w.as(teacher).MuteAll(ctx, &classroomv1.MuteAllRequest{LessonId: theLesson, IdempotencyKey: key()})
	must(t, err)
	testkit.Eventually(t, func() bool { return len(w.relay.maySend(theLesson, roomA)) == 1 }, "the relay does no longer")
	_, err = w.as(roomA).SetAudio(ctx, &classroomv1.SetAudioRequest{LessonId: theLesson, IdempotencyKey: key(), ParticipantId: roomA, Open: true})
	wantReason(t, "opening a muted microphone", err, fault.MutedByTeacher)
	_, err = w.as(roomA).SetStage(ctx, &classroomv1.SetStageRequest{LessonId: theLesson, IdempotencyKey: key(), ParticipantId: roomA})
	must(t, err)

	// poll: the other room sees who answered, not what
	poll, err := w.as(teacher).OpenPoll(ctx, &classroomv1.OpenPollRequest{LessonId: theLesson, IdempotencyKey: key(), Question: "1/2 = 2/4?", Options: []string{"是", "否"}})
	must(t, err)
	_, err = w.as(roomA).AnswerPoll(ctx, &classroomv1.AnswerPollRequest{LessonId: theLesson, IdempotencyKey: key(), PollId: poll.GetPollId(), ParticipantId: roomA, Counts: []uint32{30, 2}})
	must(t, err)
	answered := func(e *classroomv1.LessonEvent) bool { return e.GetPollAnswered() != nil }
	for p, sees := range map[*page]bool{lead: true, a: true, b: false, phone: false} {
		if got := p.saw("the answer", answered).GetPollAnswered().GetCounts(); (len(got) > 0) != sees {
			t.Errorf("%s sees counts %v", p.self().GetSelfId(), got)
		}
	}
	_, err = w.as(teacher).ClosePoll(ctx, &classroomv1.ClosePollRequest{LessonId: theLesson, IdempotencyKey: key(), PollId: poll.GetPollId()})
	must(t, err)
	closed := b.saw("the totals", func(e *classroomv1.LessonEvent) bool { return e.GetPollClosed() != nil })
	if got := closed.GetPollClosed().GetTotals(); !reflect.DeepEqual(got, []uint32{30, 2}) {
		t.Errorf("totals %v", got)
	}
	if got := closed.GetPollClosed().GetAnswers(); len(got) != 1 || !reflect.DeepEqual(got[0].GetCounts(), []uint32{30, 2}) {
		t.Errorf("answers %v", got)
	}

	// chat is text; head-count
	_, err = w.as(roomB).PostChat(ctx, &classroomv1.PostChatRequest{LessonId: theLesson, IdempotencyKey: key(), Text: "<script>alert(1)</script>"})
	must(t, err)
	line := a.saw("the line", func(e *classroomv1.LessonEvent) bool { return e.GetChatPosted() != nil })
	if line.GetChatPosted().GetText() != "<script>alert(1)</script>" || line.GetActorId() != roomB {
		t.Errorf("line %v", line)
	}
	_, err = w.as(roomB).SetHeadCount(ctx, &classroomv1.SetHeadCountRequest{LessonId: theLesson, IdempotencyKey: key(), ParticipantId: roomB, Count: 28})
	must(t, err)

	_, err = w.as(roomB).LeaveLesson(ctx, &classroomv1.LeaveLessonRequest{LessonId: theLesson, WindowId: window(roomB)})
	must(t, err)
	if err := <-b.ended; !errors.Is(err, io.EOF) {
		t.Errorf("the stream of who left ended with %v", err)
	}
	_, err = w.as(teacher).EndLesson(ctx, &classroomv1.EndLessonRequest{LessonId: theLesson, IdempotencyKey: key()})
	must(t, err)
	a.saw("the lesson ends", func(e *classroomv1.LessonEvent) bool { return e.GetLessonEnded() != nil })
	if err := <-a.ended; !errors.Is(err, io.EOF) {
		t.Errorf("the stream ended with %v", err)
	}
	testkit.Eventually(t, func() bool { return !w.relay.isUp(roomA) }, "the relay closed the lesson")

	list, err := w.as(teacher).GetAttendance(ctx, &classroomv1.GetAttendanceRequest{LessonId: theLesson})
	must(t, err)
	var ids []string
	for _, r := range list.GetRecords() {
		ids = append(ids, r.GetParticipantId())
		if len(r.GetSpans()) != 1 || r.GetSpans()[0].GetTo() == nil {
			t.Errorf("spans of %s: %v", r.GetParticipantId(), r.GetSpans())
		}
	}
	if want := []string{teacher, assistant, roomA, roomB}; !reflect.DeepEqual(ids, want) {
		t.Errorf("attendance of %v, want %v", ids, want)
	}
	if got := list.GetRecords()[3]; got.HeadCount == nil || got.GetHeadCount() != 28 {
		t.Errorf("head count of room B: %v", got.HeadCount)
	}
	phases, err := w.as(operator).GetLessonPhases(ctx, &classroomv1.GetLessonPhasesRequest{LessonIds: []string{theLesson, "lsn_other", "not a lesson"}})
	must(t, err)
	if got := phases.GetPhases(); len(got) != 1 || got[theLesson] != classroomv1.LessonPhase_LESSON_PHASE_ENDED {
		t.Errorf("phases %v", got)
	}
}

func TestCommands_AreIdempotentOverTheWire(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	w.attend(teacher)
	start := &classroomv1.StartLessonRequest{LessonId: theLesson, IdempotencyKey: key()}
	first, err := w.as(teacher).StartLesson(t.Context(), start)
	must(t, err)
	again, err := w.as(teacher).StartLesson(t.Context(), start)
	must(t, err)
	if first.GetOrdinal() == 0 || again.GetOrdinal() != first.GetOrdinal() {
		t.Errorf("ordinals %d and %d", first.GetOrdinal(), again.GetOrdinal())
	}
	poll := &classroomv1.OpenPollRequest{LessonId: theLesson, IdempotencyKey: key(), Question: "?", Options: []string{"a", "b"}}
	asked, err := w.as(teacher).OpenPoll(t.Context(), poll)
	must(t, err)
	asked2, err := w.as(teacher).OpenPoll(t.Context(), poll)
	must(t, err)
	if asked.GetPollId() == "" || asked2.GetPollId() != asked.GetPollId() || asked2.GetOrdinal() != asked.GetOrdinal() {
		t.Errorf("%v and %v", asked, asked2)
	}
	end := &classroomv1.EndLessonRequest{LessonId: theLesson, IdempotencyKey: key()}
	ended, err := w.as(teacher).EndLesson(t.Context(), end)
	must(t, err)
	ended2, err := w.as(teacher).EndLesson(t.Context(), end)
	must(t, err)
	if ended2.GetOrdinal() != ended.GetOrdinal() {
		t.Errorf("ordinals %d and %d", ended.GetOrdinal(), ended2.GetOrdinal())
	}
}

func TestStart_OpensALessonThatNobodyEntered(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	_, err := w.as(roomA).RaiseHand(t.Context(), &classroomv1.RaiseHandRequest{LessonId: theLesson, IdempotencyKey: key(), ParticipantId: roomA})
	wantReason(t, "a command before anybody came", err, fault.LessonNotOpen)
	_, err = w.as(teacher).StartLesson(t.Context(), &classroomv1.StartLessonRequest{LessonId: theLesson, IdempotencyKey: key()})
	must(t, err)
}

func TestCancelled_AWaitingLessonCanNeitherBeStartedNorEnteredAndALiveOneGoesOn(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	w.attend(roomA) // opens the lesson
	cancelled := planned(theLesson, time.Now())
	cancelled.Status = schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_CANCELLED
	w.scheduling.put(cancelled)
	start := func() error {
		_, err := w.as(teacher).StartLesson(t.Context(), &classroomv1.StartLessonRequest{LessonId: theLesson, IdempotencyKey: key()})
		return err
	}
	wantReason(t, "start", start(), fault.LessonCancelled)
	entered := w.open(roomB, &classroomv1.AttendRequest{LessonId: theLesson, WindowId: window(roomB), TakeOver: true})
	wantReason(t, "enter", testkit.Receive(t, entered.ended, "refused"), fault.LessonCancelled)

	w.scheduling.put(planned(theLesson, time.Now()))
	must(t, start())
	w.scheduling.put(cancelled)
	if w.attend(roomB).self() == nil {
		t.Error("a lesson that is live cannot be entered once its plan was cancelled")
	}
}

func TestStartLesson_GoesOnWhileThePlanCannotBeRead(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	w.attend(roomA) // opens the lesson
	w.scheduling.mu.Lock()
	w.scheduling.away = true
	w.scheduling.mu.Unlock()
	_, err := w.as(teacher).StartLesson(t.Context(), &classroomv1.StartLessonRequest{LessonId: theLesson, IdempotencyKey: key()})
	must(t, err)
}

func TestAttend_Refusals(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	w.scheduling.put(planned("lsn_early", time.Now().Add(time.Hour)))
	w.scheduling.put(planned("lsn_over", time.Now().Add(-2*time.Hour)))
	cancelled := planned("lsn_cancelled", time.Now())
	cancelled.Status = schedulingv1.LessonPlanStatus_LESSON_PLAN_STATUS_CANCELLED
	w.scheduling.put(cancelled)
	for _, tt := range []struct {
		name, id string
		request  *classroomv1.AttendRequest
		want     fault.Reason
	}{
		{"too early", teacher, &classroomv1.AttendRequest{LessonId: "lsn_early", WindowId: "window-1"}, fault.LessonNotOpen},
		{"over", teacher, &classroomv1.AttendRequest{LessonId: "lsn_over", WindowId: "window-1"}, fault.LessonEnded},
		{"cancelled", teacher, &classroomv1.AttendRequest{LessonId: "lsn_cancelled", WindowId: "window-1"}, fault.LessonCancelled},
		{"unknown", teacher, &classroomv1.AttendRequest{LessonId: "lsn_x", WindowId: "window-1"}, fault.NotFound},
		{"no name of a lesson", teacher, &classroomv1.AttendRequest{LessonId: "../etc", WindowId: "window-1"}, fault.NotFound},
		{"stranger", stranger, &classroomv1.AttendRequest{LessonId: theLesson, WindowId: "window-1"}, fault.PermissionDenied},
		{"operator", operator, &classroomv1.AttendRequest{LessonId: theLesson, WindowId: "window-1"}, fault.PermissionDenied},
		{"beyond the log", roomA, &classroomv1.AttendRequest{LessonId: theLesson, WindowId: "window-1", FromOrdinal: 1000}, fault.OutOfRange},
		{"short window", roomA, &classroomv1.AttendRequest{LessonId: theLesson, WindowId: "w"}, fault.InvalidArgument},
		{"no lesson", roomA, &classroomv1.AttendRequest{WindowId: "window-1"}, fault.InvalidArgument},
	} {
		err := testkit.Receive(t, w.open(tt.id, tt.request).ended, tt.name)
		wantReason(t, tt.name, err, tt.want)
		if tt.want == fault.LessonNotOpen {
			if at, bad := time.Parse(time.RFC3339, fault.From(err).Metadata("opens_at")); bad != nil || time.Until(at) > 45*time.Minute {
				t.Errorf("opens_at %v, %v", at, bad)
			}
		}
	}
	w.scheduling.mu.Lock()
	w.scheduling.away = true
	w.scheduling.mu.Unlock()
	err := testkit.Receive(t, w.open(teacher, &classroomv1.AttendRequest{LessonId: "lsn_other", WindowId: "window-1"}).ended, "scheduling is away")
	wantReason(t, "scheduling is away", err, fault.Unavailable)
}

func TestConnectMedia_Refusals(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	w.attend(roomA)
	connect := func(id, window, offer string) error {
		_, err := w.as(id).ConnectMedia(t.Context(), &classroomv1.ConnectMediaRequest{LessonId: theLesson, WindowId: window, Offer: offer})
		return err
	}
	wantReason(t, "another window", connect(roomA, "another window", "offer"), fault.Superseded)
	wantReason(t, "not attending", connect(roomB, window(roomB), "offer"), fault.ParticipantNotFound)
	wantReason(t, "stranger", connect(stranger, window(stranger), "offer"), fault.ParticipantNotFound)
	wantReason(t, "bad offer", connect(roomA, window(roomA), "bad offer"), fault.OfferRejected)
	wantReason(t, "no offer", connect(roomA, window(roomA), ""), fault.InvalidArgument)
	wantReason(t, "operator", connect(operator, window(operator), "offer"), fault.PermissionDenied)
	must(t, connect(roomA, window(roomA), "offer"))
}

func TestShutdown_TellsStreamsAndLeavesNothingBehind(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	p := w.attend(teacher)
	health, err := w.as(operator).WatchHealth(context.Background(), &classroomv1.WatchHealthRequest{})
	must(t, err)
	_, err = health.Recv()
	must(t, err)
	w.stop()
	wantReason(t, "the stream", testkit.Receive(t, p.ended, "the stream ends"), fault.Unavailable)
	for err == nil {
		_, err = health.Recv()
	}
	wantReason(t, "the board", err, fault.Unavailable)
	_, err = w.as(teacher).StartLesson(t.Context(), &classroomv1.StartLessonRequest{LessonId: theLesson, IdempotencyKey: key()})
	wantReason(t, "a command", err, fault.Unavailable)
}

func TestSlowReader_IsCutOverTheWireAndOthersAreNot(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory(), func(c *classroom.Config) { c.StallLimit = time.Second })
	lead := w.attend(teacher)
	_, err := w.as(teacher).StartLesson(t.Context(), &classroomv1.StartLessonRequest{LessonId: theLesson, IdempotencyKey: key()})
	must(t, err)
	stream, err := w.as(roomA).Attend(context.Background(), &classroomv1.AttendRequest{LessonId: theLesson, WindowId: window(roomA), TakeOver: true})
	must(t, err)
	// It is never read: the connection's buffers fill up with long questions, then the stream is busy with one message.
	question, option := strings.Repeat("问", 200), strings.Repeat("选", 80)
	var last uint64
	testkit.EventuallyWithin(t, time.Minute, func() bool {
		for range 20 { // until the teacher's pace allows no more
			poll, err := w.as(teacher).OpenPoll(t.Context(), &classroomv1.OpenPollRequest{
				LessonId: theLesson, IdempotencyKey: key(), Question: question,
				Options: []string{option, option, option, option, option, option},
			})
			if err != nil {
				break
			}
			last = poll.GetOrdinal()
			closed, err := w.as(teacher).ClosePoll(t.Context(), &classroomv1.ClosePollRequest{
				LessonId: theLesson, IdempotencyKey: key(), PollId: poll.GetPollId(),
			})
			if err != nil {
				break
			}
			last = closed.GetOrdinal()
		}
		return w.counter("tongke_classroom_streams_cut_total") == 1
	}, "the stream is cut")
	for err == nil {
		_, err = stream.Recv()
	}
	wantReason(t, "the slow stream", err, fault.ResourceExhausted)
	lead.saw("the quick stream has the last event", func(e *classroomv1.LessonEvent) bool { return e.GetOrdinal() == last })
}

// counter reads a counter of the service.
func (w *world) counter(name string) float64 {
	w.t.Helper()
	families, err := w.metrics.Gather()
	must(w.t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return 0
}

func TestHealth_ShowsWhoIsExpectedAndHowMediaFares(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	board, err := w.as(operator).WatchHealth(t.Context(), &classroomv1.WatchHealthRequest{})
	must(t, err)
	line := func(lessonID string) *classroomv1.LessonHealth {
		m, err := board.Recv()
		must(t, err)
		for _, l := range m.GetLessons() {
			if l.GetLessonId() == lessonID {
				return l
			}
		}
		return nil
	}
	participant := func(id string) *classroomv1.ParticipantHealth {
		for _, p := range line(theLesson).GetParticipants() {
			if p.GetParticipantId() == id {
				return p
			}
		}
		return nil
	}
	lead := w.attend(teacher)
	w.attend(roomA)
	_, err = w.as(teacher).StartLesson(t.Context(), &classroomv1.StartLessonRequest{LessonId: theLesson, IdempotencyKey: key()})
	must(t, err)
	testkit.Eventually(t, func() bool {
		return participant(roomB).GetFinding() == classroomv1.Finding_FINDING_EXPECTED_BUT_ABSENT
	}, "a room that is not there is red from the start on")

	_, err = w.as(roomA).ConnectMedia(t.Context(), &classroomv1.ConnectMediaRequest{LessonId: theLesson, WindowId: window(roomA), Offer: "offer"})
	must(t, err)
	testkit.Eventually(t, func() bool {
		w.relay.sample(roomA, 0.1)
		p := participant(roomA)
		return p.GetFinding() == classroomv1.Finding_FINDING_LOSS_DOWN && p.GetHop() == classroomv1.Hop_HOP_ACCESS &&
			p.GetLight() == classroomv1.HealthLight_HEALTH_LIGHT_RED && p.GetOpinionScore() > 1 && p.GetTransport() == "udp"
	}, "loss is found")

	w.relay.restart()
	lead.saw("media that a killed relay carried is lost", func(e *classroomv1.LessonEvent) bool {
		return e.GetMediaLost().GetParticipantId() == roomA
	})
}

func TestHealth_ShowsALessonThatNobodyEntered(t *testing.T) {
	logs := eventlog.NewMemory()
	w := newWorldAt(t, logs, time.Now().Add(-time.Minute))
	board, err := w.as(operator).WatchHealth(t.Context(), &classroomv1.WatchHealthRequest{})
	must(t, err)
	testkit.Eventually(t, func() bool {
		m, err := board.Recv()
		must(t, err)
		return len(m.GetLessons()) == 1 && m.GetLessons()[0].GetLight() == classroomv1.HealthLight_HEALTH_LIGHT_RED &&
			len(m.GetLessons()[0].GetParticipants()) == 3
	}, "the lesson is red")
	if names, err := logs.Unfinished(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("looking opened %v, %v", names, err)
	}
}

func TestAttend_ReconnectOverTheWireGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t, eventlog.NewMemory())
	first := w.attend(roomA)
	ordinal := first.self().GetState().GetOrdinal()
	first.cancel()
	w.attend(teacher)
	_, err := w.as(teacher).StartLesson(t.Context(), &classroomv1.StartLessonRequest{LessonId: theLesson, IdempotencyKey: key()})
	must(t, err)
	back := w.open(roomA, &classroomv1.AttendRequest{LessonId: theLesson, WindowId: window(roomA), FromOrdinal: ordinal})
	back.saw("the start that it missed", func(e *classroomv1.LessonEvent) bool { return e.GetLessonStarted() != nil })
	back.mu.Lock()
	defer back.mu.Unlock()
	if back.snapshot != nil || back.events[0].GetOrdinal() != ordinal+1 {
		t.Errorf("begins with %v, %v", back.snapshot, back.events[0])
	}
}
