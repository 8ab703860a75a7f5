package web_test

import (
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"

	webv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/web/v1"
	"github.com/tongke-edu/tongke/services/web"
)

// cookie returns the one cookie that an answer sets.
func cookie(t *testing.T, a answer) *http.Cookie {
	t.Helper()
	if len(a.cookies) != 1 {
		t.Fatalf("%d cookies in %+v", len(a.cookies), a)
	}
	return a.cookies[0]
}

func TestSignIn_SetsACookieThatScriptsAndOtherSitesNeverSee(t *testing.T) {
	w := newWorld(t, nil)
	for name, row := range map[string]struct {
		base, cookie string
		secure       bool
	}{
		"plain": {w.plain, "tongke_session", false},
		"TLS":   {w.secure, "__Host-tongke_session", true},
	} {
		got := w.browser(t, row.base).call(signIn, map[string]any{"login": "teacher", "password": password})
		c := cookie(t, got)
		if c.Name != row.cookie || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure != row.secure || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s: %s", name, c)
		}
		if c.MaxAge < 11*3600 || c.MaxAge > 12*3600 {
			t.Errorf("%s: lives %d s, the session 12 h", name, c.MaxAge)
		}
		if strings.Contains(got.raw, c.Value) {
			t.Errorf("%s: the credential is in the answer", name)
		}
	}
}

func TestSignIn_WrongPasswordChangesNothing(t *testing.T) {
	w := newWorld(t, nil)
	b := w.browser(t, w.plain)
	got := b.call(signIn, map[string]any{"login": "teacher", "password": "wrong"})
	if got.status != http.StatusUnauthorized || got.reason != "REASON_WRONG_CREDENTIALS" || len(got.cookies) != 0 {
		t.Errorf("%+v", got)
	}
	if got := b.call(getLesson, map[string]any{"lessonId": "lsn_1"}); got.reason != "REASON_UNAUTHENTICATED" {
		t.Errorf("%+v", got)
	}
}

func TestSignIn_TooManyFromOneAddressMustWait(t *testing.T) {
	w := newWorld(t, func(c *web.Config) { c.Limits.SignInPerSecond, c.Limits.SignInBurst = 0.01, 2 })
	b := w.browser(t, w.plain)
	var last answer
	for range 3 {
		last = b.call(signIn, map[string]any{"login": "teacher", "password": "wrong"})
	}
	if last.status != http.StatusTooManyRequests || last.reason != "REASON_RESOURCE_EXHAUSTED" || last.retry == "" {
		t.Errorf("%+v", last)
	}
	if w.directory.address != "127.0.0.1" {
		t.Errorf("the directory was told %q", w.directory.address)
	}
	// Another network is not limited by it, nor does an untrusted header make one another network.
	if got := b.call(signIn, map[string]any{"login": "teacher", "password": password}, forwardedFor("203.0.113.7")); got.status != http.StatusTooManyRequests {
		t.Errorf("a header was believed: %+v", got)
	}
}

func TestSignIn_BehindATrustedProxyAddressesAreThoseOfClients(t *testing.T) {
	w := newWorld(t, func(c *web.Config) {
		c.TrustedProxies = []string{"127.0.0.0/8"}
		c.Limits.SignInPerSecond, c.Limits.SignInBurst = 0.01, 1
	})
	b := w.browser(t, w.plain)
	wrong := map[string]any{"login": "teacher", "password": "wrong"}
	_ = b.call(signIn, wrong, forwardedFor("203.0.113.7"))
	if got := b.call(signIn, wrong, forwardedFor("203.0.113.7")); got.status != http.StatusTooManyRequests {
		t.Errorf("same client: %+v", got)
	}
	if got := b.call(signIn, wrong, forwardedFor("203.0.113.7, 198.51.100.1")); got.reason != "REASON_WRONG_CREDENTIALS" {
		t.Errorf("other client: %+v", got)
	}
	if w.directory.address != "198.51.100.1" {
		t.Errorf("the directory was told %q", w.directory.address)
	}
}

func forwardedFor(address string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("X-Forwarded-For", address) }
}

func TestGetSession_TellsWhoTheBrowserIs(t *testing.T) {
	w := newWorld(t, nil)
	b := w.browser(t, w.plain)
	if got := b.call(getSession, struct{}{}); got.status != http.StatusOK || got.body["principal"] != nil ||
		got.body["version"] != "1.2.3" || got.body["serverTime"] == nil {
		t.Errorf("signed out: %+v", got)
	}
	got := w.signedIn(t).call(getSession, struct{}{})
	if !strings.Contains(got.raw, `psn_teacher`) {
		t.Errorf("signed in: %+v", got)
	}
}

