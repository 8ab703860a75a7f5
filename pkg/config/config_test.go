package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/config"
)

type settings struct {
	Web     webSettings   `koanf:"web" doc:"What browsers talk to."`
	Overrun time.Duration `koanf:"overrun" doc:"How long a lesson may run over."`
	Names   []string      `koanf:"names"`
	Debug   bool          `koanf:"debug"`
}

type webSettings struct {
	Listen    string `koanf:"listen" doc:"Address for plain HTTP."`
	ListenTLS string `koanf:"listen_tls"`
	Limit     int    `koanf:"limit"`
}

func defaults() settings {
	return settings{
		Web:     webSettings{Listen: "127.0.0.1:8080", Limit: 5},
		Overrun: 10 * time.Minute,
		Names:   []string{"a", "b", "c"},
	}
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tongke.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad_NothingGivenKeepsTheDefaults(t *testing.T) {
	got := defaults()
	if err := config.Load(&got, config.Options{}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, defaults()) {
		t.Errorf("got %+v", got)
	}
}

func TestLoad_FlagsBeatEnvironmentBeatsFile(t *testing.T) {
	path := file(t, "web:\n  listen: file:1\n  listen_tls: file:2\n  limit: 7\noverrun: 90s\nnames: [x]\n")
	t.Setenv("CFGTEST_WEB_LISTEN", "env:1")
	t.Setenv("CFGTEST_WEB_LISTEN_TLS", "env:2")
	t.Setenv("CFGTEST_DEBUG", "true")
	got := defaults()
	err := config.Load(&got, config.Options{
		File:      path,
		EnvPrefix: "CFGTEST_",
		Flags:     map[string]string{"web.listen": "flag:1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := settings{
		Web:     webSettings{Listen: "flag:1", ListenTLS: "env:2", Limit: 7},
		Overrun: 90 * time.Second,
		Names:   []string{"x"},
		Debug:   true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLoad_ListsInTheEnvironmentAreSeparatedByCommas(t *testing.T) {
	t.Setenv("CFGTEST_NAMES", "x,y")
	got := defaults()
	if err := config.Load(&got, config.Options{EnvPrefix: "CFGTEST_"}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Names, []string{"x", "y"}) {
		t.Errorf("names %q", got.Names)
	}
}

func TestLoad_RefusesWhatItDoesNotKnow(t *testing.T) {
	for name, o := range map[string]config.Options{
		"key in file":       {File: file(t, "web:\n  lisen: x\n")},
		"case in file":      {File: file(t, "Debug: true\n")},
		"type in file":      {File: file(t, "overrun: soon\n")},
		"broken file":       {File: file(t, "web: [\n")},
		"missing file":      {File: filepath.Join(t.TempDir(), "none.yaml")},
		"flag":              {Flags: map[string]string{"web.lisen": "x"}},
		"a group as a flag": {Flags: map[string]string{"web": "x"}},
	} {
		got := defaults()
		if err := config.Load(&got, o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	t.Setenv("CFGTEST_WEB_LISTN", "x")
	got := defaults()
	if err := config.Load(&got, config.Options{EnvPrefix: "CFGTEST_"}); err == nil {
		t.Error("variable: accepted")
	}
}

func TestSample_LoadsAsTheDefaults(t *testing.T) {
	want := defaults()
	sample, err := config.Sample(&want)
	if err != nil {
		t.Fatal(err)
	}
	var got settings
	if err := config.Load(&got, config.Options{File: file(t, string(sample))}); err != nil {
		t.Fatalf("%v in\n%s", err, sample)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v from\n%s", got, sample)
	}
	if !strings.Contains(string(sample), "  # Address for plain HTTP.\n  listen: 127.0.0.1:8080\n") {
		t.Errorf("no comment in\n%s", sample)
	}
}
