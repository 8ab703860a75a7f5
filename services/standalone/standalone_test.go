package standalone

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/tongke-edu/tongke/pkg/config"
	"github.com/tongke-edu/tongke/services/web/client"
)

func TestSample_IsTheShippedFileAndEqualsTheDefaults(t *testing.T) {
	const shipped = "../../deploy/tongke.yaml"
	sample, err := Sample()
	if err != nil {
		t.Fatal(err)
	}
	onDisk, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sample, onDisk) {
		t.Errorf("%s differs from the defaults: write it anew with `tongke config`", shipped)
	}
	var loaded Config
	if err := config.Load(&loaded, config.Options{File: shipped}); err != nil {
		t.Fatal(err)
	}
	again, err := config.Sample(&loaded)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, sample) {
		t.Error("loading the sample gives other settings than the defaults")
	}
}

func TestServe_RefusesATakenPortThatWasAskedFor(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	c := DefaultConfig()
	port := taken.Addr().(*net.TCPAddr).Port
	err = choosePorts(&c, Options{Port: &port}, quiet(t))
	if err == nil || !strings.Contains(err.Error(), "--port") {
		t.Errorf("got %v, want an error that names --port", err)
	}
}

func TestServe_ADefaultPortThatIsTakenGivesWay(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	c := DefaultConfig()
	c.Web.Listen, c.Web.ListenTLS, c.Relay.Media.Listen = taken.Addr().String(), "", "127.0.0.1:0"
	if err := choosePorts(&c, Options{}, quiet(t)); err != nil {
		t.Fatal(err)
	}
	if c.Web.Listen != "127.0.0.1:0" {
		t.Errorf("web listens on %s, want a free port", c.Web.Listen)
	}
}

// TestServe_AnswersStopsAndStartsAgainOnItsData runs the whole process twice on one directory.
func TestServe_AnswersStopsAndStartsAgainOnItsData(t *testing.T) {
	if _, err := client.Assets(); err != nil {
		t.Fatalf("%v (make test builds it first)", err)
	}
	dir := t.TempDir()
	for range 2 {
		url, stop := start(t, dir)
		for path, want := range map[string]string{"/healthz": "ok", "/": "<!doctype html>"} {
			body := get(t, url+path)
			if !strings.Contains(strings.ToLower(body), want) {
				t.Errorf("GET %s: %.80q, want %q in it", path, body, want)
			}
		}
		signIn(t, url, "teacher", demoPassword)
		stop()
	}
	if _, err := os.Stat(filepath.Join(dir, "tongke.db")); err != nil {
		t.Error(err)
	}
}

// start runs `tongke serve --demo` on free ports, with further arguments, until the returned function is called.
func start(t *testing.T, dir string, args ...string) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, done := &line{text: make(chan string, 1)}, make(chan error, 1)
	command := Command()
	command.SetOut(out)
	command.SetArgs(append([]string{
		"serve", "--demo", "--ready-json", "--port", "0", "--media-port", "0", "--data", dir,
		"--set", "web.listen_tls=", "--set", "log.level=error",
	}, args...))
	go func() { done <- command.ExecuteContext(ctx) }()
	select {
	case text := <-out.text:
		var r ready
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("ready line %q: %v", text, err)
		}
		url = r.URL
	case err := <-done:
		t.Fatalf("ended before it was ready: %v", err)
	}
	return url, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stopped badly: %v", err)
		}
	}
}

// line hands on the first write.
type line struct{ text chan string }

func (l *line) Write(p []byte) (int, error) {
	select {
	case l.text <- string(p):
	default:
	}
	return len(p), nil
}

// signIn proves that the printed accounts open with the printed password.
func signIn(t *testing.T, url, login, password string) {
	t.Helper()
	body := strings.NewReader(`{"login":"` + login + `","password":"` + password + `"}`)
	resp, err := http.Post(url+"/tongke.web.v1.SessionService/SignIn", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("sign in as %s: %s", login, resp.Status)
	}
}

func quiet(t *testing.T) *zap.Logger { return zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel)) }

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return body.String()
}
