package standalone

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/pion/ice/v4"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/types/known/timestamppb"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	webv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
)

const sdp = "application/sdp"

// person is a browser that is signed in.
type person struct {
	t    *testing.T
	base string
	http *http.Client
}

func signedIn(t *testing.T, base string) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, base: base, http: &http.Client{Jar: jar}}
	ask[webv1.SignInRequest, webv1.SignInResponse](p, webv1.SessionService_SignIn_FullMethodName,
		&webv1.SignInRequest{Login: "teacher", Password: demoPassword})
	return p
}

// ask makes a call that must succeed.
func ask[Req, Res any](p *person, procedure string, req *Req) *Res {
	p.t.Helper()
	res, err := connect.NewClient[Req, Res](p.http, p.base+procedure).CallUnary(p.t.Context(), connect.NewRequest(req))
	if err != nil {
		p.t.Fatalf("%s: %v", procedure, err)
	}
	return res.Msg
}

// startLesson starts the next lesson of the demo's teacher.
func (p *person) startLesson() string {
	p.t.Helper()
	listed := ask[schedulingv1.ListLessonsRequest, schedulingv1.ListLessonsResponse](p,
		schedulingv1.SchedulingService_ListLessons_FullMethodName, &schedulingv1.ListLessonsRequest{
			From: timestamppb.New(time.Now()), To: timestamppb.New(time.Now().Add(10 * time.Minute)),
		})
	if len(listed.GetLessons()) == 0 {
		p.t.Fatal("the demo has no lesson")
	}
	id := listed.GetLessons()[0].GetId()
	ask[classroomv1.StartLessonRequest, classroomv1.StartLessonResponse](p,
		classroomv1.ClassroomService_StartLesson_FullMethodName,
		&classroomv1.StartLessonRequest{LessonId: id, IdempotencyKey: "start-0001"})
	return id
}

func (p *person) issue(lesson string, use classroomv1.MediaUse, name string) (id, secret string) {
	p.t.Helper()
	issued := ask[classroomv1.IssueMediaTokenRequest, classroomv1.IssueMediaTokenResponse](p,
		classroomv1.ClassroomService_IssueMediaToken_FullMethodName,
		&classroomv1.IssueMediaTokenRequest{LessonId: lesson, Use: use, Name: name})
	return issued.GetToken().GetTokenId(), issued.GetSecret()
}

func (p *person) revoke(lesson, id string) {
	p.t.Helper()
	ask[classroomv1.RevokeMediaTokenRequest, classroomv1.RevokeMediaTokenResponse](p,
		classroomv1.ClassroomService_RevokeMediaToken_FullMethodName,
		&classroomv1.RevokeMediaTokenRequest{LessonId: lesson, TokenId: id})
}

func (p *person) token(lesson, id string) *classroomv1.MediaToken {
	p.t.Helper()
	listed := ask[classroomv1.ListMediaTokensRequest, classroomv1.ListMediaTokensResponse](p,
		classroomv1.ClassroomService_ListMediaTokens_FullMethodName, &classroomv1.ListMediaTokensRequest{LessonId: lesson})
	for _, token := range listed.GetTokens() {
		if token.GetTokenId() == id {
			return token
		}
	}
	p.t.Fatalf("no token %s", id)
	return nil
}

func (p *person) attendance(lesson string) []*classroomv1.AttendanceRecord {
	p.t.Helper()
	return ask[classroomv1.GetAttendanceRequest, classroomv1.GetAttendanceResponse](p,
		classroomv1.ClassroomService_GetAttendance_FullMethodName, &classroomv1.GetAttendanceRequest{LessonId: lesson}).GetRecords()
}

// send makes a plain HTTP request with a bearer token; the body of the answer is read and closed.
func send(t *testing.T, method, target, secret, kind, body string) *http.Response {
	t.Helper()
	res, _ := exchange(t, method, target, secret, kind, body)
	return res
}

func exchange(t *testing.T, method, target, secret, kind, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

// program is an encoder or a player with Pion's defaults, as its examples are.
type program struct {
	t      *testing.T
	pc     *webrtc.PeerConnection
	states chan webrtc.PeerConnectionState
}

func newProgram(t *testing.T) *program {
	t.Helper()
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(net.IP.IsLoopback)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, pc: pc, states: make(chan webrtc.PeerConnectionState, 16)}
	pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) { p.states <- s })
	t.Cleanup(func() { _ = pc.GracefulClose() })
	return p
}

