// Package scheduling is the service that owns what lasts: campuses, classrooms, devices, people, their credentials and
// planned lessons. It serves tongke.directory.v1.DirectoryService and tongke.scheduling.v1.SchedulingService and knows
// nothing of media or of the live lesson.
package scheduling

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
	"github.com/tongke-edu/tongke/services/scheduling/internal/rpcapi"
	"github.com/tongke-edu/tongke/services/scheduling/internal/store"
)

// Config is the service's configuration.
type Config struct {
	Database        DatabaseConfig `koanf:"database"`
	SessionLifetime time.Duration  `koanf:"session_lifetime" doc:"How long a person stays signed in."`
	PairingLifetime time.Duration  `koanf:"pairing_lifetime" doc:"How long the code on a classroom's screen can be entered."`
}

// DatabaseConfig says where the data is.
type DatabaseConfig struct {
	Driver string `koanf:"driver" doc:"sqlite or postgres."`
	DSN    string `koanf:"dsn" doc:"sqlite: path of the file. postgres: postgres://user:password@host:port/database."`
}

// DefaultConfig is an SQLite database whose place is not said yet.
func DefaultConfig() Config {
	return Config{
		Database:        DatabaseConfig{Driver: string(store.SQLite)},
		SessionLifetime: 12 * time.Hour,
		PairingLifetime: 10 * time.Minute,
	}
}

func (c Config) validate() error {
	if c.SessionLifetime < time.Minute || c.PairingLifetime < time.Minute {
		return errors.New("session_lifetime and pairing_lifetime are at least a minute")
	}
	switch driver := c.Database.Driver; {
	case driver != string(store.SQLite) && driver != string(store.Postgres):
		return fmt.Errorf("database.driver: %q is neither %s nor %s", driver, store.SQLite, store.Postgres)
	case c.Database.DSN == "":
		return fmt.Errorf("database.dsn: say where the %s database is", driver)
	default:
		return nil
	}
}

// Params is what the service needs.
type Params struct {
	Config  Config
	Log     *zap.Logger
	Metrics *prometheus.Registry
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

const (
	// openTimeout bounds connecting to the database and bringing its tables up to date.
	openTimeout = time.Minute
	// sweepEvery is how often what has expired is deleted.
	sweepEvery = time.Minute
)

// Service is the scheduling service. Its methods are safe for concurrent use.
type Service struct {
	log      *zap.Logger
	now      func() time.Time
	store    *store.Store
	accounts *directory.Accounts
	api      *rpcapi.API
	close    func() error
}

// New opens the database and brings its tables up to date. The service is usable at once; Run or Close frees it.
func New(p Params) (*Service, error) {
	if err := p.Config.validate(); err != nil {
		return nil, fmt.Errorf("scheduling: %w", err)
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	ctx, cancel := context.WithTimeout(context.Background(), openTimeout)
	defer cancel()
	db, err := store.Open(ctx, store.Driver(p.Config.Database.Driver), p.Config.Database.DSN)
	if err != nil {
		return nil, fmt.Errorf("scheduling: %w", err)
	}
	s := &Service{
		log:      p.Log,
		now:      p.Now,
		store:    db,
		accounts: directory.NewAccounts(db, p.Config.SessionLifetime, p.Now),
		close:    sync.OnceValue(db.Close),
	}
	s.api, err = rpcapi.New(rpcapi.Params{
		Store:       db,
		Accounts:    s.accounts,
		Devices:     directory.NewDevices(db, p.Config.PairingLifetime, p.Now),
		Credentials: directory.NewCredentials(db, p.Now),
		Log:         p.Log,
		Metrics:     p.Metrics,
		Now:         p.Now,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("scheduling: %w", err), s.close())
	}
	return s, nil
}

// Register adds both services to a server. Stop the server before Run's context ends.
func (s *Service) Register(r grpc.ServiceRegistrar) { s.api.Register(r) }

// Run deletes what has expired, each minute, until ctx ends; then it closes the database.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if err := s.store.Sweep(ctx, s.now()); err != nil && ctx.Err() == nil {
			s.log.Warn("expired sessions and codes stay for now", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return s.Close()
		case <-ticker.C:
		}
	}
}

// Close closes the database, for a service that never ran. It may be called again.
func (s *Service) Close() error { return s.close() }
