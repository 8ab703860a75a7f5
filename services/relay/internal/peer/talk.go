package peer

import (
	"bytes"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/channel"
	"github.com/tongke-edu/tongke/services/relay/internal/record"
	"github.com/tongke-edu/tongke/services/relay/internal/sctp"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// maxEarlyRecords bounds the records that are kept until the handshake is over: a client has finished it a little
// before we notice, and begins with its INIT.
const maxEarlyRecords = 8

// talk is what a peer says beside media: its DTLS records and the data channels in them. While the handshake lasts,
// records go to the pipe that Pion reads; afterwards they are handled where they were read.
type talk struct {
	sync.Mutex
	gate  recordGate
	pipe  *pipe         // nil after the handshake
	layer *record.Layer // nil before its end
	early [][]byte      // records that were sealed before we had the keys
	// flight is our last one of the handshake, until something shows that the client has it.
	flight [][]byte

	association *sctp.Association // nil without data channels
	inbox       *channel.Inbox
	timer       *time.Timer // calls expire; nil before the first deadline
	opened      bool        // the control channel
	messages    []*relayv1.ClientMessage
	misuse      error // of the control channel
	telling     bool  // a goroutine hands over what has come; it sends what that causes at its end
	ended       bool  // the client has said so, or cannot go on
	closed      bool  // by us
}

// carryRecords goes on where the handshake ended, with what has come meanwhile.
func (p *Peer) carryRecords(layer *record.Layer) {
	now := time.Now()
	t := &p.talk
	t.Lock()
	t.layer, t.flight, t.pipe = layer, t.pipe.flight, nil
	if p.shape.HasData() {
		t.association, t.inbox = newAssociation(), channel.NewInbox()
	}
	for _, raw := range t.early {
		if r, _, ok := record.Next(raw); ok {
			p.openRecord(r, now)
		}
	}
	t.early = nil
	p.handOver(nil)
}

// receiveRecords takes a datagram of DTLS.
func (p *Peer) receiveRecords(d *wire.Datagram, now time.Time, out *wire.Batch) {
	t := &p.talk
	t.Lock()
	if !t.gate.admits(now, d.Data) {
		t.Unlock()
		p.connection.Refused(1)
		return
	}
	for r, rest, ok := record.Next(d.Data); ok; r, rest, ok = record.Next(rest) {
		switch {
		case t.closed:
		case t.layer != nil:
			if p.openRecord(r, now) {
				p.heard.Store(now.UnixNano())
				p.proven(d.From)
			}
		default:
			t.keep(r, now)
		}
	}
	p.handOver(out)
}

// keep hands a record to the handshake, or puts it aside until there are keys.
func (t *talk) keep(r record.Record, now time.Time) {
	t.gate.took(now)
	switch {
	case r.Epoch == 0 || r.Type == record.Handshake:
		t.pipe.push(r.Raw)
	case len(t.early) < maxEarlyRecords:
		t.early = append(t.early, bytes.Clone(r.Raw))
	}
}

// openRecord handles a record after the handshake. It reports whether it was genuine and new.
func (p *Peer) openRecord(r record.Record, now time.Time) bool {
	t := &p.talk
	if r.Epoch == 0 {
		return false
	}
	content, err := t.layer.Open(r)
	if err != nil {
		if !errors.Is(err, record.ErrReplay) { // networks deliver twice
			p.connection.Refused(1)
		}
		return false
	}
	t.gate.took(now)
	switch r.Type {
	case record.Data:
		t.flight = nil
		if t.association != nil {
			// What is malformed is thrown away; what breaks the protocol ends the association.
			_ = t.association.Receive(now, content, p.deliver)
			t.ended = t.ended || t.association.Ended() != nil
		}
	case record.Alert:
		t.ended = t.ended || isLast(content)
	case record.Handshake: // the client's Finished again: it has not got ours
		for _, datagram := range t.flight {
			_ = p.hub.ports.Send(p.way(), datagram) // lost, it is asked for again
		}
	}
	return true
}

// isLast tells whether nothing follows an alert (RFC 5246 section 7.2): it is fatal, or says goodbye.
func isLast(alert []byte) bool {
	const fatal, closeNotify = 2, 0
	return len(alert) == 2 && (alert[0] == fatal || alert[1] == closeNotify)
}

// deliver takes a message of a data channel. The caller holds talk.
func (p *Peer) deliver(stream uint16, message []byte) {
	t := &p.talk
	if stream != controlStream || t.misuse != nil {
		return
	}
	m, err := t.inbox.Receive(time.Now(), message)
	if err != nil {
		p.log.Info("participant cut: control channel misused", zap.Error(err))
		t.misuse, t.ended = err, true
		return
	}
	if m != nil {
		t.messages = append(t.messages, m)
	}
}

// handOver hands over what records have brought, and sends what that has caused. While a client's way changes it may be
// read by two goroutines: one of them hands over for both, so that what came first is told first, and the end last.
// The caller holds talk; it is let go.
func (p *Peer) handOver(out *wire.Batch) {
	t := &p.talk
	if !t.telling {
		t.telling = true
		for p.tell() {
		}
		t.telling = false
	}
	p.emit(out)
	ended := t.ended && !t.telling
	t.Unlock()
	if ended {
		p.end()
	}
}

// tell hands over what is new and reports whether there was something. The caller holds talk; meanwhile it is let go.
func (p *Peer) tell() bool {
	t := &p.talk
	opened := !t.opened && t.association != nil && t.association.Established()
	messages := t.messages
	if !opened && len(messages) == 0 {
		return false
	}
	t.opened, t.messages = t.opened || opened, nil
	t.Unlock()
	defer t.Lock()
	if opened {
		p.connection.ChannelOpened()
	}
	for _, m := range messages {
		p.connection.Message(m)
	}
	return true
}

// emit sends what the association has to say, into a batch of its own if there is none. The caller holds talk.
func (p *Peer) emit(out *wire.Batch) {
	t := &p.talk
	if t.association == nil || t.closed {
		return
	}
	if out == nil {
		out = p.hub.ports.Batch()
		defer p.hub.ports.Return(out)
	}
	now := time.Now()
	t.association.Emit(now, func(packet []byte) { p.say(record.Data, packet, out) })
	switch due := t.association.Deadline(); {
	case due.IsZero() && t.timer != nil:
		t.timer.Stop()
	case due.IsZero():
	case t.timer == nil:
		t.timer = time.AfterFunc(due.Sub(now), p.expire)
	default:
		t.timer.Reset(due.Sub(now))
	}
}

// expire sends again what has not been acknowledged in time.
func (p *Peer) expire() {
	t := &p.talk
	t.Lock()
	if !t.closed {
		t.association.Expire(time.Now())
		t.ended = t.ended || t.association.Ended() != nil
	}
	p.handOver(nil)
}

// say seals a record into a batch. The caller holds talk. What is lost here is lost as on any network.
func (p *Peer) say(kind record.Type, content []byte, out *wire.Batch) {
	to := out.Reserve(p.way(), len(content)+record.Overhead)
	if to != nil && p.talk.layer.Seal(to, kind, content) != nil {
		out.Cancel()
	}
}

// hangUp says goodbye, if somebody may hear it, and ends the timer.
func (p *Peer) hangUp() {
	t := &p.talk
	t.Lock()
	defer t.Unlock()
	if t.layer != nil && !t.closed {
		out := p.hub.ports.Batch()
		p.say(record.Alert, []byte{1, 0}, out) // close_notify
		p.hub.ports.Return(out)
	}
	t.closed = true
	if t.timer != nil {
		t.timer.Stop()
	}
	if t.pipe != nil {
		_ = t.pipe.Close() // it always works
	}
}