// offer is complete, with candidates that the relay ignores.
func (p *program) offer() string {
	p.t.Helper()
	offer, err := p.pc.CreateOffer(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	gathered := webrtc.GatheringCompletePromise(p.pc)
	if err := p.pc.SetLocalDescription(offer); err != nil {
		p.t.Fatal(err)
	}
	<-gathered
	return p.pc.LocalDescription().SDP
}

func (p *program) offerToWatch() string {
	p.t.Helper()
	p.watch()
	return p.offer()
}

// open exchanges offer and answer and returns the address of the session.
func (p *program) open(endpoint, secret string) string {
	p.t.Helper()
	res, answer := exchange(p.t, http.MethodPost, endpoint, secret, sdp, p.offer())
	if res.StatusCode != http.StatusCreated || res.Header.Get("Content-Type") != sdp || res.Header.Get("Link") != "" {
		p.t.Fatalf("%s %v %s", res.Status, res.Header, answer)
	}
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		p.t.Fatalf("%v in\n%s", err, answer)
	}
	base, err := url.Parse(endpoint)
	if err != nil {
		p.t.Fatal(err)
	}
	session, err := base.Parse(res.Header.Get("Location"))
	if err != nil {
		p.t.Fatal(err)
	}
	return session.String()
}

func (p *program) awaitState(want webrtc.PeerConnectionState) {
	p.t.Helper()
	for s := webrtc.PeerConnectionStateNew; s != want; {
		if s = testkit.Receive(p.t, p.states, want.String()); s == webrtc.PeerConnectionStateFailed {
			p.t.Fatalf("failed while waiting for %s", want)
		}
	}
}

// mark proves where a packet comes from: it stands at the end of each payload, with a checksum.
type mark struct{ stream, counter uint64 }

const markSize = 20

func (m mark) appendTo(payload []byte) []byte {
	at := len(payload)
	payload = binary.BigEndian.AppendUint64(payload, m.stream)
	payload = binary.BigEndian.AppendUint64(payload, m.counter)
	return binary.BigEndian.AppendUint32(payload, crc32.ChecksumIEEE(payload[at:]))
}

func readMark(payload []byte) (m mark, ok bool) {
	if len(payload) < markSize {
		return m, false
	}
	b := payload[len(payload)-markSize:]
	m = mark{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
	return m, crc32.ChecksumIEEE(b[:16]) == binary.BigEndian.Uint32(b[16:])
}

// publish adds a picture and a sound and sends them until the test ends; sent tells how far it has come.
func (p *program) publish() (sent func() uint64) {
	p.t.Helper()
	add := func(kind, id string) *webrtc.TrackLocalStaticRTP {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: kind}, id, "program")
		if err != nil {
			p.t.Fatal(err)
		}
		if _, err := p.pc.AddTrack(track); err != nil {
			p.t.Fatal(err)
		}
		return track
	}
	picture, sound := add(webrtc.MimeTypeVP8, "picture"), add(webrtc.MimeTypeOpus, "sound")
	var counter atomic.Uint64
	stream, done := rand.Uint64(), make(chan struct{})
	p.t.Cleanup(func() { <-done })
	ctx := p.t.Context() // ends before the cleanups
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			n := counter.Add(1)
			m := mark{stream, n}
			// Nobody listens before the connection is up: what fails then is lost.
			_ = picture.WriteRTP(&rtp.Packet{
				Header:  rtp.Header{Version: 2, Marker: true, SequenceNumber: uint16(n), Timestamp: uint32(n) * 1800},
				Payload: m.appendTo(frame(n%25 == 1)),
			})
			_ = sound.WriteRTP(&rtp.Packet{
				Header:  rtp.Header{Version: 2, SequenceNumber: uint16(n), Timestamp: uint32(n) * 960},
				Payload: m.appendTo([]byte{0xf8, 1, 2, 3}),
			})
		}
	}()
	return counter.Load
}

// frame is the beginning of a VP8 payload (RFC 7741) of one packet.
func frame(key bool) []byte {
	if key {
		return []byte{0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01}
	}
	return []byte{0x10, 0x11, 0, 0}
}

// watch asks for a picture and a sound, and gives the marks of what comes.
func (p *program) watch() (picture, sound <-chan mark) {
	p.t.Helper()
	marks := map[webrtc.RTPCodecType]chan mark{
		webrtc.RTPCodecTypeVideo: make(chan mark, 4096), webrtc.RTPCodecTypeAudio: make(chan mark, 4096),
	}
	for kind := range marks {
		init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		if _, err := p.pc.AddTransceiverFromKind(kind, init); err != nil {
			p.t.Fatal(err)
		}
	}
	p.pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			if len(packet.Payload) == 0 {
				continue // padding
			}
			m, ok := readMark(packet.Payload)
			if !ok {
				p.t.Errorf("%s with broken content", track.Kind())
				return
			}
			select {
			case marks[track.Kind()] <- m:
			default: // the test has seen enough
			}
		}
	})
	return marks[webrtc.RTPCodecTypeVideo], marks[webrtc.RTPCodecTypeAudio]
}
