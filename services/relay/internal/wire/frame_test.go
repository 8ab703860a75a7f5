package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"
)

func TestDeframer_CutsWhateverTheReadsAre(t *testing.T) {
	raw := slices.Concat(frame(packet(1, 1)), frame(nil), frame(packet(2, MTU)), frame(packet(3, 40)))
	for name, source := range map[string]io.Reader{
		"whole":        bytes.NewReader(raw),
		"halves":       iotest.HalfReader(bytes.NewReader(raw)),
		"single bytes": iotest.OneByteReader(bytes.NewReader(raw)),
		"data and EOF": iotest.DataErrReader(bytes.NewReader(raw)),
	} {
		d := deframer{source: source}
		for i, n := range []int{1, MTU, 40} {
			if got, err := d.next(); err != nil || !bytes.Equal(got, packet(i+1, n)) {
				t.Errorf("%s, frame %d: %d bytes, %v", name, i, len(got), err)
			}
		}
		if got, err := d.next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %d bytes, %v at the end", name, len(got), err)
		}
	}
}

func TestDeframer_GoesOnAfterAnErrorOfTheSource(t *testing.T) {
	d := deframer{source: iotest.TimeoutReader(iotest.HalfReader(bytes.NewReader(frame(packet(1, 1200)))))}
	if _, err := d.next(); !errors.Is(err, iotest.ErrTimeout) {
		t.Fatal(err)
	}
	if got, err := d.next(); err != nil || !bytes.Equal(got, packet(1, 1200)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// FuzzDeframer compares with the plainest reading of RFC 4571: a length, then that many bytes.
func FuzzDeframer(f *testing.F) {
	f.Add([]byte("\x00\x03abc\x00\x00\x00\x01d"), uint8(1))
	f.Add(slices.Concat(frame(packet(1, 30)), frame(packet(2, 30))), uint8(20))
	f.Add([]byte("\x05\xdd"), uint8(0))
	f.Add([]byte("\x05\xdcshort"), uint8(7))
	f.Fuzz(func(t *testing.T, raw []byte, step uint8) {
		d := deframer{source: &stepper{raw: raw, step: int(step) + 1}}
		for rest := raw; ; {
			got, err := d.next()
			for len(rest) >= 2 && binary.BigEndian.Uint16(rest) == 0 {
				rest = rest[2:]
			}
			n := MTU
			if len(rest) >= 2 {
				n = int(binary.BigEndian.Uint16(rest))
			}
			switch {
			case n > MTU:
				if !errors.Is(err, errFrameTooLong) {
					t.Fatalf("a frame of %d: %d bytes, %v", n, len(got), err)
				}
				return
			case len(rest) < 2+n:
				if !errors.Is(err, io.EOF) {
					t.Fatalf("%d of %d bytes: %d bytes, %v", len(rest), 2+n, len(got), err)
				}
				return
			case err != nil || !bytes.Equal(got, rest[2:2+n]):
				t.Fatalf("a frame of %d: %d bytes, %v", n, len(got), err)
			}
			rest = rest[2+n:]
		}
	})
}

// stepper gives at most step bytes at a time.
type stepper struct {
	raw  []byte
	step int
}

func (s *stepper) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), s.step)], s.raw)
	s.raw = s.raw[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
