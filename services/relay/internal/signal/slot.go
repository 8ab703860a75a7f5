package signal

import (
	"errors"
	"sync"

	"github.com/pion/webrtc/v4"

	"github.com/tongke-edu/tongke/services/relay/internal/forward"
)

var errNoCodec = errors.New("no common codec")

// slot is a track of ours: it keeps what Pion binds it to and hands it to package forward, which writes to the
// stream itself.
type slot struct {
	id     string
	stream string
	kind   webrtc.RTPCodecType

	mu     sync.Mutex
	output forward.Output
}

// ID is "audio0", "video0", ….
func (s *slot) ID() string { return s.id }

// RID is empty: slots are not simulcast.
func (s *slot) RID() string { return "" }

// StreamID is the same for audio slot n and video slot n, so that browsers play them in lip-sync.
func (s *slot) StreamID() string { return s.stream }

// Kind is audio or video.
func (s *slot) Kind() webrtc.RTPCodecType { return s.kind }

// Bind keeps the stream and all codecs that were negotiated: the source may change between them.
func (s *slot) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	types, named, ok := payloads(c.CodecParameters())
	if !ok {
		return webrtc.RTPCodecParameters{}, errNoCodec
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.output = forward.Output{
		SSRC:       uint32(c.SSRC()),
		RepairSSRC: uint32(c.SSRCRetransmission()),
		Payloads:   types,
		Writer:     c.WriteStream(),
	}
	return named, nil
}

// Unbind is called when the connection closes: writing to it fails from then on.
func (s *slot) Unbind(webrtc.TrackLocalContext) error { return nil }

func (s *slot) bound() forward.Output {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output
}
