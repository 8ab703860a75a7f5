package relaybench

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tongke-edu/tongke/pkg/rpc"
)

// fleet starts the servers that are compared.
type fleet struct {
	relay   string // program of the relay
	self    string // this program, which is the server of Pion too
	dir     string // for the key
	signer  *rpc.Signer
	keyFile string
	running []*server
}

// newFleet makes the key that the relay believes.
func newFleet(relay string) (*fleet, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tongke-bench-")
	if err != nil {
		return nil, err
	}
	f := &fleet{relay: relay, self: self, dir: dir, keyFile: filepath.Join(dir, "classroom.pem")}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	f.signer = rpc.NewSigner("classroom", private)
	if err := os.WriteFile(f.keyFile, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		return nil, fmt.Errorf("write key: %w", err)
	}
	return f, nil
}

// relayServer starts a relay that takes as many connections as the bench makes, and is patient with a load generator
// that a busy machine holds up.
func (f *fleet) relayServer(ctx context.Context) (*server, error) {
	return f.add(start(ctx, "relay", f.signer, f.relay, "--ready-json", "--trust", "classroom="+f.keyFile,
		"--set", "listen=127.0.0.1:0", "--set", "metrics=127.0.0.1:0", "--set", "media.listen=127.0.0.1:0",
		"--set", "log.level=warn", "--set", "limits.connections=4000",
		"--set", "limits.cpu=0", "--set", "limits.memory_mb=0",
		"--set", "limits.silence_timeout=30s", "--set", "limits.connect_timeout=30s"))
}

// pionServer starts a server of Pion with "cm" or "gcm".
func (f *fleet) pionServer(ctx context.Context, profile string, onePort bool) (*server, error) {
	args := []string{"pion-server", "--profile", profile}
	if onePort {
		args = append(args, "--one-port")
	}
	return f.add(start(ctx, "pion_"+profile, nil, f.self, args...))
}

func (f *fleet) add(s *server, err error) (*server, error) {
	if err == nil {
		f.running = append(f.running, s)
	}
	return s, err
}

// stop ends all servers.
func (f *fleet) stop() {
	for _, s := range f.running {
		s.stop()
	}
	_ = os.RemoveAll(f.dir)
}
