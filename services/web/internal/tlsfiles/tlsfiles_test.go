package tlsfiles_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/web/internal/tlsfiles"
)

var now = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func selfSigned(t *testing.T, dir string, hosts []string, at time.Time) []byte {
	t.Helper()
	c, err := tlsfiles.SelfSigned(dir, hosts, at)
	if err != nil {
		t.Fatal(err)
	}
	return c.Certificate[0]
}

func TestSelfSigned_IsKeptAndCoversItsHosts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	hosts := []string{"localhost", "127.0.0.1", "192.168.1.20", "school-server"}
	c, err := tlsfiles.SelfSigned(dir, hosts, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hosts {
		if err := c.Leaf.VerifyHostname(h); err != nil {
			t.Error(err)
		}
	}
	if again := selfSigned(t, dir, hosts[:2], now.Add(24*time.Hour)); !bytes.Equal(again, c.Certificate[0]) {
		t.Error("another certificate the next day")
	}
	info, err := os.Stat(filepath.Join(dir, "web.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key: %v %v", info, err)
	}
}

func TestSelfSigned_IsMadeAgainWhenItNoLongerServes(t *testing.T) {
	for name, spoil := range map[string]func(dir string) (hosts []string, at time.Time){
		"about to end": func(string) ([]string, time.Time) { return []string{"localhost"}, now.Add(800 * 24 * time.Hour) },
		"new address":  func(string) ([]string, time.Time) { return []string{"localhost", "10.0.0.7"}, now },
		"broken": func(dir string) ([]string, time.Time) {
			_ = os.WriteFile(filepath.Join(dir, "web.crt"), []byte("half"), 0o600)
			return []string{"localhost"}, now
		},
	} {
		dir := t.TempDir()
		first := selfSigned(t, dir, []string{"localhost"}, now)
		hosts, at := spoil(dir)
		if bytes.Equal(first, selfSigned(t, dir, hosts, at)) {
			t.Errorf("%s: still the old one", name)
		}
	}
}

func TestHosts_HaveLocalhostFirst(t *testing.T) {
	if h := tlsfiles.Hosts(); len(h) < 3 || h[0] != "localhost" {
		t.Errorf("%v", h)
	}
}

func TestLoad_TellsWhichPairIsMissing(t *testing.T) {
	if _, err := tlsfiles.Load("none.crt", "none.key"); err == nil {
		t.Error("loaded")
	}
}
