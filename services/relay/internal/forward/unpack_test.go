package forward_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/red"
)

// redIn is the payload type of packets that repeat frames, at the publishers.
const redIn = 64

// Frames of Opus, by their first octet (RFC 6716 section 3.1).
const (
	frame10 = 30 << 3
	frame20 = 31 << 3
)

// repeating is a microphone whose packets carry the frames before theirs, as far back as its encoder goes. It numbers and
// stamps as browsers do: a pause leaves no hole in the numbers.
type repeating struct {
	layer     *forward.Layer
	encoder   red.Encoder
	limit     int // in octets, of what the encoder makes
	seq       uint16
	timestamp uint32
	frames    []said
}

// said is a frame as it was spoken: its payload tells which it is.
type said struct {
	seq       uint16
	timestamp uint32
}

func openRepeating(c *forward.Connection) *repeating {
	return &repeating{seq: 65_500, timestamp: 1<<32 - 9600, limit: 1000, layer: c.Incoming(forward.Track{
		Kind: relayv1.MediaKind_MEDIA_KIND_MICROPHONE, SSRC: 7, PayloadType: opusIn, Red: redIn, ClockRate: 48_000, Codec: opus,
		Repeats: true,
	})}
}

// speak makes the packet of the next frame.
func (m *repeating) speak(frame byte, plain bool) []byte {
	payload := binary.BigEndian.AppendUint16([]byte{frame, 1, 2, 3}, uint16(len(m.frames)))
	m.frames = append(m.frames, said{m.seq, m.timestamp})
	raw := []byte{0x80, redIn, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}
	binary.BigEndian.PutUint16(raw[2:], m.seq)
	binary.BigEndian.PutUint32(raw[4:], m.timestamp)
	span, _ := red.Samples(payload)
	repeated := m.encoder.Encode(nil, opusIn, m.timestamp, payload, m.limit)
	m.seq, m.timestamp = m.seq+1, m.timestamp+span
	if plain {
		raw[1] = opusIn
		return append(raw, payload...)
	}
	return append(raw, repeated...)
}

// numbers are those of the frames that a listener heard, in the order in which they came. It checks that the listener's
// numbers and times are those of the frames.
func (m *repeating) numbers(t *testing.T, listener *ear) (out []int) {
	t.Helper()
	synctest.Wait()
	listener.mu.Lock()
	defer listener.mu.Unlock()
	heard := listener.heard
	for _, h := range heard {
		n := int(binary.BigEndian.Uint16(h.payload[len(h.payload)-2:]))
		was, first := m.frames[n], m.frames[int(binary.BigEndian.Uint16(heard[0].payload[4:]))]
		if h.Seq-heard[0].Seq != was.seq-first.seq || h.Timestamp-heard[0].Timestamp != was.timestamp-first.timestamp {
			t.Errorf("frame %d, %+v after the first, came as number %d at %d", n,
				said{was.seq - first.seq, was.timestamp - first.timestamp}, h.Seq-heard[0].Seq, h.Timestamp-heard[0].Timestamp)
		}
		if slices.Contains(out, n) {
			t.Errorf("frame %d came twice", n)
		}
		out = append(out, n)
	}
	return out
}

// upstream is a lesson in which somebody hears a repeating microphone.
func upstream(t *testing.T) (m *repeating, speaker, listener *ear) {
	t.Helper()
	f, policy := newForwarder(t), microphones(1, "room")
	speaker, listener = &ear{line: &line{}}, &ear{line: &line{}, keeps: true}
	m = openRepeating(listen(t, f, "room", 1, policy, speaker))
	listen(t, f, "child", 1, policy, listener)
	receive(m.layer, m.speak(frame20, false), time.Now())
	time.Sleep(time.Second) // until the listener has a slot for it
	synctest.Wait()
	listener.mu.Lock()
	defer listener.mu.Unlock()
	listener.heard = nil
	return m, speaker, listener
}

func TestUnpack_FillsWhatIsMissingAndNothingElse(t *testing.T) {
	for _, row := range []struct {
		claim string
		way   string // of each packet: . arrives, x is lost, p is not repeated, - a pause before it, X a shorter frame that is lost
		want  []int
	}{
		{"nothing is missing", "....", []int{1, 2, 3, 4}},
		{"one packet", ".x..", []int{1, 2, 3, 4}},
		{"two in a row", ".xx..", []int{1, 2, 3, 4, 5}},
		{"three in a row: the encoder goes back two", ".xxx..", []int{1, 3, 4, 5, 6}},
		{"a plain packet repeats nothing", ".xp..", []int{1, 3, 2, 4, 5}},
		{"a pause breaks the step of numbers", ".x-..", []int{1, 3, 4}},
		{"a lost frame of another length is left out", "..X..", []int{1, 2, 4, 5}},
		{"one before a lost frame of another length too", ".xX..", []int{1, 4, 5}},
		{"what lies between a pause and the packet is filled", ".-.x.", []int{1, 2, 3, 4}},
	} {
		t.Run(row.claim, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, _, listener := upstream(t)
				for _, c := range row.way {
					frame := byte(frame20)
					switch c {
					case '-':
						m.timestamp += 4 * 960
						continue
					case 'X':
						frame = frame10
					}
					raw := m.speak(frame, c == 'p')
					if c != 'x' && c != 'X' {
						receive(m.layer, raw, time.Now())
					}
				}
				synctest.Wait()
				if got := m.numbers(t, listener); !slices.Equal(got, row.want) {
					t.Errorf("heard %v, want %v", got, row.want)
				}
			})
		})
	}
}

