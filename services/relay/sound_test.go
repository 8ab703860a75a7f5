package relay_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/impair"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/red"
)

const (
	opusType = 111
	redType  = 63
)

func registerSound(t testing.TB, m *webrtc.MediaEngine, o options) {
	t.Helper()
	opus := webrtc.RTPCodecParameters{
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"},
		PayloadType:        opusType,
	}
	if o.asks {
		opus.RTCPFeedback = []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBNACK}}
	}
	must(t, m.RegisterCodec(opus, webrtc.RTPCodecTypeAudio))
	must(t, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}, webrtc.RTPCodecTypeAudio))
	if o.red {
		must(t, m.RegisterCodec(webrtc.RTPCodecParameters{
			RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: "audio/red", ClockRate: 48000, Channels: 2, SDPFmtpLine: "111/111"},
			PayloadType:        redType,
		}, webrtc.RTPCodecTypeAudio))
	}
}

// frames are the numbers of the frames of a source in packets that came in a stretch of time, alone or repeated.
func frames(t testing.TB, packets []arrival, source string, from, to time.Time) (seen map[int]bool, repeating int) {
	t.Helper()
	seen = map[int]bool{}
	add := func(payload string) {
		if name, number, ok := strings.Cut(payload, ":"); ok && name == source {
			if n, err := strconv.Atoi(number); err == nil {
				seen[n] = true
			}
		}
	}
	for _, p := range packets {
		if p.at.Before(from) || p.at.After(to) {
			continue
		}
		if p.PayloadType != redType {
			add(string(p.Payload))
			continue
		}
		repeating++
		blocks, err := red.Parse(p.Payload)
		if err != nil {
			t.Fatal(err)
		}
		for block, ok := blocks.Next(); ok; block, ok = blocks.Next() {
			if block.PayloadType != opusType {
				t.Fatalf("a frame of payload type %d", block.PayloadType)
			}
			add(string(block.Payload))
		}
	}
	return seen, repeating
}

// missingShare is how much of what others heard a listener did not.
func missingShare(seen, all map[int]bool) float64 {
	missing := 0
	for n := range all {
		if !seen[n] {
			missing++
		}
	}
	return float64(missing) / float64(max(1, len(all)))
}

// alive lets time pass in which the participants show that they are there.
func alive(t testing.TB, d time.Duration, all []*participant) {
	t.Helper()
	start, next := time.Now(), time.Duration(0)
	testkit.EventuallyWithin(t, 2*d+time.Second, func() bool {
		if now := time.Since(start); now >= next {
			next += time.Second
			for _, p := range all {
				p.say(&relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{Heartbeat: &relayv1.Heartbeat{}}})
			}
		}
		return time.Since(start) >= d
	}, "the time is over")
}

func TestSound_SurvivesALossOfAFifth(t *testing.T) {
	const stretch = 10 * time.Second
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...))
	way, err := impair.NewUDP(impair.Params{Target: r.service.MediaAddr().String(), Seed: 1})
	must(t, err)
	t.Cleanup(way.Close)
	teacher := r.join("teacher", options{noSimulcast: true})
	teacher.send("microphone")
	const source = "teacher/microphone"
	rows := []struct {
		name     string
		o        options
		min, max float64 // of the share of frames that never come
	}{
		{"RED and NACK", options{red: true, asks: true}, 0, 0.005},
		{"RED", options{red: true}, 0, 0.02},
		{"NACK", options{asks: true}, 0, 0.10},
		{"neither", options{}, 0.15, 0.25},
	}
	var listeners []*participant
	for _, row := range rows {
		row.o.audio, row.o.video, row.o.through = 1, 1, way.Addr()
		listeners = append(listeners, r.join(row.name, row.o))
	}
	near := r.join("near", options{audio: 1, video: 1, red: true, asks: true})
	for _, p := range append(listeners, near) {
		testkit.Eventually(t, func() bool { return p.heard("audio0", source, time.Time{}) }, p.id+" hears the teacher")
	}
	way.SetBoth(impair.Conditions{Loss: 0.2, Delay: 30 * time.Millisecond})
	testkit.Eventually(t, func() bool {
		packets := listeners[0].packets("audio0")
		return packets[len(packets)-1].PayloadType == redType
	}, "repeats begin")
	alive(t, time.Second, append(listeners, near))
	from := time.Now()
	to := from.Add(stretch)
	alive(t, stretch+time.Second, append(listeners, near))

	// What came at the edges of the stretch came to the others outside of it.
	all, repeating := frames(t, near.packets("audio0"), source, from.Add(500*time.Millisecond), to.Add(-500*time.Millisecond))
	if repeating > 0 {
		t.Errorf("%d packets with repeats without loss", repeating)
	}
	for i, row := range rows {
		seen, repeating := frames(t, listeners[i].packets("audio0"), source, from, to)
		share := missingShare(seen, all)
		t.Logf("%s: %.2f %% of %d frames are missing; %d packets with repeats", row.name, 100*share, len(all), repeating)
		if share < row.min || share > row.max {
			t.Errorf("%s: %.2f %% of the sound is missing", row.name, 100*share)
		}
		if (repeating > 0) != row.o.red {
			t.Errorf("%s: %d packets with repeats", row.name, repeating)
		}
	}
}

func TestSound_LostOnTheWayUpIsAskedForAgain(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, lead("teacher", sends...))
	way := lossy(t, r, impair.Up, 0)
	teacher := r.join("teacher", options{noSimulcast: true, asks: true, through: way.Addr()})
	teacher.send("microphone")
	listener := r.join("listener", options{audio: 1, video: 1})
	const source = "teacher/microphone"
	testkit.Eventually(t, func() bool { return listener.heard("audio0", source, time.Time{}) }, "the teacher is heard")
	way.SetBoth(impair.Conditions{Delay: 30 * time.Millisecond})
	way.Set(impair.Up, impair.Conditions{Delay: 30 * time.Millisecond, Loss: 0.2})
	from := time.Now()
	alive(t, 5*time.Second, []*participant{listener})
	seen, _ := frames(t, listener.packets("audio0"), source, from, time.Now())
	numbers := slices.Sorted(maps.Keys(seen))
	of := numbers[len(numbers)-1] - numbers[0] + 1
	share := 1 - float64(len(numbers))/float64(of)
	t.Logf("%.2f %% of %d frames are missing", 100*share, of)
	if share > 0.1 {
		t.Errorf("%.2f %% of the sound is missing", 100*share)
	}
}

func TestSound_OfTheRoomThatSpeaksTakesTheOnlySlot(t *testing.T) {
	r := newRig(t, testConfig())
	r.allow(true, room("anna", 1, sends...), room("berta", 2, sends...))
	anna, berta := r.join("anna", options{noSimulcast: true}), r.join("berta", options{noSimulcast: true})
	anna.send("microphone")
	berta.send("microphone")
	listener := r.join("listener", options{audio: 1, video: 1})
	testkit.Eventually(t, func() bool { return listener.heard("audio0", "anna/", time.Time{}) }, "the first is heard in silence")
	for _, speaks := range []*participant{berta, anna} {
		for _, p := range []*participant{anna, berta} {
			p.senders["microphone"].level.Store(100)
		}
		speaks.senders["microphone"].level.Store(30)
		changed := time.Now()
		testkit.Eventually(t, func() bool { return listener.heard("audio0", speaks.id+"/", changed.Add(100*time.Millisecond)) },
			speaks.id+" speaks and is heard")
	}
	assertContinuous(t, listener.packets("audio0"), 48_000)
}
