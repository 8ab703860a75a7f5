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
