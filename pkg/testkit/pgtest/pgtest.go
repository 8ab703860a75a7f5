// Package pgtest gives tests a PostgreSQL of their own: a server on a free port with its files in a temporary
// directory, gone when the test ends. A server refuses to run as root, so there it runs as user postgres or nobody.
package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

// SkipEnv names the variable that, when set to "skip", skips tests where PostgreSQL is not installed.
// Without it such tests fail: a suite that did not run proves nothing.
const SkipEnv = "TONGKE_TEST_POSTGRES"

// Server is a running PostgreSQL.
type Server struct {
	bin       string
	socket    string
	port      int
	as        *syscall.SysProcAttr
	databases atomic.Int64
}

// Start starts a server that stops when the test ends. It fails the test when PostgreSQL is not installed, or skips it
// when [SkipEnv] says so.
func Start(t testing.TB) *Server {
	t.Helper()
	bin, err := findBinaries()
	if err != nil {
		if os.Getenv(SkipEnv) == "skip" {
			t.Skipf("%v (%s=skip)", err, SkipEnv)
		}
		t.Fatalf("%v; install it (Debian: apt-get install postgresql) or set %s=skip", err, SkipEnv)
	}
	as, err := identity()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{bin: bin, port: testkit.FreePort(t), as: as}
	if err := s.start(t); err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	return s
}

// Database makes an empty database and returns its URL.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	if err := s.run("createdb", "-h", s.socket, "-p", strconv.Itoa(s.port), "-U", "tongke", name); err != nil {
		t.Fatalf("create database: %v", err)
	}
	return fmt.Sprintf("postgres://tongke@127.0.0.1:%d/%s?sslmode=disable", s.port, name)
}

// start makes a cluster and starts its server.
func (s *Server) start(t testing.TB) error {
	// Not t.TempDir: the other user must be able to enter, and a socket's path is at most 107 bytes.
	dir, err := os.MkdirTemp("", "tongke-pg-")
	if err != nil {
		return err
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if s.as.Credential != nil {
		if err := os.Chown(dir, int(s.as.Credential.Uid), int(s.as.Credential.Gid)); err != nil {
			return err
		}
	}
	s.socket = dir
	data := filepath.Join(dir, "data")
	if err := s.run("initdb", "-D", data, "-U", "tongke", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	server := s.command("postgres", "-D", data, "-k", dir, "-p", strconv.Itoa(s.port), "-h", "127.0.0.1",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB")
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		return errors.Join(err, log.Close())
	}
	exited := make(chan error, 1)
	go func() { exited <- server.Wait() }()
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGINT) // fast shutdown: ends sessions, then itself
		<-exited
		_ = log.Close()
	})
	return s.ready(exited, log.Name())
}

// ready waits until the server answers.
func (s *Server) ready(exited chan error, log string) error {
	limit := time.After(30 * time.Second)
	for {
		if s.run("pg_isready", "-q", "-h", s.socket, "-p", strconv.Itoa(s.port)) == nil {
			return nil
		}
		select {
		case err := <-exited:
			exited <- err // for the clean-up
			text, _ := os.ReadFile(log)
			return errors.Join(err, fmt.Errorf("the server ended:\n%s", text))
		case <-limit:
			return errors.New("no answer in 30 s")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = s.as
	return cmd
}

func (s *Server) run(name string, args ...string) error {
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// findBinaries looks where Debian and its kin put the server's programs, newest version first, then on the PATH.
func findBinaries() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	version := func(dir string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))) // no number: oldest
		return n
	}
	slices.SortFunc(dirs, func(a, b string) int { return version(b) - version(a) })
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or on the PATH")
}
