package red

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

const opus = 111

// sound is a frame of so many octets that tells its timestamp.
func sound(timestamp uint32, size int) []byte {
	return bytes.Repeat([]byte{byte(timestamp / 960)}, size)
}

// blocks writes a packet down: offset:length of each block.
func blocks(t *testing.T, timestamp uint32, payload []byte) (text string) {
	t.Helper()
	b, err := Parse(payload)
	if err != nil {
		t.Fatalf("%v: %x", err, payload)
	}
	for block, ok := b.Next(); ok; block, ok = b.Next() {
		if block.PayloadType != opus {
			t.Fatalf("payload type %d", block.PayloadType)
		}
		if len(block.Payload) > silence && !bytes.Equal(block.Payload, sound(timestamp-block.Offset, len(block.Payload))) {
			t.Fatalf("the frame of %d holds %x", timestamp-block.Offset, block.Payload)
		}
		text += fmt.Sprintf("%d:%d ", block.Offset, len(block.Payload))
		if block.Primary != (len(b.headers) == 0) {
			t.Fatal("the primary block is the last one")
		}
	}
	return text
}

// step is a frame that is encoded, and the blocks that come of it.
type step struct {
	timestamp uint32
	size      int
	want      string
}

func TestEncoder_RepeatsTheTwoFramesBefore(t *testing.T) {
	rows := []struct {
		claim string
		limit int
		steps []step
	}{
		{"nothing before the first, then one, then two", 1200, []step{
			{960, 80, "0:80 "}, {1920, 90, "960:80 0:90 "}, {2880, 100, "1920:80 960:90 0:100 "}, {3840, 70, "1920:90 960:100 0:70 "},
		}},
		{"across the wrap of timestamps", 1200, []step{
			{1<<32 - 1920, 80, "0:80 "}, {1<<32 - 960, 80, "960:80 0:80 "}, {0, 80, "1920:80 960:80 0:80 "}, {960, 80, "1920:80 960:80 0:80 "},
		}},
		{"a lost frame leaves its offset open", 1200, []step{
			{960, 80, "0:80 "}, {1920, 80, "960:80 0:80 "}, {3840, 80, "2880:80 1920:80 0:80 "},
		}},
		{"nothing from before a pause", 1200, []step{
			{960, 80, "0:80 "}, {960 + MaxOffset, 3, "16383:80 0:3 "}, {960 + 2*MaxOffset + 1, 80, "0:80 "},
		}},
		{"silence is not repeated", 1200, []step{
			{960, 80, "0:80 "}, {1920, 1, "960:80 0:1 "}, {2880, 2, "1920:80 0:2 "}, {3840, 80, "0:80 "}, {4800, 80, "960:80 0:80 "},
		}},
		{"an empty frame is not repeated", 1200, []step{
			{960, 0, "0:0 "}, {1920, 80, "0:80 "},
		}},
		{"a frame too long for its header is not repeated", 4000, []step{
			{960, MaxLength, "0:1023 "}, {1920, MaxLength + 1, "960:1023 0:1024 "}, {2880, 10, "1920:1023 0:10 "},
		}},
		{"the older gives way when there is no room", 1 + 4 + 80 + 80, []step{
			{960, 80, "0:80 "}, {1920, 80, "960:80 0:80 "}, {2880, 80, "960:80 0:80 "}, {3840, 81, "0:81 "}, {4800, 400, "0:400 "},
		}},
		{"a late frame repeats only what is older", 1200, []step{
			{960, 80, "0:80 "}, {2880, 80, "1920:80 0:80 "}, {1920, 80, "960:80 0:80 "}, {3840, 80, "1920:80 960:80 0:80 "},
		}},
		{"a frame that comes twice is not its own past", 1200, []step{
			{960, 80, "0:80 "}, {1920, 80, "960:80 0:80 "}, {1920, 80, "960:80 0:80 "}, {2880, 80, "1920:80 960:80 0:80 "},
		}},
		{"a frame older than all is not remembered", 1200, []step{
			{2880, 80, "0:80 "}, {3840, 80, "960:80 0:80 "}, {960, 80, "0:80 "}, {4800, 80, "1920:80 960:80 0:80 "},
		}},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			var e Encoder
			for _, s := range row.steps {
				out := e.Encode([]byte("head"), opus, s.timestamp, sound(s.timestamp, s.size), row.limit)
				if !bytes.HasPrefix(out, []byte("head")) {
					t.Fatal("it appends")
				}
				if got := blocks(t, s.timestamp, out[4:]); got != s.want {
					t.Fatalf("at %d: %s, want %s", s.timestamp, got, s.want)
				}
			}
		})
	}
}

func TestEncoder_BeginsAnewAfterAJumpOfTimestamps(t *testing.T) {
	var e Encoder
	for _, begin := range []uint32{960 * 1000, 960 * 10, 960 * 2_000_000, 960 * 1_999_000} {
		for i := range uint32(4) {
			e.Encode(nil, opus, begin+960*i, sound(begin+960*i, 80), 1200)
		}
		at := begin + 960*4
		if got := blocks(t, at, e.Encode(nil, opus, at, sound(at, 80), 1200)); got != "1920:80 960:80 0:80 " {
			t.Fatalf("from %d: %s", begin, got)
		}
	}
}

