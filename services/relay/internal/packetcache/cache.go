// Package packetcache keeps the last packets of one incoming layer, so that any subscriber's NACK can be
// answered without a copy per subscriber.
//
// The layer's read loop is the only writer: Put copies the packet once into a slab allocated at the start. Any
// number of goroutines may Get at the same time; Get copies the payload out, because the slab goes round. How
// far back the cache reaches is bounded by packets and by bytes, whichever ends first. Nothing allocates after
// New. The package owns no goroutines and does not know what RTP payloads mean.
package packetcache

import (
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

// Cache holds the newest packets of one layer.
type Cache struct{}

// New allocates everything the cache will ever use.
func New(p Params) *Cache { return &Cache{} }

// Put stores a packet under its extended sequence number and remembers it if it starts a keyframe. It reports
// false, and keeps nothing, for a packet that is too large or older than all that the cache holds.
// Only one goroutine may call Put.
func (c *Cache) Put(p *munge.Packet) bool { return false }

// Get finds a packet by extended sequence number and copies its payload to scratch, growing it only if it has
// too little room. The returned packet's Payload is that copy.
func (c *Cache) Get(ext uint64, scratch []byte) (p munge.Packet, ok bool) {
	return munge.Packet{}, false
}

// Keyframe is the extended number of the newest keyframe's first packet, as long as it is still held.
func (c *Cache) Keyframe() (ext uint64, ok bool) { return 0, false }
