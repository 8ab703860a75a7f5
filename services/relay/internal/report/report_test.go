package report

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

var epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func near(t *testing.T, what string, got, want, within time.Duration) {
	t.Helper()
	if (got - want).Abs() > within {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

func TestNTP_ConvertsBothWays(t *testing.T) {
	at := epoch.Add(123456789)
	near(t, "there and back", ToNTP(at).Time().Sub(at), 0, 2)
	if got := ToNTP(time.Unix(0, 0)); got != 2208988800<<32 {
		t.Fatalf("1970 is %#x", got)
	}
	if got := NTP(0x1122334455667788).Middle(); got != 0x33445566 {
		t.Fatalf("middle is %#x", got)
	}
}

func TestClock_TakesTheFastestReportAndFollowsDrift(t *testing.T) {
	var c Clock
	if _, ok := c.Local(ToNTP(epoch)); ok {
		t.Fatal("nothing is known before the first report")
	}
	shift := 5 * time.Hour // the classroom's clock is wrong
	observe := func(at time.Duration, delay time.Duration) time.Duration {
		c.Observe(ToNTP(epoch.Add(at-shift)), epoch.Add(at+delay))
		local, _ := c.Local(ToNTP(epoch.Add(at - shift)))
		return local.Sub(epoch.Add(at))
	}
	near(t, "first report", observe(0, ms(80)), ms(80), ms(1))
	near(t, "faster report", observe(time.Second, ms(20)), ms(20), ms(1))
	near(t, "slow report", observe(2*time.Second, ms(84)), ms(22), ms(1))
	shift -= time.Minute
	near(t, "clock set", observe(3*time.Second, ms(30)), ms(30), ms(1))
	for i := range 200 {
		observe(time.Duration(i+4)*time.Second, ms(60))
	}
	near(t, "drift", observe(205*time.Second, ms(60)), ms(60), ms(2))
}

// stream counts n packets of 20 ms Opus from ext on, but those that skip names.
func stream(in *Inbound, from, n int, skip func(int) bool) {
	for i := from; i < from+n; i++ {
		if skip == nil || !skip(i) {
			in.Packet(uint64(1<<16+65500+i), uint32(i*960), epoch.Add(time.Duration(i)*ms(20)), 125)
		}
	}
}

func TestInbound_SamplesTheLastSecond(t *testing.T) {
	in := NewInbound(48000, &Clock{})
	if s := in.Sample(epoch); s != (Sample{}) {
		t.Fatalf("before the first packet: %+v", s)
	}
	stream(in, 0, 50, nil)
	in.Sample(epoch.Add(time.Second))
	stream(in, 50, 50, func(i int) bool { return i%5 == 1 })
	s := in.Sample(epoch.Add(2 * time.Second))
	if s.Expected != 50 || s.Received != 40 || s.Loss != 0.2 || s.Bitrate != 40000 {
		t.Fatalf("sample %+v", s)
	}
	in.Packet(1<<16+65500+56, 56*960, epoch.Add(2*time.Second), 125) // a repair of the second before
	stream(in, 100, 50, nil)
	if s := in.Sample(epoch.Add(3 * time.Second)); s.Loss != 0 {
		t.Fatalf("repairs must not count as negative loss: %+v", s)
	}
}

func TestInbound_ReceptionReportFollowsRFC3550(t *testing.T) {
	in := NewInbound(48000, &Clock{})
	stream(in, 0, 100, func(i int) bool { return i >= 50 && i%5 == 1 })
	in.SenderReport(&rtcp.SenderReport{NTPTime: 0x1122334455667788, RTPTime: 1}, epoch)
	rr := in.ReceptionReport(9, epoch.Add(ms(500)))
	want := rtcp.ReceptionReport{
		SSRC: 9, FractionLost: 25, TotalLost: 10, LastSequenceNumber: 65500 + 99,
		LastSenderReport: 0x33445566, Delay: 32768,
	}
	if rr != want {
		t.Fatalf("report %+v, want %+v", rr, want)
	}
	stream(in, 100, 50, nil)
	if rr := in.ReceptionReport(9, epoch); rr.FractionLost != 0 || rr.TotalLost != 10 {
		t.Fatalf("the fraction is since the last report: %+v", rr)
	}
}

func TestInbound_ASenderReportFromAMomentAgoIsNoWrapAround(t *testing.T) {
	now := time.Now()
	in := NewInbound(90_000, &Clock{})
	in.SenderReport(&rtcp.SenderReport{NTPTime: uint64(ToNTP(now))}, now.Add(time.Millisecond))
	if got := in.ReceptionReport(1, now).Delay; got != 0 {
		t.Errorf("delay %d", got)
	}
}

func TestInbound_JitterSettlesAtTheMeanDifference(t *testing.T) {
	in := NewInbound(48000, &Clock{})
	for i := range 500 {
		late := time.Duration(i%2) * ms(8) // alternately on time and 8 ms late: each differs by 8 ms
		in.Packet(uint64(1<<16+i), uint32(i*960), epoch.Add(time.Duration(i)*ms(20)+late), 100)
	}
	near(t, "jitter", in.Sample(epoch.Add(10*time.Second)).Jitter, ms(8), ms(1))
}

func TestInbound_JitterOfASteadyStreamIsZero(t *testing.T) {
	in := NewInbound(48000, &Clock{})
	stream(in, 0, 100, nil)
	if j := in.Sample(epoch.Add(2 * time.Second)).Jitter; j != 0 {
		t.Fatalf("jitter %v", j)
	}
}

func TestInbound_TellsWhenAPacketWasCaptured(t *testing.T) {
	var clock Clock
	video, audio := NewInbound(90000, &clock), NewInbound(48000, &clock)
	if at := video.Captured(0, epoch); !at.IsZero() {
		t.Fatal("nothing is known before a sender report")
	}
	theirs := epoch.Add(-time.Hour)
	clock.Observe(ToNTP(theirs), epoch)
	if at := audio.Captured(0, epoch); !at.IsZero() {
		t.Fatal("another stream's report says nothing about this one's timestamps")
	}
	video.SenderReport(&rtcp.SenderReport{NTPTime: uint64(ToNTP(theirs)), RTPTime: 0xffffff00}, epoch)
	audio.SenderReport(&rtcp.SenderReport{NTPTime: uint64(ToNTP(theirs.Add(ms(10)))), RTPTime: 480}, epoch.Add(ms(10)))
	near(t, "picture", video.Captured(9000-256, epoch.Add(ms(150))).Sub(epoch), ms(100), ms(1))
	near(t, "sound of the same moment", audio.Captured(4800, epoch.Add(ms(120))).Sub(epoch), ms(100), ms(1))
	if at := video.Captured(900000-256, epoch.Add(ms(150))); !at.IsZero() {
		t.Fatalf("ten seconds ahead of the arrival was believed: %v", at)
	}
}

func TestOutbound_SenderReportTiesTimestampsToCaptureTimes(t *testing.T) {
	out := NewOutbound(90000)
	if _, ok := out.SenderReport(1, epoch); ok {
		t.Fatal("there is nothing to report before the first packet")
	}
	out.Packet(1, 5000, epoch, 100)
	out.Packet(3, 8000, epoch.Add(ms(33)), 100)
	out.Packet(2, 5000, epoch, 100) // late
	now := epoch.Add(ms(133))
	sr, ok := out.SenderReport(7, now)
	if !ok || sr.SSRC != 7 || sr.RTPTime != 8000+9000 || NTP(sr.NTPTime) != ToNTP(now) {
		t.Fatalf("report %+v", sr)
	}
	if sr.PacketCount != 3 || sr.OctetCount != 300 {
		t.Fatalf("counted %d packets, %d octets", sr.PacketCount, sr.OctetCount)
	}
}

func TestOutbound_ReadsReceptionReports(t *testing.T) {
	out := NewOutbound(90000)
	out.Packet(1, 1, epoch, 1250)
	out.Sample(epoch)
	sent := ToNTP(epoch).Middle()
	loss := out.ReceptionReport(rtcp.ReceptionReport{FractionLost: 64, LastSenderReport: sent, Delay: 65536}, epoch.Add(ms(1080)))
	near(t, "round trip", out.RoundTrip(), ms(80), ms(1))
	out.Packet(2, 2, epoch, 1250)
	s := out.Sample(epoch.Add(time.Second))
	if loss != 0.25 || s.Loss != 0.25 || !s.Reported || s.Packets != 1 || s.Bitrate != 10000 {
		t.Fatalf("loss %v, sample %+v", loss, s)
	}
	if s := out.Sample(epoch.Add(2 * time.Second)); s.Reported || s.Packets != 0 {
		t.Fatalf("the next window %+v", s)
	}
}

func TestBooks_AllocateNothingPerPacket(t *testing.T) {
	in, out, ext := NewInbound(90000, &Clock{}), NewOutbound(90000), uint64(1<<16)
	if allocs := testing.AllocsPerRun(1000, func() {
		ext++
		in.Packet(ext, uint32(ext)*3000, epoch, 1200)
		out.Packet(uint16(ext), uint32(ext)*3000, in.Captured(uint32(ext)*3000, epoch), 1200)
	}); allocs != 0 {
		t.Fatalf("%v allocations per packet", allocs)
	}
}

func TestOutbound_DoesNotCallTheSourcesLossTheSubscribers(t *testing.T) {
	// Of each hundred numbers the source's network loses ten; one of them is repaired late.
	// The subscriber misses what was never sent, and, of what was, as much as each row says.
	for _, tt := range []struct {
		name       string
		missing    int // as the subscriber counts
		wants, tol float64
	}{
		{"a clean line behind a bad one", 9, 0, 0},
		{"a bad line behind a bad one", 18, 9.0 / 91, 0.005},
		{"repairs that came after the report", 10, 0, 0.012},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := NewOutbound(90000)
			const begin = 65500 // wraps within the second report
			loss := -1.0
			for n := range 201 {
				seq := uint16(begin + n)
				if n%10 != 5 {
					out.Packet(seq, uint32(n)*3000, epoch.Add(ms(10*n)), 1000)
				}
				if n%100 == 99 {
					out.Packet(seq-4, uint32(n-4)*3000, epoch.Add(ms(10*n)), 1000) // a repair
				}
				if n%100 == 0 {
					fraction := uint8(tt.missing * 256 / 100)
					loss = out.ReceptionReport(rtcp.ReceptionReport{LastSequenceNumber: uint32(1<<16) | uint32(seq), FractionLost: fraction}, epoch)
				}
			}
			if diff := loss - tt.wants; diff > tt.tol || diff < -tt.tol {
				t.Errorf("loss %.3f, want %.3f", loss, tt.wants)
			}
		})
	}
}

func TestOutbound_BelievesTheSubscriberWhereItCannotKnow(t *testing.T) {
	out := NewOutbound(90000)
	for n := range 1000 {
		out.Packet(uint16(2*n), uint32(n)*3000, epoch, 1000)
	}
	report := func(highest uint32) float64 {
		return out.ReceptionReport(rtcp.ReceptionReport{LastSequenceNumber: highest, FractionLost: 128}, epoch)
	}
	for _, highest := range []uint32{1998, 10, 1997, 1996} { // the first; long forgotten; never sent; after that
		if loss := report(highest); loss != 0.5 {
			t.Errorf("highest %d: loss %v", highest, loss)
		}
	}
}
