// Package packetcache keeps the last packets of one incoming layer, so that any subscriber's NACK can be
// answered without a copy per subscriber.
//
// The layer's read loop is the only writer: Put copies the packet once into a slab allocated at the start. Any
// number of goroutines may Get at the same time; Get copies the payload out, because the slab goes round. How
// far back the cache reaches is bounded by packets and by bytes, whichever ends first. Nothing allocates after
// New. The package owns no goroutines and does not know what RTP payloads mean.
package packetcache

import (
	"math/bits"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// Params of a Cache. Zero fields take the values of Video.
type Params struct {
	// Packets is the number of packets kept, rounded up to a power of two.
	Packets int
	// Bytes of payload kept. Every packet must be smaller.
	Bytes int
}

// Video and Audio are fitting sizes: about 1.7 s of 2.5 Mbit/s, and 1.3 s of 20 ms Opus frames.
var (
	Video = Params{Packets: 512, Bytes: 512 << 10}
	Audio = Params{Packets: 64, Bytes: 16 << 10}
)

// Cache holds the newest packets of one layer. One goroutine may Put while any number Get.
type Cache struct {
	mu       sync.RWMutex
	index    []entry // by extended number, modulo its length
	slab     slab
	newest   uint64 // highest extended number ever put
	keyframe uint64 // of the newest keyframe's first packet
}

// entry is a packet without its payload, which lies in the slab.
type entry struct {
	packet munge.Packet
	at     uint64
	size   int
}

// New allocates everything the cache will ever use.
func New(p Params) *Cache {
	if p.Packets <= 0 {
		p.Packets = Video.Packets
	}
	if p.Bytes <= 0 {
		p.Bytes = Video.Bytes
	}
	return &Cache{
		index: make([]entry, 1<<bits.Len(uint(p.Packets-1))),
		slab:  slab{data: make([]byte, p.Bytes)},
	}
}

// Put stores a packet under its extended sequence number and remembers it if it starts a keyframe. It reports
// false, and keeps nothing, for a packet that is too large or older than all that the cache holds. Padding
// (empty payload) is kept too, so that a number is never looked for in vain.
// Only one goroutine may call Put.
func (c *Cache) Put(p *munge.Packet) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(p.Payload) > len(c.slab.data) || p.Ext == 0 || p.Ext+uint64(len(c.index)) <= c.newest {
		return false
	}
	e := c.entry(p.Ext)
	e.packet, e.size, e.at = *p, len(p.Payload), c.slab.write(p.Payload)
	e.packet.Payload = nil // the caller's buffer is not ours to keep
	c.newest = max(c.newest, p.Ext)
	if p.Keyframe {
		c.keyframe = max(c.keyframe, p.Ext)
	}
	return true
}

// Get finds a packet by extended sequence number and copies its payload to scratch, growing it only if it has
// too little room. The returned packet's Payload is that copy.
func (c *Cache) Get(ext uint64, scratch []byte) (p munge.Packet, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if !c.holds(ext) {
		return munge.Packet{}, false
	}
	e := c.entry(ext)
	p = e.packet
	p.Payload = append(scratch[:0], c.slab.read(e.at, e.size)...)
	return p, true
}

// Newest is the highest extended number ever put; 0 before the first.
func (c *Cache) Newest() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.newest
}

// Group is the newest keyframe with all that came behind it: what a decoder needs to show the present picture.
type Group struct {
	// First is the extended number of the keyframe's first packet, Last the newest packet of all without its payload.
	First uint64
	Last  munge.Packet
	// Since is when the earliest of them arrived.
	Since time.Time
	// Bytes of payload.
	Bytes int
	// Whole: no packet between is missing.
	Whole bool
}

// Group finds the newest group. ok is false when there is none, when it spans more than limit packets, and when it
// fills more than three quarters of the cache: a reader that is faster than the writer then finds it to the end.
func (c *Cache) Group(limit int) (g Group, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	limit = min(limit, len(c.index)*3/4)
	if !c.holds(c.keyframe) || c.newest-c.keyframe >= uint64(limit) || !c.slab.keeps(c.entry(c.keyframe).at) {
		return Group{}, false
	}
	g = Group{First: c.keyframe, Since: c.entry(c.keyframe).packet.Arrival, Whole: true}
	for ext := c.keyframe; ext <= c.newest; ext++ {
		if !c.holds(ext) {
			g.Whole = false
			continue
		}
		e := c.entry(ext)
		g.Last, g.Bytes = e.packet, g.Bytes+e.size
		if e.packet.Arrival.Before(g.Since) {
			g.Since = e.packet.Arrival
		}
	}
	return g, true
}

func (c *Cache) entry(ext uint64) *entry { return &c.index[ext&uint64(len(c.index)-1)] }

// holds reports whether ext was put and neither its place in the index nor its bytes were used again.
func (c *Cache) holds(ext uint64) bool {
	e := c.entry(ext)
	return ext != 0 && e.packet.Ext == ext && c.slab.holds(e.at)
}
