package web

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/tongke-edu/tongke/services/web/internal/edge"
	"github.com/tongke-edu/tongke/services/web/internal/tlsfiles"
)

// Config holds the settings of web.
type Config struct {
	Listen         string        `koanf:"listen" doc:"Address for plain HTTP. Browsers give camera and microphone to plain HTTP on this computer only (localhost). Empty: none."`
	ListenTLS      string        `koanf:"listen_tls" doc:"Address for HTTPS, for other computers. Empty: none."`
	TLS            TLSConfig     `koanf:"tls" doc:"The certificate for HTTPS."`
	TrustedProxies []string      `koanf:"trusted_proxies" doc:"Networks (CIDR) of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."`
	TrustedOrigins []string      `koanf:"trusted_origins" doc:"Origins of pages, besides the own ones, that may make calls, such as https://school.example. Needed where a proxy changes the Host header."`
	WriteTimeout   time.Duration `koanf:"write_timeout" doc:"A client that reads nothing of what is sent to it for this long is cut."`
	StopGrace      time.Duration `koanf:"stop_grace" doc:"How long running calls may take when the server stops."`
	Limits         Limits        `koanf:"limits" doc:"What outsiders can cost at most."`
}

// TLSConfig names a certificate.
type TLSConfig struct {
	CertFile string `koanf:"cert_file" doc:"PEM file with the certificate and its chain. Empty: sign one for this network."`
	KeyFile  string `koanf:"key_file" doc:"PEM file with the key of cert_file."`
	Dir      string `koanf:"dir" doc:"Folder that keeps the certificate signed for this network."`
}

// Limits bound requests.
type Limits struct {
	MaxBodyBytes    int64   `koanf:"max_body_bytes" doc:"Largest request."`
	SignInPerSecond float64 `koanf:"sign_in_per_second" doc:"Sign-ins and pairings from one address, in the long run. All of a school may come from one address."`
	SignInBurst     int     `koanf:"sign_in_burst" doc:"Sign-ins and pairings from one address at once."`
	CallsPerSecond  float64 `koanf:"calls_per_second" doc:"Calls of one session or device, in the long run."`
	CallsBurst      int     `koanf:"calls_burst" doc:"Calls of one session or device at once."`
}

// DefaultConfig returns the settings for one computer: plain HTTP on localhost.
func DefaultConfig() Config {
	return Config{
		Listen:       "127.0.0.1:8080",
		TLS:          TLSConfig{Dir: "data/tls"},
		WriteTimeout: 15 * time.Second,
		StopGrace:    5 * time.Second,
		Limits: Limits{
			MaxBodyBytes:    1 << 20,
			SignInPerSecond: 1,
			SignInBurst:     60,
			CallsPerSecond:  50,
			CallsBurst:      200,
		},
	}
}

// check says in one error everything that cannot be.
func (c Config) check() error {
	var errs []error
	for name, address := range map[string]string{"listen": c.Listen, "listen_tls": c.ListenTLS} {
		if address == "" {
			continue
		}
		if _, port, err := net.SplitHostPort(address); err != nil {
			errs = append(errs, fmt.Errorf("web.%s: %w", name, err))
		} else if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			errs = append(errs, fmt.Errorf("web.%s: %s: the port is a number from 0 to 65535", name, address))
		}
	}
	if c.Listen == "" && c.ListenTLS == "" {
		errs = append(errs, errors.New("web.listen and web.listen_tls: one of them is needed"))
	}
	if (c.TLS.CertFile == "") != (c.TLS.KeyFile == "") {
		errs = append(errs, errors.New("web.tls: cert_file and key_file come together"))
	}
	if c.WriteTimeout <= 0 {
		errs = append(errs, fmt.Errorf("web.write_timeout: %v is not positive", c.WriteTimeout))
	}
	if c.StopGrace < 0 {
		errs = append(errs, fmt.Errorf("web.stop_grace: %v is negative", c.StopGrace))
	}
	for name, value := range map[string]float64{
		"max_body_bytes": float64(c.Limits.MaxBodyBytes), "sign_in_per_second": c.Limits.SignInPerSecond,
		"sign_in_burst": float64(c.Limits.SignInBurst), "calls_per_second": c.Limits.CallsPerSecond,
		"calls_burst": float64(c.Limits.CallsBurst),
	} {
		if !(value > 0) {
			errs = append(errs, fmt.Errorf("web.limits.%s: %v is not positive", name, value))
		}
	}
	return errors.Join(errs...)
}

func (l Limits) edge() edge.Limits {
	return edge.Limits{
		MaxBodyBytes:    l.MaxBodyBytes,
		SignInPerSecond: l.SignInPerSecond,
		SignInBurst:     l.SignInBurst,
		CallsPerSecond:  l.CallsPerSecond,
		CallsBurst:      l.CallsBurst,
	}
}

func (c TLSConfig) certificate() (tls.Certificate, error) {
	if c.CertFile != "" || c.KeyFile != "" {
		return tlsfiles.Load(c.CertFile, c.KeyFile)
	}
	return tlsfiles.SelfSigned(c.Dir, tlsfiles.Hosts(), time.Now())
}

func (c Config) trustedProxies() ([]netip.Prefix, error) {
	out := make([]netip.Prefix, 0, len(c.TrustedProxies))
	for _, text := range c.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("web.trusted_proxies: %w", err)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
