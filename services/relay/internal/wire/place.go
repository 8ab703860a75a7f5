package wire

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// place is where to listen: UDP on every address, TCP with one listener for all.
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
		if addr.Zone() != "" {
			return place{}, fmt.Errorf("media listen address %q: a candidate cannot carry a zone", listen)
		}
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
