package forward_test

import (
	"encoding/binary"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"go.uber.org/zap"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// line is a connection without a network: it counts what it is sent.
type line struct {
	packets atomic.Int64
	mu      sync.Mutex
	rtcp    []rtcp.Packet
	said    []*relayv1.ServerMessage
	closed  bool
	deaf    bool // nothing more can be said
	keeps   bool // what is written, from the beginning
	got     []written
}

// written is a packet as a viewer gets it.
type written struct {
	seq, picture uint16
	timestamp    uint32
	number       uint32 // of newPicture's count
}

func (w *line) WriteRTP(_ *wire.Batch, h forward.Header, payload []byte) error {
	w.packets.Add(1)
	if w.keeps {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.got = append(w.got, written{
			h.Seq, binary.BigEndian.Uint16(payload[2:]) & 0x7fff, h.Timestamp, binary.BigEndian.Uint32(payload[pictureNumber:]),
		})
	}
	return nil
}

// repairs is the repair stream of a line's slot: what it is sent counts as what it repeats.
type repairs struct{ *line }

func (r repairs) WriteRTP(out *wire.Batch, h forward.Header, payload []byte) error {
	h.Seq = binary.BigEndian.Uint16(payload)
	return r.line.WriteRTP(out, h, payload[2:])
}

// nowhere lends batches that nothing is written to: the streams of a line do without.
type nowhere struct{}

func (nowhere) Batch() *wire.Batch { return nil }
func (nowhere) Return(*wire.Batch) {}

// receive hands a packet to its layer as a reader of a socket does.
func receive(l *forward.Layer, raw []byte, now time.Time) {
	var b forward.Burst
	b.Add(l, raw, now)
	b.Forward(nil)
}

func (w *line) Path() forward.Path { return forward.Path{Network: "udp"} }

func (w *line) WriteRTCP(_ *wire.Batch, p []rtcp.Packet) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rtcp = append(w.rtcp, p...)
	return nil
}

func (w *line) Send(m *relayv1.ServerMessage) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.deaf {
		return errors.New("deaf")
	}
	w.said = append(w.said, m)
	return nil
}

func (w *line) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
}

const vp8 = munge.Key("video/vp8")

// newForwarder runs until the end of the test.
func newForwarder(t testing.TB) *forward.Forwarder {
	t.Helper()
	return newForwarderWith(t, forward.NewEvents())
}

func newForwarderWith(t testing.TB, events *forward.Events) *forward.Forwarder {
	t.Helper()
	f := forward.New(forward.Config{
		MaxConnections: 1000, MaxConnectionsPerParticipant: 3,
		ConnectTimeout: time.Minute, SilenceTimeout: time.Minute, AckTimeout: 300 * time.Millisecond, IdleTimeout: time.Minute,
	}, zap.NewNop(), events, nowhere{})
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() { f.Run(done) })
	t.Cleanup(func() { close(done); running.Wait() })
	return f
}

func join(t testing.TB, f *forward.Forwarder, id string, videoSlots int) (*forward.Connection, *line) {
	t.Helper()
	w := &line{}
	return joinBy(t, f, id, videoSlots, w), w
}

// teaching is a policy that lets the teacher send a camera, or nothing.
func teaching(revision uint64, maySend ...relayv1.MediaKind) *relayv1.LessonPolicy {
	return &relayv1.LessonPolicy{Epoch: 1, Revision: revision, Flowing: true, Participants: []*relayv1.ParticipantPolicy{{
		ParticipantId: "teacher", Standing: relayv1.Standing_STANDING_LEAD, MaySend: maySend,
	}}}
}

