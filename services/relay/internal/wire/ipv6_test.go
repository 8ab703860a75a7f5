package wire

import (
	"net"
	"testing"
)

func TestIPv6_ReceivesAndSends(t *testing.T) {
	if conn, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skip("no IPv6 loopback here")
	} else {
		_ = conn.Close()
	}
	handler := newRecorder()
	handler.reply = func(d Datagram, out *Batch) {
		for range 3 {
			copy(out.Reserve(d.From, len(d.Data)), d.Data)
		}
	}
	p := serve(t, Params{Listen: "[::1]:0"}, handler)
	r := newRemote(t, "::1")
	r.send(p.address(0), packet(1, 900))
	if from := wait(t, handler.arrived, "datagram").from.Remote(); from != r.address() {
		t.Errorf("from %v, want %v", from, r.address())
	}
	for range 3 {
		if got := r.receive(); string(got) != string(packet(1, 900)) {
			t.Error("wrong answer")
		}
	}
	c := dial(t, p)
	c.send([]byte("hello"))
	if got := string(c.receive()) + string(c.receive()) + string(c.receive()); got != "hellohellohello" {
		t.Errorf("answers %q", got)
	}
}
