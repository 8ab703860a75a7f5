package standalone

import (
	"fmt"
	"path/filepath"

	"github.com/tongke-edu/tongke/pkg/config"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/classroom"
	"github.com/tongke-edu/tongke/services/relay"
	"github.com/tongke-edu/tongke/services/scheduling"
	"github.com/tongke-edu/tongke/services/web"
)

// Config is everything that can be set. The sample in deploy/tongke.yaml is made from it, and a test compares them.
type Config struct {
	DataDir    string              `koanf:"data_dir" doc:"Directory for everything that lasts. Stop Tongke and copy it: that is the backup."`
	Metrics    string              `koanf:"metrics" doc:"Address of /metrics and /debug/pprof, such as 127.0.0.1:9090. Empty: none. Keep it off the open network."`
	Log        telemetry.LogConfig `koanf:"log"`
	Web        web.Config          `koanf:"web"`
	Scheduling scheduling.Config   `koanf:"scheduling"`
	Classroom  classroom.Config    `koanf:"classroom"`
	Relay      relay.Config        `koanf:"relay"`
}

// DefaultConfig is what runs without a file.
func DefaultConfig() Config {
	edge := web.DefaultConfig()
	edge.ListenTLS = ":8443"
	edge.TLS.Dir = ""
	return Config{
		DataDir:    "data",
		Log:        telemetry.DefaultLogConfig(),
		Web:        edge,
		Scheduling: scheduling.DefaultConfig(),
		Classroom:  classroom.DefaultConfig(),
		Relay:      relay.DefaultConfig(),
	}
}

// Sample is the default configuration as commented YAML.
func Sample() ([]byte, error) {
	c := DefaultConfig()
	sample, err := config.Sample(&c)
	if err != nil {
		return nil, fmt.Errorf("sample configuration: %w", err)
	}
	return sample, nil
}

// inDataDir puts files without a place of their own into the data directory.
func (c *Config) inDataDir() {
	if c.Scheduling.Database.Driver == "sqlite" && c.Scheduling.Database.DSN == "" {
		c.Scheduling.Database.DSN = filepath.Join(c.DataDir, "tongke.db")
	}
	if c.Web.TLS.Dir == "" {
		c.Web.TLS.Dir = filepath.Join(c.DataDir, "tls")
	}
}
