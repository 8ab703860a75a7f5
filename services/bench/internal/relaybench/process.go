package relaybench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

const (
	readyTimeout = 15 * time.Second
	stopTimeout  = 12 * time.Second
)

// server is a media server in a process of its own.
type server struct {
	name    string
	cmd     *exec.Cmd
	log     *tail
	exited  chan struct{}
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
	s := &server{name: name, cmd: exec.Command(program, args...), log: &tail{}, exited: make(chan struct{})}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	ready := make(chan addresses, 1)
	go s.supervise(out, ready)
	select {
	case s.where = <-ready:
	case <-s.exited:
		return nil, fmt.Errorf("%s ended before it was ready: %v%s", name, s.cmd.ProcessState, s.log)
	case <-time.After(readyTimeout):
		s.stop()
		return nil, fmt.Errorf("%s is not ready after %v%s", name, readyTimeout, s.log)
	case <-ctx.Done():
		s.stop()
		return nil, ctx.Err()
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

// supervise reads the process's output until it ends.
func (s *server) supervise(out io.Reader, ready chan<- addresses) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var line addresses
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.GRPC != "" {
			select {
			case ready <- line:
			default:
			}
		}
	}
	_ = s.cmd.Wait() // how it ended is in ProcessState
	close(s.exited)
}

// stop ends the process, with force when it does not end in time.
func (s *server) stop() {
	s.stopped.Do(func() {
		if s.conn != nil {
			_ = s.conn.Close()
		}
		_ = s.cmd.Process.Signal(syscall.SIGTERM) // fails when it has ended
		select {
		case <-s.exited:
		case <-time.After(stopTimeout):
			_ = s.cmd.Process.Kill()
			<-s.exited
		}
	})
}

// cpu is the processor time used so far.
func (s *server) cpu() (time.Duration, error) {
	used, err := cpuTime(s.cmd.Process.Pid)
	if err != nil {
		err = fmt.Errorf("%s: %w%s", s.name, err, s.log)
	}
	return used, err
}

func (s *server) residentKB() (float64, error) { return residentKB(s.cmd.Process.Pid) }

// tail keeps the end of what a server logs, for error messages.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailBytes = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > tailBytes {
		t.text = append([]byte(nil), t.text[len(t.text)-tailBytes:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.text) == 0 {
		return ""
	}
	return "\nThe end of its log:\n" + string(t.text)
}
