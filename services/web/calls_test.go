package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/web"
)

func TestCall_ReachesTheServiceInEveryProtocol(t *testing.T) {
	w := newWorld(t, nil)
	for name, row := range map[string]struct {
		base   string
		option []connect.ClientOption
	}{
		"connect, binary, HTTP/1.1": {w.plain, nil},
		"connect, JSON, HTTP/1.1":   {w.plain, []connect.ClientOption{connect.WithProtoJSON()}},
		"connect, binary, HTTP/2":   {w.secure, nil},
		"gRPC-Web, HTTP/1.1":        {w.plain, []connect.ClientOption{connect.WithGRPCWeb()}},
		"gRPC-Web, HTTP/2":          {w.secure, []connect.ClientOption{connect.WithGRPCWeb()}},
		"gRPC, HTTP/2":              {w.secure, []connect.ClientOption{connect.WithGRPC()}},
		"connect, gzip":             {w.plain, []connect.ClientOption{connect.WithSendGzip()}},
	} {
		t.Run(name, func(t *testing.T) {
			b := w.browser(t, row.base)
			if got := b.call(signIn, map[string]any{"login": "teacher", "password": password}); got.status != http.StatusOK {
				t.Fatalf("sign in: %+v", got)
			}
			client := b.lessonClient(row.option...)
			resp, err := client.CallUnary(t.Context(), connect.NewRequest(&schedulingv1.GetLessonRequest{LessonId: "lsn_1"}))
			if err != nil {
				t.Fatal(err)
			}
			if resp.Msg.GetLesson().GetId() != "lsn_1" || resp.Msg.GetLesson().GetTitle() != "古诗 <script>" {
				t.Errorf("answer %v", resp.Msg)
			}
			_, err = client.CallUnary(t.Context(), connect.NewRequest(&schedulingv1.GetLessonRequest{}))
			if got := reasonOf(err); got != commonv1.Reason_REASON_INVALID_ARGUMENT {
				t.Errorf("a broken limit: %v (%v)", got, err)
			}
			huge := &schedulingv1.GetLessonRequest{LessonId: strings.Repeat("x", 2<<20)}
			_, err = client.CallUnary(t.Context(), connect.NewRequest(huge))
			// Compressed it is small enough for the edge, and too large for the service.
			if got := connect.CodeOf(err); got != connect.CodeResourceExhausted {
				t.Errorf("an oversized body: %v (%v)", got, err)
			}
			if got := reasonOf(err); got != commonv1.Reason_REASON_RESOURCE_EXHAUSTED && name != "connect, gzip" {
				t.Errorf("an oversized body: %v (%v)", got, err)
			}
		})
	}
}

func TestCall_CarriesTheCallersIdentity(t *testing.T) {
	w := newWorld(t, nil)
	b := w.signedIn(t)
	if got := b.call(getLesson, map[string]any{"lessonId": "lsn_1"}); got.status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	id := w.lessons.caller()
	if id.Subject != "psn_teacher" || id.Kind != rpc.KindPerson || id.CampusID != "cmp_1" {
		t.Errorf("service saw %+v", id)
	}
	if id.Has(commonv1.Role_ROLE_SERVICE) {
		t.Error("a person became a service")
	}
	if !w.directory.callers["web"] {
		t.Errorf("the directory was asked by %v, not by web", w.directory.callers)
	}
}

func TestCall_IdentityFromOutsideIsStripped(t *testing.T) {
	w := newWorld(t, nil)
	forged := func(r *http.Request) {
		r.Header.Set(rpc.IdentityHeader, "forged")
		r.Header.Set("Grpc-Metadata-X-Tongke-Identity", "forged")
		r.Header.Set("X-Tongke-Secure", "true")
	}
	if got := w.browser(t, w.plain).call(getLesson, map[string]any{"lessonId": "lsn_1"}, forged); got.reason != "REASON_UNAUTHENTICATED" {
		t.Errorf("stranger: %+v", got)
	}
	b := w.signedIn(t)
	if got := b.call(getLesson, map[string]any{"lessonId": "lsn_1"}, forged); got.status != http.StatusOK {
		t.Errorf("teacher: %+v", got)
	}
	if id := w.lessons.caller(); id.Subject != "psn_teacher" {
		t.Errorf("service saw %+v", id)
	}
	// A header cannot make cookies secure either: the plain session's cookie would be lost.
	if got := b.call(getSession, struct{}{}, forged); got.body["principal"] == nil {
		t.Errorf("session: %+v", got)
	}
}

