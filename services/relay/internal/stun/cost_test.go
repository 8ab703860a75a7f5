package stun

import (
	"net/netip"
	"testing"
)

// connections stands for the relay's table of ufrags.
var connections = map[string]int{ours.Ufrag: 1}

// refuse is what the relay does with a packet: it looks its connection up before anything else.
func refuse(packet []byte) bool {
	check, err := Parse(packet)
	if err != nil {
		return true
	}
	_, known := connections[check.Local()]
	return !known
}

func TestParse_RefusesJunkWithoutAllocating(t *testing.T) {
	stranger := request(t)
	copy(stranger[headerSize+attributeHeader:], "ANOTHER1")
	for name, packet := range map[string][]byte{
		"a wrong ufrag": stranger, "a cut message": stranger[:40], "no message": make([]byte, 100),
	} {
		if allocations := testing.AllocsPerRun(100, func() {
			if !refuse(packet) {
				t.Fatal("accepted")
			}
		}); allocations != 0 {
			t.Errorf("%s: %v allocations", name, allocations)
		}
	}
	if refuse(request(t)) {
		t.Error("our own ufrag is refused")
	}
}

func BenchmarkRefuse_WrongUfrag(b *testing.B) {
	packet := request(b)
	copy(packet[headerSize+attributeHeader:], "ANOTHER1")
	b.ReportAllocs()
	for b.Loop() {
		if !refuse(packet) {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkRefuse_WrongPassword(b *testing.B) {
	packet := request(b)
	b.ReportAllocs()
	for b.Loop() {
		if check, err := Parse(packet); err != nil || check.Verify("another") == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	packet := request(b)
	from := netip.MustParseAddrPort("192.0.2.7:40001")
	b.ReportAllocs()
	for b.Loop() {
		check, err := Parse(packet)
		if err != nil || check.Verify(ours.Password) != nil || check.Reply(from, ours.Password) == nil {
			b.Fatal("refused")
		}
	}
}