func TestUnpack_AllocatesNothing(t *testing.T) {
	f, policy := newForwarder(t), microphones(1, "room")
	m := openRepeating(listen(t, f, "room", 1, policy, &ear{line: &line{}}))
	var packets [][]byte
	for n := range 2_000 {
		if raw := m.speak(frame20, false); n%2 == 0 {
			packets = append(packets, raw)
		}
	}
	var burst forward.Burst
	next := func() {
		burst.Add(m.layer, packets[0], time.Now())
		burst.Forward(nil)
		packets = packets[1:]
	}
	next()
	if allocations := testing.AllocsPerRun(900, next); allocations > 0 {
		t.Errorf("%v allocations per packet", allocations)
	}
}

// FuzzUnpack holds that whatever is lost, late, paused or of another length, no frame comes under a number or a time that is
// not its own.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 0, 1, 1, 0, 4, 0, 1, 0, 8, 1, 0, 16, 0, 2, 0, 0})
	f.Add([]byte{0, 2, 2, 0, 5, 0, 9, 0, 17, 1, 0})
	f.Fuzz(func(t *testing.T, way []byte) {
		synctest.Test(t, func(t *testing.T) {
			m, _, listener := upstream(t)
			var late []byte
			for _, what := range way[:min(len(way), 500)] {
				frame := byte(frame20)
				if what&8 != 0 {
					frame = frame10
				}
				if what&16 != 0 {
					m.timestamp += uint32(what>>5) * 480
				}
				raw := m.speak(frame, what&4 != 0)
				switch {
				case what&1 != 0: // lost
				case what&2 != 0 && late == nil:
					late = raw
				default:
					receive(m.layer, raw, time.Now())
					if late != nil {
						receive(m.layer, late, time.Now())
						late = nil
					}
				}
			}
			m.numbers(t, listener)
		})
	})
}

// missing is the share of frames, in percent, that a listener does not get where so many packets are lost on both ways
// between speaker and relay, 60 ms apart, each packet repeats so many frames, and what the relay asks for is sent again.
func missing(t *testing.T, loss float64, repeats int) float64 {
	t.Helper()
	const frames, trip = 2_500, 60 * time.Millisecond
	random := rand.New(rand.NewPCG(3, 4))
	lost := func() bool { return random.Float64() < loss }
	m, speaker, listener := upstream(t)
	m.limit = 1 + 6 + repeats*(4+6)
	sent := map[uint16][]byte{}
	answered := 0
	for range frames {
		raw := m.speak(frame20, repeats == 0)
		seq := binary.BigEndian.Uint16(raw[2:])
		sent[seq] = raw
		if !lost() {
			receive(m.layer, raw, time.Now())
		}
		time.Sleep(20 * time.Millisecond)
		synctest.Wait()
		speaker.line.mu.Lock()
		asked := speaker.rtcp[answered:]
		answered = len(speaker.rtcp)
		speaker.line.mu.Unlock()
		for _, p := range asked {
			nack, ok := p.(*rtcp.TransportLayerNack)
			if !ok || lost() {
				continue
			}
			for _, pair := range nack.Nacks {
				for _, seq := range pair.PacketList() {
					if again := sent[seq]; !lost() {
						time.AfterFunc(trip, func() { receive(m.layer, again, time.Now()) })
					}
				}
			}
		}
	}
	time.Sleep(time.Second)
	got := m.numbers(t, listener)
	return 100 * float64(slices.Max(got)-slices.Min(got)+1-len(got)) / frames
}

func TestUnpack_MakesUpForALossyUplink(t *testing.T) {
	for _, row := range []struct{ loss, most float64 }{{0.05, 0.1}, {0.1, 0.2}, {0.2, 0.5}} {
		t.Run(fmt.Sprint(row.loss), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				none, one, two := missing(t, row.loss, 0), missing(t, row.loss, 1), missing(t, row.loss, 2)
				t.Logf("%2.0f %% lost: of the sound is missing %.2f %%, where each packet repeats one frame %.2f %%, two %.2f %%",
					100*row.loss, none, one, two)
				if one > row.most || two > row.most {
					t.Errorf("want at most %.2f %%", row.most)
				}
			})
		})
	}
}

// toldToRepeat are the answers to whether a participant should repeat its sound, in their order.
func (w *line) toldToRepeat() (out []bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.said {
		if repeat := m.GetRepeatSound(); repeat != nil {
			out = append(out, repeat.GetOn())
		}
	}
	return out
}

// speaks sends so many seconds of sound, of which every so many-th packet is lost; 0: none.
func (m *repeating) speaks(seconds, lost int) {
	for n := range seconds * 50 {
		if raw := m.speak(frame20, false); lost == 0 || n%lost > 0 {
			receive(m.layer, raw, time.Now())
		}
		time.Sleep(20 * time.Millisecond)
	}
	synctest.Wait()
}

func TestUplink_WhoseSoundIsLostIsAskedToRepeatItUntilNoneIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		speaker := &ear{line: &line{}}
		c := listen(t, newForwarder(t), "room", 1, microphones(1, "room"), speaker)
		c.ChannelOpened()
		m := openRepeating(c)
		if m.speaks(10, 0); len(speaker.toldToRepeat()) > 0 {
			t.Fatalf("asked for %v on a good network", speaker.toldToRepeat())
		}
		m.speaks(5, 10)
		if got := speaker.toldToRepeat(); !slices.Equal(got, []bool{true}) {
			t.Errorf("asked for %v when every tenth packet is lost", got)
		}
		m.speaks(20, 10) // although repeats fill every gap
		if got := speaker.toldToRepeat(); !slices.Equal(got, []bool{true}) {
			t.Errorf("then asked for %v", got)
		}
		m.speaks(20, 0)
		if got := speaker.toldToRepeat(); !slices.Equal(got, []bool{true, false}) {
			t.Errorf("on a good network again asked for %v", got)
		}
	})
}
