package eventlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/zap"
)

// startTimeout is how long the embedded server may take to recover its directory.
const startTimeout = 30 * time.Second

// EmbeddedParams are the inputs of [StartEmbedded].
type EmbeddedParams struct {
	// Dir is made when it is missing. One process at a time may use it.
	Dir string
	// Log gets the server's warnings and errors; nil for none.
	Log *zap.Logger
}

// Embedded is a NATS server with JetStream inside this process. It listens on no port: its clients are in the process
// too. Every write is synced to disk before it is acknowledged; without that, a power cut loses acknowledged entries.
type Embedded struct {
	server *server.Server
	conn   *nats.Conn
	lock   *os.File
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
	e := &Embedded{lock: lock}
	if err := e.start(p); err != nil {
		e.Close()
		return nil, fmt.Errorf("start embedded event log in %s: %w", p.Dir, err)
	}
	return e, nil
}

func (e *Embedded) start(p EmbeddedParams) error {
	srv, err := server.NewServer(&server.Options{
		ServerName: "tongke",
		DontListen: true,
		JetStream:  true,
		StoreDir:   p.Dir,
		SyncAlways: true,
		NoSigs:     true,
		MaxPayload: 1 << 20,
	})
	if err != nil {
		return err
	}
	e.server = srv
	srv.SetLoggerV2(serverLog{p.Log.Named("nats").Sugar()}, false, false, false)
	srv.Start()
	if !srv.ReadyForConnections(startTimeout) {
		return errors.New("not ready in time")
	}
	e.conn, err = nats.Connect("", nats.InProcessServer(srv), nats.MaxReconnects(-1), nats.Name("tongke"))
	return err
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

// Conn is the connection to the server; it ends with Close.
func (e *Embedded) Conn() *nats.Conn { return e.conn }

// Close ends the connection, stops the server and gives the directory free. Release leases before.
func (e *Embedded) Close() {
	if e.conn != nil {
		e.conn.Close()
	}
	if e.server != nil {
		e.server.Shutdown()
		e.server.WaitForShutdown()
	}
	_ = e.lock.Close() // releases the lock; nothing was written
}

// serverLog hands the server's log lines on. Notices are for those who run NATS itself, so they are debug lines here.
type serverLog struct{ log *zap.SugaredLogger }

func (l serverLog) Noticef(format string, v ...any) { l.log.Debugf(format, v...) }
func (l serverLog) Warnf(format string, v ...any)   { l.log.Warnf(format, v...) }
func (l serverLog) Errorf(format string, v ...any)  { l.log.Errorf(format, v...) }
func (l serverLog) Fatalf(format string, v ...any)  { l.log.Errorf(format, v...) }
func (l serverLog) Debugf(format string, v ...any)  { l.log.Debugf(format, v...) }
func (l serverLog) Tracef(format string, v ...any)  { l.log.Debugf(format, v...) }
