package twcc

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// packet is a feedback packet of so many statuses with a body in hex.
func packet(t *testing.T, statuses uint16, body string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(body, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	out := appendHeader(nil, 1, 2)
	put16(out[14:], statuses)
	return pad(append(out, b...), 0)
}

func TestParse_RefusesWhatIsNotWhole(t *testing.T) {
	rows := []struct {
		claim    string
		statuses uint16
		body     string
		want     error
	}{
		{"one short delta", 1, "2001 04", nil},
		{"no status at all", 0, "", ErrFormat},
		{"no chunk", 1, "", ErrTruncated},
		{"half a chunk", 1, "20", ErrTruncated},
		{"a run that is shorter than the statuses", 3, "0002", ErrTruncated},
		{"a run of none", 1, "0000 0001", ErrTruncated},
		{"a delta too few", 3, "2003 0101", ErrTruncated},
		{"half a long delta", 1, "4001 01", ErrTruncated},
		{"a reserved symbol", 1, "6001 0101", ErrSymbol},
		{"a reserved symbol beyond the statuses", 1, "d300 01", nil},
		{"2048 lost", 2048, "0800", nil},
		{"more lost than anybody remembers", 65535, "1fff1fff1fff1fff1fff1fff1fff1fff0007", ErrFormat},
	}
	for _, row := range rows {
		t.Run(row.claim, func(t *testing.T) {
			if _, err := Parse(packet(t, row.statuses, row.body)); !errors.Is(err, row.want) {
				t.Fatalf("%v, want %v", err, row.want)
			}
		})
	}
}

func TestParse_RefusesOtherPackets(t *testing.T) {
	whole := packet(t, 1, "2001 04")
	for at, value := range map[int]byte{0: 0x4f, 1: 206, 2: 1} { // version, type, length
		b := bytes.Clone(whole)
		b[at] = value
		if _, err := Parse(b); err == nil {
			t.Errorf("octet %d = %d was taken", at, value)
		}
	}
	padding := bytes.Clone(whole)
	for _, n := range []byte{0, 5, 255} {
		padding[len(padding)-1] = n
		if _, err := Parse(padding); err == nil {
			t.Errorf("padding of %d was taken", n)
		}
	}
	for n := range whole {
		if _, err := Parse(whole[:n]); err == nil {
			t.Errorf("%d octets of %d were taken", n, len(whole))
		}
	}
}

func TestParse_ReadsWhatPionWrites(t *testing.T) {
	theirs := rtcp.TransportLayerCC{
		SenderSSRC: 5, MediaSSRC: 6, BaseSequenceNumber: 65530, PacketStatusCount: 12, ReferenceTime: 1<<24 - 1, FbPktCount: 200,
		PacketChunks: []rtcp.PacketStatusChunk{
			&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 3},
			&rtcp.StatusVectorChunk{SymbolSize: rtcp.TypeTCCSymbolSizeTwoBit, SymbolList: []uint16{0, 1, 2, 0, 0, 2, 1}},
			&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketNotReceived, RunLength: 2},
		},
	}
	want := []time.Duration{1000, 2000, 63_000, 250, 100_000, -5000, 750} // us
	for _, us := range want {
		kind := rtcp.TypeTCCPacketReceivedSmallDelta
		if us < 0 || us > 63_750 {
			kind = rtcp.TypeTCCPacketReceivedLargeDelta
		}
		theirs.RecvDeltas = append(theirs.RecvDeltas, &rtcp.RecvDelta{Type: kind, Delta: int64(us)})
	}
	theirs.Header = rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Padding: true, Length: uint16(theirs.MarshalSize()/4 - 1)}
	raw, err := theirs.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	r, list := told(t, raw)
	if r.Sender != 5 || r.Media != 6 || len(list) != 12 || received(list) != len(want) || list[11].Seq != 5 {
		t.Fatalf("%+v %+v", r, list)
	}
}

// FuzzParse holds that whatever Parse takes can be walked to its end, without more arrivals than octets.
func FuzzParse(f *testing.F) {
	var rec Recorder
	for i := range 40 {
		rec.Add(uint16(i*i%61), ms(i*i))
	}
	f.Add(rec.Feedback(ms(2000), 1, 2, nil))
	f.Add(append(appendHeader(nil, 1, 2), 0x20, 1, 4, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Parse(b)
		if err != nil {
			return
		}
		walked, came := 0, 0
		for s, ok := r.Next(); ok; s, ok = r.Next() {
			if s.Seq != r.Base+uint16(walked) {
				t.Fatalf("sequence number %d at place %d of %d", s.Seq, walked, r.Base)
			}
			walked++
			if s.Received {
				came++
			}
		}
		if walked != r.Statuses || came > len(b) {
			t.Fatalf("%d of %d statuses, %d came", walked, r.Statuses, came)
		}
	})
}

// FuzzRecorder holds that whatever arrives whenever, the feedback is well-formed and fits into a packet.
func FuzzRecorder(f *testing.F) {
	f.Add([]byte{0, 1, 0, 1, 0, 2, 0, 9, 255, 255, 7, 7})
	f.Fuzz(func(t *testing.T, b []byte) {
		var rec Recorder
		at := epoch
		for ; len(b) >= 4; b = b[4:] {
			at = at.Add(time.Duration(int8(b[2])) * time.Duration(b[3]) * 50 * time.Microsecond)
			rec.Add(uint16(b[0])<<8|uint16(b[1]), at)
			for n := 0; rec.Due(at.Add(time.Second)); n++ {
				out := rec.Feedback(at.Add(time.Second), 1, 2, nil)
				if _, err := Parse(out); err != nil || len(out) > 1200 || n > window {
					t.Fatalf("%v: %x", err, out)
				}
			}
		}
	})
}
