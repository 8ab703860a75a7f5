package smoke

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/tongke-edu/tongke/pkg/impair"
	"github.com/tongke-edu/tongke/services/bench/internal/child"
)

const (
	readyTimeout = 20 * time.Second
	stopTimeout  = 15 * time.Second
)

// server is a tongke process with a data directory of its own. Its owner calls one method at a time.
type server struct {
	binary string
	data   string
	log    *child.Tail
	url    string
	ready  time.Duration // from the start of the process to its ready line
	port   string        // of the API; "0" takes a free one
	media  string        // port of media
	extra  []string      // further flags
	proxy  *impair.UDP   // in front of media; nil for none
	*child.Process
}

// startServer starts the binary on free ports with demo data, behind a network, and waits until it says that it is
// ready.
func startServer(ctx context.Context, binary string, network Network) (*server, error) {
	data, err := os.MkdirTemp("", "tongke-smoke-")
	if err != nil {
		return nil, fmt.Errorf("make data directory: %w", err)
	}
	s := &server{binary: binary, data: data, log: &child.Tail{}, port: "0", media: "0"}
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
	began := time.Now()
	process, line, err := child.Start(ctx, s.log, readyTimeout, func(l readyLine) bool { return l.URL != "" },
		s.binary, append(args, s.extra...)...)
	if err != nil {
		return err
	}
	s.Process, s.ready = process, time.Since(began)
	return s.keepPorts(line)
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

// stop ends the process as a service manager does, and removes its data.
func (s *server) stop() error {
	err := s.Stop(stopTimeout)
	return errors.Join(err, s.cleanUp())
}

func (s *server) cleanUp() error {
	if s.proxy != nil {
		s.proxy.Close()
	}
	return os.RemoveAll(s.data)
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
