package static_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tongke-edu/tongke/services/web/internal/static"
)

const page = "<!doctype html><title>同课</title>"

func client(t *testing.T) http.Handler {
	t.Helper()
	h, err := static.New(fstest.MapFS{
		"index.html":             {Data: []byte(page)},
		"favicon.svg":            {Data: []byte("<svg/>")},
		"assets/main-4f2a.js":    {Data: []byte(strings.Repeat("console.log('同课');\n", 500))},
		"assets/logo-9c1b.woff2": {Data: make([]byte, 4096)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(t *testing.T, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	client(t).ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestStatic_EveryRouteOfTheClientIsItsPage(t *testing.T) {
	for _, path := range []string{"/", "/index.html", "/login", "/live/lsn_01jd3v", "/a/../login"} {
		resp := get(t, path)
		if resp.StatusCode != http.StatusOK || body(t, resp.Body) != page || resp.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %s %v", path, resp.Status, resp.Header)
		}
		if got := resp.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestStatic_MissingFileIsNoPage(t *testing.T) {
	for _, path := range []string{"/assets/old-1234.js", "/assets/old", "/logo.png"} {
		if resp := get(t, path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}

func TestStatic_HashedAssetsAreKeptForEver(t *testing.T) {
	resp := get(t, "/assets/main-4f2a.js")
	if got := resp.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("%q", got)
	}
	if got := resp.Header.Get("Content-Type"); got != "text/javascript; charset=utf-8" {
		t.Errorf("%q", got)
	}
}

func TestStatic_TextIsCompressedAndFontsAreNot(t *testing.T) {
	resp := get(t, "/assets/main-4f2a.js", "Accept-Encoding", "gzip")
	if resp.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%v", resp.Header)
	}
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := body(t, z); !strings.HasPrefix(got, "console.log('同课')") {
		t.Errorf("%.40q", got)
	}
	if resp := get(t, "/assets/logo-9c1b.woff2", "Accept-Encoding", "gzip"); resp.Header.Get("Content-Encoding") != "" {
		t.Errorf("%v", resp.Header)
	}
}

func TestStatic_UnchangedPageIsNotSentAgain(t *testing.T) {
	tag := get(t, "/").Header.Get("Etag")
	if resp := get(t, "/login", "If-None-Match", tag); tag == "" || resp.StatusCode != http.StatusNotModified {
		t.Errorf("%q: %s", tag, resp.Status)
	}
}

func TestStatic_IsOnlyRead(t *testing.T) {
	w := httptest.NewRecorder()
	client(t).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("%d", w.Code)
	}
}

func TestNew_RefusesAClientThatWasNotBuilt(t *testing.T) {
	if _, err := static.New(fstest.MapFS{}); err == nil {
		t.Error("accepted")
	}
}
