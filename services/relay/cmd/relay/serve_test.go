package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tongke-edu/tongke/pkg/fault"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/pkg/rpc"
)

// keyFile makes a key and the file of its public half.
func keyFile(t *testing.T) (ed25519.PrivateKey, string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return private, file
}

// start runs the relay on free loopback ports until the test ends.
func start(t *testing.T, trust map[string]string) addresses {
	t.Helper()
	s := defaultConfig()
	s.Listen, s.Metrics, s.Media.Listen, s.Log.Level = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "error"
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx, s, options{trust: trust, readyJSON: true, out: in})
		ended <- err
		_ = in.CloseWithError(errors.Join(err, io.EOF))
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("not ready: %v", err)
	}
	var where addresses
	if err := json.Unmarshal(line, &where); err != nil {
		t.Fatalf("ready line %q: %v", line, err)
	}
	return where
}

// offerNonsense calls Connect in the name of an issuer and returns the reason of the refusal.
func offerNonsense(t *testing.T, where addresses, issuer string, key ed25519.PrivateKey) fault.Reason {
	t.Helper()
	p := rpc.ClientParams{Target: "passthrough:///" + where.GRPC}
	if key != nil {
		p.Identity, p.Signer = rpc.ServiceIdentity("classroom"), rpc.NewSigner(issuer, key)
	}
	conn, err := rpc.Dial(p)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = relayv1.NewRelayServiceClient(conn).Connect(t.Context(), &relayv1.ConnectRequest{
		LessonId: "l", ParticipantId: "p", Offer: "nonsense", Policy: &relayv1.LessonPolicy{},
	})
	return fault.ReasonOf(err)
}

func TestServe_AnswersTheTrustedIssuerAndNobodyElse(t *testing.T) {
	key, file := keyFile(t)
	stranger, _ := keyFile(t)
	where := start(t, map[string]string{"classroom": file})
	if got := offerNonsense(t, where, "classroom", key); got != fault.OfferRejected {
		t.Errorf("the trusted issuer was refused with %v", got)
	}
	if got := offerNonsense(t, where, "classroom", stranger); got != fault.Unauthenticated {
		t.Errorf("a forged identity gave %v", got)
	}
	if got := offerNonsense(t, where, "", nil); got != fault.Unauthenticated {
		t.Errorf("a call without identity gave %v", got)
	}
}

func TestListen_RefusesTheOpenNetworkUnlessTold(t *testing.T) {
	if l, err := listen("0.0.0.0:0", false); err == nil {
		_ = l.Close()
		t.Error("gRPC listens beyond loopback without encryption")
	}
	for address, trusted := range map[string]bool{"127.0.0.1:0": false, "0.0.0.0:0": true} {
		l, err := listen(address, trusted)
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		_ = l.Close()
	}
}

func TestReadKeys_NamesTheIssuerWhoseKeyIsUnusable(t *testing.T) {
	if _, err := readKeys(nil); !errors.Is(err, errNoIssuer) {
		t.Errorf("without keys: %v", err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, []byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readKeys(map[string]string{"classroom": file}); !errors.Is(err, errNoKey) || !strings.Contains(err.Error(), "classroom") {
		t.Errorf("a broken key: %v", err)
	}
}
