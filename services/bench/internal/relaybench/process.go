package relaybench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/bench/internal/child"
)

const (
	readyTimeout = 15 * time.Second
	stopTimeout  = 12 * time.Second
)

// server is a media server in a process of its own.
type server struct {
	name    string
	log     *child.Tail
	process *child.Process
	where   addresses
	conn    *grpc.ClientConn
	client  relayv1.RelayServiceClient
	stopped sync.Once
}

// addresses is the line that a server prints when it is ready.
type addresses struct {
	GRPC    string `json:"grpc"`
	Media   string `json:"media"`
	Metrics string `json:"metrics"`
}

// start runs a server until stop. Calls are signed where there is a signer.
func start(ctx context.Context, name string, signer *rpc.Signer, program string, args ...string) (*server, error) {
	s := &server{name: name, log: &child.Tail{}}
	var err error
	s.process, s.where, err = child.Start(ctx, s.log, readyTimeout, func(a addresses) bool { return a.GRPC != "" }, program, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := rpc.ClientParams{Target: "passthrough:///" + s.where.GRPC}
	if signer != nil {
		p.Signer, p.Identity = signer, rpc.ServiceIdentity("classroom")
	}
	if s.conn, err = rpc.Dial(p); err != nil {
		s.stop()
		return nil, err
	}
	s.client = relayv1.NewRelayServiceClient(s.conn)
	return s, nil
}

// stop ends the process, with force when it does not end in time.
func (s *server) stop() {
	s.stopped.Do(func() {
		if s.conn != nil {
			_ = s.conn.Close()
		}
		_ = s.process.Stop(stopTimeout) // how it ended does not change what was measured
	})
}

// cpu is the processor time used so far.
func (s *server) cpu() (time.Duration, error) {
	used, err := cpuTime(s.process.PID())
	if err != nil {
		err = fmt.Errorf("%s: %w%s", s.name, err, s.log)
	}
	return used, err
}

func (s *server) residentKB() (float64, error) {
	kb, err := child.ResidentKB(s.process.PID())
	return float64(kb), err
}
