package wire

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// Params says where to listen and what to advertise.
type Params struct {
	// Listen is "host:port". An empty or unspecified host means every local address, loopback included;
	// port 0 lets the system choose.
	Listen string
	// Advertise lists "ip" or "ip:port" to put into answers instead of the local addresses.
	Advertise []string
	// DisableUDP leaves ICE-TCP alone, for networks (and tests) without UDP.
	DisableUDP bool
	// Shards is how many UDP sockets share the port of each address, each with a goroutine of its own. 0 stands for
	// GOMAXPROCS; more than 8 are never opened, and one alone where the system does not spread a port over sockets.
	Shards int
	// Log may be nil.
	Log *zap.Logger
}

// shards is the number of sockets to open per address.
func (p Params) shards() int {
	switch {
	case p.DisableUDP:
		return 0
	case p.Shards == 0:
		return min(runtime.GOMAXPROCS(0), maxShards)
	}
	return min(p.Shards, maxShards)
}

// Ports are open media sockets.
type Ports struct {
	sockets   *sockets
	addresses []netip.Addr
	advertise []netip.AddrPort
	log       *zap.Logger

	// batches are idle ones for goroutines other than the readers; next spreads them over the shards.
	batches sync.Pool
	next    atomic.Uint32
	// counts is for the connections; each socket has its own.
	counts counters
	lobby  lobby

	closed atomic.Bool
	// done is closed by Close; running waits for the goroutines of Serve.
	done    chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	streams map[*stream]struct{}
	served  bool
}

// Open binds all sockets or none. A number that is taken is an error.
func Open(p Params) (*Ports, error) {
	where, err := resolve(p.Listen)
	if err != nil {
		return nil, err
	}
	s, err := bindAny(where, p.shards())
	if err != nil {
		return nil, err
	}
	advertise, err := parseAdvertise(p.Advertise, s.port)
	if err != nil {
		_ = s.close()
		return nil, err
	}
	ports := &Ports{
		sockets: s, addresses: where.addresses, advertise: advertise, log: p.Log,
		done: make(chan struct{}), streams: map[*stream]struct{}{},
	}
	if ports.log == nil {
		ports.log = zap.NewNop()
	}
	ports.batches.New = func() any { return newBatch(ports, int(ports.next.Add(1))) }
	return ports, nil
}

// Addresses are the local addresses that the sockets are bound to.
func (p *Ports) Addresses() []netip.Addr { return p.addresses }

// Port is the one number of all sockets.
func (p *Ports) Port() uint16 { return p.sockets.port }

// Advertised are the addresses of the answer's candidates, or none when the local ones are right as they are.
func (p *Ports) Advertised() []netip.AddrPort { return p.advertise }

// UDP tells whether there are UDP sockets at all.
func (p *Ports) UDP() bool { return len(p.sockets.udp) > 0 }

// Batch lends a Batch to a goroutine that is no reader. Give it back with Return.
func (p *Ports) Batch() *Batch {
	b := p.batches.Get().(*Batch)
	b.now = time.Now()
	return b
}

// Return flushes a Batch and takes it back.
func (p *Ports) Return(b *Batch) {
	b.Flush()
	p.batches.Put(b)
}

// Send sends one datagram at once. It may be called from any goroutine. For a connection, no error means that the
// datagram was queued.
func (p *Ports) Send(to Path, data []byte) error {
	if len(data) == 0 || len(data) > MTU {
		return fmt.Errorf("send %d bytes: not between 1 and %d", len(data), MTU)
	}
	b := p.Batch()
	defer p.Return(b)
	room := b.Reserve(to, len(data))
	if room == nil {
		return net.ErrClosed
	}
	copy(room, data)
	return b.flush()
}

// Confirm tells that an authenticated check came over an ICE-TCP connection, which may then stay. It does nothing for
// other paths and when repeated.
func (p *Ports) Confirm(path Path) {
	if path.stream != nil {
		path.stream.confirm()
	}
}

// Disconnect ends an ICE-TCP connection; Closed follows. It does nothing for other paths.
func (p *Ports) Disconnect(path Path) {
	if path.stream != nil {
		path.stream.close()
	}
}

// Stats counts since Open.
func (p *Ports) Stats() Stats {
	var out Stats
	p.counts.addTo(&out)
	for _, shards := range p.sockets.udp {
		for _, s := range shards {
			s.counts.addTo(&out)
			out.Overflows += s.overflows()
		}
	}
	p.mu.Lock()
	out.Connections = len(p.streams)
	p.mu.Unlock()
	out.Unconfirmed, out.Evicted = p.lobby.count()
	return out
}
