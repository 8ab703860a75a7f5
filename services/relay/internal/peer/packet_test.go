package peer

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"
)

func marshalled(t testing.TB, h rtp.Header, payload []byte) []byte {
	t.Helper()
	raw, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func withExtensions(t testing.TB, h rtp.Header) rtp.Header {
	t.Helper()
	for id, value := range map[uint8]string{1: "mid", 3: "f", 14: "\x12\x34"} {
		if err := h.SetExtension(id, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func TestPacket_FindsHeaderExtensions(t *testing.T) {
	h := withExtensions(t, rtp.Header{Version: 2, PayloadType: 96, SSRC: 7, CSRC: []uint32{1, 2}})
	in, ok := parse(marshalled(t, h, []byte("payload")))
	if !ok || in.ssrc != 7 || in.payloadType != 96 || string(in.raw[in.header:]) != "payload" {
		t.Fatalf("%+v", in)
	}
	for id, want := range map[uint8]string{1: "mid", 3: "f", 14: "\x12\x34", 2: "", 0: "", 15: ""} {
		if got := string(in.extension(id)); got != want {
			t.Errorf("extension %d is %q", id, got)
		}
	}
}

func TestPacket_ARetransmissionBecomesWhatItRepeats(t *testing.T) {
	h := withExtensions(t, rtp.Header{Version: 2, PayloadType: 97, SSRC: 8, SequenceNumber: 500, Timestamp: 9, Marker: true})
	in, _ := parse(marshalled(t, h, []byte("\x01\x02payload")))
	raw, ok := in.restore(7, 96)
	var got rtp.Packet
	if err := got.Unmarshal(raw); err != nil || !ok {
		t.Fatal(err, ok)
	}
	if got.SequenceNumber != 0x0102 || got.SSRC != 7 || got.PayloadType != 96 || !got.Marker || got.Timestamp != 9 ||
		string(got.Payload) != "payload" || string(got.GetExtension(1)) != "mid" {
		t.Errorf("restored %v", got)
	}
}

func TestPacket_AProbeRepeatsNothing(t *testing.T) {
	in, _ := parse(marshalled(t, rtp.Header{Version: 2, PayloadType: 97, SSRC: 8}, nil))
	if _, ok := in.restore(7, 96); ok {
		t.Error("an empty retransmission is taken for media")
	}
}

func FuzzPacket(f *testing.F) {
	f.Add(marshalled(f, withExtensions(f, rtp.Header{Version: 2, PayloadType: 97, SSRC: 8}), []byte("\x01\x02payload")))
	f.Add([]byte{0x9f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, ok := parse(raw)
		if !ok {
			return
		}
		var theirs rtp.Header
		if n, err := theirs.Unmarshal(raw); err == nil {
			if n != in.header || theirs.SSRC != in.ssrc || theirs.PayloadType != in.payloadType {
				t.Errorf("read %+v, pion %d and %+v", in, n, theirs)
			}
		}
		for id := range uint8(16) {
			in.extension(id)
		}
		before := bytes.Clone(raw)
		if out, ok := in.restore(1, 2); ok && !bytes.Equal(out[in.header:], before[in.header+2:]) {
			t.Error("the payload changed")
		}
	})
}
