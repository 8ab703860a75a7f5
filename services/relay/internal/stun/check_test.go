package stun

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/pion/stun/v4"
)

var ours = Credentials{Ufrag: "OURUFRAG", Password: "0123456789abcdefghijklmnop"}

const theirs = "tHeR"

// attribute is any attribute, for checks that pion does not build.
type attribute struct {
	kind  stun.AttrType
	value []byte
}

func (a attribute) AddTo(m *stun.Message) error {
	m.Add(a.kind, a.value)
	return nil
}

var (
	username    = stun.NewUsername(ours.Ufrag + ":" + theirs)
	integrity   = stun.NewShortTermIntegrity(ours.Password)
	priority    = attribute{stun.AttrPriority, []byte{0x6e, 0, 0x1e, 0xff}}
	controlling = attribute{stun.AttrICEControlling, make([]byte, 8)}
	controlled  = attribute{stun.AttrICEControlled, make([]byte, 8)}
	nomination  = attribute{stun.AttrUseCandidate, nil}
	networkCost = attribute{0xc057, []byte{0, 1, 0, 10}}
	foreign     = attribute{0x7001, []byte{1, 2, 3}}
)

func message(t testing.TB, kind stun.MessageType, parts ...stun.Setter) []byte {
	t.Helper()
	m, err := stun.Build(append([]stun.Setter{stun.TransactionID, kind}, parts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m.Raw
}

// request is what a browser sends, with something of the test's before MESSAGE-INTEGRITY.
func request(t testing.TB, more ...stun.Setter) []byte {
	t.Helper()
	parts := append([]stun.Setter{username, networkCost, controlling, priority}, more...)
	return message(t, stun.BindingRequest, append(parts, integrity, stun.Fingerprint)...)
}

func parse(t testing.TB, packet []byte) *Check {
	t.Helper()
	check, err := Parse(packet)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return &check
}

func TestCheck_OfABrowserIsUnderstood(t *testing.T) {
	packet := request(t, nomination)
	check := parse(t, packet)
	if check.Local() != ours.Ufrag || !check.Names(ours.Ufrag, theirs) {
		t.Errorf("local %q", check.Local())
	}
	if check.Names(ours.Ufrag, "other") || check.Names("other", theirs) {
		t.Error("another username fits")
	}
	if err := check.Verify(ours.Password); err != nil {
		t.Error(err)
	}
	if !check.Nominates() || !check.Accepted() || check.Indication() {
		t.Errorf("%+v", check)
	}
	if plain := parse(t, request(t)); plain.Nominates() {
		t.Error("nominates without USE-CANDIDATE")
	}
}

func TestIndication_IsNeverAnswered(t *testing.T) {
	check := parse(t, message(t, stun.NewType(stun.MethodBinding, stun.ClassIndication), stun.Fingerprint))
	if !check.Indication() || check.Local() != "" || check.Accepted() || check.Names("", "") {
		t.Errorf("%+v", check)
	}
	if check.Verify(ours.Password) == nil {
		t.Error("an indication proves something")
	}
	if check.Reply(netip.MustParseAddrPort("192.0.2.7:1"), ours.Password) != nil {
		t.Error("answered")
	}
}

func TestVerify_RefusesWhatIsNotProven(t *testing.T) {
	good := request(t)
	altered := func(at int) []byte {
		packet := slices.Clone(good)
		packet[at] ^= 1
		return packet
	}
	wrongPrint := altered(len(good) - 1)
	withoutPrint := message(t, stun.BindingRequest, username, integrity)
	for name, row := range map[string]struct {
		packet   []byte
		password string
		want     error
	}{
		"another password":    {good, "another", ErrIntegrity},
		"no password":         {message(t, stun.BindingRequest, username, stun.NewShortTermIntegrity("")), "", ErrIntegrity},
		"no integrity":        {message(t, stun.BindingRequest, username, stun.Fingerprint), ours.Password, ErrIntegrity},
		"another transaction": {altered(9), ours.Password, ErrFingerprint},
		"wrong fingerprint":   {wrongPrint, ours.Password, ErrFingerprint},
		"altered unprinted":   {append(slices.Clone(withoutPrint[:30]), append([]byte{'x'}, withoutPrint[31:]...)...), ours.Password, ErrIntegrity},
	} {
		if err := parse(t, row.packet).Verify(row.password); !errors.Is(err, row.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := parse(t, withoutPrint).Verify(ours.Password); err != nil {
		t.Errorf("a fingerprint is not demanded: %v", err)
	}
}

func TestCheck_IgnoresWhatIntegrityDoesNotCover(t *testing.T) {
	packet := message(t, stun.BindingRequest, username, integrity, nomination, foreign, controlled, stun.Fingerprint)
	check := parse(t, packet)
	if err := check.Verify(ours.Password); err != nil {
		t.Fatal(err)
	}
	if check.Nominates() || !check.Accepted() {
		t.Error("attributes after MESSAGE-INTEGRITY count")
	}
	late := message(t, stun.BindingRequest, integrity, username)
	if _, err := Parse(late); !errors.Is(err, ErrMalformed) {
		t.Errorf("a username after MESSAGE-INTEGRITY: %v", err)
	}
}

func TestCheck_CountsTheFirstOfRepeatedAttributes(t *testing.T) {
	packet := message(t, stun.BindingRequest, username, stun.NewUsername("mallory:x"), integrity, stun.Fingerprint)
	if check := parse(t, packet); check.Local() != ours.Ufrag {
		t.Errorf("local %q", check.Local())
	}
}

func TestParse_RefusesAnythingElse(t *testing.T) {
	good := request(t)
	with := func(at int, value uint16) []byte {
		packet := slices.Clone(good)
		binary.BigEndian.PutUint16(packet[at:], value)
		return packet
	}
	long := string(make([]byte, MaxUfrag+1))
	many := make([]stun.Setter, maxAttributes+1)
	for i := range many {
		many[i] = networkCost
	}
	for name, row := range map[string]struct {
		packet []byte
		want   error
	}{
		"nothing":                {nil, ErrNotBinding},
		"a bare header less one": {good[:19], ErrNotBinding},
		"a success":              {message(t, stun.BindingSuccess, username), ErrNotBinding},
		"an allocation":          {with(0, 0x0003), ErrNotBinding},
		"DTLS":                   {with(0, 0x1603), ErrNotBinding},
		"another cookie":         {with(4, 0), ErrNotBinding},
		"a length too large":     {with(2, uint16(len(good)-16)), ErrMalformed},
		"a length too small":     {with(2, uint16(len(good)-24)), ErrMalformed},
		"an odd length":          {append(with(2, uint16(len(good)-18)), 0, 0), ErrMalformed},
		"an attribute too long":  {with(22, 0xfff0), ErrMalformed},
		"no username":            {message(t, stun.BindingRequest, integrity), ErrMalformed},
		"no colon":               {message(t, stun.BindingRequest, stun.NewUsername("ufrag"), integrity), ErrMalformed},
		"an empty ufrag":         {message(t, stun.BindingRequest, stun.NewUsername(":x"), integrity), ErrMalformed},
		"a ufrag too long":       {message(t, stun.BindingRequest, stun.NewUsername(long+":x"), integrity), ErrMalformed},
		"a short integrity":      {message(t, stun.BindingRequest, username, attribute{stun.AttrMessageIntegrity, make([]byte, 16)}), ErrMalformed},
		"a long fingerprint":     {message(t, stun.BindingRequest, username, attribute{stun.AttrFingerprint, make([]byte, 8)}), ErrMalformed},
		"more after fingerprint": {message(t, stun.BindingRequest, username, stun.Fingerprint, networkCost), ErrMalformed},
		"too many attributes":    {message(t, stun.BindingRequest, many...), ErrMalformed},
		"too large":              {message(t, stun.BindingRequest, username, attribute{0xc057, make([]byte, maxSize)}), ErrMalformed},
	} {
		if _, err := Parse(row.packet); !errors.Is(err, row.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
