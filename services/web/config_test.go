package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/tongke-edu/tongke/pkg/config"
	"github.com/tongke-edu/tongke/services/web"
)

func TestConfig_SampleEqualsTheDefaults(t *testing.T) {
	want := web.DefaultConfig()
	sample, err := config.Sample(&want)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "web.yaml")
	if err := os.WriteFile(path, sample, 0o600); err != nil {
		t.Fatal(err)
	}
	got := web.Config{TrustedProxies: []string{}, TrustedOrigins: []string{}}
	if err := config.Load(&got, config.Options{File: path}); err != nil {
		t.Fatalf("%v in\n%s", err, sample)
	}
	want.TrustedProxies, want.TrustedOrigins = []string{}, []string{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestNew_AnAddressThatIsTakenShowsAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	_, err := web.New(w.params(t, func(c *web.Config) { c.Listen = mustURL(t, w.plain).Host }))
	if err == nil {
		t.Error("two servers on one address")
	}
}

func TestHealthz_AnswersWhileTheServerRuns(t *testing.T) {
	w := newWorld(t, nil)
	resp, err := w.browser(t, w.plain).Get(w.plain + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s", resp.Status)
	}
}
