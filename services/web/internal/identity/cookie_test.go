package identity_test

import (
	"testing"

	"github.com/tongke-edu/tongke/services/web/internal/identity"
)

func TestCookies_APageChoosesWhichOfTwoCredentialsItUses(t *testing.T) {
	both := identity.Cookies{Session: "session", Device: "device", Pairing: "pairing"}
	for _, row := range []struct{ as, session, device string }{
		{identity.AsDevice, "", "device"},
		{identity.AsPerson, "session", ""},
		{"", "session", "device"},
		{"service", "session", "device"},
	} {
		got := both.As(row.as)
		if got.Session != row.session || got.Device != row.device || got.Pairing != "pairing" {
			t.Errorf("as %q: %+v", row.as, got)
		}
	}
}

func TestParseCookies_OtherApplicationsDoNotHideOurs(t *testing.T) {
	line := `theme={"dark":true}; tongke_session=` + credential + `; =; bad name=1; tongke_device=short`
	got := identity.ParseCookies([]string{line}, false)
	if got.Session != credential || got.Device != "" {
		t.Errorf("%+v", got)
	}
	if got := identity.ParseCookies([]string{line}, true); got.Session != "" {
		t.Error("a cookie of the plain address counts over TLS")
	}
}
