package munge

import (
	"testing"
)

// steady is a rewriter in the middle of a lesson.
func steady(tb testing.TB) (*Rewriter, *layerSim) {
	tb.Helper()
	rw, l := NewRewriter(Params{ClockRate: 90000}), newLayer(1, 10, 0, 0)
	rw.Target(1)
	if _, ok := rw.Rewrite(1, l.key(), make([]byte, 0, 1500)); !ok {
		tb.Fatal("not started")
	}
	return rw, l
}

func TestRewriter_SteadyStateAllocatesNothing(t *testing.T) {
	rw, l := steady(t)
	p, scratch := l.delta(), make([]byte, 0, 1500)
	var dedup Dedup
	allocs := testing.AllocsPerRun(1000, func() {
		_, _ = dedup.Accept(uint16(p.Ext))
		p.Description = p.Format.Describe(p.Payload)
		out, ok := rw.Rewrite(1, p, scratch)
		if !ok {
			t.Fatal("not forwarded")
		}
		if sent, grant := rw.Nack(out.Seq, epoch, generous); grant == Granted {
			rw.Resent(sent, epoch)
			sent.Again(p, scratch)
		}
		p.Ext++
		rw.Drop(1, p)
		p.Ext++
	})
	if allocs != 0 {
		t.Fatalf("%v allocations per packet", allocs)
	}
}

func TestDescribe_AllocatesNothing(t *testing.T) {
	payloads := map[Format][]byte{
		H264: unhex(t, "78 0019"+sps360+"0005"+pps), VP9: recorded(t, "vp9")[0].Payload, AV1: recorded(t, "av1")[0].Payload,
	}
	for format, payload := range payloads {
		if allocs := testing.AllocsPerRun(1000, func() { format.Describe(payload) }); allocs != 0 {
			t.Errorf("%v allocations per packet of format %d", allocs, format)
		}
	}
}

func BenchmarkRewriter_VP8(b *testing.B) {
	rw, l := steady(b)
	p, scratch := l.more(), make([]byte, 0, 1500)
	p.Payload = append(p.Payload, make([]byte, 1190)...)
	b.ReportAllocs()
	for b.Loop() {
		rw.Rewrite(1, p, scratch)
		p.Ext++
	}
}

func BenchmarkDescribe_VP8(b *testing.B) {
	p := newLayer(1, 10, 0, 0).key().Payload
	b.ReportAllocs()
	for b.Loop() {
		VP8.Describe(p)
	}
}

func BenchmarkDedup(b *testing.B) {
	var d Dedup
	var seq uint16
	b.ReportAllocs()
	for b.Loop() {
		d.Accept(seq)
		seq++
	}
}

func BenchmarkDescribe_AV1(b *testing.B) {
	p := recorded(b, "av1")[0].Payload
	b.ReportAllocs()
	for b.Loop() {
		AV1.Describe(p)
	}
}

func BenchmarkDescribe_VP9(b *testing.B) {
	p := recorded(b, "vp9")[0].Payload
	b.ReportAllocs()
	for b.Loop() {
		VP9.Describe(p)
	}
}