func TestCall_OnlyMethodsForOutsidersExist(t *testing.T) {
	w := newWorld(t, nil)
	b := w.signedIn(t)
	for _, path := range []string{
		"/tongke.directory.v1.DirectoryService/ResolveCredential",
		"/tongke.directory.v1.DirectoryService/Authenticate",
		"/tongke.relay.v1.RelayService/Connect",
		"/tongke.scheduling.v1.SchedulingService/DropAll",
		"/tongke.nothing.v1.Nothing/Nothing",
	} {
		if got := b.call(path, struct{}{}); got.status != http.StatusNotFound || got.reason != "REASON_NOT_FOUND" {
			t.Errorf("%s: %+v", path, got)
		}
	}
	// Outside the product's packages nothing is a call.
	if got := b.call("/grpc.health.v1.Health/Check", struct{}{}); got.status != http.StatusMethodNotAllowed {
		t.Errorf("health: %+v", got)
	}
}

func TestCall_FromAnotherSiteIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	b := w.signedIn(t)
	for name, change := range map[string]func(*http.Request){
		"other site":       func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"other port":       func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"old browser":      func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") },
		"sandboxed frame":  func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "null") },
		"a lying metadata": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
	} {
		if got := b.call(getLesson, map[string]any{"lessonId": "lsn_1"}, change); got.reason != "REASON_PERMISSION_DENIED" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	native := func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Del("Origin") }
	if got := b.call(getLesson, map[string]any{"lessonId": "lsn_1"}, native); got.status != http.StatusOK {
		t.Errorf("a program without origin: %+v", got)
	}
}

func TestCall_OversizedBodyIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	b := w.signedIn(t)
	huge := map[string]any{"lessonId": strings.Repeat("x", 1<<20)}
	if got := b.call(getLesson, huge); got.reason != "REASON_RESOURCE_EXHAUSTED" {
		t.Errorf("with its length: %+v", got)
	}
	chunked := func(r *http.Request) { r.ContentLength = -1 }
	if got := b.call(getLesson, huge, chunked); got.reason != "REASON_RESOURCE_EXHAUSTED" {
		t.Errorf("without: %+v", got)
	}
}

func TestCall_MalformedBodyIsInvalid(t *testing.T) {
	w := newWorld(t, nil)
	b := w.signedIn(t)
	if got := b.call(getLesson, "no object"); got.status != http.StatusBadRequest || got.reason != "REASON_INVALID_ARGUMENT" {
		t.Errorf("%+v", got)
	}
}

func TestCall_ServiceErrorKeepsItsDriversText(t *testing.T) {
	w := newWorld(t, nil)
	got := w.signedIn(t).call("/tongke.directory.v1.DirectoryService/ListCampuses", struct{}{})
	if got.reason != "REASON_INTERNAL" || strings.Contains(got.raw, "relation") {
		t.Errorf("%+v", got)
	}
}

func TestCall_TooManyOfOneSessionMustWait(t *testing.T) {
	w := newWorld(t, func(c *web.Config) { c.Limits.CallsPerSecond, c.Limits.CallsBurst = 0.01, 3 })
	b, other := w.signedIn(t), w.browser(t, w.plain)
	var last answer
	for range 4 {
		last = b.call(getLesson, map[string]any{"lessonId": "lsn_1"})
	}
	if last.status != http.StatusTooManyRequests || last.reason != "REASON_RESOURCE_EXHAUSTED" || last.retry == "" {
		t.Errorf("%+v", last)
	}
	if got := other.call(getSession, struct{}{}); got.status != http.StatusOK {
		t.Errorf("another caller is limited too: %+v", got)
	}
}

func TestCall_InventingACredentialForEachIsLimitedToo(t *testing.T) {
	w := newWorld(t, func(c *web.Config) { c.Limits.CallsPerSecond, c.Limits.CallsBurst = 0.01, 1 })
	b := w.browser(t, w.plain)
	for i := range 100 {
		got := b.call(getLesson, map[string]any{"lessonId": "lsn_1"}, func(r *http.Request) {
			r.Header.Set("Cookie", fmt.Sprintf("tongke_session=%043d", i))
		})
		switch got.reason {
		case "REASON_SESSION_EXPIRED":
		case "REASON_RESOURCE_EXHAUSTED":
			if i != 20 {
				t.Errorf("limited after %d calls", i)
			}
			return
		default:
			t.Fatalf("%+v", got)
		}
	}
	t.Error("nothing was refused")
}

func TestPages_CarryTheSecurityHeaders(t *testing.T) {
	w := newWorld(t, nil)
	resp, err := w.browser(t, w.plain).Get(w.plain + "/live/lsn_1")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	csp := resp.Header.Get("Content-Security-Policy")
	if resp.StatusCode != http.StatusOK || !strings.Contains(csp, "script-src 'self';") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("%d %s", resp.StatusCode, csp)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff",
		"Referrer-Policy":        "same-origin",
		"Permissions-Policy":     "camera=(self), microphone=(self), display-capture=(self)",
	} {
		if got := resp.Header.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
