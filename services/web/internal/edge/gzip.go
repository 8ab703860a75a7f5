package edge

import (
	"compress/gzip"
	"errors"
	"io"

	"connectrpc.com/connect"

	"github.com/tongke-edu/tongke/pkg/fault"
)

const gzipName = "gzip"

func newCompressor() connect.Compressor { return gzip.NewWriter(io.Discard) }

// newDecompressor returns a maker of gzip readers that end with a fault: at what is no gzip, and at limit bytes, because
// a thousand bytes may stand for a million.
func newDecompressor(limit int64) func() connect.Decompressor {
	return func() connect.Decompressor { return &decompressor{limit: limit} }
}

type decompressor struct {
	gzip.Reader
	limit, left int64
}

func (d *decompressor) Reset(r io.Reader) error {
	d.left = d.limit
	return broken(d.Reader.Reset(r))
}

func (d *decompressor) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if d.left -= int64(n); d.left < 0 {
		return 0, connectError(fault.New(fault.ResourceExhausted))
	}
	return n, broken(err)
}

func (d *decompressor) Close() error { return broken(d.Reader.Close()) }

func broken(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return connectError(fault.Invalid("", "compression", "gzip as announced"))
}
