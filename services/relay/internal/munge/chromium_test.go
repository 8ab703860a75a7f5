package munge

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorded are the packets of a screen as Chromium sent them, the payloads cut off.
func recorded(t testing.TB, codec string) []*Packet {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "chromium-"+codec+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var out []*Packet
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		var seq uint16
		var marker, size int
		var payload string
		p := &Packet{Newest: true, Arrival: epoch, Format: Key("video/" + codec).Format()}
		// Padding has no payload.
		if n, err := fmt.Sscan(lines.Text(), &seq, &p.Timestamp, &marker, &size, &payload); n < 4 {
			t.Fatal(err)
		}
		p.Ext, p.Marker, p.Payload = firstCycle+uint64(seq), marker == 1, unhex(t, payload)
		p.Description = p.Format.Describe(p.Payload)
		out = append(out, p)
	}
	return out
}

func TestDescribe_FindsFramesOfChromium(t *testing.T) {
	for _, codec := range []string{"vp9", "av1"} {
		t.Run(codec, func(t *testing.T) {
			frames, keys, before := 0, 0, uint32(0)
			for _, p := range recorded(t, codec) {
				if len(p.Payload) == 0 {
					continue
				}
				if first := p.Timestamp != before; first != p.Start {
					t.Fatalf("packet %d of %d: first of a frame %v, described as %+v", p.Ext, p.Timestamp, first, p.Description)
				}
				before = p.Timestamp
				if p.Start {
					frames++
				}
				if p.Keyframe {
					if keys++; !p.Start || p.Width != 960 || p.Height != 540 {
						t.Fatalf("keyframe %+v", p.Description)
					}
				}
			}
			if frames < 10 || keys != 2 {
				t.Fatalf("%d frames, %d keyframes", frames, keys)
			}
		})
	}
}

func TestRewriter_KeepsPicturesOfChromiumInOrderAcrossASwitch(t *testing.T) {
	v, camera := newViewer(t), newLayer(1, 10, 0, 32766)
	v.rw.Target(1)
	last := picture(v.gets(camera, camera.key()))
	v.rw.Target(2)
	for _, p := range recorded(t, "vp9") {
		out, ok := v.rw.Rewrite(2, p, make([]byte, 0, 1500))
		if !ok {
			continue
		}
		if p.Start {
			last = (last + 1) & 0x7fff
		}
		if got := VP9.Describe(out.Payload).descriptor.pictureID(out.Payload); got != last {
			t.Fatalf("picture %d, want %d", got, last)
		}
	}
}
