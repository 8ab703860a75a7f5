package probe

import (
	"bytes"
	"testing"
)

func TestPicture_LooksLikeVP8AndProvesItself(t *testing.T) {
	p := NewPicture("rom_1")
	key, inter := p.Next(true), p.Next(false)
	if len(key) != small.PerKeyframe || len(inter) != small.PerFrame {
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
	packets := sounds(20)
	c := NewChecker(Audio)
	first := 65530                                      // the numbers wrap around
	for _, i := range []int{4, 5, 6, 9, 10, 7, 10, 7} { // 8 is lost, 7 repaired, then 10 and 7 repeated
		c.Packet(uint16(first+i), packets[i])
	}
	packets[11][3] ^= 1
	if _, ok := c.Packet(uint16(first+11), packets[11]); ok {
		t.Error("a damaged packet passes")
	}
	want := Counts{Received: 6, Lost: 1, Repeated: 2, Broken: 1, Frames: 6}
	if got := c.Counts(); got != want {
		t.Errorf("counted %v, want %v", got, want)
	}
}

func TestChecker_TellsWhatTheRelaySkippedFromWhatWasLost(t *testing.T) {
	packets := sounds(20)
	c := NewChecker(Audio)
	c.Packet(100, packets[0])
	c.Packet(101, nil)         // padding
	c.Packet(102, packets[1])  // nothing is missing
	c.Packet(103, packets[5])  // 2, 3 and 4 were not sent on
	c.Packet(106, packets[10]) // 104 and 105 are lost, and 2 of the 4 in between were not sent on
	want := Counts{Received: 4, Lost: 2, Skipped: 5, Frames: 4}
	if got := c.Counts(); got != want {
		t.Errorf("counted %v, want %v", got, want)
	}
	if _, ok := c.Packet(107, packets[3]); ok {
		t.Error("content that goes back passes")
	}
}

func TestChecker_RefusesARepairWithTheContentOfAnotherPacket(t *testing.T) {
	packets := sounds(10)
	c := NewChecker(Audio)
	for _, i := range []int{0, 1, 4, 5} {
		c.Packet(uint16(i), packets[i])
	}
	if _, ok := c.Packet(2, packets[3]); ok {
		t.Error("packet 3 passes in place of packet 2")
	}
	if _, ok := c.Packet(3, packets[3]); !ok {
		t.Error("the right repair is refused")
	}
	want := Counts{Received: 5, Broken: 1, Frames: 5}
	if got := c.Counts(); got != want {
		t.Errorf("counted %v, want %v", got, want)
	}
}

func TestChecker_ExpectsNothingAcrossASwitchOfSource(t *testing.T) {
	one, two := sounds(2), sounds(200)
	c := NewChecker(Audio)
	c.Packet(1, one[0])
	c.Packet(2, two[50]) // the slot carried the other before
	c.Break()
	c.Packet(3, two[150])
	if got := c.Counts(); got.LossRatio() != 0 || got.Received != 3 {
		t.Errorf("counted %v", got)
	}
}

func TestChecker_TakesANewConnectionOfTheSamePublisherAsANewStream(t *testing.T) {
	c := NewChecker(Video)
	seq := uint16(0)
	for range 2 {
		for _, payload := range NewPicture("rom_1").Next(true) {
			seq++
			c.Packet(seq, payload)
		}
	}
	if got := c.Counts(); got.LossRatio() != 0 || got.Broken != 0 || got.Keyframes != 2 {
		t.Errorf("counted %v", got)
	}
}

func TestChecker_ForgetsWhatIsTooOldToBeRepaired(t *testing.T) {
	packets := sounds(3 * repairWindow)
	c := NewChecker(Audio)
	for i, packet := range packets {
		if i != 1 {
			c.Packet(uint16(i), packet)
		}
	}
	c.Packet(1, packets[1])
	if got := c.Counts(); got.Lost != 1 || got.Repeated != 1 || len(c.missing) != 0 {
		t.Errorf("counted %v, %d missing kept", got, len(c.missing))
	}
}

// sounds makes n packets of one microphone.
func sounds(n int) [][]byte {
	s := NewSound("psn_1")
	packets := make([][]byte, n)
	for i := range packets {
		packets[i] = s.Next()
	}
	return packets
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
