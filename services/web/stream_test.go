package web_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	"github.com/tongke-edu/tongke/services/web"
)

type attendStream = grpc.ServerStreamingServer[classroomv1.AttendResponse]

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func heartbeat(n uint64) *classroomv1.AttendResponse {
	return &classroomv1.AttendResponse{Payload: &classroomv1.AttendResponse_Heartbeat{
		Heartbeat: &classroomv1.AttendHeartbeat{LastOrdinal: n},
	}}
}

// stepwise makes the service send one message for each step, and report its end.
func (l *lessons) stepwise() (step chan uint64, ended chan error) {
	step, ended = make(chan uint64), make(chan error, 8)
	l.attend = func(s attendStream) error {
		for {
			select {
			case n := <-step:
				if err := s.Send(heartbeat(n)); err != nil {
					ended <- err
					return err
				}
			case <-s.Context().Done():
				ended <- s.Context().Err()
				return s.Context().Err()
			}
		}
	}
	return step, ended
}

func TestStream_EachMessageArrivesBeforeTheNextIsSent(t *testing.T) {
	w := newWorld(t, nil)
	step, ended := w.lessons.stepwise()
	for name, row := range map[string]struct {
		base    string
		options []connect.ClientOption
	}{
		"connect, HTTP/1.1": {w.plain, nil},
		"JSON, HTTP/1.1":    {w.plain, []connect.ClientOption{connect.WithProtoJSON()}},
		"gRPC-Web":          {w.plain, []connect.ClientOption{connect.WithGRPCWeb()}},
		"connect, HTTP/2":   {w.secure, nil},
		"gRPC, HTTP/2":      {w.secure, []connect.ClientOption{connect.WithGRPC()}},
	} {
		t.Run(name, func(t *testing.T) {
			b := w.browser(t, row.base)
			_ = b.call(signIn, map[string]any{"login": "teacher", "password": password})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			// Connect sends the headers with the first message, so the first step must not wait for them.
			go func() { step <- 1 }()
			stream, err := b.attendClient(row.options...).CallServerStream(ctx, attendRequest())
			if err != nil {
				t.Fatal(err)
			}
			for n := uint64(1); n <= 5; n++ {
				if !stream.Receive() || stream.Msg().GetHeartbeat().GetLastOrdinal() != n {
					t.Fatalf("message %d: %v %v", n, stream.Msg(), stream.Err())
				}
				if n < 5 {
					step <- n + 1
				}
			}
			cancel()
			<-ended // the service notices that the browser has gone
			_ = stream.Close()
		})
	}
}

func TestStream_EndsTypedWhenTheServiceEndsIt(t *testing.T) {
	w := newWorld(t, nil)
	w.lessons.attend = func(s attendStream) error {
		if err := s.Send(heartbeat(1)); err != nil {
			return err
		}
		return context.Canceled
	}
	for name, options := range map[string][]connect.ClientOption{"connect": nil, "gRPC-Web": {connect.WithGRPCWeb()}} {
		b := w.signedIn(t)
		stream, err := b.attendClient(options...).CallServerStream(t.Context(), attendRequest())
		if err != nil {
			t.Fatal(err)
		}
		for stream.Receive() {
		}
		if got := reasonOf(stream.Err()); got != commonv1.Reason_REASON_CANCELLED {
			t.Errorf("%s: %v (%v)", name, got, stream.Err())
		}
		_ = stream.Close()
	}
}

