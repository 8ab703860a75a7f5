package probe

import (
	"bytes"
	"testing"
)

func TestPicture_LooksLikeVP8AndProvesItself(t *testing.T) {
	p := NewPicture("rom_1")
	key, inter := p.Next(true), p.Next(false)
	if len(key) != packetsPerKeyframe || len(inter) != packetsPerFrame {
		t.Fatalf("%d and %d packets", len(key), len(inter))
	}
	body := key[0][descriptorSize:]
	if key[0][0]&0x10 == 0 || body[0]&1 != 0 || !bytes.Equal(body[3:6], []byte{0x9d, 0x01, 0x2a}) {
		t.Errorf("no keyframe by its header: % x", key[0][:16])
	}
	if inter[0][descriptorSize]&1 == 0 || inter[1][0]&0x10 != 0 {
		t.Errorf("no delta frame of two packets: % x", inter[0][:8])
	}
	for i, payload := range append(key, inter...) {
		m, err := ReadPicture(payload)
		if err != nil || m.Publisher != PublisherOf("rom_1") || m.Counter != uint64(i+1) {
			t.Errorf("packet %d: %+v (%v)", i, m, err)
		}
	}
}

func TestReadPicture_AllowsTheRewritingOfADescriptorAndNothingElse(t *testing.T) {
	payload := NewPicture("rom_1").Next(true)[0]
	payload[2], payload[3], payload[4] = 0x91, 0x22, 0x33 // other picture ids
	if _, err := ReadPicture(payload); err != nil {
		t.Errorf("a rewritten descriptor is refused: %v", err)
	}
	short := append([]byte{payload[0], payload[1], 0x11, payload[4]}, payload[descriptorSize:]...) // 7-bit picture id
	if _, err := ReadPicture(short); err != nil {
		t.Errorf("a shorter descriptor is refused: %v", err)
	}
	for _, at := range []int{descriptorSize, len(payload) / 2, len(payload) - 1} {
		changed := bytes.Clone(payload)
		changed[at] ^= 1
		if _, err := ReadPicture(changed); err == nil {
			t.Errorf("a change of byte %d passes", at)
		}
	}
}

func TestChecker_TellsLossRepairRepetitionAndDamageApart(t *testing.T) {
	s := NewSound("psn_1")
	var packets [][]byte
	for range 20 {
		packets = append(packets, s.Next())
	}
	c := NewChecker(Audio)
	for _, i := range []int{4, 5, 6, 9, 10, 7, 10} { // 8 is lost, 7 repaired, 10 repeated
		if _, ok := c.Packet(packets[i]); !ok {
			t.Fatalf("packet %d is broken", i)
		}
	}
	packets[11][3] ^= 1
	if _, ok := c.Packet(packets[11]); ok {
		t.Error("a damaged packet passes")
	}
	want := Counts{Received: 6, Lost: 1, Repeated: 1, Broken: 1, Frames: 6}
	if got := c.Counts(); got != want {
		t.Errorf("counted %v, want %v", got, want)
	}
}

func TestChecker_ExpectsNothingAcrossASwitchOfSource(t *testing.T) {
	one, two := NewSound("psn_1"), NewSound("psn_2")
	c := NewChecker(Audio)
	c.Packet(one.Next())
	for range 50 {
		two.Next() // sent while the slot carried the other
	}
	c.Packet(two.Next())
	for range 50 {
		two.Next()
	}
	c.Break()
	c.Packet(two.Next())
	if got := c.Counts(); got.Lost != 0 || got.Received != 3 {
		t.Errorf("counted %v", got)
	}
}

func TestChecker_TakesANewConnectionOfTheSamePublisherAsANewStream(t *testing.T) {
	c := NewChecker(Video)
	for range 2 {
		for _, payload := range NewPicture("rom_1").Next(true) {
			c.Packet(payload)
		}
	}
	if got := c.Counts(); got.Lost != 0 || got.Repeated != 0 || got.Keyframes != 2 {
		t.Errorf("counted %v", got)
	}
}

func TestChecker_ForgetsWhatIsTooOldToBeRepaired(t *testing.T) {
	s := NewSound("psn_1")
	c := NewChecker(Audio)
	c.Packet(s.Next())
	var old []byte
	for i := range 3 * repairWindow {
		packet := s.Next()
		if i == 0 {
			old = packet
			continue
		}
		c.Packet(packet)
	}
	c.Packet(old)
	if got := c.Counts(); got.Lost != 1 || got.Repeated != 1 || len(c.episode.missing) != 0 {
		t.Errorf("counted %v, %d missing kept", got, len(c.episode.missing))
	}
}

func FuzzRead(f *testing.F) {
	for _, payload := range NewPicture("a").Next(true) {
		f.Add(payload)
	}
	f.Add(NewSound("a").Next())
	f.Fuzz(func(_ *testing.T, payload []byte) {
		// Neither may panic, whatever arrives.
		_, _ = ReadPicture(payload)
		_, _ = ReadSound(payload)
	})
}
