package eventlog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/zap"
)

// startTimeout is how long the embedded server may take to recover its directory.
const startTimeout = 30 * time.Second

// reconnectWait is how long the connection waits between attempts to find the server again after a restart.
const reconnectWait = 20 * time.Millisecond

// EmbeddedParams are the inputs of [StartEmbedded].
type EmbeddedParams struct {
	// Dir is made when it is missing. One process at a time may use it.
	Dir string
	// Log gets the server's warnings and errors; nil for none.
	Log *zap.Logger
}

// Embedded is a NATS server with JetStream inside this process. It listens on no port: its clients are in the process
// too. Every write is synced to disk before it is acknowledged; without that, a power cut loses acknowledged entries.
//
// A server whose disk fails is started again behind the same connection; see [Embedded.keep].
type Embedded struct {
	params EmbeddedParams
	conn   *nats.Conn
	lock   *os.File

	mu     sync.Mutex
	server *server.Server
	term   *term

	suspect chan struct{} // the server has reported an error: look at it now
	stop    context.CancelFunc
	kept    chan struct{} // closed when keep has ended
}

// StartEmbedded starts a server on a directory and connects to it.
func StartEmbedded(p EmbeddedParams) (*Embedded, error) {
	if p.Log == nil {
		p.Log = zap.NewNop()
	}
	lock, err := lockDir(p.Dir)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	e := &Embedded{
		params: p, lock: lock, term: newTerm(), suspect: make(chan struct{}, 1), stop: stop, kept: make(chan struct{}),
	}
	if err = e.startServer(); err == nil {
		e.conn, err = nats.Connect("", nats.InProcessServer(e), nats.Name("tongke"),
			nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectJitter(0, 0),
			nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
				p.Log.Debug("connection to the event log", zap.Error(err))
			}))
	}
	if err != nil {
		close(e.kept)
		e.Close()
		return nil, fmt.Errorf("start embedded event log in %s: %w", p.Dir, err)
	}
	go e.keep(ctx)
	return e, nil
}

// startServer starts a server and makes it the one that the connection leads to.
func (e *Embedded) startServer() error {
	srv, err := server.NewServer(&server.Options{
		ServerName: "tongke",
		DontListen: true,
		JetStream:  true,
		StoreDir:   e.params.Dir,
		SyncAlways: true,
		NoSigs:     true,
		MaxPayload: 1 << 20,
	})
	if err != nil {
		return err
	}
	srv.SetLoggerV2(serverLog{e.params.Log.Named("nats").Sugar(), e.suspect}, false, false, false)
	srv.Start()
	if !srv.ReadyForConnections(startTimeout) || !srv.JetStreamEnabled() {
		stopServer(srv)
		return errors.New("not ready in time")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.server = srv
	return nil
}

func stopServer(srv *server.Server) {
	srv.Shutdown()
	srv.WaitForShutdown()
}

// InProcessConn connects to the server that runs now; [nats.InProcessServer] calls it again after a restart.
func (e *Embedded) InProcessConn() (net.Conn, error) { return e.current().InProcessConn() }

func (e *Embedded) current() *server.Server {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.server
}

// lockDir keeps a second process out: two servers on one directory would destroy each other's files.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make directory of the event log: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, fmt.Errorf("lock the event log: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("the event log in %s is in use: another process runs on this directory", dir)
		}
		return nil, fmt.Errorf("lock the event log in %s: %w", dir, err)
	}
	return lock, nil
}

// Close ends the connection, stops the server and gives the directory free. Release leases before.
func (e *Embedded) Close() {
	e.stop()
	<-e.kept
	if e.conn != nil {
		e.conn.Close()
	}
	if srv := e.current(); srv != nil {
		stopServer(srv)
	}
	_ = e.lock.Close() // releases the lock; nothing was written
}

// serverLog hands the server's log lines on. Notices are for those who run NATS itself, so they are debug lines here.
// An error may mean that the server has failed: suspect says so.
type serverLog struct {
	log     *zap.SugaredLogger
	suspect chan<- struct{}
}

func (l serverLog) Noticef(format string, v ...any) { l.log.Debugf(format, v...) }
func (l serverLog) Warnf(format string, v ...any)   { l.log.Warnf(format, v...) }
func (l serverLog) Fatalf(format string, v ...any)  { l.Errorf(format, v...) }
func (l serverLog) Debugf(format string, v ...any)  { l.log.Debugf(format, v...) }
func (l serverLog) Tracef(format string, v ...any)  { l.log.Debugf(format, v...) }

func (l serverLog) Errorf(format string, v ...any) {
	l.log.Errorf(format, v...)
	select {
	case l.suspect <- struct{}{}:
	default: // somebody is about to look
	}
}
