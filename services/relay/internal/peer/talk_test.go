package peer

import (
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/logging"
	"github.com/pion/sctp"
	"google.golang.org/protobuf/proto"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/relay/internal/channel"
	"github.com/tongke-edu/tongke/services/relay/internal/record"
)

// control is the control channel of a client, by Pion.
type control struct {
	*datachannel.DataChannel
	t testing.TB
}

func (c *client) openControl() control {
	c.t.Helper()
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	association, err := sctp.ClientWithOptions(sctp.WithNetConn(c.secure), sctp.WithMTU(sctpMTU), sctp.WithLoggerFactory(quiet))
	must(c.t, err)
	opened, err := datachannel.Dial(association, controlStream, &datachannel.Config{Negotiated: true, LoggerFactory: quiet})
	must(c.t, err)
	c.t.Cleanup(func() { _ = association.Close() }) // the connection may be gone
	return control{opened, c.t}
}

func (c control) send(m *relayv1.ClientMessage) {
	c.t.Helper()
	data, err := proto.Marshal(m)
	must(c.t, err)
	_, err = c.Write(data)
	must(c.t, err)
}

func (c control) receive() *relayv1.ServerMessage {
	c.t.Helper()
	buffer := make([]byte, 64<<10)
	n, err := c.Read(buffer)
	must(c.t, err)
	m := &relayv1.ServerMessage{}
	must(c.t, proto.Unmarshal(buffer[:n], m))
	return m
}

func beat(n uint64) *relayv1.ClientMessage {
	return &relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{Heartbeat: &relayv1.Heartbeat{Number: n}}}
}

// answered sends a heartbeat and reads until its answer.
func (c control) answered(n uint64) {
	c.t.Helper()
	c.send(beat(n))
	for {
		if got := c.receive().GetHeartbeat(); got != nil {
			if got.GetNumber() != n {
				c.t.Fatalf("heartbeat %d is answered by %d", n, got.GetNumber())
			}
			return
		}
	}
}

func TestTalk_AHeartbeatIsAnsweredInOneRecord(t *testing.T) {
	r := newRig(t)
	viewer := join(r, "viewer")
	control := viewer.openControl()
	if control.receive().GetHello() == nil {
		t.Fatal("the first message is no hello")
	}
	control.answered(0)
	const beats = 50
	before := viewer.answers.Load()
	for n := range uint64(beats) {
		control.answered(n + 1)
	}
	if records := viewer.answers.Load() - before; records > beats+5 { // a slot may be announced meanwhile
		t.Errorf("%d records for %d heartbeats", records, beats)
	}
}

func TestTalk_WhatIsLostIsSaidAgain(t *testing.T) {
	r := newRig(t)
	viewer := join(r, "viewer")
	control := viewer.openControl()
	random := rand.New(rand.NewPCG(1, 2)) // of one reader
	third := func([]byte) bool { return random.IntN(3) == 0 }
	viewer.deaf.Store(&third)
	for n := range uint64(20) {
		control.answered(n)
	}
}

// TestTalk_TheLastFlightIsSentAgain: the client is deaf to the relay's Finished, twice.
func TestTalk_TheLastFlightIsSentAgain(t *testing.T) {
	r := newRig(t)
	viewer := newClient(r, "viewer")
	missed := 0
	finished := func(datagram []byte) bool {
		if record.Type(datagram[0]) == record.ChangeCipherSpec && missed < 2 {
			missed++
			return true
		}
		return false
	}
	viewer.deaf.Store(&finished)
	viewer.connect()
	viewer.openControl().answered(1)
	if missed != 2 {
		t.Errorf("%d flights were missed", missed)
	}
	viewer.peer.talk.Lock()
	defer viewer.peer.talk.Unlock()
	if viewer.peer.talk.flight != nil {
		t.Error("the flight is kept although the client has it")
	}
}

// TestTalk_WhatTwoReadersBringKeepsItsOrder: while a client's way changes, two sockets are read for it.
func TestTalk_WhatTwoReadersBringKeepsItsOrder(t *testing.T) {
	const beats = 2_000
	r := newRig(t)
	viewer := join(r, "viewer")
	control := viewer.openControl()
	control.answered(0)
	p := viewer.peer
	var readers sync.WaitGroup
	defer readers.Wait()
	brought := uint64(0) // guarded by talk
	for range 2 {
		readers.Go(func() {
			for {
				p.talk.Lock()
				if brought == beats {
					p.talk.Unlock()
					return
				}
				brought++
				p.talk.messages = append(p.talk.messages, beat(brought))
				p.handOver(nil)
			}
		})
	}
	for n := uint64(1); n <= beats; {
		if got := control.receive().GetHeartbeat(); got != nil {
			if got.GetNumber() != n {
				t.Fatalf("heartbeat %d was handed over in the place of %d", got.GetNumber(), n)
			}
			n++
		}
	}
}

