package relay

import (
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/forward"
	"github.com/tongke-edu/tongke/services/relay/internal/load"
)

// Config of the relay.
type Config struct {
	Media  MediaConfig  `koanf:"media"`
	Limits LimitsConfig `koanf:"limits"`
}

// MediaConfig says where media comes in.
type MediaConfig struct {
	Listen     string   `koanf:"listen" doc:"Address of media, UDP and TCP on the same number. Without a host: all local addresses."`
	Advertise  []string `koanf:"advertise" doc:"What browsers are told to connect to instead of the local addresses: ip or ip:port, for NAT. Empty: all local addresses."`
	DisableUDP bool     `koanf:"disable_udp" doc:"Carry media over TCP only, where UDP is blocked for everyone."`
}

// LimitsConfig bounds what the relay takes on.
type LimitsConfig struct {
	Connections               int           `koanf:"connections" doc:"Media connections at a time."`
	ConnectionsPerParticipant int           `koanf:"connections_per_participant" doc:"Media connections of one participant; one more ends the oldest."`
	CPU                       float64       `koanf:"cpu" doc:"Share of all cores, 0 to 1, beyond which only those who are there already and teachers are let in. Close to it, small pictures of classrooms are sent smaller or not at all. 0: no limit."`
	MemoryMB                  int           `koanf:"memory_mb" doc:"Memory in use, in megabytes, beyond which only those who are there already and teachers are let in. 0: no limit."`
	ConnectTimeout            time.Duration `koanf:"connect_timeout" doc:"A connection that is not up after this is given up."`
	SilenceTimeout            time.Duration `koanf:"silence_timeout" doc:"A connection without heartbeat and media for this long is closed."`
}

// These are the relay's own business, not the operator's.
const (
	// ackTimeout is part of the contract (channel.proto, SlotChanged).
	ackTimeout = 300 * time.Millisecond
	// idleTimeout keeps a policy's epoch and revision over a rejoin of everybody.
	idleTimeout = time.Minute
)

// DefaultConfig listens on port 7882 of all addresses and fits two cores.
func DefaultConfig() Config {
	return Config{
		Media: MediaConfig{Listen: ":7882", Advertise: []string{}},
		Limits: LimitsConfig{
			Connections:               1000,
			ConnectionsPerParticipant: 3,
			CPU:                       0.85,
			MemoryMB:                  1024,
			ConnectTimeout:            15 * time.Second,
			SilenceTimeout:            5 * time.Second,
		},
	}
}

func (c Config) budget() load.Budget {
	return load.Budget{CPU: c.Limits.CPU, Memory: uint64(max(0, c.Limits.MemoryMB)) << 20}
}

func (c Config) forward() forward.Config {
	return forward.Config{
		MaxConnections:               c.Limits.Connections,
		MaxConnectionsPerParticipant: max(1, c.Limits.ConnectionsPerParticipant),
		ConnectTimeout:               c.Limits.ConnectTimeout,
		SilenceTimeout:               c.Limits.SilenceTimeout,
		AckTimeout:                   ackTimeout,
		IdleTimeout:                  idleTimeout,
	}
}
