package light_test

import (
	"context"
	"testing"
	"time"

	"github.com/pion/dtls/v3"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/impair"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/bench/internal/light"
	"github.com/tongke-edu/tongke/services/bench/internal/pionserver"
	"github.com/tongke-edu/tongke/services/bench/internal/probe"
)

// rig is a server of Pion, the other end that Tongke did not write.
type rig struct {
	t      *testing.T
	server *pionserver.Server
}

func newRig(t *testing.T, profile dtls.SRTPProtectionProfile) *rig {
	t.Helper()
	testkit.NoLeaks(t)
	server, err := pionserver.New(pionserver.Params{Profile: profile, OnePort: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return &rig{t, server}
}

// join connects a participant; the teacher is the only one who sends.
func (r *rig) join(name string, p light.Params) *light.Client {
	r.t.Helper()
	p.AudioSlots, p.VideoSlots = 4, 2
	p.Exchange = func(ctx context.Context, offer string) (string, error) {
		resp, err := r.server.Connect(ctx, &relayv1.ConnectRequest{
			LessonId: "l", ParticipantId: name, Offer: offer,
			Policy: &relayv1.LessonPolicy{Participants: []*relayv1.ParticipantPolicy{{
				ParticipantId: "teacher", MaySend: []relayv1.MediaKind{relayv1.MediaKind_MEDIA_KIND_CAMERA},
			}}},
		})
		return resp.GetAnswer(), err
	}
	ctx, cancel := context.WithTimeout(r.t.Context(), 10*time.Second)
	defer cancel()
	c, err := light.Join(ctx, p)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

func (r *rig) teacher(layers ...light.Layer) *light.Client {
	return r.join("teacher", light.Params{Publish: &light.Publication{Name: "teacher", Layers: layers}})
}

var picture = probe.Format{Width: 640, Height: 360, PayloadBytes: 1200, PerFrame: 3, PerKeyframe: 9}

func TestClient_ReceivesWhatAnotherPublishesWithEitherProfile(t *testing.T) {
	for name, profile := range map[string]dtls.SRTPProtectionProfile{
		"GCM": dtls.SRTP_AEAD_AES_128_GCM, "CM": dtls.SRTP_AES128_CM_HMAC_SHA1_80,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, profile)
			r.teacher(light.Layer{Format: picture})
			listener := r.join("listener", light.Params{Thorough: true, NACK: true})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if _, err := listener.AwaitMedia(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := listener.AwaitFrame(ctx); err != nil {
				t.Fatal(err)
			}
			testkit.Eventually(t, func() bool {
				return listener.Counts(false).Frames >= 10 && listener.Counts(true).Checked >= 10
			}, "frames and sound")
			for _, audio := range []bool{false, true} {
				if c := listener.Counts(audio); c.Broken > 0 || c.Checked < c.Packets {
					t.Errorf("audio %v: %+v", audio, c)
				}
			}
		})
	}
}

func TestClient_PublishesLayersOfACamera(t *testing.T) {
	r := newRig(t, dtls.SRTP_AEAD_AES_128_GCM)
	small := picture
	small.Width, small.Height, small.PerFrame = 320, 180, 1
	r.teacher(light.Layer{RID: "q", Format: small}, light.Layer{RID: "f", Format: picture})
	listener := r.join("listener", light.Params{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := listener.AwaitFrame(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestClient_ChecksOnlyASampleOnceItHasAPicture(t *testing.T) {
	r := newRig(t, dtls.SRTP_AEAD_AES_128_GCM)
	r.teacher(light.Layer{Format: picture})
	listener := r.join("listener", light.Params{})
	testkit.Eventually(t, func() bool { return listener.Counts(false).Packets >= 400 }, "400 packets")
	if c := listener.Counts(false); c.Checked == 0 || c.Checked > c.Packets/4 || c.Broken > 0 {
		t.Errorf("%+v", c)
	}
}

func TestClient_GetsLostPacketsAgain(t *testing.T) {
	r := newRig(t, dtls.SRTP_AEAD_AES_128_GCM)
	r.teacher(light.Layer{Format: picture})
	bad := impair.Conditions{Delay: 5 * time.Millisecond, Loss: 0.1}
	proxy, err := impair.NewUDP(impair.Params{Target: r.server.Media(), Seed: 1, Up: bad, Down: bad})
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	listener := r.join("listener", light.Params{Thorough: true, NACK: true, Through: proxy.Addr()})
	testkit.Eventually(t, func() bool { return listener.Counts(false).Packets >= 400 }, "400 packets")
	c := listener.Counts(false)
	t.Logf("%+v", c)
	if c.Lost < 20 || c.Requests < c.Lost || c.Broken > 0 || c.Unrepaired > c.Lost/10 {
		t.Errorf("%+v", c)
	}
}
