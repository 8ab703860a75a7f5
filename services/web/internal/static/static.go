// Package static serves the built web client: hashed assets for ever, everything else fresh, and index.html for each
// route of the client. It starts no goroutines.
package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
)

const (
	index = "index.html"
	// hashed is the folder whose file names change with their content.
	hashed = "assets/"
	// minCompress is the size in bytes below which compressing gains nothing.
	minCompress = 1024
)

// mediaTypes are told rather than guessed, so that they do not depend on the machine's tables.
var mediaTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".map":         "application/json",
	".mjs":         "text/javascript; charset=utf-8",
	".mp3":         "audio/mpeg",
	".ogg":         "audio/ogg",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".wav":         "audio/wav",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".woff2":       "font/woff2",
}

// New returns a handler for the files of a built client. It fails when there is no index.html.
func New(assets fs.FS) (http.Handler, error) {
	if _, err := fs.Stat(assets, index); err != nil {
		return nil, fmt.Errorf("web client: %w", err)
	}
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(minCompress), gzhttp.ExceptContentTypes([]string{
		"image/png", "image/webp", "font/woff2", "audio/mpeg", "audio/ogg",
	}))
	if err != nil {
		return nil, fmt.Errorf("web client: %w", err)
	}
	return compress(&files{assets: assets}), nil
}

type files struct{ assets fs.FS }

func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Files are only read.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	content, err := f.read(name)
	if err != nil && isRoute(name) {
		name = index
		content, err = f.read(name)
	}
	if err != nil {
		http.NotFound(w, r)
		return
	}
	f.serve(w, r, name, content)
}

// isRoute tells a page of the client ("live/lsn_1") from a missing file ("logo.png").
func isRoute(name string) bool { return path.Ext(name) == "" && !strings.HasPrefix(name, hashed) }

func (f *files) read(name string) ([]byte, error) {
	if name == "" {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(f.assets, name)
}

func (f *files) serve(w http.ResponseWriter, r *http.Request, name string, content []byte) {
	h := w.Header()
	if kind, ok := mediaTypes[path.Ext(name)]; ok {
		h.Set("Content-Type", kind)
	}
	if strings.HasPrefix(name, hashed) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
		sum := sha256.Sum256(content)
		// Weak, because the compressed form has other bytes.
		h.Set("Etag", `W/"`+hex.EncodeToString(sum[:8])+`"`)
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}
