package packetcache

import (
	"bytes"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

const start = 1<<16 + 65530 // the wire's numbers wrap after six packets

// packet whose payload is size bytes that tell its number.
func packet(ext uint64, size int) *munge.Packet {
	return &munge.Packet{Ext: ext, Timestamp: uint32(ext) * 3000, Marker: ext%2 == 0, Payload: bytes.Repeat([]byte{byte(ext)}, size)}
}

func put(t *testing.T, c *Cache, p *munge.Packet) {
	t.Helper()
	if !c.Put(p) {
		t.Fatalf("packet %d was not kept", p.Ext)
	}
}

func expectHeld(t *testing.T, c *Cache, ext uint64, size int) {
	t.Helper()
	want := packet(ext, size)
	got, ok := c.Get(ext, nil)
	if !ok {
		t.Fatalf("packet %d is gone", ext)
	}
	if got.Ext != ext || got.Timestamp != want.Timestamp || got.Marker != want.Marker || !bytes.Equal(got.Payload, want.Payload) {
		t.Fatalf("packet %d came back as %+v", ext, got)
	}
}

func expectGone(t *testing.T, c *Cache, ext uint64) {
	t.Helper()
	if _, ok := c.Get(ext, nil); ok {
		t.Fatalf("packet %d must not be found", ext)
	}
}

func TestCache_HoldsTheNewestPackets(t *testing.T) {
	c := New(Params{Packets: 16, Bytes: 1 << 10})
	for ext := uint64(start); ext < start+40; ext++ {
		put(t, c, packet(ext, 20))
	}
	for ext := uint64(start + 24); ext < start+40; ext++ {
		expectHeld(t, c, ext, 20)
	}
	expectGone(t, c, start+23)
	expectGone(t, c, start+40)
	expectGone(t, c, 0)
}

func TestCache_BytesBoundItToo(t *testing.T) {
	c := New(Params{Packets: 64, Bytes: 1000})
	for ext := uint64(start); ext < start+10; ext++ {
		put(t, c, packet(ext, 300)) // three fit, 100 bytes at the end stay unused
	}
	for ext := uint64(start + 7); ext < start+10; ext++ {
		expectHeld(t, c, ext, 300)
	}
	expectGone(t, c, start+6)
}

func TestCache_TakesLatePacketsAndRefusesForgottenOnes(t *testing.T) {
	c := New(Params{Packets: 16, Bytes: 1 << 10})
	put(t, c, packet(start+20, 10))
	put(t, c, packet(start+5, 10))
	expectHeld(t, c, start+5, 10)
	if c.Put(packet(start+4, 10)) {
		t.Fatal("a packet older than all that could be held must be refused")
	}
	expectHeld(t, c, start+20, 10)
}

func TestCache_RefusesWhatIsTooLarge(t *testing.T) {
	c := New(Params{Packets: 4, Bytes: 100})
	if c.Put(packet(start, 101)) {
		t.Fatal("101 bytes do not fit into 100")
	}
	put(t, c, packet(start, 100))
	expectHeld(t, c, start, 100)
}

func TestCache_KeepsPaddingAsAnEmptyPacket(t *testing.T) {
	c := New(Audio)
	put(t, c, packet(start, 0))
	expectHeld(t, c, start, 0)
}

func TestCache_OffersAKeyframeForThreeQuartersOfItsPackets(t *testing.T) {
	c := New(Params{Packets: 8, Bytes: 1 << 10})
	for ext := uint64(start); ext < start+12; ext++ {
		p := packet(ext, 10)
		p.Keyframe = ext == start+4
		put(t, c, p)
		got, ok := c.Group(100)
		if held := ext >= start+4 && ext < start+10; ok != held || held && got.First != start+4 {
			t.Fatalf("after packet %d the keyframe is %d, %v", ext-start, got.First, ok)
		}
	}
}

func TestCache_GroupIsTheNewestKeyframeAndAllBehindIt(t *testing.T) {
	c := New(Params{Packets: 64, Bytes: 1 << 14})
	if _, ok := c.Group(10); ok {
		t.Fatal("there was no keyframe yet")
	}
	began := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	for ext := uint64(start); ext < start+10; ext++ {
		if ext == start+7 {
			continue
		}
		p := packet(ext, 20)
		p.Keyframe, p.Arrival = ext == start+1 || ext == start+5, began.Add(time.Duration(ext-start)*time.Second)
		put(t, c, p)
	}
	g, ok := c.Group(10)
	if !ok || g.Whole || g.First != start+5 || g.Last.Ext != start+9 || g.Bytes != 80 || !g.Since.Equal(began.Add(5*time.Second)) {
		t.Fatalf("with a hole it is %+v, %v", g, ok)
	}
	repaired := packet(start+7, 20)
	repaired.Arrival = began
	put(t, c, repaired)
	if g, _ := c.Group(10); !g.Whole || g.Bytes != 100 || !g.Since.Equal(began) {
		t.Fatalf("repaired it is %+v", g)
	}
	if _, ok := c.Group(4); ok {
		t.Fatal("five packets are more than four")
	}
}

func TestCache_LeavesRoomBehindAGroup(t *testing.T) {
	for claim, size := range map[string]Params{"packets": {Packets: 16, Bytes: 1 << 14}, "bytes": {Packets: 64, Bytes: 160}} {
		c := New(size)
		key := packet(start, 10)
		key.Keyframe = true
		put(t, c, key)
		for n := 2; n <= 16; n++ {
			if _, ok := c.Group(100); ok != (n-1 <= 12) {
				t.Errorf("%s: a group of %d of 16 is offered: %v", claim, n-1, ok)
			}
			put(t, c, packet(start+uint64(n)-1, 10))
		}
	}
}

func TestCache_OwnsItsBytes(t *testing.T) {
	c, p := New(Audio), packet(start, 10)
	put(t, c, p)
	p.Payload[0]++
	got, _ := c.Get(start, make([]byte, 0, 100))
	got.Payload[1]++
	expectHeld(t, c, start, 10)
}

func TestCache_OneWriterAndManyReaders(t *testing.T) {
	c := New(Params{Packets: 64, Bytes: 4 << 10})
	var newest atomic.Uint64
	newest.Store(start)
	put(t, c, packet(start, 100))
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			scratch := make([]byte, 0, 1500)
			for ext := newest.Load(); ext < start+5000; ext = newest.Load() {
				p, ok := c.Get(ext-ext%7, scratch)
				if ok && (len(p.Payload) == 0 || bytes.Count(p.Payload, p.Payload[:1]) != len(p.Payload) || p.Payload[0] != byte(p.Ext)) {
					t.Errorf("packet %d is torn: %v", p.Ext, p.Payload)
					return
				}
				c.Group(100)
			}
		})
	}
	for ext := uint64(start + 1); ext <= start+5000; ext++ {
		put(t, c, packet(ext, 50+int(ext%100)))
		newest.Store(ext)
	}
	readers.Wait()
}

func TestCache_AllocatesNothing(t *testing.T) {
	c, p, scratch := New(Video), packet(start, 1200), make([]byte, 0, 1500)
	if allocs := testing.AllocsPerRun(2000, func() {
		p.Ext++
		c.Put(p)
		c.Get(p.Ext-3, scratch)
	}); allocs != 0 {
		t.Fatalf("%v allocations per packet", allocs)
	}
}

func BenchmarkCache_Put(b *testing.B) {
	c, p := New(Video), packet(start, 1200)
	b.ReportAllocs()
	for b.Loop() {
		p.Ext++
		c.Put(p)
	}
}

func BenchmarkCache_Get(b *testing.B) {
	c, scratch := New(Video), make([]byte, 0, 1500)
	c.Put(packet(start, 1200))
	b.ReportAllocs()
	for b.Loop() {
		c.Get(start, scratch)
	}
}
