package pionserver

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

// Params of a Server.
type Params struct {
	// Profile of SRTP, the only one that it agrees to.
	Profile dtls.SRTPProtectionProfile
	// OnePort puts all connections on one UDP port, so that an impairer can stand in front. By itself Pion opens a
	// socket for each connection.
	OnePort bool
}

// Server answers Connect of RelayService; the other methods are not needed but CloseLesson.
type Server struct {
	relayv1.UnimplementedRelayServiceServer
	api   *webrtc.API
	media *net.UDPConn // nil without OnePort
	mux   *ice.UDPMuxDefault

	mu      sync.Mutex
	number  int
	lessons map[string]*lesson
}

// New returns a server on loopback.
func New(p Params) (*Server, error) {
	s := &Server{lessons: map[string]*lesson{}}
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	interceptors := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(media, interceptors); err != nil {
		return nil, err
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	settings := webrtc.SettingEngine{LoggerFactory: quiet}
	settings.SetLite(true) // its candidates are its own addresses, and it is the clients that check
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetSRTPProtectionProfiles(p.Profile)
	if err := settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return nil, err
	}
	if p.OnePort {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return nil, fmt.Errorf("media: %w", err)
		}
		s.media = conn
		s.mux = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: quiet.NewLogger("ice")})
		settings.SetICEUDPMux(s.mux)
	}
	s.api = webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(interceptors), webrtc.WithSettingEngine(settings))
	return s, nil
}

// Media is the address of media with OnePort, else empty.
func (s *Server) Media() string {
	if s.media == nil {
		return ""
	}
	return s.media.LocalAddr().String()
}

// Connect answers an offer.
func (s *Server) Connect(_ context.Context, req *relayv1.ConnectRequest) (*relayv1.ConnectResponse, error) {
	s.mu.Lock()
	l := s.lessons[req.GetLessonId()]
	if l == nil {
		l = newLesson()
		s.lessons[req.GetLessonId()] = l
	}
	s.number++
	id := fmt.Sprint(s.number)
	s.mu.Unlock()
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, fmt.Errorf("make peer connection: %w", err)
	}
	answer, err := l.join(pc, req)
	if err != nil {
		_ = pc.Close()
		return nil, fmt.Errorf("answer: %w", err)
	}
	return &relayv1.ConnectResponse{Answer: answer, ConnectionId: id}, nil
}

// SetPolicy changes nothing: what a slot carries is decided by the policy of Connect.
func (s *Server) SetPolicy(context.Context, *relayv1.SetPolicyRequest) (*relayv1.SetPolicyResponse, error) {
	return &relayv1.SetPolicyResponse{}, nil
}

// CloseLesson closes all connections of a lesson.
func (s *Server) CloseLesson(_ context.Context, req *relayv1.CloseLessonRequest) (*relayv1.CloseLessonResponse, error) {
	s.mu.Lock()
	l := s.lessons[req.GetLessonId()]
	delete(s.lessons, req.GetLessonId())
	s.mu.Unlock()
	if l != nil {
		l.close()
	}
	return &relayv1.CloseLessonResponse{}, nil
}

// Close ends all connections and returns when their goroutines have ended.
func (s *Server) Close() {
	s.mu.Lock()
	lessons := s.lessons
	s.lessons = map[string]*lesson{}
	s.mu.Unlock()
	for _, l := range lessons {
		l.close()
	}
	if s.mux != nil {
		_ = s.mux.Close()
		_ = s.media.Close()
	}
}
