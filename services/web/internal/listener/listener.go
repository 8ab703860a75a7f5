// Package listener opens web's addresses and serves HTTP/1.1 and HTTP/2 on them, with streams that may last for hours
// and readers that may not stop reading.
package listener

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
)

const (
	headerTime     = 10 * time.Second
	idleTime       = 2 * time.Minute
	maxHeaderBytes = 32 << 10
	// maxStreams is how many calls one HTTP/2 connection of a browser carries at a time.
	maxStreams = 250
)

// Params describes one address.
type Params struct {
	// Address is host:port; port 0 takes a free one.
	Address string
	// TLS is nil for plain HTTP.
	TLS     *tls.Config
	Handler http.Handler
	Log     *zap.Logger
	// WriteTime is how long one write may wait for the client to read; then the client is cut.
	WriteTime time.Duration
	// SlowReader is called each time a client was cut.
	SlowReader func()
}

// Listener is an open address. It serves from Serve to Stop.
type Listener struct {
	listener net.Listener
	server   *http.Server
	tls      bool
}

// Open binds the address, so that a port that is taken shows at once.
func Open(p Params) (*Listener, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", p.Address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", p.Address, err)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(p.TLS != nil)
	protocols.SetUnencryptedHTTP2(p.TLS == nil)
	errorLog, err := zap.NewStdLogAt(p.Log, zap.DebugLevel)
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("listen on %s: %w", p.Address, err)
	}
	return &Listener{
		listener: l,
		tls:      p.TLS != nil,
		server: &http.Server{
			Handler:   withDeadline(p.Handler, p.WriteTime, p.SlowReader),
			TLSConfig: p.TLS,
			Protocols: protocols,
			// No read or write timeout for whole requests: lessons are long. Bodies and writes have their own.
			ReadHeaderTimeout: headerTime,
			IdleTimeout:       idleTime,
			MaxHeaderBytes:    maxHeaderBytes,
			ErrorLog:          errorLog,
			HTTP2: &http.HTTP2Config{
				MaxConcurrentStreams: maxStreams,
				WriteByteTimeout:     p.WriteTime,
				SendPingTimeout:      idleTime,
				PingTimeout:          p.WriteTime,
			},
		},
	}, nil
}

// Addr returns the address that is bound.
func (l *Listener) Addr() net.Addr { return l.listener.Addr() }

// URL returns the bound address as browsers write it.
func (l *Listener) URL() string {
	if l.tls {
		return "https://" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}

// Serve answers requests until Stop. It returns nil after Stop.
func (l *Listener) Serve() error {
	serve := func() error { return l.server.Serve(l.listener) }
	if l.tls {
		serve = func() error { return l.server.ServeTLS(l.listener, "", "") }
	}
	if err := serve(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// Stop refuses new requests, waits for those that run, and cuts them when ctx ends.
func (l *Listener) Stop(ctx context.Context) {
	if err := l.server.Shutdown(ctx); err != nil {
		_ = l.server.Close()
	}
	_ = l.listener.Close() // also where Serve never ran
}
