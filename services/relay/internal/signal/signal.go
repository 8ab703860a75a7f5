// Package signal turns a checked offer into a media connection and an answer, with Pion as WebRTC stack.
//
// The relay is ICE-lite on shared sockets, always the DTLS server, and never renegotiates: the offer's receive
// sections become slots whose sending side is bound once. A Peer owns the goroutines that read its streams; Close
// waits for them. What happens on a peer is told to its forward.Connection.
package signal

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/offer"
	"github.com/tongke-edu/tongke/services/relay/internal/udp"
)

// handshakeRetry is Pion's DTLS retransmission: with its default of 1 s every tenth join at 10 % loss takes 3.5 s.
const handshakeRetry = 100 * time.Millisecond

// replayWindow lets in packets that come late by this many: publishers without a repair stream send again under the
// old numbers, and Pion's default of 64 would take those for replays.
const replayWindow = 1024

// Params of a Signaller.
type Params struct {
	Ports *udp.Ports
	Log   *zap.Logger
}

// Signaller answers offers. It is safe for concurrent use and owns no goroutine.
type Signaller struct {
	api   *webrtc.API
	ports *udp.Ports
	log   *zap.Logger
}

// New prepares what all connections share.
func New(p Params) (*Signaller, error) {
	media, interceptors, err := receiving()
	if err != nil {
		return nil, fmt.Errorf("prepare codecs: %w", err)
	}
	settings, err := settings(p)
	if err != nil {
		return nil, fmt.Errorf("prepare connections: %w", err)
	}
	api := webrtc.NewAPI(
		webrtc.WithMediaEngine(media),
		webrtc.WithInterceptorRegistry(interceptors),
		webrtc.WithSettingEngine(settings),
	)
	return &Signaller{api: api, ports: p.Ports, log: p.Log}, nil
}

func settings(p Params) (webrtc.SettingEngine, error) {
	s := webrtc.SettingEngine{LoggerFactory: pionLog{p.Log}}
	s.SetLite(true)
	s.SetNetworkTypes(networks(p.Ports))
	s.SetICEUDPMux(p.Ports.UDPMux())
	s.SetICETCPMux(p.Ports.TCPMux())
	s.SetIncludeLoopbackCandidate(true)
	addresses := p.Ports.Addresses()
	s.SetIPFilter(func(ip net.IP) bool {
		addr, ok := netip.AddrFromSlice(ip)
		return ok && slices.Contains(addresses, addr.Unmap())
	})
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	// Chromium as DTLS server chooses AES-CM with SHA-1, at twice the cost; as client it takes what is first here.
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	s.SetDTLSRetransmissionInterval(handshakeRetry)
	s.SetSRTPReplayProtectionWindow(replayWindow)
	return s, s.SetAnsweringDTLSRole(webrtc.DTLSRoleServer)
}

// networks are the kinds of candidates that the sockets can serve.
func networks(p *udp.Ports) []webrtc.NetworkType {
	var out []webrtc.NetworkType
	datagrams := len(p.UDPMux().GetListenAddresses()) > 0
	for _, addr := range p.Addresses() {
		kinds := []webrtc.NetworkType{webrtc.NetworkTypeTCP4, webrtc.NetworkTypeUDP4}
		if addr.Is6() {
			kinds = []webrtc.NetworkType{webrtc.NetworkTypeTCP6, webrtc.NetworkTypeUDP6}
		}
		if !datagrams {
			kinds = kinds[:1]
		}
		for _, kind := range kinds {
			if !slices.Contains(out, kind) {
				out = append(out, kind)
			}
		}
	}
	return out
}

// PionLogger is the log of Pion's own parts, for those that are made elsewhere.
func PionLogger(log *zap.Logger, scope string) logging.LeveledLogger {
	return pionLog{log}.NewLogger(scope)
}

// Answer makes the media connection of an offer that has the agreed shape. Events of it go to c from now on, also
// before Answer returns. It fails with OFFER_REJECTED when Pion cannot use the offer.
func (s *Signaller) Answer(sdp string, shape *offer.Shape, c *forward.Connection) (*Peer, string, error) {
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, "", fault.Wrap(fault.Internal, fmt.Errorf("make peer connection: %w", err))
	}
	p := newPeer(pc, shape, c, s.log)
	answer, err := p.negotiate(offer.WithoutCandidates(sdp))
	if err != nil {
		p.Close()
		return nil, "", err
	}
	return p, advertise(answer, s.ports.Advertised()), nil
}
