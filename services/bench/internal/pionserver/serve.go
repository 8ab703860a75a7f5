package pionserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/telemetry"
)

// addresses is the line that says where everything listens; the relay prints the same.
type addresses struct {
	GRPC    string `json:"grpc"`
	Media   string `json:"media,omitempty"`
	Metrics string `json:"metrics"`
}

// Serve runs a server on free loopback ports, prints where it is as one JSON line, and ends with ctx.
func Serve(ctx context.Context, p Params, out io.Writer) error {
	s, err := New(p)
	if err != nil {
		return err
	}
	defer s.Close()
	calls, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("gRPC: %w", err)
	}
	metrics, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(fmt.Errorf("metrics: %w", err), calls.Close())
	}
	server := grpc.NewServer()
	relayv1.RegisterRelayServiceServer(server, s)
	pages := &http.Server{Handler: telemetry.Handler(telemetry.NewRegistry()), ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, server.Stop)()
	defer func() { _ = pages.Close() }()
	go func() { _ = pages.Serve(metrics) }() // ends when it is closed
	if err := json.NewEncoder(out).Encode(addresses{calls.Addr().String(), s.Media(), metrics.Addr().String()}); err != nil {
		return errors.Join(err, calls.Close())
	}
	return server.Serve(calls)
}
