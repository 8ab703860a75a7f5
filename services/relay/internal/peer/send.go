package peer

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/answer"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
	"github.com/tongke-edu/tongke/services/relay/internal/srtp"
	"github.com/tongke-edu/tongke/services/relay/internal/wire"
)

// numberSize is what the extension with the transport-wide number takes, its frame included.
const numberSize = 8

var errNoWay = errors.New("there is no way to the participant")

// outputs are the sending sides of the slots, in slot order.
func (p *Peer) outputs(session *srtp.Session) (audio, video []forward.Output) {
	for i := range p.agreed.Audio {
		audio = append(audio, p.sound(session, &p.agreed.Audio[i]))
	}
	for i := range p.agreed.Video {
		video = append(video, p.output(session, &p.agreed.Video[i]))
	}
	return audio, video
}

func (p *Peer) output(session *srtp.Session, s *answer.Slot) forward.Output {
	out := forward.Output{
		SSRC:     s.SSRC,
		Media:    p.sending(session, s.SSRC, s),
		Red:      s.Red,
		Payloads: make(map[munge.Key]forward.Payload, len(s.Payloads)),
	}
	if s.Repair != 0 {
		out.Repair = p.sending(session, s.Repair, s)
	}
	for key, payload := range s.Payloads {
		out.Payloads[key] = forward.Payload(payload)
	}
	return out
}

// sound is the output of an audio slot, which sends again what it sent where the participant asks for it.
func (p *Peer) sound(session *srtp.Session, s *answer.Slot) forward.Output {
	out := p.output(session, s)
	if s.NACK {
		stream := p.sending(session, s.SSRC, s)
		stream.kept = &sealed{}
		out.Media, out.Again = stream, stream
	}
	return out
}

func (p *Peer) sending(session *srtp.Session, ssrc uint32, s *answer.Slot) *sending {
	return &sending{peer: p, stream: session.Stream(ssrc), ssrc: ssrc, number: s.Extensions.TransportCC}
}

// sending is one outgoing SSRC: the forward.Stream of a slot.
type sending struct {
	peer   *Peer
	stream *srtp.Stream
	ssrc   uint32
	number uint8   // id of the header extension with the transport-wide number; 0 for none
	kept   *sealed // nil where nothing is sent once more
}

// WriteRTP writes a packet into the batch and seals it there.
func (s *sending) WriteRTP(out *wire.Batch, h forward.Header, payload []byte) error {
	size, content := headerSize, len(payload)+int(h.Padding)
	if s.number != 0 {
		size += numberSize
	}
	b := out.Reserve(s.peer.way(), size+content+s.stream.Overhead())
	if b == nil {
		return errNoWay
	}
	b[0], b[1] = 2<<6, h.PayloadType
	if h.Marker {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], h.Seq)
	binary.BigEndian.PutUint32(b[4:], h.Timestamp)
	binary.BigEndian.PutUint32(b[8:], s.ssrc)
	var number uint16
	if s.number != 0 {
		b[0] |= 0x10
		number = s.peer.connection.Sent(out.Now(), len(b), h.Kind)
		binary.BigEndian.PutUint32(b[12:], oneByte<<16|1) // one word follows
		b[16], b[17], b[18], b[19] = s.number<<4|1, byte(number>>8), byte(number), 0
	}
	copy(b[size:], payload)
	if h.Padding != 0 {
		b[0] |= 0x20
		clear(b[size : size+content])
		b[size+content-1] = h.Padding
	}
	if err := s.stream.Seal(b, size); err != nil {
		out.Cancel()
		return err
	}
	if s.kept != nil {
		s.kept.keep(h.Seq, number, out.Now(), b)
	}
	return nil
}

// Again sends a packet once more, as it was.
func (s *sending) Again(out *wire.Batch, seq uint16, since time.Time) bool {
	p := s.kept.find(seq, since)
	if p == nil {
		return false
	}
	b := out.Reserve(s.peer.way(), len(p.octets))
	if b == nil {
		return false
	}
	copy(b, p.octets)
	if s.number != 0 {
		s.peer.connection.SentAgain(out.Now(), len(b), p.number)
	}
	return true
}
