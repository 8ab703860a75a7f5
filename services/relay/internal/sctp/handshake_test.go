package sctp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"time"
)

func fresh(t testing.TB) *remote { return &remote{t: t, a: New(testParams), now: time.Unix(1000, 0)} }

func TestHandshake_BearsINITsTwiceAndInAnyOrder(t *testing.T) {
	r := fresh(t)
	first := r.init(theirTag)
	if again := r.init(theirTag); !bytes.Equal(first, again) {
		t.Error("the same INIT gave another cookie")
	}
	r.init(theirTag + 1) // one of an earlier try, late
	if r.a.Established() {
		t.Fatal("established without a cookie")
	}
	if err := r.give(cookieEcho(first)); err != nil || !r.a.Established() {
		t.Fatalf("not established: %v", err)
	}
	r.want(chunkCookieAck)
}

func TestHandshake_TakesDataBesideTheCookie(t *testing.T) {
	r := fresh(t)
	if err := r.a.Send(0, []byte("hello")); err != nil { // before anybody is there
		t.Fatal(err)
	}
	cookie := r.init(theirTag)
	if err := r.give(cookieEcho(cookie), whole(0, "a")); err != nil {
		t.Fatal(err)
	}
	r.heard("a")
	r.want(chunkCookieAck, chunkSACK, chunkData)
}

func TestHandshake_RepeatsTheCookieAckThatWasLost(t *testing.T) {
	r := opened(t, testParams)
	r.give(whole(0, "a"))
	cookie := r.init(theirTag)
	if err := r.give(cookieEcho(cookie), whole(1, "b")); err != nil {
		t.Fatal(err)
	}
	r.heard("a", "b") // nothing began anew
	r.want(chunkCookieAck, chunkSACK)
}

func TestHandshake_DoesNotReplaceALivingAssociation(t *testing.T) {
	r := opened(t, testParams)
	other := fresh(t)
	other.a.secret = r.a.secret
	cookie := other.init(theirTag + 1)
	r.give(cookieEcho(cookie), whole(0, "a"))
	if r.want(); r.a.peer.tag != theirTag {
		t.Error("another peer")
	}
	r.heard()
}

func TestHandshake_RefusesCookiesAndINITsThatMakeNoSense(t *testing.T) {
	r := fresh(t)
	cookie := r.init(theirTag)
	forged := bytes.Clone(cookie)
	forged[0]++
	for _, c := range [][]byte{forged, cookie[:len(cookie)-1], nil} {
		r.give(cookieEcho(c))
		r.want()
	}
	noStreams := initChunk(theirTag, 1<<16)
	binary.BigEndian.PutUint32(noStreams[12:], 0)
	for name, chunks := range map[string][][]byte{
		"tag 0": {initChunk(0, 1<<16)}, "no streams": {noStreams}, "short": {initChunk(1, 1)[:16]},
		"two": {initChunk(1, 1), initChunk(1, 1)}, "another kind": {cookieEcho(cookie)},
	} {
		if err := r.giveTagged(0, chunks...); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
		r.want()
	}
	if r.a.Established() {
		t.Error("established")
	}
}

func TestHandshake_SaysWhatItSupports(t *testing.T) {
	r := fresh(t)
	unknown := appendParam(appendParam(nil, 0x9fff, []byte{1}), 0xdfff, []byte{2})
	stop := appendParam(appendParam(nil, 0x5fff, nil), 0xdffe, nil) // what follows is not looked at
	r.giveTagged(0, initChunk(theirTag, 1<<16, append(unknown, stop...)...))
	c := r.want(chunkInitAck)[0]
	want := map[uint16][][]byte{
		paramForwardTSN: {{}}, paramExtensions: {{chunkForwardTSN, chunkReconfig}},
		paramUnrecognized: {{0xdf, 0xff, 0, 5, 2}, {0x5f, 0xff, 0, 4}},
	}
	for params := c.body[initBody:]; len(params) > 0; {
		p, rest, ok := nextParam(params)
		if !ok {
			t.Fatal("malformed")
		}
		if p.kind != paramStateCookie {
			if len(want[p.kind]) == 0 || !bytes.Equal(want[p.kind][0], p.value) {
				t.Fatalf("parameter %x: %x", p.kind, p.value)
			}
			want[p.kind] = want[p.kind][1:]
		}
		params = rest
	}
	for kind, left := range want {
		if len(left) > 0 {
			t.Errorf("parameter %x is missing", kind)
		}
	}
}

func TestReceive_ThrowsAwayWhatIsNotOfThisAssociation(t *testing.T) {
	r := opened(t, testParams)
	if err := r.giveTagged(r.a.tag+1, whole(0, "a")); !errors.Is(err, ErrTag) {
		t.Errorf("another tag: %v", err)
	}
	otherPort := packetOf(header{source: 5001, dest: 5000, tag: r.a.tag}, whole(0, "a"))
	if err := r.a.Receive(r.now, otherPort, r.take); !errors.Is(err, ErrTag) {
		t.Errorf("another port: %v", err)
	}
	good := packetOf(header{source: 5000, dest: 5000, tag: r.a.tag}, whole(0, "a"))
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		if err := r.a.Receive(r.now, bad, r.take); !errors.Is(err, ErrChecksum) {
			t.Errorf("octet %d changed: %v", i, err)
		}
		if err := r.a.Receive(r.now, good[:i], r.take); err == nil {
			t.Errorf("cut to %d octets: taken", i)
		}
	}
	zero := bytes.Clone(good)
	clear(zero[8:12]) // RFC 9653 was not agreed on
	if err := r.a.Receive(r.now, zero, r.take); !errors.Is(err, ErrChecksum) {
		t.Errorf("checksum of zero: %v", err)
	}
	if r.heard(); r.a.Ended() != nil {
		t.Error("it ended")
	}
}
