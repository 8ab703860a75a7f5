package srtp

import (
	"encoding/binary"
	"sync"
)

const (
	// MaxStreams bounds how many SSRCs a session accepts from the other side, of RTP and of RTCP each.
	MaxStreams = 64

	openWindow = 1024 // how late an incoming packet may be
	rtcpWindow = 128

	maxRTCPIndex = 1<<31 - 1
)

// Session holds the keys of one connection and the memory of what has passed under them.
type Session struct {
	in       protection
	arrived  map[uint32]*window // RTP by SSRC
	reported map[uint32]*window // RTCP by SSRC

	mu      sync.Mutex
	streams map[uint32]*Stream
	out     protection
	sent    uint32 // index last used for RTCP; all our SSRCs share one count
}

// New returns a session with the given keys.
func New(keys Keys) (*Session, error) {
	out, err := newProtection(keys.Profile, keys.LocalKey, keys.LocalSalt)
	if err != nil {
		return nil, err
	}
	in, err := newProtection(keys.Profile, keys.RemoteKey, keys.RemoteSalt)
	if err != nil {
		return nil, err
	}
	return &Session{
		in: in, arrived: map[uint32]*window{}, reported: map[uint32]*window{},
		streams: map[uint32]*Stream{}, out: out,
	}, nil
}

// Stream returns the outgoing stream of an SSRC: always the same one, so that its numbers are not used twice.
func (s *Session) Stream(ssrc uint32) *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	stream, ok := s.streams[ssrc]
	if !ok {
		stream = &Stream{ssrc: ssrc, out: s.out.fork(), used: newWindow(sealWindow)}
		s.streams[ssrc] = stream
	}
	return stream
}

// Open opens an RTP packet in place and returns its header and payload. A packet for which it returns ErrForged is
// destroyed. An SSRC is remembered only when a packet of it has proved genuine.
func (s *Session) Open(packet []byte) ([]byte, error) {
	header := headerSize(packet)
	if header == 0 || len(packet) < header+s.in.overhead() {
		return nil, ErrMalformed
	}
	ssrc := binary.BigEndian.Uint32(packet[8:])
	seen, err := remembered(s.arrived, ssrc)
	if err != nil {
		return nil, err
	}
	index := uint64(binary.BigEndian.Uint16(packet[2:]))
	if seen != nil {
		var ok bool
		if index, ok = seen.extend(uint16(index)); !ok || !seen.fresh(index) {
			return nil, ErrReplay
		}
	}
	plain, err := s.in.open(packet, header, ssrc, index)
	if err != nil {
		return nil, err
	}
	if seen == nil {
		seen = newWindow(openWindow)
		s.arrived[ssrc] = seen
	}
	seen.use(index)
	return plain, nil
}

// Knows reports whether a packet of an incoming SSRC has proved genuine. Like Open, it has one caller at a time.
func (s *Session) Knows(ssrc uint32) bool { return s.arrived[ssrc] != nil }

// KnowsRTCP reports whether a compound packet of an SSRC has proved genuine. Like OpenRTCP, it has one caller at a
// time.
func (s *Session) KnowsRTCP(ssrc uint32) bool { return s.reported[ssrc] != nil }

// SealRTCP appends the protected form of a compound packet to dst, which may be nil or plain[:0].
func (s *Session) SealRTCP(dst, plain []byte) ([]byte, error) {
	if len(plain) < rtcpHeader {
		return nil, ErrMalformed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sent == maxRTCPIndex {
		return nil, ErrExhausted
	}
	s.sent++
	return s.out.sealRTCP(dst, plain, binary.BigEndian.Uint32(plain[4:]), s.sent)
}

// OpenRTCP opens a compound packet, in place where the profile allows. Packets that are authenticated but not
// encrypted are refused: browsers send none (RFC 8827 section 6.5).
func (s *Session) OpenRTCP(packet []byte) ([]byte, error) {
	at := len(packet) - s.in.rtcpTrailer() - indexSize
	if at < rtcpHeader+s.in.overhead()-s.in.rtcpTrailer() || packet[0]>>6 != 2 {
		return nil, ErrMalformed
	}
	ssrc, index := binary.BigEndian.Uint32(packet[4:]), binary.BigEndian.Uint32(packet[at:])
	if index&encrypted == 0 {
		return nil, ErrMalformed
	}
	index &^= encrypted
	seen, err := remembered(s.reported, ssrc)
	if err != nil {
		return nil, err
	}
	if seen != nil && !seen.fresh(uint64(index)) {
		return nil, ErrReplay
	}
	plain, err := s.in.openRTCP(packet, ssrc, index)
	if err != nil {
		return nil, err
	}
	if seen == nil {
		seen = newWindow(rtcpWindow)
		s.reported[ssrc] = seen
	}
	seen.use(uint64(index))
	return plain, nil
}

// remembered returns what is known of an SSRC, nil for a new one if there is room for it.
func remembered(known map[uint32]*window, ssrc uint32) (*window, error) {
	seen, ok := known[ssrc]
	if !ok && len(known) >= MaxStreams {
		return nil, ErrTooManyStreams
	}
	return seen, nil
}

// headerSize returns the length of an RTP header with its extension (RFC 3550 section 5), 0 if there is none.
func headerSize(packet []byte) int {
	if len(packet) < rtpHeader || packet[0]>>6 != 2 {
		return 0
	}
	size := rtpHeader + 4*int(packet[0]&0x0f)
	if packet[0]&0x10 != 0 {
		if len(packet) < size+4 {
			return 0
		}
		size += 4 + 4*int(binary.BigEndian.Uint16(packet[size+2:]))
	}
	if len(packet) < size {
		return 0
	}
	return size
}
