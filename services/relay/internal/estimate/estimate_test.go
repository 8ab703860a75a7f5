package estimate

import (
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func expectBudget(t *testing.T, d *downlink, want int) {
	t.Helper()
	if got := d.Budget(); got < want*99/100 || got > want*101/100 {
		t.Fatalf("budget %d, want %d", got, want)
	}
}

func TestDownlink_FallsByHalfAtMostEvery400Milliseconds(t *testing.T) {
	d := newDownlink(Options{Start: 4_000_000})
	for i := range 9 { // 0, 100, … 800 ms: falls at 0, 400 and 800
		d.Report(epoch.Add(time.Duration(i)*100*time.Millisecond), 0.2, 0)
	}
	expectBudget(t, d, 500_000)
}

func TestDownlink_FallsFromWhatWasReallySent(t *testing.T) {
	d := newDownlink(Options{Start: 20_000_000})
	d.Report(epoch, 0.2, 1_000_000)
	expectBudget(t, d, 500_000)
}

func TestDownlink_NeverLeavesItsBounds(t *testing.T) {
	d := newDownlink(Options{Start: 1_000_000, Floor: 300_000, Ceiling: 2_000_000})
	for i := range 100 {
		d.Report(epoch.Add(time.Duration(i)*time.Second), 1, 10_000)
	}
	expectBudget(t, d, 300_000)
	for i := range 100 {
		d.Report(epoch.Add(time.Duration(100+i)*time.Second), 0, 0)
	}
	expectBudget(t, d, 2_000_000)
}

func TestDownlink_RisesEightPercentPerSecondHoweverOftenReported(t *testing.T) {
	for _, every := range []time.Duration{20 * time.Millisecond, 250 * time.Millisecond, time.Second} {
		d := newDownlink(Options{Start: 1_000_000})
		for at := time.Duration(0); at <= 5*time.Second; at += every {
			d.Report(epoch.Add(at), 0.01, 0)
		}
		expectBudget(t, d, 1_469_000) // 1.08 to the fifth
	}
}

func TestDownlink_SilenceDoesNotAddUp(t *testing.T) {
	d := newDownlink(Options{Start: 1_000_000})
	d.Report(epoch, 0, 0)
	d.Report(epoch.Add(time.Hour), 0, 0)
	expectBudget(t, d, 1_080_000)
}

func TestDownlink_ModerateLossHolds(t *testing.T) {
	d := newDownlink(Options{Start: 1_000_000})
	for i := range 10 {
		d.Report(epoch.Add(time.Duration(i)*time.Second), 0.05, 0)
	}
	expectBudget(t, d, 1_000_000)
}

// queueing has seen a round trip of 20 ms, and sees one of 400 ms now.
func queueing() *downlink {
	d := newDownlink(Options{Start: 3_000_000})
	d.RoundTrip(20 * time.Millisecond)
	d.RoundTrip(400 * time.Millisecond)
	return d
}

func TestDownlink_REMBLimitsOnlyBelowWhatIsSent(t *testing.T) {
	d := queueing()
	d.REMB(epoch, 500_000, 300_000)
	expectBudget(t, d, 3_000_000)
	d.REMB(epoch, 500_000, 2_000_000)
	expectBudget(t, d, 500_000)
	d.REMB(epoch, 900_000, 2_000_000)
	expectBudget(t, d, 500_000)
}

func TestDownlink_REMBIsBelievedOnlyWhileAQueueHasBuiltUp(t *testing.T) {
	d := newDownlink(Options{Start: 3_000_000})
	d.REMB(epoch, 100_000, 2_000_000) // no round trip known
	d.RoundTrip(40 * time.Millisecond)
	d.REMB(epoch, 100_000, 2_000_000)
	d.RoundTrip(200 * time.Millisecond) // jitter of a busy computer
	d.REMB(epoch, 100_000, 2_000_000)
	expectBudget(t, d, 3_000_000)

	d = queueing()
	d.RoundTrip(0) // nothing new
	d.REMB(epoch, 1_000_000, 2_000_000)
	expectBudget(t, d, 1_000_000)
	d.RoundTrip(30 * time.Millisecond) // the queue has drained
	d.REMB(epoch, 500_000, 2_000_000)
	expectBudget(t, d, 1_000_000)
}

func TestRoundTrip(t *testing.T) {
	const second = 65536
	rows := []struct {
		claim                string
		arrival, sent, delay uint32
		want                 time.Duration
		ok                   bool
	}{
		{"what is left beside the delay", 10 * second, 5 * second, 4 * second, time.Second, true},
		{"across the wrap", second / 2, ^uint32(0) - second/2 + 1, 0, time.Second, true},
		{"no sender report yet", 10 * second, 0, 0, 0, false},
		{"a delay longer than the whole", 10 * second, 9 * second, 2 * second, 0, false},
		{"hours are not believed", 4000 * second, second, 0, 0, false},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			got, ok := RoundTrip(row.arrival, row.sent, row.delay)
			if ok != row.ok || ok && got != row.want {
				t.Fatalf("%v, %v", got, ok)
			}
		})
	}
}
