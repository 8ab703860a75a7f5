package smoke

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/tongke-edu/tongke/pkg/impair"
)

// Network is what lies between the participants and the relay, in each direction. The zero value is loopback as it is.
type Network struct {
	// Loss is the share of packets that vanish, 0..1.
	Loss          float64
	Delay, Jitter time.Duration
}

// bad says whether anything is wrong with it.
func (n Network) bad() bool { return n != Network{} }

// networkSeed makes runs comparable.
const networkSeed = 1

// between puts the network in front of a media port, and returns the proxy and the settings that make the server
// advertise it.
func (n Network) between(mediaPort string) (*impair.UDP, []string, error) {
	conditions := impair.Conditions{Loss: n.Loss, Delay: n.Delay, Jitter: n.Jitter}
	proxy, err := impair.NewUDP(impair.Params{
		Target: net.JoinHostPort("127.0.0.1", mediaPort), Seed: networkSeed, Up: conditions, Down: conditions,
	})
	if err != nil {
		return nil, nil, err
	}
	return proxy, []string{"--set", "relay.media.advertise=" + proxy.Addr().String()}, nil
}

// freePort finds a port that is free for UDP now; media listens on it for TCP too.
func freePort() (string, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	port := conn.LocalAddr().(*net.UDPAddr).Port
	return strconv.Itoa(port), conn.Close()
}
