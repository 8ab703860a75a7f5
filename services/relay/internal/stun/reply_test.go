package stun

import (
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/pion/stun/v4"
)

// replyTo returns the parsed answer to a check, having checked what all answers have in common.
func replyTo(t testing.TB, packet []byte, from string) *stun.Message {
	t.Helper()
	check := parse(t, packet)
	if err := check.Verify(ours.Password); err != nil {
		t.Fatal(err)
	}
	reply := &stun.Message{Raw: check.Reply(netip.MustParseAddrPort(from), ours.Password)}
	if err := reply.Decode(); err != nil {
		t.Fatal(err)
	}
	if err := integrity.Check(reply); err != nil {
		t.Error(err)
	}
	if err := stun.Fingerprint.Check(reply); err != nil {
		t.Error(err)
	}
	if !slices.Equal(reply.TransactionID[:], packet[8:20]) {
		t.Error("another transaction is answered")
	}
	return reply
}

func TestReply_SaysWhereTheCheckCameFrom(t *testing.T) {
	for from, want := range map[string]string{
		"192.0.2.7:40001":          "192.0.2.7",
		"[2001:db8::9]:1":          "2001:db8::9",
		"[::ffff:192.0.2.7]:40001": "192.0.2.7",
	} {
		reply := replyTo(t, request(t), from)
		var mapped stun.XORMappedAddress
		if err := mapped.GetFrom(reply); err != nil {
			t.Fatal(err)
		}
		if reply.Type != stun.BindingSuccess || !mapped.IP.Equal(net.ParseIP(want)) ||
			mapped.Port != int(netip.MustParseAddrPort(from).Port()) {
			t.Errorf("%s: %v %v", from, reply.Type, mapped)
		}
	}
}

func TestReply_RefusesAPeerThatClaimsOurRole(t *testing.T) {
	packet := message(t, stun.BindingRequest, username, controlled, nomination, integrity, stun.Fingerprint)
	if check := parse(t, packet); check.Accepted() || check.Nominates() {
		t.Error("a refused check nominates")
	}
	wantError(t, replyTo(t, packet, "192.0.2.7:1"), stun.CodeRoleConflict)
}

func TestReply_NamesWhatItDoesNotUnderstand(t *testing.T) {
	packet := request(t, foreign, nomination)
	if check := parse(t, packet); check.Accepted() || check.Nominates() {
		t.Error("a refused check nominates")
	}
	reply := replyTo(t, packet, "192.0.2.7:1")
	wantError(t, reply, stun.CodeUnknownAttribute)
	var unknown stun.UnknownAttributes
	if err := unknown.GetFrom(reply); err != nil || len(unknown) != 1 || unknown[0] != foreign.kind {
		t.Errorf("%v %v", unknown, err)
	}
}

func wantError(t *testing.T, reply *stun.Message, code stun.ErrorCode) {
	t.Helper()
	var got stun.ErrorCodeAttribute
	if err := got.GetFrom(reply); err != nil || got.Code != code || reply.Type != stun.BindingError {
		t.Errorf("%v %v %v, want %d", reply.Type, got, err, code)
	}
}
