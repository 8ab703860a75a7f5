package web_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"connectrpc.com/connect"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"
	"google.golang.org/grpc"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	signIn        = "/tongke.web.v1.SessionService/SignIn"
	signOut       = "/tongke.web.v1.SessionService/SignOut"
	getSession    = "/tongke.web.v1.SessionService/GetSession"
	startPairing  = "/tongke.web.v1.SessionService/StartPairing"
	finishPairing = "/tongke.web.v1.SessionService/FinishPairing"
	getLesson     = "/tongke.scheduling.v1.SchedulingService/GetLesson"
	attendPath    = "/tongke.classroom.v1.ClassroomService/Attend"
)

// lessons stands behind web: it tells who called, and streams what the test says.
type lessons struct {
	schedulingv1.UnimplementedSchedulingServiceServer
	classroomv1.UnimplementedClassroomServiceServer

	mu     sync.Mutex
	seen   rpc.Identity
	attend func(grpc.ServerStreamingServer[classroomv1.AttendResponse]) error
}

func (l *lessons) GetLesson(ctx context.Context, r *schedulingv1.GetLessonRequest) (*schedulingv1.GetLessonResponse, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = rpc.IdentityFrom(ctx)
	return &schedulingv1.GetLessonResponse{Lesson: &schedulingv1.Lesson{Id: r.GetLessonId(), Title: "古诗 <script>"}}, nil
}

func (l *lessons) Attend(_ *classroomv1.AttendRequest, s grpc.ServerStreamingServer[classroomv1.AttendResponse]) error {
	l.mu.Lock()
	attend := l.attend
	l.mu.Unlock()
	return attend(s)
}

func (l *lessons) caller() rpc.Identity {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen
}

// world is web with everything behind it, all real but the directory's memory.
type world struct {
	directory *directory
	lessons   *lessons
	web       *web.Service
	plain     string
	secure    string
	stop      func()
	params    func(testing.TB, func(*web.Config)) web.Params
}

func newWorld(t testing.TB, change func(*web.Config)) *world {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{directory: newDirectory(), lessons: &lessons{}}
	backend, err := rpc.NewServer(rpc.ServerParams{
		Name: "backend", Log: zaptest.NewLogger(t), Metrics: prometheus.NewRegistry(),
		Verifier: rpc.NewVerifier(map[string]ed25519.PublicKey{"web": public}),
	})
	if err != nil {
		t.Fatal(err)
	}
	directoryv1.RegisterDirectoryServiceServer(backend.Registrar(), w.directory)
	schedulingv1.RegisterSchedulingServiceServer(backend.Registrar(), w.lessons)
	classroomv1.RegisterClassroomServiceServer(backend.Registrar(), w.lessons)
	pipe, signer := rpc.NewPipe(), rpc.NewSigner("web", private)
	conn, err := rpc.Dial(rpc.ClientParams{Dialer: pipe.DialContext, Signer: signer, Identity: rpc.ServiceIdentity("web")})
	if err != nil {
		t.Fatal(err)
	}
	w.params = func(t testing.TB, change func(*web.Config)) web.Params {
		config := web.DefaultConfig()
		config.Listen, config.ListenTLS = "127.0.0.1:0", "127.0.0.1:0"
		config.TLS.Dir = t.TempDir()
		config.StopGrace = 200 * time.Millisecond
		if change != nil {
			change(&config)
		}
		return web.Params{
			Config: config, Log: zaptest.NewLogger(t), Metrics: prometheus.NewRegistry(), Signer: signer,
			Directory: directoryv1.NewDirectoryServiceClient(conn),
			Backends: map[string]func(context.Context, string) (net.Conn, error){
				"tongke.directory.v1.DirectoryService":   pipe.DialContext,
				"tongke.scheduling.v1.SchedulingService": pipe.DialContext,
				"tongke.classroom.v1.ClassroomService":   pipe.DialContext,
			},
			Assets:  fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>同课</title>")}},
			Version: "1.2.3",
		}
	}
	w.web, err = web.New(w.params(t, change))
	if err != nil {
		t.Fatal(err)
	}
	w.plain, w.secure = w.web.Addresses()[0], w.web.Addresses()[1]
	ctx, cancel := context.WithCancel(context.Background())
	ended, served := make(chan error, 1), make(chan error, 1)
	go func() { served <- backend.Serve(pipe.Listener()) }()
	go func() { ended <- w.web.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
		_ = conn.Close()
		now, cancel := context.WithCancel(context.Background())
		cancel()
		backend.Stop(now)
		if err := <-served; err != nil {
			t.Errorf("backend: %v", err)
		}
	})
	t.Cleanup(w.stop)
	return w
}

// browser keeps cookies and sends what a page of its own origin sends.
type browser struct {
	*http.Client
	t    testing.TB
	base string
}

func (w *world) browser(t testing.TB, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // self-signed, made a moment ago
		ForceAttemptHTTP2: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{Client: &http.Client{Jar: jar, Transport: transport}, t: t, base: base}
}

// signedIn returns a browser with a teacher's session on the plain address.
func (w *world) signedIn(t testing.TB) *browser {
	t.Helper()
	b := w.browser(t, w.plain)
	if got := b.call(signIn, map[string]any{"login": "teacher", "password": password}); got.status != http.StatusOK {
		t.Fatalf("sign in: %+v", got)
	}
	return b
}

// answer is a Connect answer in JSON; reason is that of the fault in its details.
type answer struct {
	status  int
	header  http.Header
	body    map[string]any
	raw     string
	reason  string
	retry   string
	cookies []*http.Cookie
}

func (b *browser) call(path string, body any, change ...func(*http.Request)) answer {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, bytes.NewReader(raw))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", b.base)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range change {
		c(r)
	}
	resp, err := b.Do(r)
	if err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	out := answer{status: resp.StatusCode, header: resp.Header, raw: string(text), cookies: resp.Cookies()}
	if json.Unmarshal(text, &out.body) != nil {
		return out
	}
	details, _ := out.body["details"].([]any)
	for _, d := range details {
		debug, _ := d.(map[string]any)["debug"].(map[string]any)
		out.reason, _ = debug["reason"].(string)
		out.retry, _ = debug["retryAfter"].(string)
	}
	return out
}

// reasonOf returns the reason in a Connect client's error.
func reasonOf(err error) commonv1.Reason {
	var ce *connect.Error
	if !errors.As(err, &ce) {
		return commonv1.Reason_REASON_UNSPECIFIED
	}
	for _, d := range ce.Details() {
		if v, err := d.Value(); err == nil {
			if f, ok := v.(*commonv1.Fault); ok {
				return f.GetReason()
			}
		}
	}
	return commonv1.Reason_REASON_UNSPECIFIED
}

func (b *browser) lessonClient(o ...connect.ClientOption) *connect.Client[schedulingv1.GetLessonRequest, schedulingv1.GetLessonResponse] {
	return connect.NewClient[schedulingv1.GetLessonRequest, schedulingv1.GetLessonResponse](b.Client, b.base+getLesson, o...)
}

func (b *browser) attendClient(o ...connect.ClientOption) *connect.Client[classroomv1.AttendRequest, classroomv1.AttendResponse] {
	return connect.NewClient[classroomv1.AttendRequest, classroomv1.AttendResponse](b.Client, b.base+attendPath, o...)
}

func attendRequest() *connect.Request[classroomv1.AttendRequest] {
	return connect.NewRequest(&classroomv1.AttendRequest{LessonId: "lsn_1", WindowId: "window-1"})
}
