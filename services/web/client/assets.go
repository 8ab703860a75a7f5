// Package client holds the built web client inside the binary. The TypeScript beside this file is built into dist/
// by `make build`.
package client

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

// A kept file lets Go code compile before the client was built.
//
//go:embed all:dist
var dist embed.FS

// ErrNotBuilt says that the binary was made without the web client.
var ErrNotBuilt = errors.New("the web client is not built: run make build")

// Assets returns the built client; ErrNotBuilt where there is none.
func Assets() (fs.FS, error) {
	assets, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open web client: %w", err)
	}
	if _, err := fs.Stat(assets, "index.html"); err != nil {
		return nil, ErrNotBuilt
	}
	return assets, nil
}
