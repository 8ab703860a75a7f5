package answer

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
)

// transceiver is what Chromium made of a section.
type transceiver struct {
	Mid, Direction, Kind, Track       string
	Sends, Receives, Extensions, RIDs []string
}

type result struct {
	SignalingState string
	MaxMessage     int
	Transceivers   []transceiver
}

// TestWrite_IsTakenByChromium lets a real Chromium offer with the sections of the web client, and looks at what it has
// after the answer. It needs Chromium and the client's node_modules.
func TestWrite_IsTakenByChromium(t *testing.T) {
	browser := os.Getenv("CHROMIUM")
	if browser == "" {
		browser = "/usr/bin/chromium"
	}
	modules := filepath.Join("..", "..", "..", "web", "client", "node_modules", "playwright-core")
	for _, needed := range []string{browser, modules} {
		if _, err := os.Stat(needed); err != nil {
			t.Skipf("no browser to ask: %v", err)
		}
	}
	node := exec.Command("node", filepath.Join("testdata", "chromium.mjs"), "answers")
	node.Stderr = os.Stderr
	in, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // the script waits for nothing more
		if err := node.Wait(); err != nil {
			t.Errorf("chromium.mjs: %v", err)
		}
	})
	lines := bufio.NewReader(out)
	for range 3 {
		var said struct{ Name, Offer string }
		read(t, lines, &said)
		if len(said.Offer) > offer.MaxBytes/2 {
			t.Errorf("the offer of a %s has %d bytes, and is to stay well under %d", said.Name, len(said.Offer), offer.MaxBytes)
		}
		shape := parse(t, said.Offer)
		text, a := Write(paramsFor(shape))
		if err := json.NewEncoder(in).Encode(map[string]string{"answer": text}); err != nil {
			t.Fatal(err)
		}
		var got result
		read(t, lines, &got)
		t.Run(said.Name, func(t *testing.T) { check(t, shape, a, got) })
	}
}

func read(t *testing.T, lines *bufio.Reader, to any) {
	t.Helper()
	line, err := lines.ReadBytes('\n')
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, to); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
}

// check compares what Chromium has with what was agreed.
func check(t *testing.T, shape *offer.Shape, a Answer, got result) {
	t.Helper()
	if got.SignalingState != "stable" || got.MaxMessage != 4096 || len(got.Transceivers) != len(shape.Sections)-1 {
		t.Fatalf("%s, messages of %d, %d transceivers", got.SignalingState, got.MaxMessage, len(got.Transceivers))
	}
	for i, source := range a.Sources {
		one := got.Transceivers[i]
		if one.Mid != source.Mid || one.Direction != "sendonly" || !slices.Equal(one.RIDs, source.RIDs) {
			t.Errorf("source %d became %+v", i, one)
		}
		if !names(one.Sends, agreed(source)) {
			t.Errorf("source %d sends %q", i, one.Sends)
		}
		if source.Extensions.RID != 0 && !slices.Contains(one.Extensions, ridURI) || !slices.Contains(one.Extensions, transportCCURI) {
			t.Errorf("source %d has extensions %q", i, one.Extensions)
		}
	}
	for i, slot := range slices.Concat(a.Audio, a.Video) {
		one := got.Transceivers[len(a.Sources)+i]
		if one.Mid != slot.Mid || one.Direction != "recvonly" || !strings.HasPrefix(slot.ID, one.Kind) {
			t.Errorf("slot %s became %+v", slot.ID, one)
		}
		keys := []munge.Key{}
		for key := range slot.Payloads {
			keys = append(keys, key)
		}
		if slot.Red != 0 {
			keys = append(keys, munge.RED)
		}
		if !names(one.Receives, keys) {
			t.Errorf("slot %s receives %q", slot.ID, one.Receives)
		}
	}
}

// agreed are the codecs of a source without its retransmissions.
func agreed(s Source) []munge.Key {
	var keys []munge.Key
	for _, codec := range s.Codecs {
		if codec.RepairOf == 0 {
			keys = append(keys, codec.Key)
		}
	}
	return keys
}

// names reports whether MIME types name exactly these codecs.
func names(types []string, keys []munge.Key) bool {
	types = slices.DeleteFunc(slices.Clone(types), func(name string) bool { return name == "video/rtx" })
	for _, key := range keys {
		name, _, _ := strings.Cut(string(key), ";")
		if !slices.Contains(types, name) {
			return false
		}
	}
	return len(types) == len(keys)
}
