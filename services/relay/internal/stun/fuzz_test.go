package stun

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/pion/stun/v4"
)

// FuzzParse_AgreesWithPion checks that nothing panics or writes to the packet, that pion finds proven what we do and
// nothing else, and that each answer is a message. Each input is tried as it is and with a valid MESSAGE-INTEGRITY.
func FuzzParse_AgreesWithPion(f *testing.F) {
	f.Add(request(f, nomination))
	f.Add(request(f, foreign))
	f.Add(message(f, stun.BindingRequest, username, foreign, nomination))
	f.Add(message(f, stun.BindingRequest, username, controlled, integrity))
	f.Add(message(f, stun.NewType(stun.MethodBinding, stun.ClassIndication), stun.Fingerprint))
	f.Add(message(f, stun.BindingRequest, username, integrity, integrity, nomination, stun.Fingerprint))
	f.Add(message(f, stun.BindingSuccess, stun.Fingerprint))
	f.Fuzz(func(t *testing.T, packet []byte) {
		compare(t, packet)
		m := &stun.Message{Raw: bytes.Clone(packet)}
		if m.Decode() == nil && integrity.AddTo(m) == nil {
			compare(t, m.Raw)
		}
	})
}

func compare(t *testing.T, packet []byte) {
	before := bytes.Clone(packet)
	check, err := Parse(packet)
	if err != nil {
		return
	}
	verdict := check.Verify(ours.Password)
	reply := check.Reply(netip.MustParseAddrPort("192.0.2.7:40001"), ours.Password)
	if !bytes.Equal(before, packet) {
		t.Fatal("the packet was written to")
	}
	theirs := &stun.Message{Raw: before}
	if err := theirs.Decode(); err != nil {
		t.Fatalf("pion does not read it: %v", err)
	}
	if proven := integrity.Check(theirs) == nil; proven != (verdict == nil) && !errors.Is(verdict, ErrFingerprint) {
		t.Fatalf("pion finds it proven: %v, we %v", proven, verdict)
	}
	if name, err := theirs.Get(stun.AttrUsername); err == nil && check.username != nil && !bytes.Equal(name, check.username) {
		t.Fatalf("username %q, pion %q", check.username, name)
	}
	if check.Indication() != (reply == nil) {
		t.Fatal("requests are answered, indications are not")
	}
	if reply != nil && (&stun.Message{Raw: reply}).Decode() != nil {
		t.Fatal("the answer is not a message")
	}
}