func TestGetSession_EmptyMessageTravelsInEveryProtocol(t *testing.T) {
	w := newWorld(t, nil)
	for name, options := range map[string][]connect.ClientOption{
		"connect": nil, "JSON": {connect.WithProtoJSON()}, "gRPC-Web": {connect.WithGRPCWeb()}, "gRPC": {connect.WithGRPC()},
	} {
		b := w.browser(t, w.secure)
		client := connect.NewClient[webv1.GetSessionRequest, webv1.GetSessionResponse](b.Client, w.secure+getSession, options...)
		resp, err := client.CallUnary(t.Context(), connect.NewRequest(&webv1.GetSessionRequest{}))
		if err != nil || resp.Msg.GetVersion() != "1.2.3" {
			t.Errorf("%s: %v %v", name, resp, err)
		}
	}
}

func TestSession_ThatExpiredSaysSoAndLosesItsCookie(t *testing.T) {
	w := newWorld(t, nil)
	b := w.signedIn(t)
	w.directory.expire()
	if got := b.call(getLesson, map[string]any{"lessonId": "lsn_1"}); got.status != http.StatusUnauthorized || got.reason != "REASON_SESSION_EXPIRED" {
		t.Errorf("%+v", got)
	}
	got := b.call(getSession, struct{}{})
	if got.status != http.StatusOK || got.body["principal"] != nil || cookie(t, got).MaxAge >= 0 {
		t.Errorf("%+v", got)
	}
}

func TestSession_IsResolvedOnceForManyCalls(t *testing.T) {
	w := newWorld(t, nil)
	b := w.signedIn(t)
	for range 20 {
		if got := b.call(getLesson, map[string]any{"lessonId": "lsn_1"}); got.status != http.StatusOK {
			t.Fatalf("%+v", got)
		}
	}
	w.directory.mu.Lock()
	defer w.directory.mu.Unlock()
	if w.directory.resolved != 1 {
		t.Errorf("resolved %d times", w.directory.resolved)
	}
}

func TestSignOut_EndsTheSessionAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	b := w.signedIn(t)
	_ = b.call(getLesson, map[string]any{"lessonId": "lsn_1"}) // now the session is in the cache
	stolen := b.Jar.Cookies(mustURL(t, w.plain))
	if got := b.call(signOut, struct{}{}); got.status != http.StatusOK || cookie(t, got).MaxAge >= 0 {
		t.Fatalf("%+v", got)
	}
	thief := w.browser(t, w.plain)
	thief.Jar.SetCookies(mustURL(t, w.plain), stolen)
	if got := thief.call(getLesson, map[string]any{"lessonId": "lsn_1"}); got.reason != "REASON_SESSION_EXPIRED" {
		t.Errorf("the session lives on: %+v", got)
	}
}

func TestPairing_GivesTheScreenItsOwnCredential(t *testing.T) {
	w := newWorld(t, nil)
	screen := w.browser(t, w.secure)
	if got := screen.call(finishPairing, struct{}{}); got.reason != "REASON_PAIRING_CODE_UNKNOWN" {
		t.Errorf("before the start: %+v", got)
	}
	started := screen.call(startPairing, struct{}{})
	code, _ := started.body["code"].(string)
	if c := cookie(t, started); c.Name != "__Host-tongke_pairing" || !c.HttpOnly || strings.Contains(started.raw, c.Value) {
		t.Fatalf("%+v", started)
	}
	if got := screen.call(finishPairing, struct{}{}); got.status != http.StatusOK || got.body["classroom"] != nil {
		t.Errorf("before the claim: %+v", got)
	}
	w.directory.claim(code)
	finished := screen.call(finishPairing, struct{}{})
	if finished.status != http.StatusOK || !strings.Contains(finished.raw, "rom_1") || len(finished.cookies) != 2 {
		t.Fatalf("%+v", finished)
	}
	if got := screen.call(getLesson, map[string]any{"lessonId": "lsn_1"}); got.status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	if id := w.lessons.caller(); id.Subject != "rom_1" || id.ClassroomID != "rom_1" || id.Kind != "device" {
		t.Errorf("service saw %+v", id)
	}
	// A scheduler may sign in on the classroom's computer, and leave the classroom as it was.
	_ = screen.call(signIn, map[string]any{"login": "scheduler", "password": password})
	if got := screen.call(getSession, struct{}{}); !strings.Contains(got.raw, "psn_scheduler") {
		t.Errorf("%+v", got)
	}
	asDevice := func(r *http.Request) { r.Header.Set("X-Tongke-As", "device") }
	if got := screen.call(getSession, struct{}{}, asDevice); !strings.Contains(got.raw, "rom_1") {
		t.Errorf("the classroom's page beside it: %+v", got)
	}
	_ = screen.call(signOut, struct{}{})
	if got := screen.call(getSession, struct{}{}); !strings.Contains(got.raw, "rom_1") {
		t.Errorf("%+v", got)
	}
}
