package whip

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
)

// classroom answers with what the test says and keeps what it was asked.
type classroom struct {
	err    error
	opened *classroomv1.OpenMediaSessionRequest
	closed *classroomv1.CloseMediaSessionRequest
}

func (c *classroom) OpenMediaSession(_ context.Context, r *classroomv1.OpenMediaSessionRequest, _ ...grpc.CallOption) (*classroomv1.OpenMediaSessionResponse, error) {
	c.opened = r
	return &classroomv1.OpenMediaSessionResponse{Answer: "the answer", SessionId: "ses"}, c.err
}

func (c *classroom) CloseMediaSession(_ context.Context, r *classroomv1.CloseMediaSessionRequest, _ ...grpc.CallOption) (*classroomv1.CloseMediaSessionResponse, error) {
	c.closed = r
	return &classroomv1.CloseMediaSessionResponse{}, c.err
}

func serve(t *testing.T, c *classroom, burst int) *httptest.Server {
	t.Helper()
	h := New(Params{
		Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Classroom: c, CallsPerSecond: 0.001, CallsBurst: burst,
		Address: func(*http.Request) string { return "somewhere" },
	})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

// do sends what a program with a good token sends, with some changes.
func do(t *testing.T, server *httptest.Server, method, path string, change ...func(*http.Request)) (*http.Response, problem) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader("the offer"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer good")
	r.Header.Set("Content-Type", "application/sdp")
	for _, c := range change {
		c(r)
	}
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var p problem
	if res.Header.Get("Content-Type") == "application/problem+json" {
		if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
			t.Fatal(err)
		}
	}
	return res, p
}

func TestPost_OpensASessionOfTheEndpointsUse(t *testing.T) {
	for path, use := range endpoints {
		c := &classroom{}
		res, _ := do(t, serve(t, c, 10), http.MethodPost, path+"/lsn_1")
		if res.StatusCode != http.StatusCreated || res.Header.Get("Location") != path+"/lsn_1/ses" || res.Header.Get("Content-Type") != "application/sdp" {
			t.Errorf("%s %v", res.Status, res.Header)
		}
		if tag := res.Header.Get("ETag"); len(tag) < 3 || tag[0] != '"' || tag[len(tag)-1] != '"' {
			t.Errorf("%s: entity tag %q", path, tag)
		}
		if c.opened.GetUse() != use || c.opened.GetSecret() != "good" || c.opened.GetLessonId() != "lsn_1" || c.opened.GetOffer() != "the offer" {
			t.Errorf("classroom was asked %v", c.opened)
		}
	}
}

func TestDelete_EndsASession(t *testing.T) {
	c := &classroom{}
	res, _ := do(t, serve(t, c, 10), http.MethodDelete, "/whep/lsn_1/ses")
	if res.StatusCode != http.StatusOK || c.closed.GetSessionId() != "ses" || c.closed.GetSecret() != "good" {
		t.Errorf("%s, classroom was asked %v", res.Status, c.closed)
	}
}

func TestOptions_TellsPagesOfAnyOriginWhatTheyMaySend(t *testing.T) {
	server := serve(t, &classroom{}, 10)
	for _, path := range []string{"/whip/lsn_1", "/whep/lsn_1/ses"} {
		res, _ := do(t, server, http.MethodOptions, path, func(r *http.Request) { r.Header.Del("Authorization") })
		h := res.Header
		if res.StatusCode != http.StatusOK || h.Get("Accept-Post") != "application/sdp" || h.Get("Access-Control-Allow-Origin") != "*" ||
			!strings.Contains(h.Get("Access-Control-Allow-Headers"), "Authorization") || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %s %v", path, res.Status, h)
		}
	}
}

func TestOtherMethods_AreAnsweredWithoutAskingAnybody(t *testing.T) {
	c := &classroom{}
	server := serve(t, c, 100)
	for _, row := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/whip/lsn_1", http.StatusNoContent},
		{http.MethodHead, "/whip/lsn_1/ses", http.StatusNoContent},
		{http.MethodPatch, "/whip/lsn_1/ses", http.StatusMethodNotAllowed},
		{http.MethodPut, "/whip/lsn_1", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/whip/lsn_1", http.StatusMethodNotAllowed},
		{http.MethodPost, "/whip/lsn_1/ses", http.StatusMethodNotAllowed},
		{http.MethodPost, "/whip/lsn_1/ses/more", http.StatusNotFound},
		{http.MethodPost, "/whip/", http.StatusNotFound},
	} {
		if res, _ := do(t, server, row.method, row.path); res.StatusCode != row.status {
			t.Errorf("%s %s: %s", row.method, row.path, res.Status)
		}
	}
	if c.opened != nil || c.closed != nil {
		t.Error("classroom was asked")
	}
}

