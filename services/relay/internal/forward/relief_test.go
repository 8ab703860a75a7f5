package forward_test

import (
	"encoding/binary"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

// school is a lesson with a teacher, a classroom on stage and one that is not, who send cameras in two layers, and a
// viewer of all three. Heights that the viewer is sent are read from its samples.
type school struct {
	t       *testing.T
	f       *forward.Forwarder
	watcher *forward.Watcher
	cameras map[string][2]*forward.Layer
	frames  map[*forward.Layer]*picture
	number  int
}

var everybody = &relayv1.LessonPolicy{Epoch: 1, Revision: 9, Flowing: true, Participants: []*relayv1.ParticipantPolicy{
	{ParticipantId: "teacher", Standing: relayv1.Standing_STANDING_LEAD, MaySend: []relayv1.MediaKind{cameraKind}},
	{ParticipantId: "stage", Standing: relayv1.Standing_STANDING_STAGE, MaySend: []relayv1.MediaKind{cameraKind}},
	{ParticipantId: "room", Standing: relayv1.Standing_STANDING_ROOM, MaySend: []relayv1.MediaKind{cameraKind}},
}}

func newSchool(t *testing.T) *school {
	t.Helper()
	events := forward.NewEvents()
	s := &school{
		t: t, f: newForwarderWith(t, events), watcher: events.Watch(),
		cameras: map[string][2]*forward.Layer{}, frames: map[*forward.Layer]*picture{},
	}
	for _, id := range []string{"teacher", "stage", "room"} {
		c, _ := join(t, s.f, id, 3)
		s.f.SetPolicy("lesson", everybody)
		var layers [2]*forward.Layer
		for n, rid := range []string{"q", "f"} {
			layers[n] = c.Incoming(forward.Track{
				Kind: cameraKind, RID: rid, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8,
			})
			s.frames[layers[n]] = newPicture(t)
		}
		s.cameras[id] = layers
	}
	join(t, s.f, "viewer", 3)
	return s
}

// goes lets the lesson go on and returns the octets per second of each picture that somebody was sent in the last
// second. Lower layers send a tenth of what upper ones do.
func (s *school) goes(seconds int, viewer string) map[string]uint64 {
	s.t.Helper()
	for range seconds * 20 {
		s.number++
		for _, layers := range s.cameras {
			receive(layers[1], s.frames[layers[1]].next(s.number, true), time.Now())
			if s.number%10 == 0 {
				receive(layers[0], quarter(s.frames[layers[0]].next(s.number/10, true)), time.Now())
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	synctest.Wait()
	sent := map[string]uint64{}
	for len(s.watcher.C) > 0 {
		for _, one := range (<-s.watcher.C).GetSamples().GetSamples() {
			if one.GetParticipantId() != viewer {
				continue
			}
			clear(sent)
			for _, slot := range one.GetSlots() {
				sent[slot.GetSourceId()] = slot.GetBitrate() / 1000
			}
		}
	}
	return sent
}

// quarter makes a keyframe of 720 lines one of 180.
func quarter(keyframe []byte) []byte {
	const height = 16 + 8 // in the packet
	binary.LittleEndian.PutUint16(keyframe[height:], 180)
	return keyframe
}

func TestRelief_TakesSmallPicturesOfClassroomsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		full := s.goes(10, "viewer")
		for _, id := range []string{"teacher", "stage", "room"} {
			if full[id] < 100 {
				t.Fatalf("without pressure: %v", full)
			}
		}
		s.f.SetPressure(0.25)
		if small := s.goes(5, "viewer"); small["room"] == 0 || small["room"] > full["room"]/5 ||
			small["teacher"] < full["teacher"]*9/10 || small["stage"] < full["stage"]*9/10 {
			t.Errorf("under some pressure %v, before %v", small, full)
		}
		s.f.SetPressure(1)
		if gone := s.goes(5, "viewer"); gone["room"] != 0 ||
			gone["teacher"] < full["teacher"]*9/10 || gone["stage"] < full["stage"]*9/10 {
			t.Errorf("under all pressure %v, before %v", gone, full)
		}
		if teacher := s.goes(1, "teacher"); teacher["room"] == 0 {
			t.Error("the teacher sees the classroom no more")
		}
		s.f.SetPressure(0.7)
		if gone := s.goes(5, "viewer"); gone["room"] != 0 {
			t.Error("back before there is room to spare")
		}
		s.f.SetPressure(0)
		if back := s.goes(10, "viewer"); back["room"] < full["room"]*9/10 {
			t.Errorf("afterwards %v, before %v", back, full)
		}
	})
}

func TestRelief_DoesNotChangeWhatAParticipantIsSaidToWant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchool(t)
		s.f.SetPressure(1)
		s.goes(3, "viewer")
		time.Sleep(time.Second)
		synctest.Wait()
		for _, slot := range (<-s.watcher.C).GetSamples().GetSamples() {
			for _, one := range slot.GetSlots() {
				if one.GetHeightWanted() != 720 {
					t.Errorf("%s of %s is said to be wanted at %d", one.GetSlotId(), one.GetSourceId(), one.GetHeightWanted())
				}
			}
		}
	})
}

// asks tries to join under the policy of the school.
func asks(f *forward.Forwarder, lesson, id string) error {
	_, err := f.Join(forward.JoinParams{
		LessonID: lesson, ParticipantID: id, Policy: everybody,
		Open: func(*forward.Connection) (forward.Transport, error) { return &line{}, nil },
	})
	return err
}

func TestAdmission_WhenItIsFullOnlyStrangersAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newForwarder(t)
		must(t, asks(f, "lesson", "viewer"))
		f.SetFull(true)
		for n := range 3 {
			expectRefusal(t, asks(f, "lesson", "stranger"+strconv.Itoa(n)))
		}
		expectRefusal(t, asks(f, "another lesson", "viewer"))
		must(t, asks(f, "lesson", "viewer"))
		must(t, asks(f, "lesson", "teacher"))
		must(t, asks(f, "another lesson", "teacher"))
		if f.Refused() != 4 {
			t.Errorf("%d refusals counted", f.Refused())
		}
		f.Disconnect("lesson", "viewer")
		expectRefusal(t, asks(f, "lesson", "viewer"))
		f.SetFull(false)
		must(t, asks(f, "lesson", "viewer"))
	})
}
