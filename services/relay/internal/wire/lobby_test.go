package wire

import (
	"net/netip"
	"testing"
)

// enters takes connections from an address in and returns which of those that had to go came from elsewhere.
func (l *lobby) enters(n int, addr string) (strangers []netip.Addr) {
	for port := range n {
		out := l.enter(&stream{remote: netip.AddrPortFrom(netip.MustParseAddr(addr), uint16(port))})
		if out != nil && network(out.remote.Addr()) != network(netip.MustParseAddr(addr)) {
			strangers = append(strangers, out.remote.Addr())
		}
	}
	return strangers
}

func TestLobby_OneHostKeepsNobodyElseOut(t *testing.T) {
	for name, row := range map[string]struct{ flood, flood2 string }{
		"IPv4":               {"192.0.2.1", "192.0.2.1"},
		"a network of IPv6":  {"2001:db8::1", "2001:db8::ffff:2"},
		"IPv6 of link-local": {"fe80::1%eth0", "fe80::2%eth0"},
	} {
		t.Run(name, func(t *testing.T) {
			var l lobby
			l.enters(60, "198.51.100.7") // a school behind one address
			if gone := append(l.enters(maxUnconfirmed, row.flood), l.enters(maxUnconfirmed, row.flood2)...); len(gone) > 0 {
				t.Errorf("%d of the school had to go", len(gone))
			}
			if gone := l.enters(60, "203.0.113.9"); len(gone) != 60 {
				t.Errorf("room for %d of a second school", len(gone))
			}
			if waiting, evicted := l.count(); waiting != maxUnconfirmed || evicted != 60+2*maxUnconfirmed+60-maxUnconfirmed {
				t.Errorf("%d wait, %d had to go", waiting, evicted)
			}
		})
	}
}

func TestLobby_AHostAloneMayFillIt(t *testing.T) {
	var l lobby
	l.enters(maxUnconfirmed, "192.0.2.1")
	if waiting, evicted := l.count(); waiting != maxUnconfirmed || evicted != 0 {
		t.Errorf("%d wait, %d had to go", waiting, evicted)
	}
}
