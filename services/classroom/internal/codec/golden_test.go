package codec

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// The golden files hold events as somebody receives them, and the state that they lead to. The web client applies the
// same events with its own code and must come to the same state: services/web/client/src/core/lesson/golden.test.ts.
// After a change of the rules or of a story: go test ./classroom/internal/codec -run Golden -update
var update = flag.Bool("update", false, "write the golden files anew")

const goldenDir = "testdata/lessons"

// golden is one file.
type golden struct {
	// Viewer is who receives this; empty for the log itself.
	Viewer string            `json:"viewer"`
	Events []json.RawMessage `json:"events"`
	State  json.RawMessage   `json:"state"`
}

func TestGolden_EveryStoryLeadsToTheStateInItsFile(t *testing.T) {
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			want := s.golden(t)
			path := filepath.Join(goldenDir, name+".json")
			if *update {
				writeGolden(t, path, want)
			}
			got := readGolden(t, path)
			if got.Viewer != want.Viewer || len(got.Events) != len(want.Events) {
				t.Fatalf("%d events for %q, want %d for %q", len(got.Events), got.Viewer, len(want.Events), want.Viewer)
			}
			for i := range want.Events {
				if !bytes.Equal(got.Events[i], want.Events[i]) {
					t.Errorf("event %d\n got %s\nwant %s", i+1, got.Events[i], want.Events[i])
				}
			}
			if !bytes.Equal(got.State, want.State) {
				t.Errorf("state\n got %s\nwant %s", got.State, want.State)
			}
		})
	}
}

func TestGolden_TheFilesHoldEveryKindOfEvent(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(goldenDir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != len(stories()) {
		t.Errorf("%d files for %d stories", len(paths), len(stories()))
	}
	held := map[protoreflect.Name]bool{}
	for _, path := range paths {
		for _, line := range readGolden(t, path).Events {
			event := &classroomv1.LessonEvent{}
			if err := protojson.Unmarshal(line, event); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			m := event.ProtoReflect()
			if field := m.WhichOneof(m.Descriptor().Oneofs().ByName("kind")); field != nil {
				held[field.Name()] = true
			}
		}
	}
	fields := (&classroomv1.LessonEvent{}).ProtoReflect().Descriptor().Oneofs().ByName("kind").Fields()
	for i := range fields.Len() {
		if name := fields.Get(i).Name(); !held[name] {
			t.Errorf("no file holds %s", name)
		}
	}
}

func (s story) golden(t *testing.T) golden {
	t.Helper()
	g := golden{Viewer: s.viewer.ID}
	state := &lesson.State{}
	for i, k := range s.kinds {
		e := lesson.Event{Ordinal: uint64(i + 1), At: at.Add(time.Duration(i) * 1500 * time.Millisecond), Kind: k}
		if i > 0 {
			e.Actor = s.actor
		}
		state = lesson.Apply(state, e)
		g.Events = append(g.Events, plainJSON(t, Event(e, s.viewer)))
	}
	g.State = plainJSON(t, State(state, s.viewer))
	return g
}

// plainJSON is protobuf's JSON without the blanks that it varies.
func plainJSON(t *testing.T, m proto.Message) json.RawMessage {
	t.Helper()
	data, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readGolden(t *testing.T, path string) golden {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return g
}

// writeGolden writes one event per line, so that a change of one is seen as such.
func writeGolden(t *testing.T, path string, g golden) {
	t.Helper()
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n  \"viewer\": %q,\n  \"events\": [\n", g.Viewer)
	for i, e := range g.Events {
		comma := ","
		if i == len(g.Events)-1 {
			comma = ""
		}
		fmt.Fprintf(&out, "    %s%s\n", e, comma)
	}
	fmt.Fprintf(&out, "  ],\n  \"state\": %s\n}\n", g.State)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