func TestPost_RefusesWhatIsNoOfferWithAToken(t *testing.T) {
	c := &classroom{}
	server := serve(t, c, 100)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for claim, row := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"no token":                {func(r *http.Request) { r.Header.Del("Authorization") }, http.StatusUnauthorized},
		"two tokens":              {func(r *http.Request) { r.Header.Add("Authorization", "Bearer other") }, http.StatusUnauthorized},
		"a password":              {header("Authorization", "Basic Z29vZA=="), http.StatusUnauthorized},
		"an empty token":          {header("Authorization", "Bearer "), http.StatusUnauthorized},
		"a token with blanks":     {header("Authorization", "Bearer a b"), http.StatusUnauthorized},
		"a very long token":       {header("Authorization", "Bearer "+strings.Repeat("a", maxSecret+1)), http.StatusUnauthorized},
		"a token that is no text": {header("Authorization", "Bearer a\xff"), http.StatusUnauthorized},
		"an offer that is no text": {func(r *http.Request) {
			r.Body, r.ContentLength = readCloser{strings.NewReader("v=0\xff")}, 4
		}, http.StatusBadRequest},
		"JSON":    {header("Content-Type", "application/json"), http.StatusUnsupportedMediaType},
		"no type": {func(r *http.Request) { r.Header.Del("Content-Type") }, http.StatusUnsupportedMediaType},
		"too large": {func(r *http.Request) {
			r.Body, r.ContentLength = http.NoBody, 0
			big := strings.NewReader(strings.Repeat("a", maxOffer+1))
			r.Body, r.ContentLength = readCloser{big}, int64(big.Len())
		}, http.StatusRequestEntityTooLarge},
	} {
		res, p := do(t, server, http.MethodPost, "/whip/lsn_1", row.change)
		if res.StatusCode != row.status || p.Status != row.status || p.Title == "" {
			t.Errorf("%s: %s %+v", claim, res.Status, p)
		}
	}
	if c.opened != nil {
		t.Error("classroom was asked")
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestRefusals_HaveTheStatusThatProgramsKnow(t *testing.T) {
	for reason, status := range map[fault.Reason]int{
		fault.MediaTokenInvalid: 401, fault.PermissionDenied: 403, fault.NotFound: 404, fault.MediaTokenInUse: 409, fault.LessonFull: 409,
		fault.LessonEnded: 410, fault.OfferRejected: 422, fault.ResourceExhausted: 429, fault.Unavailable: 503,
		fault.DeadlineExceeded: 504, fault.Internal: 500, fault.InvalidArgument: 400,
	} {
		c := &classroom{err: fault.New(reason, fault.With("problem", "no_bundle"), fault.RetryAfter(1500e6)).GRPCStatus().Err()}
		res, p := do(t, serve(t, c, 10), http.MethodPost, "/whip/lsn_1")
		if res.StatusCode != status || p.Reason != reason || p.Detail != "no_bundle" || res.Header.Get("Retry-After") != "2" {
			t.Errorf("%s: %s %+v %v", reason, res.Status, p, res.Header)
		}
	}
	c := &classroom{err: errors.New("dial secret-host: refused")}
	if _, p := do(t, serve(t, c, 10), http.MethodPost, "/whip/lsn_1"); p.Reason != fault.Internal || strings.Contains(p.Title+p.Detail, "secret-host") {
		t.Errorf("told %+v", p)
	}
}

func TestLimits_OneAddressAndOneTokenMayDoSoMuch(t *testing.T) {
	server := serve(t, &classroom{}, 3)
	for range 3 {
		do(t, server, http.MethodGet, "/whip/lsn_1")
	}
	if res, _ := do(t, server, http.MethodGet, "/whip/lsn_1"); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("an address: %s %v", res.Status, res.Header)
	}
	server = serve(t, &classroom{}, 1000)
	last := 0
	for range tokenBurst + 2 {
		res, _ := do(t, server, http.MethodPost, "/whip/lsn_1")
		last = res.StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("a token: %d", last)
	}
	if res, _ := do(t, server, http.MethodPost, "/whip/lsn_1", func(r *http.Request) { r.Header.Set("Authorization", "Bearer other") }); res.StatusCode != http.StatusCreated {
		t.Errorf("another token: %s", res.Status)
	}
}

func FuzzParseBearer(f *testing.F) {
	for _, seed := range []string{"Bearer abc", "bearer  abc", "Basic abc", "Bearer", "Bearer a,b", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		secret, err := parseBearer([]string{value})
		if err == nil && (secret == "" || len(secret) > maxSecret || strings.ContainsAny(secret, " \t,") || !strings.Contains(value, secret)) {
			t.Errorf("%q gave %q", value, secret)
		}
	})
}