func TestTalk_ForgedRecordsUseUpNothingOfWhatIsGenuine(t *testing.T) {
	r := newRig(t)
	viewer := join(r, "viewer")
	control := viewer.openControl()
	control.answered(1)
	out := r.ports.Batch()
	defer r.ports.Return(out)
	for range 2 * recordsPerSecond {
		forged := append(rawRecord(byte(record.Data), 1)[:record.Header], make([]byte, 40)...)
		forged[record.Header-1] = 40
		r.hub.Receive(viewer.datagram(forged), out)
	}
	viewer.peer.talk.Lock()
	left := viewer.peer.talk.gate.admits(out.Now(), rawRecord(byte(record.Data), 1))
	viewer.peer.talk.Unlock()
	if !left {
		t.Error("the client's own records are refused")
	}
	control.answered(2)
	testkit.Eventually(t, func() bool { return r.refusals("viewer") >= 2*recordsPerSecond }, "forgeries are counted")
}

func TestTalk_AClientThatSaysGoodbyeHasLeft(t *testing.T) {
	r := newRig(t)
	viewer := join(r, "viewer")
	viewer.openControl().answered(1)
	must(t, viewer.secure.Close())
	testkit.Eventually(t, func() bool { return r.forwarder.Connections() == 0 }, "the lesson lets go")
}

func TestTalk_TheClientIsToldOfTheEnd(t *testing.T) {
	r := newRig(t)
	viewer := join(r, "viewer")
	control := viewer.openControl()
	control.answered(1)
	viewer.peer.Close()
	must(t, control.SetReadDeadline(time.Now().Add(10*time.Second)))
	buffer := make([]byte, 64<<10)
	var err error
	for err == nil {
		_, err = control.Read(buffer)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the client's channel does not end")
	}
	if err := viewer.peer.Send(&relayv1.ServerMessage{}); !errors.Is(err, errNoChannel) {
		t.Errorf("sent over a closed connection: %v", err)
	}
}

func TestTalk_MisuseEndsTheConnection(t *testing.T) {
	for name, misuse := range map[string]func(control){
		"a flood": func(c control) {
			data, err := proto.Marshal(beat(1))
			must(c.t, err)
			for range 300 {
				if _, err := c.Write(data); err != nil {
					return // it has been noticed
				}
			}
		},
		"nonsense": func(c control) { _, _ = c.Write([]byte{0xff, 0xff, 0xff}) },
		"a message that is too long": func(c control) {
			_, _ = c.Write(make([]byte, channel.MaxMessage+1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			viewer := join(r, "viewer")
			control := viewer.openControl()
			control.answered(1)
			misuse(control)
			testkit.Eventually(t, func() bool { return r.forwarder.Connections() == 0 }, "the lesson lets go")
		})
	}
}

func TestTalk_AParticipantThatDoesNotReadIsCut(t *testing.T) {
	r := newRig(t)
	viewer := join(r, "viewer")
	viewer.openControl().answered(1)
	all := func([]byte) bool { return true }
	viewer.deaf.Store(&all)
	long := &relayv1.ServerMessage{Kind: &relayv1.ServerMessage_Hello{Hello: &relayv1.Hello{ConnectionId: string(make([]byte, 1000))}}}
	var err error
	for sent := 0; err == nil && sent < 2*maxUnsent; sent += 1000 {
		err = viewer.peer.Send(long)
	}
	if err == nil {
		t.Error("twice as much as may wait is taken")
	}
}

// TestTalk_AClientThatLeavesAtOnceHasLeft: its goodbye comes before we know that the handshake is over, or soon after.
func TestTalk_AClientThatLeavesAtOnceHasLeft(t *testing.T) {
	r := newRig(t)
	for range 20 {
		must(t, join(r, "viewer").secure.Close())
	}
	testkit.Eventually(t, func() bool { return r.forwarder.Connections() == 0 }, "the lesson lets go")
}
