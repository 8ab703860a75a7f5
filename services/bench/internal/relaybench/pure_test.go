package relaybench

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/bench/internal/light"
)

func TestParseStat_ReadsTimesBehindAnyName(t *testing.T) {
	const stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 250 150 7 8 20 0 9 0 100 0 0"
	if used, err := parseStat(stat); err != nil || used != 4*time.Second {
		t.Errorf("%v, %v", used, err)
	}
	for _, broken := range []string{"", "42 (x", "42 (x) S 1 2", "42 (x) S 1 2 3 4 5 6 7 8 9 10 a b"} {
		if _, err := parseStat(broken); err == nil {
			t.Errorf("%q was read", broken)
		}
	}
}

func TestUsage_SeesThisProcess(t *testing.T) {
	if _, err := cpuTime(os.Getpid()); err != nil {
		t.Error(err)
	}
	if busy, total, err := machineTime(); err != nil || busy <= 0 || total < busy {
		t.Errorf("%v of %v, %v", busy, total, err)
	}
}

func TestFigures_AreOneLineOfJSONEachEvenWithoutAValue(t *testing.T) {
	var out bytes.Buffer
	f := &figures{out: &out}
	f.add("a", 0.123456, "ms", "%d \"subscribers\"", 10)
	f.add("b", math.NaN(), "s", "never")
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	if len(lines) != 2 {
		t.Fatalf("%s", out.Bytes())
	}
	var one, two struct {
		Value      *float64
		Conditions string
	}
	if err := json.Unmarshal(lines[0], &one); err != nil || *one.Value != 0.1235 || one.Conditions != `10 "subscribers"` {
		t.Errorf("%s: %v", lines[0], err)
	}
	if err := json.Unmarshal(lines[1], &two); err != nil || two.Value != nil {
		t.Errorf("%s: %v", lines[1], err)
	}
}

func TestWindow_CountsWhatWasForwardedLostAndLate(t *testing.T) {
	w := window{
		video: light.Counts{Packets: 90, Repeated: 10, Expected: 100}, used: time.Millisecond, lasted: 10 * time.Millisecond, sent: 200,
	}
	if w.perPacket() != 10 || w.cores() != 0.1 || math.Abs(w.loss()-0.1) > 1e-9 || w.delivered() != 0.5 {
		t.Errorf("%v us, %v cores, %v lost, %v delivered", w.perPacket(), w.cores(), w.loss(), w.delivered())
	}
}

func TestFirstBin_IsTheEndOfTheFirstThatFits(t *testing.T) {
	bins := []float64{3, 2, 1}
	if got := firstBin(bins, func(r float64) bool { return r <= 2 }); got != 2*bin.Seconds() {
		t.Errorf("%v", got)
	}
	if got := firstBin(bins, func(r float64) bool { return r > 3 }); !math.IsNaN(got) {
		t.Errorf("%v", got)
	}
}
