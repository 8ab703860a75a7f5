package smoke

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	readyTimeout = 20 * time.Second
	stopTimeout  = 15 * time.Second
)

// server is a running tongke process with a data directory of its own.
type server struct {
	binary string
	data   string
	url    string
	ready  time.Duration // from the start of the process to its ready line
	cmd    *exec.Cmd
	log    *tail
	exited chan struct{}
	err    error // how it ended; read it after exited is closed
}

// startServer starts the binary on free ports with demo data, and waits until it says that it is ready.
func startServer(ctx context.Context, binary string) (*server, error) {
	data, err := os.MkdirTemp("", "tongke-smoke-")
	if err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	s := &server{binary: binary, data: data, log: &tail{}, exited: make(chan struct{})}
	s.cmd = exec.Command(binary, "serve", "--demo", "--ready-json", "--data", data, "--port", "0", "--media-port", "0")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(data))
	}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", binary, err), os.RemoveAll(data))
	}
	urls := make(chan string, 1)
	go s.supervise(out, urls)
	select {
	case s.url = <-urls:
		s.ready = time.Since(began)
		return s, nil
	case <-s.exited:
		err = fmt.Errorf("%s ended before it was ready: %w%s", binary, s.err, s.log)
	case <-time.After(readyTimeout):
		err = fmt.Errorf("%s is not ready after %v%s", binary, readyTimeout, s.log)
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, errors.Join(err, s.stop())
}

// supervise reads the process's output until it ends.
func (s *server) supervise(out io.Reader, urls chan<- string) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var ready struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(lines.Bytes(), &ready) == nil && ready.URL != "" {
			select {
			case urls <- ready.URL:
			default:
			}
		}
	}
	s.err = s.cmd.Wait()
	close(s.exited)
}

// stop ends the process as a service manager does, and removes its data.
func (s *server) stop() error {
	err := s.terminate()
	return errors.Join(err, os.RemoveAll(s.data))
}

func (s *server) terminate() error {
	select {
	case <-s.exited:
		return fmt.Errorf("the server had ended by itself: %w%s", s.err, s.log)
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
		_ = s.cmd.Process.Kill()
		<-s.exited
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
