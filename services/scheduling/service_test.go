package scheduling_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/config"
	"github.com/tongke-edu/tongke/pkg/fault"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/scheduling"
)

// restarted is the world after its process ended and another opened the same data.
func restarted(t *testing.T, w *world) *world {
	t.Helper()
	must(t, w.service.Close())
	return serve(t, w.config, w.clock)
}

func TestNew_RefusesWhatItCannotServe(t *testing.T) {
	good := scheduling.DefaultConfig()
	good.Database.DSN = filepath.Join(t.TempDir(), "tongke.db")
	for name, change := range map[string]func(*scheduling.Config){
		"no place":            func(c *scheduling.Config) { c.Database.DSN = "" },
		"unknown driver":      func(c *scheduling.Config) { c.Database.Driver = "mysql" },
		"no file":             func(c *scheduling.Config) { c.Database.DSN = t.TempDir() },
		"no URL":              func(c *scheduling.Config) { c.Database.Driver, c.Database.DSN = "postgres", "postgres://[" },
		"nobody there":        func(c *scheduling.Config) { c.Database.Driver, c.Database.DSN = "postgres", "postgres://127.0.0.1:1/x" },
		"sessions of no time": func(c *scheduling.Config) { c.SessionLifetime = 0 },
	} {
		c := good
		change(&c)
		if s, err := scheduling.New(scheduling.Params{Config: c, Log: zap.NewNop(), Metrics: prometheus.NewRegistry()}); err == nil {
			t.Errorf("%s: accepted", name)
			_ = s.Close()
		}
	}
}

func TestNew_KeepsTheDatabaseFromOtherUsers(t *testing.T) {
	w := newWorld(t)
	info, err := os.Stat(w.config.Database.DSN)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestRun_SweepsUntilItsEndAndThenCloses(t *testing.T) {
	w := newWorld(t)
	screen := w.as(t, web())
	started, err := screen.StartDevicePairing(t.Context(), &directoryv1.StartDevicePairingRequest{})
	must(t, err)
	collect := func() fault.Reason {
		_, err := screen.CollectDevicePairing(t.Context(), &directoryv1.CollectDevicePairingRequest{Secret: started.GetSecret()})
		return fault.ReasonOf(err)
	}
	w.clock.advance(2 * time.Hour)
	if got := collect(); got != fault.PairingCodeExpired {
		t.Fatalf("before the sweep: %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.service.Run(ctx) }()
	testkit.Eventually(t, func() bool { return collect() == fault.PairingCodeUnknown }, "the old code is forgotten")
	cancel()
	must(t, testkit.Receive(t, ended, "Run ends"))
	if err := w.service.SetPassword(t.Context(), "teacher", "neues-pferd"); fault.ReasonOf(err) != fault.Internal {
		t.Errorf("the database is still open: %v", err)
	}
}

func TestConfig_LoadsOverItsDefaults(t *testing.T) {
	t.Setenv("TONGKE_DATABASE_DRIVER", "postgres")
	t.Setenv("TONGKE_SESSION_LIFETIME", "8h")
	c := scheduling.DefaultConfig()
	must(t, config.Load(&c, config.Options{EnvPrefix: "TONGKE_"}))
	if c.Database.Driver != "postgres" || c.SessionLifetime != 8*time.Hour || c.PairingLifetime != 10*time.Minute {
		t.Errorf("config %+v", c)
	}
}
