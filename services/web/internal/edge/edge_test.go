package edge

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

func TestExposed_IsWhatTheRulesLetOutsidersCall(t *testing.T) {
	var all int
	for _, name := range []string{
		"tongke.directory.v1.DirectoryService", "tongke.scheduling.v1.SchedulingService",
		"tongke.classroom.v1.ClassroomService", "tongke.web.v1.SessionService",
	} {
		service, err := findService(name)
		if err != nil {
			t.Fatal(err)
		}
		methods, err := exposed(service, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range rpc.Rules(service.ParentFile()) {
			if m.Descriptor.Parent() != service {
				continue
			}
			all++
			onlyServices := len(m.Rule.GetRoles()) == 1 && m.Rule.GetRoles()[0] == commonv1.Role_ROLE_SERVICE
			if _, ok := methods[m.FullMethod]; ok == onlyServices {
				t.Errorf("%s exposed: %t", m.FullMethod, ok)
			}
		}
	}
	if all < 30 {
		t.Errorf("only %d methods looked at", all)
	}
	if forOutsiders(nil) || forOutsiders(&commonv1.Rule{}) {
		t.Error("a method without rule is exposed")
	}
}

func TestFindService_RefusesWhatIsNoService(t *testing.T) {
	for _, name := range []string{"tongke.nothing.v1.Nothing", "tongke.web.v1.SignInRequest"} {
		if _, err := findService(name); err == nil {
			t.Errorf("%s found", name)
		}
	}
}

func TestOrigin_BelievesOnlyTrustedProxies(t *testing.T) {
	proxies := NewOrigin([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
	for name, row := range map[string]struct {
		origin                Origin
		peer, forwarded, want string
	}{
		"no proxy":            {NewOrigin(nil), "203.0.113.7:1", "198.51.100.1", "203.0.113.7"},
		"a stranger's header": {proxies, "203.0.113.7:1", "198.51.100.1", "203.0.113.7"},
		"one proxy":           {proxies, "10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		"two proxies":         {proxies, "10.0.0.1:1", "198.51.100.1, 10.0.0.2", "198.51.100.1"},
		"a made-up first hop": {proxies, "10.0.0.1:1", "127.0.0.1, 198.51.100.1", "198.51.100.1"},
		"mapped address":      {proxies, "[::ffff:10.0.0.1]:1", "198.51.100.1", "198.51.100.1"},
		"empty header":        {proxies, "10.0.0.1:1", "", "10.0.0.1"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.RemoteAddr = row.peer
		r.Header.Set("X-Forwarded-For", row.forwarded)
		if got := row.origin.Address(r); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

func FuzzOrigin(f *testing.F) {
	f.Add("10.0.0.1:1", "198.51.100.1, 10.0.0.2")
	f.Add("[::1]:80", ",,, ")
	o := NewOrigin([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}}}
		if got := o.Address(r); got != host(peer) && !strings.Contains(forwarded, got) {
			t.Errorf("made up %q", got)
		}
	})
}
