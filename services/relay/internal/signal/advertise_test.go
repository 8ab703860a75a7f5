package signal

import (
	"net/netip"
	"strings"
	"testing"
)

const answer = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" +
	"a=candidate:1 1 udp 2130706431 10.0.0.7 7882 typ host\r\n" +
	"a=candidate:2 1 tcp 1671430143 10.0.0.7 7882 typ host tcptype passive\r\n" +
	"a=end-of-candidates\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"

func TestAdvertise_WithoutAddressesLeavesTheAnswerAlone(t *testing.T) {
	if got := advertise(answer, nil); got != answer {
		t.Errorf("answer became %q", got)
	}
}

func TestAdvertise_NamesEachAddressOverUDPAndTCPAndNoOther(t *testing.T) {
	got := advertise(answer, []netip.AddrPort{
		netip.MustParseAddrPort("203.0.113.7:9000"), netip.MustParseAddrPort("[2001:db8::1]:9001"),
	})
	for _, want := range []string{
		" udp 2130706430 203.0.113.7 9000 typ host\r\n",
		" tcp 1671430142 203.0.113.7 9000 typ host tcptype passive\r\n",
		" udp 2130706429 2001:db8::1 9001 typ host\r\n",
		"a=end-of-candidates\r\nm=video",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	if strings.Contains(got, "10.0.0.7") || strings.Count(got, "a=candidate:") != 4 {
		t.Errorf("answer has other candidates: %q", got)
	}
}
