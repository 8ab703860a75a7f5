package standalone

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

const (
	publish = classroomv1.MediaUse_MEDIA_USE_PUBLISH
	watch   = classroomv1.MediaUse_MEDIA_USE_WATCH
)

// TestWHIP_AnEncoderIsSeenByAPlayerThroughTheWholeProcess runs a lesson with a program at both ends, and what is refused
// to programs, over the public API alone.
func TestWHIP_AnEncoderIsSeenByAPlayerThroughTheWholeProcess(t *testing.T) {
	dir := t.TempDir()
	url, stop := start(t, dir)
	teacher := signedIn(t, url)
	lesson := teacher.startLesson()
	encoderID, encoderSecret := teacher.issue(lesson, publish, "录播主机")
	playerID, playerSecret := teacher.issue(lesson, watch, "会议室电视")
	whip, whep := url+"/whip/"+lesson, url+"/whep/"+lesson

	encoder := newProgram(t)
	sent := encoder.publish()
	session := encoder.open(whip, encoderSecret)
	encoder.awaitState(webrtc.PeerConnectionStateConnected)
	player := newProgram(t)
	picture, sound := player.watch()
	watching := player.open(whep, playerSecret)

	t.Run("picture and sound arrive as they were sent", func(t *testing.T) {
		for name, marks := range map[string]<-chan mark{"picture": picture, "sound": sound} {
			last := testkit.Receive(t, marks, name)
			for range 60 {
				next := testkit.Receive(t, marks, "more "+name)
				if next.stream != last.stream || next.counter <= last.counter || next.counter > sent() {
					t.Fatalf("%s: %+v after %+v", name, next, last)
				}
				last = next
			}
		}
	})

	t.Run("both are participants, and those who attend are told", func(t *testing.T) {
		roles := map[string]classroomv1.ParticipantRole{}
		for _, r := range teacher.attendance(lesson) {
			if len(r.GetSpans()) > 0 {
				roles[r.GetParticipantId()] = r.GetRole()
			}
		}
		if roles[encoderID] != classroomv1.ParticipantRole_PARTICIPANT_ROLE_ENCODER ||
			roles[playerID] != classroomv1.ParticipantRole_PARTICIPANT_ROLE_OBSERVER {
			t.Errorf("attendance %v", roles)
		}
	})

	t.Run("refusals", func(t *testing.T) {
		offer := newProgram(t).offerToWatch()
		for _, row := range []struct {
			claim, method, url, secret, kind, body string
			status                                 int
			challenge                              string
		}{
			{"no token", http.MethodPost, whep, "", sdp, offer, http.StatusUnauthorized, `Bearer realm="tongke"`},
			{"a token in the address", http.MethodPost, whep + "?access_token=" + playerSecret, "", sdp, offer, http.StatusUnauthorized, `Bearer realm="tongke"`},
			{"a wrong token", http.MethodPost, whep, "guessed", sdp, offer, http.StatusUnauthorized, `Bearer realm="tongke", error="invalid_token"`},
			{"a token of another lesson", http.MethodPost, url + "/whep/lsn_other", playerSecret, sdp, offer, http.StatusUnauthorized, `Bearer realm="tongke", error="invalid_token"`},
			{"a token to publish used to watch", http.MethodPost, whep, encoderSecret, sdp, offer, http.StatusForbidden, `Bearer realm="tongke", error="insufficient_scope"`},
			{"a token to watch used to publish", http.MethodPost, whip, playerSecret, sdp, offer, http.StatusForbidden, `Bearer realm="tongke", error="insufficient_scope"`},
			{"no SDP", http.MethodPost, whep, playerSecret, "application/json", "{}", http.StatusUnsupportedMediaType, ""},
			{"too much SDP", http.MethodPost, whep, playerSecret, sdp, strings.Repeat("a", 97<<10), http.StatusRequestEntityTooLarge, ""},
			{"trickled candidates", http.MethodPatch, session, encoderSecret, "application/trickle-ice-sdpfrag", "", http.StatusMethodNotAllowed, ""},
			{"somebody else's session", http.MethodDelete, session, playerSecret, "", "", http.StatusNotFound, ""},
		} {
			got := send(t, row.method, row.url, row.secret, row.kind, row.body)
			if got.StatusCode != row.status || got.Header.Get("WWW-Authenticate") != row.challenge {
				t.Errorf("%s: %s, %q", row.claim, got.Status, got.Header.Get("WWW-Authenticate"))
			}
		}
	})

	t.Run("an offer that is refused takes no place", func(t *testing.T) {
		id, secret := teacher.issue(lesson, watch, "坏播放器")
		got := send(t, http.MethodPost, whep, secret, sdp, "hello")
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("got %s", got.Status)
		}
		if token := teacher.token(lesson, id); token.GetInUse() {
			t.Error("the token is in use")
		}
	})

	t.Run("a player ends its session", func(t *testing.T) {
		for _, want := range []int{http.StatusOK, http.StatusNotFound} {
			if got := send(t, http.MethodDelete, watching, playerSecret, "", ""); got.StatusCode != want {
				t.Errorf("got %s, want %d", got.Status, want)
			}
		}
		player.awaitState(webrtc.PeerConnectionStateClosed)
		again := newProgram(t)
		again.watch()
		again.open(whep, playerSecret)
		again.awaitState(webrtc.PeerConnectionStateConnected)
	})

	newer := newProgram(t)
	newer.publish()
	t.Run("the newest session of a token takes the place of the one before", func(t *testing.T) {
		newer.open(whip, encoderSecret)
		newer.awaitState(webrtc.PeerConnectionStateConnected)
		encoder.awaitState(webrtc.PeerConnectionStateClosed)
		if got := send(t, http.MethodDelete, session, encoderSecret, "", ""); got.StatusCode != http.StatusNotFound {
			t.Errorf("the session before is ended with %s", got.Status)
		}
	})

	t.Run("revoking a token ends its media", func(t *testing.T) {
		teacher.revoke(lesson, encoderID)
		newer.awaitState(webrtc.PeerConnectionStateClosed)
		late := newProgram(t)
		late.publish()
		if got := send(t, http.MethodPost, whip, encoderSecret, sdp, late.offer()); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("got %s", got.Status)
		}
	})

	stop()
	url, stop = start(t, dir)
	defer stop()
	t.Run("tokens and revocations outlive a restart", func(t *testing.T) {
		late := newProgram(t)
		late.watch()
		body := late.offer()
		testkit.EventuallyWithin(t, 30*time.Second, func() bool {
			got := send(t, http.MethodPost, url+"/whep/"+lesson, playerSecret, sdp, body)
			return got.StatusCode == http.StatusCreated
		}, "the place of the former session is free")
		if got := send(t, http.MethodPost, url+"/whip/"+lesson, encoderSecret, sdp, body); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("the revoked token: %s", got.Status)
		}
	})
}