func TestStream_SignOutCutsItWithSessionExpired(t *testing.T) {
	w := newWorld(t, nil)
	step, ended := w.lessons.stepwise()
	for name, options := range map[string][]connect.ClientOption{"connect": nil, "JSON": {connect.WithProtoJSON()}, "gRPC-Web": {connect.WithGRPCWeb()}} {
		b := w.signedIn(t)
		go func() { step <- 1 }()
		stream, err := b.attendClient(options...).CallServerStream(t.Context(), attendRequest())
		if err != nil {
			t.Fatal(err)
		}
		if !stream.Receive() {
			t.Fatal(stream.Err())
		}
		_ = b.call(signOut, struct{}{})
		if stream.Receive() {
			t.Errorf("%s: another message", name)
		}
		if got := reasonOf(stream.Err()); got != commonv1.Reason_REASON_SESSION_EXPIRED {
			t.Errorf("%s: %v (%v)", name, got, stream.Err())
		}
		<-ended
		_ = stream.Close()
	}
}

func TestStream_StoppingServerSaysUnavailable(t *testing.T) {
	w := newWorld(t, nil)
	step, _ := w.lessons.stepwise()
	b := w.signedIn(t)
	go func() { step <- 1 }()
	stream, err := b.attendClient().CallServerStream(t.Context(), attendRequest())
	if err != nil {
		t.Fatal(err)
	}
	if !stream.Receive() {
		t.Fatal(stream.Err())
	}
	go w.stop()
	if stream.Receive() {
		t.Error("another message")
	}
	if got := reasonOf(stream.Err()); got != commonv1.Reason_REASON_UNAVAILABLE {
		t.Errorf("%v (%v)", got, stream.Err())
	}
	_ = stream.Close()
	w.stop()
}

// flood makes the service send without end, and tells when it stopped.
func (l *lessons) flood() (stopped chan struct{}) {
	stopped = make(chan struct{})
	big := &classroomv1.AttendResponse{Payload: &classroomv1.AttendResponse_Event{
		Event: &classroomv1.LessonEvent{ActorId: strings.Repeat("x", 64<<10)},
	}}
	l.attend = func(s attendStream) error {
		defer close(stopped)
		for {
			if err := s.Send(big); err != nil {
				return err
			}
		}
	}
	return stopped
}

// rawAttend is an Attend call as bytes, for clients that do not read the answer.
func (b *browser) rawAttend(t *testing.T) *http.Request {
	t.Helper()
	message := `{"lessonId":"lsn_1","windowId":"window-0001"}`
	envelope := append([]byte{0, 0, 0, 0, byte(len(message))}, message...)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+attendPath, bytes.NewReader(envelope))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/connect+json")
	return r
}

func expectCut(t *testing.T, stopped chan struct{}, b *browser) {
	t.Helper()
	select {
	case <-stopped:
	case <-time.After(10 * time.Second):
		t.Fatal("the service still sends to a client that does not read")
	}
	if got := b.call(getLesson, map[string]any{"lessonId": "lsn_1"}); got.status != http.StatusOK {
		t.Errorf("another call: %+v", got)
	}
}

func TestStream_OfAReaderThatDoesNotReadIsCutAndOthersGoOn(t *testing.T) {
	w := newWorld(t, func(c *web.Config) { c.WriteTimeout = 200 * time.Millisecond })
	stopped := w.lessons.flood()
	b := w.signedIn(t)
	conn, err := net.Dial("tcp", mustURL(t, w.plain).Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	r := b.rawAttend(t)
	for _, c := range b.Jar.Cookies(mustURL(t, w.plain)) {
		r.AddCookie(c)
	}
	if err := r.Write(conn); err != nil {
		t.Fatal(err)
	}
	expectCut(t, stopped, b)
}

func TestStream_OfAReaderThatDoesNotReadIsCutAloneOnHTTP2(t *testing.T) {
	w := newWorld(t, func(c *web.Config) { c.WriteTimeout = 200 * time.Millisecond })
	stopped := w.lessons.flood()
	b := w.browser(t, w.secure)
	_ = b.call(signIn, map[string]any{"login": "teacher", "password": password})
	resp, err := b.Do(b.rawAttend(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.ProtoMajor != 2 {
		t.Fatalf("%s", resp.Proto)
	}
	expectCut(t, stopped, b) // over the same connection
	if _, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Error("the stream ended well")
	}
}