func joinBy(t testing.TB, f *forward.Forwarder, id string, videoSlots int, w *line) *forward.Connection {
	t.Helper()
	slots := forward.Slots{}
	var outputs []forward.Output
	for n := range videoSlots {
		slots.Video = append(slots.Video, strconv.Itoa(n))
		outputs = append(outputs, forward.Output{SSRC: uint32(n + 1), Payloads: map[munge.Key]forward.Payload{vp8: {Type: 96, Repair: 97}}, Media: w, Repair: repairs{w}})
	}
	c, err := f.Join(forward.JoinParams{
		LessonID: "lesson", ParticipantID: id, Policy: teaching(1, relayv1.MediaKind_MEDIA_KIND_CAMERA), Slots: slots,
		Open: func(*forward.Connection) (forward.Transport, error) { return w, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Connected(nil, outputs, false)
	return c
}

// pictureNumber is where in the payload newPicture counts.
const pictureNumber = 100

// picture writes RTP packets of one VP8 stream.
type picture struct{ raw []byte }

func newPicture(t testing.TB) *picture {
	t.Helper()
	header := rtp.Header{Version: 2, Marker: true, PayloadType: 96, SSRC: 7}
	raw, err := (&rtp.Packet{Header: header, Payload: make([]byte, 1_200)}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[12:], []byte{0x90, 0x80, 0x80, 0, 0x01})
	return &picture{raw}
}

// next is the next packet; n is its number. The first is a keyframe.
func (p *picture) next(n int, keyframe bool) []byte {
	binary.BigEndian.PutUint16(p.raw[2:], uint16(n))
	binary.BigEndian.PutUint32(p.raw[4:], uint32(n*3000))
	binary.BigEndian.PutUint16(p.raw[14:], 0x8000|uint16(n&0x7fff))
	binary.BigEndian.PutUint32(p.raw[12+pictureNumber:], uint32(n))
	p.raw[16] = 0x01
	if keyframe {
		copy(p.raw[16:], []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02})
	}
	return p.raw
}

// fanOut is a teacher's camera that n viewers watch.
func fanOut(t testing.TB, n int) (camera *forward.Layer, p *picture, sent func() int64) {
	t.Helper()
	f := newForwarder(t)
	teacher, _ := join(t, f, "teacher", 0)
	viewers := make([]*line, n)
	for i := range viewers {
		_, viewers[i] = join(t, f, "viewer"+strconv.Itoa(i), 1)
	}
	camera = teacher.Incoming(forward.Track{
		Kind: relayv1.MediaKind_MEDIA_KIND_CAMERA, SSRC: 7, PayloadType: 96, ClockRate: 90_000, Codec: vp8,
	})
	sent = func() (total int64) {
		for _, w := range viewers {
			total += w.packets.Load()
		}
		return total
	}
	p = newPicture(t)
	number := 0
	testkit.Eventually(t, func() bool {
		number++
		before := sent()
		receive(camera, p.next(number, true), time.Now())
		return sent()-before == int64(n)
	}, "all viewers get every packet")
	return camera, p, sent
}

func TestFanOut_AllocatesNothingPerPacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // time stands still: the lesson's ticks would be counted too
		camera, p, sent := fanOut(t, 50)
		before, number := sent(), 20_000
		now := time.Now()
		var b forward.Burst
		allocations := testing.AllocsPerRun(1_000, func() {
			number++
			now = now.Add(2 * time.Millisecond) // as fast as a layer may come
			b.Add(camera, p.next(number, false), now)
			b.Forward(nil)
		})
		if allocations > 0 {
			t.Errorf("%v allocations per packet to 50 viewers", allocations)
		}
		if got := sent() - before; got < 50*1_000 {
			t.Errorf("%d packets sent", got)
		}
	})
}

func BenchmarkFanOut50(b *testing.B) {
	camera, p, _ := fanOut(b, 50)
	now := time.Now()
	number := 20_000
	var burst forward.Burst
	b.ReportAllocs()
	for b.Loop() {
		number++
		now = now.Add(2 * time.Millisecond) // as fast as a layer may come
		burst.Add(camera, p.next(number, false), now)
		burst.Forward(nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/50, "ns/forwarded")
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte{0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0x90, 0x80, 0x80, 1, 0x10})
	f.Add([]byte{0xb0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0xbe, 0xde, 0, 1, 0x10, 1, 0, 0, 9})
	camera, p, sent := fanOut(f, 1)
	number := 30_000
	f.Fuzz(func(t *testing.T, raw []byte) {
		receive(camera, raw, time.Now())
		number++
		before := sent()
		receive(camera, p.next(number, true), time.Now())
		_ = before
	})
}
