package peer

import (
	"testing"

	"github.com/pion/dtls/v3"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

// keyframe and frame are VP8 pictures in one packet; n is their picture id.
func keyframe(n byte) []byte {
	return append([]byte{0x90, 0x80, n & 0x7f, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00}, make([]byte, 100)...)
}

func frame(n byte) []byte { return append([]byte{0x90, 0x80, n & 0x7f, 0x01}, make([]byte, 100)...) }

func camera(rid string) *track {
	return &track{ssrc: 1000 + uint32(rid[0]), payloadType: vp8Type, mid: cameraMid, rid: rid}
}

func microphone() *track { return &track{ssrc: 7, payloadType: opusType, mid: microphoneMid} }

// video0 is the SSRC of a client's first picture.
func (c *client) video0() uint32 { return c.peer.agreed.Video[0].SSRC }
func (c *client) audio0() uint32 { return c.peer.agreed.Audio[0].SSRC }

// sees sends pictures until the viewer has another one.
func (c *client) seenBy(viewer *client, s *track) {
	c.t.Helper()
	before := len(viewer.got(viewer.video0()))
	testkit.Eventually(c.t, func() bool {
		c.send(s, keyframe(byte(s.seq)))
		return len(viewer.got(viewer.video0())) > before
	}, "the viewer sees the camera")
}

func (c *client) heardBy(listener *client, s *track) {
	c.t.Helper()
	before := len(listener.got(listener.audio0()))
	testkit.Eventually(c.t, func() bool {
		c.send(s, []byte("sound"))
		return len(listener.got(listener.audio0())) > before
	}, "the listener hears the microphone")
}

func TestPeer_CarriesMediaUnderBothProfilesOfPion(t *testing.T) {
	for name, profile := range map[string]dtls.SRTPProtectionProfile{
		"GCM": dtls.SRTP_AEAD_AES_128_GCM, "CM": dtls.SRTP_AES128_CM_HMAC_SHA1_80,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			teacher, viewer := newClient(r, "teacher"), newClient(r, "viewer")
			teacher.profiles, viewer.profiles = []dtls.SRTPProtectionProfile{profile}, []dtls.SRTPProtectionProfile{profile}
			teacher.connect()
			viewer.connect()
			teacher.seenBy(viewer, camera("q"))
			teacher.heardBy(viewer, microphone())
			if agreed, _ := viewer.secure.SelectedSRTPProtectionProfile(); agreed != profile {
				t.Errorf("agreed on %v", agreed)
			}
			if viewer.broken > 0 {
				t.Errorf("%d packets could not be opened", viewer.broken)
			}
			testkit.Eventually(t, func() bool { return viewer.reports.Load() > 0 }, "reports")
		})
	}
}
