package smoke

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tongke-edu/tongke/pkg/impair"
)

const (
	readyTimeout = 20 * time.Second
	stopTimeout  = 15 * time.Second
)

// server is a tongke process with a data directory of its own. Its owner calls one method at a time.
type server struct {
	binary string
	data   string
	log    *tail
	url    string
	ready  time.Duration // from the start of the process to its ready line
	port   string        // of the API; "0" takes a free one
	media  string        // port of media
	extra  []string      // further flags
	proxy  *impair.UDP   // in front of media; nil for none
	*run
}

// run is one life of the process.
type run struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error // how it ended; read it after exited is closed
}

// startServer starts the binary on free ports with demo data, behind a network, and waits until it says that it is
// ready.
func startServer(ctx context.Context, binary string, network Network) (*server, error) {
	data, err := os.MkdirTemp("", "tongke-smoke-")
	if err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	s := &server{binary: binary, data: data, log: &tail{}, port: "0", media: "0"}
	if network.bad() {
		err = s.putBehind(network)
	}
	if err == nil {
		err = s.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.cleanUp())
	}
	return s, nil
}

func (s *server) putBehind(n Network) (err error) {
	if s.media, err = freePort(); err != nil {
		return err
	}
	s.proxy, s.extra, err = n.between(s.media)
	return err
}

// readyLine is what the process prints when everything answers.
type readyLine struct {
	URL   string `json:"url"`
	Media string `json:"media"`
}

// start begins a life of the process, which is over again when start fails.
func (s *server) start(ctx context.Context) error {
	args := []string{"serve", "--demo", "--ready-json", "--data", s.data, "--port", s.port, "--tls-port", "0",
		"--media-port", s.media}
	cmd := exec.Command(s.binary, append(args, s.extra...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = s.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.binary, err)
	}
	s.run = &run{cmd: cmd, exited: make(chan struct{})}
	lines := make(chan readyLine, 1)
	go s.supervise(out, lines)
	select {
	case line := <-lines:
		s.ready = time.Since(began)
		return s.keepPorts(line)
	case <-s.exited:
		return fmt.Errorf("%s ended before it was ready: %v%s", s.binary, s.cmd.ProcessState, s.log)
	case <-time.After(readyTimeout):
		err = fmt.Errorf("%s is not ready after %v%s", s.binary, readyTimeout, s.log)
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.kill()
	return err
}

// keepPorts remembers where the process listens, for its next life.
func (s *server) keepPorts(line readyLine) error {
	api, err := url.Parse(line.URL)
	if err != nil {
		return fmt.Errorf("address of the server: %w", err)
	}
	_, media, err := net.SplitHostPort(line.Media)
	if err != nil {
		return fmt.Errorf("address of media: %w", err)
	}
	s.url, s.port, s.media = line.URL, api.Port(), media
	return nil
}

// supervise reads the process's output until it ends.
func (r *run) supervise(out io.Reader, ready chan<- readyLine) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var line readyLine
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.URL != "" {
			select {
			case ready <- line:
			default:
			}
		}
	}
	r.err = r.cmd.Wait()
	close(r.exited)
}

// kill ends the process without warning, as a power cut would.
func (r *run) kill() {
	_ = r.cmd.Process.Kill() // fails when it has ended
	<-r.exited
}

// stop ends the process as a service manager does, and removes its data.
func (s *server) stop() error {
	err := s.terminate()
	return errors.Join(err, s.cleanUp())
}

func (s *server) cleanUp() error {
	if s.proxy != nil {
		s.proxy.Close()
	}
	return os.RemoveAll(s.data)
}

func (s *server) terminate() error {
	select {
	case <-s.exited:
		return fmt.Errorf("the server had ended by itself: %v%s", s.cmd.ProcessState, s.log)
	default:
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	select {
	case <-s.exited:
		if s.err != nil {
			return fmt.Errorf("the server ended badly: %w%s", s.err, s.log)
		}
		return nil
	case <-time.After(stopTimeout):
		s.kill()
		return fmt.Errorf("the server did not stop within %v and was killed%s", stopTimeout, s.log)
	}
}

// createAdministrator makes an account by the binary's own command, beside the running server.
func (s *server) createAdministrator(ctx context.Context, login, password string) error {
	cmd := exec.CommandContext(ctx, s.binary, "admin", "create", login, "--data", s.data)
	cmd.Stdin = strings.NewReader(password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("create administrator: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// residentBytes is the process's memory as the system counts it.
func (s *server) residentBytes() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the server's memory: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("read the server's memory: no VmRSS")
}

// tail keeps the end of what the server logs, for error messages.
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
