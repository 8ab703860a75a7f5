package testkit

import (
	"net"
	"testing"
)

// FreePort returns a port of 127.0.0.1 that is free for TCP and UDP now. Prefer listening on port 0: between this
// call and its use, another process may take the port. It is for child processes that must be told a port.
func FreePort(t testing.TB) int {
	t.Helper()
	const attempts = 20
	for range attempts {
		if port := tryPort(); port != 0 {
			return port
		}
	}
	t.Fatalf("no port free for both TCP and UDP in %d attempts", attempts)
	return 0
}

// tryPort returns 0 when the port that the system chose for TCP is taken for UDP.
func tryPort() int {
	tcp, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0
	}
	defer func() { _ = tcp.Close() }() // nothing was written
	port := tcp.Addr().(*net.TCPAddr).Port
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return 0
	}
	_ = udp.Close()
	return port
}
