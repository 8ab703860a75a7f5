package signal

import (
	"fmt"
	"net/netip"
	"strings"
)

const (
	// Priorities of host candidates (RFC 8445 section 5.1.2.1): UDP before TCP (RFC 6544 section 4.2).
	udpPriority = 2130706431
	tcpPriority = 1671430143
)

// advertise replaces the candidates of an answer by the given addresses, so that a NAT or a proxy can stand in front
// of the relay. Without addresses the answer stays as it is.
func advertise(answer string, addresses []netip.AddrPort) string {
	if len(addresses) == 0 {
		return answer
	}
	var out strings.Builder
	replaced := false
	for line := range strings.Lines(answer) {
		if !strings.HasPrefix(line, "a=candidate:") {
			out.WriteString(line)
			continue
		}
		if !replaced { // Pion puts all candidates into the first section of the bundle
			replaced = true
			for i, address := range addresses {
				writeCandidates(&out, i+1, address)
			}
		}
	}
	return out.String()
}

func writeCandidates(out *strings.Builder, foundation int, address netip.AddrPort) {
	ip, port := address.Addr(), address.Port()
	fmt.Fprintf(out, "a=candidate:%d 1 udp %d %s %d typ host\r\n", foundation, udpPriority-foundation, ip, port)
	fmt.Fprintf(out, "a=candidate:%d 1 tcp %d %s %d typ host tcptype passive\r\n",
		foundation+1000, tcpPriority-foundation, ip, port)
}
