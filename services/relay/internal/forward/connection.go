package forward

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"go.uber.org/zap"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/relay/internal/allocate"
	"github.com/tongke-edu/tongke/services/relay/internal/assign"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/report"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// Connection is one media connection of a participant. Its exported methods are the events of the WebRTC side and
// may be called from any goroutine; they never wait, and what concerns the lesson is told to it in their order.
type Connection struct {
	id          string
	lesson      *Lesson
	participant string
	reportSSRC  uint32 // names this relay in its receiver reports
	audioSlots  []*slot
	videoSlots  []*slot

	media     atomic.Int64  // arrival of the newest packet of any layer in Unix nanoseconds
	heartbeat atomic.Int64  // arrival of the newest heartbeat
	remb      atomic.Int64  // newest estimate by the participant in bits per second, 0 for none
	refused   atomic.Uint32 // packets since the last sample

	// books are the accounts of what this connection sends; their readers share the clock.
	books struct {
		sync.Mutex
		clock report.Clock
	}

	noChannel bool                             // it has no control channel
	transport atomic.Pointer[Transport]        // nil until the answer is made
	streams   atomic.Pointer[map[uint32]*slot] // by outgoing SSRC; nil until the connection is up
	link      link
	// protection is for the sound that the participant gets, uplink for what it sends.
	protection, uplink protection
	// sections are what the offer may send; each becomes a publication with its first stream.
	sections map[relayv1.MediaKind]*publication

	// Owned by the lesson.
	state        connectionState
	since        time.Time // of the state
	channelOpen  bool
	publications []*publication
	assignment   assign.Assignment
	contest      *contest         // nil while all who may be heard are
	shares       []*allocate.Slot // of all slots, most important first
	replays      allowance
	behind       []*slot // that a replay is under way in
	catching     bool    // catchUp will be called
	probing      bool    // probe will be called
	clientStats  *relayv1.ClientStats
	clientAt     time.Time
}

type connectionState uint8

const (
	connecting connectionState = iota
	connected
	ended
)

func newConnection(id string, l *Lesson, participant string, slots Slots, ssrc uint32, now time.Time) *Connection {
	c := &Connection{
		id:          id,
		lesson:      l,
		participant: participant,
		reportSSRC:  ssrc,
		since:       now,
		link:        newLink(),
		sections:    map[relayv1.MediaKind]*publication{},
	}
	for kind := range relayv1.MediaKind_name {
		k := relayv1.MediaKind(kind)
		c.sections[k] = &publication{connection: c, kind: k, active: true}
	}
	for i, mid := range slots.Audio {
		s := newSlot(true, i, mid)
		s.protection = &c.protection
		c.audioSlots = append(c.audioSlots, s)
	}
	for i, mid := range slots.Video {
		c.videoSlots = append(c.videoSlots, newSlot(false, i, mid))
	}
	for _, s := range c.slots() {
		c.shares = append(c.shares, &s.share)
	}
	return c
}

// ID names the connection in answers, messages and samples.
func (c *Connection) ID() string { return c.id }

// Connected says that media can be written from now on; the outputs are in slot order. With feedback, the participant
// tells of every packet when it came (Arrivals).
func (c *Connection) Connected(audio, video []Output, feedback bool) {
	c.link.agree(feedback)
	c.lesson.tell(func() { c.lesson.connected(c, audio, video) })
}

// ChannelOpened says that the control channel takes messages.
func (c *Connection) ChannelOpened() { c.lesson.tell(func() { c.lesson.channelOpened(c) }) }

// Message takes a valid message of the participant. Heartbeats, which come twice a second from everybody, are answered
// without the lesson.
func (c *Connection) Message(m *relayv1.ClientMessage) {
	if beat := m.GetHeartbeat(); beat != nil {
		c.heartbeat.Store(time.Now().UnixNano())
		if t := c.transport.Load(); t != nil {
			// One that does not read is found out by the lesson's own messages, or by its silence.
			_ = (*t).Send(&relayv1.ServerMessage{Kind: &relayv1.ServerMessage_Heartbeat{Heartbeat: beat}})
		}
		return
	}
	c.lesson.tell(func() { c.lesson.message(c, m) })
}

// Incoming begins a stream of the participant; its packets go through Burst.Add. It does not wait for the lesson:
// until that knows the layer, packets are kept for those who will see it.
func (c *Connection) Incoming(t Track) *Layer {
	l := newLayer(c.lesson.forwarder.layerID(), t, c.sections[t.Kind])
	c.lesson.tell(func() { c.lesson.incoming(c, l) })
	return l
}

// Ended says that the transport is closed or has failed. It is the last event.
func (c *Connection) Ended() { c.lesson.tell(func() { c.lesson.leave(c, nil) }) }

// layerStarted lets the lesson look for slots as soon as the first packet is there.
func (c *Connection) layerStarted() { c.lesson.tell(func() { c.lesson.stale = true }) }

func (c *Connection) slot(audio bool, index int) *slot {
	if audio {
		return c.audioSlots[index]
	}
	return c.videoSlots[index]
}

// slots are all slots, audio first.
func (c *Connection) slots() []*slot {
	return append(append([]*slot(nil), c.audioSlots...), c.videoSlots...)
}

func slotID(audio bool, index int) string {
	if audio {
		return "audio" + strconv.Itoa(index)
	}
	return "video" + strconv.Itoa(index)
}

// shut closes the gates of all publications for good.
func (c *Connection) shut() {
	for _, p := range c.publications {
		p.open.Store(false)
	}
}

// count books an accepted packet and tells when it was captured.
func (c *Connection) count(l *Layer, p *munge.Packet, size int) time.Time {
	c.media.Store(p.Arrival.UnixNano())
	c.books.Lock()
	defer c.books.Unlock()
	l.rate.count(p, size)
	l.inbound.Packet(p.Ext, p.Timestamp, p.Arrival, size)
	return l.inbound.Captured(p.Timestamp, p.Arrival)
}

func (c *Connection) senderReport(l *Layer, sr *rtcp.SenderReport, now time.Time) {
	c.books.Lock()
	defer c.books.Unlock()
	l.inbound.SenderReport(sr, now)
}

func (c *Connection) writeRTCP(out *wire.Batch, packets []rtcp.Packet) error {
	t := c.transport.Load()
	if t == nil || len(packets) == 0 {
		return nil
	}
	return (*t).WriteRTCP(out, packets)
}

// send queues a message for the participant; one that does not read is cut, soon: the lesson may be walking through all
// of them.
func (c *Connection) send(m *relayv1.ServerMessage) {
	t := c.transport.Load()
	if t == nil || !c.channelOpen {
		return
	}
	if err := (*t).Send(m); err != nil {
		c.lesson.log.Info("control channel failed", c.fields(err)...)
		c.Ended()
	}
}

func (c *Connection) fields(err error) []zap.Field {
	return []zap.Field{
		zap.String(telemetry.ParticipantID, c.participant),
		zap.String(telemetry.ConnectionID, c.id),
		zap.Error(err),
	}
}