func TestParse_RefusesWhatIsNotWhole(t *testing.T) {
	rows := []struct {
		claim   string
		payload []byte
		want    error
	}{
		{"only a primary block", []byte{opus, 1, 2}, nil},
		{"an empty primary block", []byte{opus}, nil},
		{"nothing", nil, ErrTruncated},
		{"no primary header", []byte{follows | opus, 0, 0, 0}, ErrTruncated},
		{"half a header", []byte{follows | opus, 0, 0}, ErrTruncated},
		{"a block longer than the rest", []byte{follows | opus, 0, 0, 3, opus, 1, 2}, ErrTruncated},
		{"headers without end", bytes.Repeat([]byte{follows | opus, 0, 0, 0}, 100), ErrTooMany},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			if _, err := Parse(row.payload); !errors.Is(err, row.want) {
				t.Fatalf("%v, want %v", err, row.want)
			}
		})
	}
}

func TestBlocks_PrimaryIsTheNewest(t *testing.T) {
	var e Encoder
	e.Encode(nil, opus, 960, sound(960, 80), 1200)
	b, err := Parse(e.Encode(nil, opus, 1920, sound(1920, 90), 1200))
	if err != nil {
		t.Fatal(err)
	}
	if p := b.Primary(); !p.Primary || p.Offset != 0 || len(p.Payload) != 90 {
		t.Fatalf("%+v", p)
	}
	if _, ok := b.Next(); !ok {
		t.Fatal("looking at the primary block does not walk")
	}
}

func TestRed_AllocatesNothing(t *testing.T) {
	var e Encoder
	out, payload, timestamp := make([]byte, 0, 1500), make([]byte, 120), uint32(0)
	allocs := testing.AllocsPerRun(1000, func() {
		timestamp += 960
		b, err := Parse(e.Encode(out, opus, timestamp, payload, 1200))
		if err != nil {
			t.Fatal(err)
		}
		for _, ok := b.Next(); ok; _, ok = b.Next() {
		}
	})
	if allocs != 0 {
		t.Fatalf("%v allocations per packet", allocs)
	}
}

// FuzzParse holds that whatever Parse takes can be walked, and that its blocks make up the payload.
func FuzzParse(f *testing.F) {
	var e Encoder
	for i := range uint32(3) {
		f.Add(e.Encode(nil, opus, 960*i, sound(960*i, 5), 1200))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		b, err := Parse(payload)
		if err != nil {
			return
		}
		octets, n := 0, 0
		for block, ok := b.Next(); ok; block, ok = b.Next() {
			octets += len(block.Payload)
			n++
			if block.Offset > MaxOffset || !block.Primary && len(block.Payload) > MaxLength {
				t.Fatalf("%+v", block)
			}
		}
		if n == 0 || n > maxBlocks || octets+headerSize*(n-1)+primarySize != len(payload) {
			t.Fatalf("%d blocks of %d octets in %d", n, octets, len(payload))
		}
	})
}

// FuzzEncoder holds that whatever is encoded can be read, within the limit, with the frame as it was.
func FuzzEncoder(f *testing.F) {
	f.Add([]byte{0, 3, 200, 0, 3, 2, 255, 255, 40}, uint16(300))
	f.Fuzz(func(t *testing.T, steps []byte, limit uint16) {
		var e Encoder
		timestamp := uint32(0)
		for ; len(steps) >= 3; steps = steps[3:] {
			timestamp += uint32(int32(int16(uint16(steps[0])<<8 | uint16(steps[1]))))
			payload := bytes.Repeat(steps[2:3], 5*int(steps[2]))
			out := e.Encode(nil, opus, timestamp, payload, int(limit))
			b, err := Parse(out)
			if err != nil || !bytes.Equal(b.Primary().Payload, payload) {
				t.Fatalf("%v: %x", err, out)
			}
			if len(out) > max(int(limit), 1+len(payload)) {
				t.Fatalf("%d octets, limit %d", len(out), limit)
			}
		}
	})
}

func BenchmarkEncoder(b *testing.B) {
	var e Encoder
	out, payload, timestamp := make([]byte, 0, 1500), make([]byte, 120), uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		timestamp += 960
		e.Encode(out, opus, timestamp, payload, 1200)
	}
}

func TestOldest_IsTheOffsetOfTheFirstFrame(t *testing.T) {
	var e Encoder
	for i, want := range []uint32{0, 960, 1920, 1920} {
		timestamp := uint32(i+1) * 960
		if got := Oldest(e.Encode(nil, opus, timestamp, sound(timestamp, 80), 1200)); got != want {
			t.Errorf("packet %d reaches back %d, want %d", i, got, want)
		}
	}
	if got := Oldest(nil); got != 0 {
		t.Errorf("an empty packet reaches back %d", got)
	}
}

func TestRenumber_ChangesThePayloadTypeAndNothingElse(t *testing.T) {
	var mine, theirs Encoder
	for i := range uint32(5) {
		timestamp := (i + 1) * 960
		got := mine.Encode(nil, 0, timestamp, sound(timestamp, 80), 1200)
		want := theirs.Encode(nil, opus, timestamp, sound(timestamp, 80), 1200)
		Renumber(got, opus)
		if !bytes.Equal(got, want) {
			t.Errorf("packet %d: % x, want % x", i, got, want)
		}
	}
}

func FuzzRenumber(f *testing.F) {
	var e Encoder
	for i := range uint32(3) {
		f.Add(e.Encode(nil, opus, i*960, sound(i*960, 20), 1200))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		before, err := Parse(payload)
		changed := bytes.Clone(payload)
		Renumber(changed, 96)
		if err != nil {
			return
		}
		if got, ok := before.Next(); ok && Oldest(payload) != got.Offset {
			t.Fatalf("reaches back %d, want %d", Oldest(payload), got.Offset)
		}
		if _, err := Parse(changed); err != nil || len(changed) != len(payload) {
			t.Fatalf("% x became % x: %v", payload, changed, err)
		}
	})
}
