package smoke

import (
	"bytes"
	"testing"
	"time"
)

func TestPercentile_TakesTheNearestRank(t *testing.T) {
	var samples []time.Duration
	for i := range 20 {
		samples = append(samples, time.Duration(20-i)*time.Millisecond)
	}
	for _, c := range []struct {
		p    float64
		want time.Duration
	}{{50, 10 * time.Millisecond}, {95, 19 * time.Millisecond}, {99, 20 * time.Millisecond}, {0, time.Millisecond}} {
		if got := percentile(samples, c.p); got != c.want {
			t.Errorf("p%v is %v, want %v", c.p, got, c.want)
		}
	}
	if percentile(nil, 95) != 0 {
		t.Error("no samples have a percentile")
	}
}

func TestWrite_PrintsOneLinePerFigure(t *testing.T) {
	var out bytes.Buffer
	if err := write(&out, []Figure{milliseconds("ready_ms", 1234567*time.Microsecond), {Name: "commands_lost", Unit: "count"}}); err != nil {
		t.Fatal(err)
	}
	want := `{"name":"ready_ms","value":1234.567,"unit":"ms"}` + "\n" + `{"name":"commands_lost","value":0,"unit":"count"}` + "\n"
	if out.String() != want {
		t.Errorf("printed\n%s", out.String())
	}
}

func TestTail_KeepsTheEnd(t *testing.T) {
	var log tail
	for range 3 {
		if _, err := log.Write(bytes.Repeat([]byte("x"), tailBytes)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.Write([]byte("the end")); err != nil {
		t.Fatal(err)
	}
	if len(log.text) != tailBytes || !bytes.HasSuffix(log.text, []byte("the end")) {
		t.Errorf("keeps %d bytes", len(log.text))
	}
}
