package standalone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// choosePorts puts the ports of the options into the configuration. A default that is taken gives way to a free port,
// and the log says so; a port that somebody asked for does not.
func choosePorts(c *Config, o Options, log *zap.Logger) error {
	for _, p := range []struct {
		what, flag string
		address    *string
		asked      *int
		udp        bool
	}{
		{"web", "--port", &c.Web.Listen, o.Port, false},
		{"https", "--tls-port", &c.Web.ListenTLS, o.TLSPort, false},
		{"media", "--media-port", &c.Relay.Media.Listen, o.MediaPort, true},
	} {
		if *p.address == "" {
			continue
		}
		host, port, err := splitAddress(*p.address)
		if err != nil {
			return fmt.Errorf("%s address: %w", p.what, err)
		}
		if p.asked != nil {
			port = strconv.Itoa(*p.asked)
		}
		*p.address = net.JoinHostPort(host, port)
		if port == "0" {
			continue
		}
		switch err := try(*p.address, p.udp); {
		case err == nil:
		case !errors.Is(err, syscall.EADDRINUSE):
			return fmt.Errorf("%s address: %w", p.what, err)
		case p.asked != nil:
			return fmt.Errorf("port %s (%s) is taken by another program: choose another with %s, or %s 0 for a free one", port, p.what, p.flag, p.flag)
		default:
			log.Warn("the usual port is taken by another program; using a free one", zap.String("for", p.what), zap.String("usual", port))
			*p.address = net.JoinHostPort(host, "0")
		}
	}
	return nil
}

// splitAddress takes host:port apart; the port is a number.
func splitAddress(address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if err != nil {
		return "", "", err
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", "", fmt.Errorf("%s: the port is a number from 0 to 65535", address)
	}
	return host, port, nil
}

// try opens the address and lets it go again.
func try(address string, udp bool) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	_ = listener.Close()
	if !udp {
		return nil
	}
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	_ = conn.Close()
	return nil
}

// udpPasses sends a datagram to this computer's own network address. It fails where a local firewall drops UDP; what
// stands between this computer and others it cannot see.
func udpPasses(ctx context.Context) bool {
	host := "127.0.0.1"
	if addresses := lanAddresses(); len(addresses) > 0 {
		host = addresses[0]
	}
	receiver, err := net.ListenPacket("udp", net.JoinHostPort(host, "0"))
	if err != nil {
		return false
	}
	defer func() { _ = receiver.Close() }()
	var dialer net.Dialer
	sender, err := dialer.DialContext(ctx, "udp", receiver.LocalAddr().String())
	if err != nil {
		return false
	}
	defer func() { _ = sender.Close() }()
	if _, err := sender.Write([]byte("tongke")); err != nil {
		return false
	}
	if err := receiver.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		return false
	}
	_, _, err = receiver.ReadFrom(make([]byte, 16))
	return err == nil
}

// lanAddresses are this computer's IPv4 addresses that others may reach.
func lanAddresses() []string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var out []string
	for _, a := range addresses {
		network, ok := a.(*net.IPNet)
		if ok && network.IP.To4() != nil && !network.IP.IsLoopback() && !network.IP.IsLinkLocalUnicast() {
			out = append(out, network.IP.String())
		}
	}
	return out
}
