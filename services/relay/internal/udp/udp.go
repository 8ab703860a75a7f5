// Package udp opens the relay's media sockets: one UDP socket for each local address and one ICE-TCP listener, all
// on one port number, and says under which addresses participants reach them.
//
// It owns the read goroutines of Pion's muxes; Close ends them. It knows nothing of participants or media.
package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
)

const (
	// socketBuffer is what the kernel is asked to keep for each socket, both ways: a key frame to 50 slots is 2 MB.
	socketBuffer = 4 << 20
	// tcpReadPackets is the number of received packets that one ICE-TCP connection may keep waiting.
	tcpReadPackets = 64
	// tcpWriteBuffer bounds in bytes what waits for a slow ICE-TCP connection; what does not fit is dropped.
	tcpWriteBuffer = 1 << 20
	// tcpFirstBinding ends TCP connections that do not begin with a STUN request.
	tcpFirstBinding = 5 * time.Second
	// portAttempts bounds the search for a number that is free on all addresses at once.
	portAttempts = 20
)

// Params says where to listen and what to advertise.
type Params struct {
	// Listen is "host:port". An empty or unspecified host means every local address, loopback included;
	// port 0 lets the system choose.
	Listen string
	// Advertise lists "ip" or "ip:port" to put into answers instead of the local addresses.
	Advertise []string
	// DisableUDP leaves ICE-TCP alone, for networks (and tests) without UDP.
	DisableUDP bool
	Logger     logging.LeveledLogger
}

// Ports are open media sockets.
type Ports struct {
	udp       *ice.MultiUDPMuxDefault
	tcp       *ice.TCPMuxDefault
	addresses []netip.Addr
	port      uint16
	advertise []netip.AddrPort
}

// Open binds all sockets or none.
func Open(p Params) (*Ports, error) {
	where, err := resolve(p.Listen)
	if err != nil {
		return nil, err
	}
	var s *sockets
	for attempt := 1; ; attempt++ {
		s, err = bind(where)
		if err == nil {
			break
		}
		if where.port != 0 || attempt == portAttempts {
			return nil, err
		}
	}
	advertise, err := parseAdvertise(p.Advertise, s.port)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &Ports{
		udp: muxDatagrams(s.udp, p),
		tcp: ice.NewTCPMuxDefault(ice.TCPMuxParams{
			Listener:             s.tcp,
			Logger:               p.Logger,
			ReadBufferSize:       tcpReadPackets,
			WriteBufferSize:      tcpWriteBuffer,
			FirstStunBindTimeout: tcpFirstBinding,
		}),
		addresses: where.addresses,
		port:      s.port,
		advertise: advertise,
	}, nil
}

func muxDatagrams(conns []*net.UDPConn, p Params) *ice.MultiUDPMuxDefault {
	var muxes []ice.UDPMux
	for _, conn := range conns {
		if p.DisableUDP {
			_ = conn.Close()
			continue
		}
		muxes = append(muxes, ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: p.Logger}))
	}
	return ice.NewMultiUDPMuxDefault(muxes...)
}

// UDPMux is the mux over all UDP sockets.
func (p *Ports) UDPMux() ice.UDPMux { return p.udp }

// TCPMux is the mux over the ICE-TCP listener.
func (p *Ports) TCPMux() ice.TCPMux { return p.tcp }

// Addresses are the local addresses that the sockets are bound to.
func (p *Ports) Addresses() []netip.Addr { return p.addresses }

// Port is the one number of all sockets.
func (p *Ports) Port() uint16 { return p.port }

// Advertised are the addresses of the answer's candidates, or none when the local ones are right as they are.
func (p *Ports) Advertised() []netip.AddrPort { return p.advertise }

// Close closes all sockets and ends the muxes.
func (p *Ports) Close() error {
	return errors.Join(p.udp.Close(), p.tcp.Close())
}

// place is where to listen: TCP takes one listener for all addresses.
type place struct {
	addresses []netip.Addr
	host      string
	port      uint16
}

// resolve turns a listen address into the local addresses that it stands for.
func resolve(listen string) (place, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return place{}, fmt.Errorf("media listen address %q: %w", listen, err)
	}
	parsed, err := net.ResolveUDPAddr("udp", listen)
	if err != nil {
		return place{}, fmt.Errorf("media listen address %q: %w", listen, err)
	}
	port := parsed.AddrPort().Port()
	if host != "" && !parsed.IP.IsUnspecified() {
		addr := parsed.AddrPort().Addr().Unmap()
		return place{addresses: []netip.Addr{addr}, host: addr.String(), port: port}, nil
	}
	addresses, err := local()
	return place{addresses: addresses, host: host, port: port}, err
}

// local lists the addresses of this machine that a participant could use: link-local ones need a zone that an
// SDP candidate cannot carry.
func local() ([]netip.Addr, error) {
	found, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list local addresses: %w", err)
	}
	var out []netip.Addr
	for _, a := range found {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		addr := prefix.Addr().Unmap()
		if addr.IsLinkLocalUnicast() || (addr.Is6() && addr.IsLoopback()) {
			continue
		}
		out = append(out, addr)
	}
	if len(out) == 0 {
		return nil, errors.New("list local addresses: none found")
	}
	return out, nil
}

// parseAdvertise reads "ip" and "ip:port"; without a port the relay's own is meant.
func parseAdvertise(list []string, port uint16) ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	for _, text := range list {
		if addr, err := netip.ParseAddr(text); err == nil {
			out = append(out, netip.AddrPortFrom(addr, port))
			continue
		}
		full, err := netip.ParseAddrPort(text)
		if err != nil {
			return nil, fmt.Errorf("advertised media address %q is neither ip nor ip:port", text)
		}
		out = append(out, full)
	}
	return out, nil
}
