// Package rpcapi serves tongke.directory.v1 and tongke.scheduling.v1: it checks the scope that a method's rule leaves
// to the handler, calls the directory or the store, and maps the result. Roles and limits of requests are checked
// before, by the server that pkg/rpc builds. It starts no goroutine.
package rpcapi

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	schedulingv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/scheduling/v1"
	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
)

// Params is what the handlers need.
type Params struct {
	Store       *store.Store
	Accounts    *directory.Accounts
	Devices     *directory.Devices
	Credentials *directory.Credentials
	Log         *zap.Logger
	Metrics     *prometheus.Registry
	Now         func() time.Time
}

// API is the handlers of both services.
type API struct {
	directory  *directoryServer
	scheduling *schedulingServer
}

// New returns the handlers. It fails when the metrics are registered already.
func New(p Params) (*API, error) {
	m, err := newMetrics(p.Metrics)
	if err != nil {
		return nil, err
	}
	return &API{
		directory: &directoryServer{
			store: p.Store, accounts: p.Accounts, devices: p.Devices, credentials: p.Credentials, log: p.Log, metrics: m,
		},
		scheduling: &schedulingServer{store: p.Store, log: p.Log, metrics: m, now: p.Now},
	}, nil
}

// Register adds both services to a server.
func (a *API) Register(r grpc.ServiceRegistrar) {
	directoryv1.RegisterDirectoryServiceServer(r, a.directory)
	schedulingv1.RegisterSchedulingServiceServer(r, a.scheduling)
}
