package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tongke-edu/tongke/pkg/telemetry"
)

func TestNewLogger_RefusesUnknownLevelAndFormat(t *testing.T) {
	for _, c := range []telemetry.LogConfig{{Level: "loud", Format: "json"}, {Level: "info", Format: "xml"}} {
		if _, err := telemetry.NewLogger(c); err == nil {
			t.Errorf("%+v accepted", c)
		}
	}
	if _, err := telemetry.NewLogger(telemetry.DefaultLogConfig()); err != nil {
		t.Errorf("default: %v", err)
	}
}

func TestHandler_ServesMetricsAndProfiles(t *testing.T) {
	h := telemetry.Handler(telemetry.NewRegistry())
	for path, want := range map[string]string{"/metrics": "go_goroutines", "/debug/pprof/": "heap"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s answers %d without %s", path, w.Code, want)
		}
	}
}
