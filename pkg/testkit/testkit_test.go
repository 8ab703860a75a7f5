package testkit

import (
	"net"
	"strconv"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

func TestEventually_WaitsUntilTheConditionHolds(t *testing.T) {
	NoLeaks(t)
	n := 0
	Eventually(t, func() bool { n++; return n == 5 }, "five attempts")
	if n != 5 {
		t.Fatalf("asked %d times", n)
	}
}

func TestFreePort_IsFreeForBoth(t *testing.T) {
	port := FreePort(t)
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	tcp, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tcp.Close() }()
	udp, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = udp.Close() }()
}

func TestReceiveAndClosed_SeeWhatHappens(t *testing.T) {
	ch := make(chan int, 1)
	ch <- 7
	if got := Receive(t, ch, "a value"); got != 7 {
		t.Fatalf("received %d", got)
	}
	close(ch)
	Closed(t, ch, "the channel")
}
