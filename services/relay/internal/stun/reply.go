package stun

import (
	"net"
	"net/netip"

	"github.com/pion/stun/v4"
)

// Reply returns the answer to a verified check that came from the given address: a success, 420 where the check
// demands something unknown to us, or 487 where its sender claims to be controlled, which a lite agent always is
// itself (RFC 8445 section 7.3.1.1). It is nil for an indication.
func (c *Check) Reply(from netip.AddrPort, password string) []byte {
	if c.indication {
		return nil
	}
	kind := stun.BindingError
	var outcome []stun.Setter
	switch {
	case c.unknowns > 0:
		outcome = []stun.Setter{stun.CodeUnknownAttribute, stun.UnknownAttributes(c.unknown[:c.unknowns])}
	case c.controlled:
		outcome = []stun.Setter{stun.CodeRoleConflict}
	default:
		addr := from.Addr().Unmap()
		kind = stun.BindingSuccess
		outcome = []stun.Setter{&stun.XORMappedAddress{IP: net.IP(addr.AsSlice()), Port: int(from.Port())}}
	}
	set := []stun.Setter{stun.NewTransactionIDSetter([stun.TransactionIDSize]byte(c.raw[8:headerSize])), kind}
	set = append(set, outcome...)
	message, err := stun.Build(append(set, stun.NewShortTermIntegrity(password), stun.Fingerprint)...)
	if err != nil { // an address that is neither IPv4 nor IPv6
		return nil
	}
	return message.Raw
}
