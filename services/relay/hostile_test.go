package relay_test

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

func TestHostile_MalformedMediaHurtsNobodyElse(t *testing.T) {
	_, teacher, classroom := pair(t)
	testkit.Eventually(t, func() bool { return teacher.heard("video0", "classroom/camera/f", time.Time{}) }, "picture")
	camera := classroom.senders["camera/f"]
	for n, payload := range [][]byte{nil, {0x90}, {0xff, 0xff, 0xff, 0xff}, {0x90, 0x80}, make([]byte, 1200)} {
		for _, h := range []rtp.Header{
			{Version: 2, SequenceNumber: uint16(n * 9_000)},
			{Version: 2, Padding: true, PaddingSize: 255, SequenceNumber: uint16(n)},
			{Version: 2, CSRC: []uint32{1, 2, 3}, Marker: true, Timestamp: 1 << 31},
		} {
			_ = camera.track.WriteRTP(&rtp.Packet{Header: h, Payload: payload})
		}
	}
	since := time.Now()
	testkit.Eventually(t, func() bool {
		return classroom.heard("video0", "teacher/camera/f", since) && teacher.hears("audio", "classroom/microphone", since)
	}, "media goes on")
}

func TestHostile_MalformedRTCPHurtsNobody(t *testing.T) {
	_, teacher, classroom := pair(t)
	testkit.Eventually(t, func() bool { return teacher.heard("video0", "classroom/camera/f", time.Time{}) }, "picture")
	flood := make([]rtcp.NackPair, 200)
	for i := range flood {
		flood[i] = rtcp.NackPair{PacketID: uint16(i * 17), LostPackets: 0xffff}
	}
	for _, p := range []rtcp.Packet{
		&rtcp.RawPacket{0x80, 200, 0, 0},
		&rtcp.RawPacket{0x81, 201, 0, 1, 1, 2, 3, 4},
		&rtcp.RawPacket{0x8f, 205, 0, 1, 0, 0, 0, 0},
		&rtcp.RawPacket{0x8f, 206, 0, 2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff},
		&rtcp.TransportLayerNack{MediaSSRC: 1, Nacks: flood},
		&rtcp.Goodbye{Sources: []uint32{1, 2, 3}},
	} {
		_ = teacher.pc.WriteRTCP([]rtcp.Packet{p})
	}
	since := time.Now()
	testkit.Eventually(t, func() bool {
		return classroom.heard("video0", "teacher/camera/f", since) && teacher.heard("video0", "classroom/camera/f", since)
	}, "media goes on")
}

func TestHostile_MisuseOfTheControlChannelEndsTheMisuserAlone(t *testing.T) {
	_, teacher, classroom := pair(t)
	testkit.Eventually(t, func() bool { return teacher.isOpen() && classroom.isOpen() }, "both open")
	must(t, classroom.control.Send([]byte{0xff, 0xff, 0xff, 0xff}))
	testkit.Eventually(t, func() bool { return !classroom.isOpen() }, "the misuser is cut")
	if !teacher.isOpen() {
		t.Error("another participant is cut")
	}
}

func TestHostile_MessagesAboutUnknownSlotsAreIgnored(t *testing.T) {
	_, teacher, classroom := pair(t)
	testkit.Eventually(t, func() bool { return classroom.isOpen() && classroom.heard("video0", "teacher", time.Time{}) }, "picture")
	classroom.want("video99", 720, "nobody", 2)
	classroom.want("", 0, "", 99)
	classroom.want("audio0", 0, "nobody", 77)
	since := time.Now()
	testkit.Eventually(t, func() bool {
		return classroom.heard("video0", "teacher/camera", since.Add(300*time.Millisecond)) && teacher.isOpen()
	}, "media goes on")
}
