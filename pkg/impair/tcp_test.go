package impair

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

func TestTCP_KeepsEveryByteUnderDelayJitterAndLoss(t *testing.T) {
	bad := Conditions{Delay: 2 * time.Millisecond, Jitter: 2 * time.Millisecond, Loss: 0.01}
	p := startTCP(t, Params{Target: echoTCP(t), Seed: 5, Up: bad, Down: bad})
	conn := dialTCP(t, p)
	sent := make([]byte, 500_000)
	for i := range sent {
		sent[i] = byte(rand.N(256))
	}
	go func() {
		_, _ = conn.Write(sent)
		_ = conn.CloseWrite()
	}()
	got, err := io.ReadAll(conn) // ends because the closed side is passed on, both ways
	if err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(got) != sha256.Sum256(sent) {
		t.Fatalf("%d bytes came back, not the %d sent", len(got), len(sent))
	}
	if s := p.Stats(Down); s.Bytes != uint64(len(sent)) {
		t.Errorf("down: %+v", s)
	}
}

func TestTCP_RateHoldsTheSenderBackAndDropsNothing(t *testing.T) {
	// 2 Mbit/s: 100,000 bytes take 400 ms.
	p := startTCP(t, Params{Target: echoTCP(t), Up: Conditions{Rate: 2_000_000, Queue: 50 * time.Millisecond}})
	conn := dialTCP(t, p)
	began := time.Now()
	go func() {
		_, _ = conn.Write(make([]byte, 100_000))
		_ = conn.CloseWrite()
	}()
	got, err := io.ReadAll(conn)
	if err != nil || len(got) != 100_000 {
		t.Fatalf("%d bytes (%v)", len(got), err)
	}
	if took := time.Since(began); took < 390*time.Millisecond {
		t.Errorf("took %v", took)
	}
}

func TestTCP_CutHoldsBytesAndNewConnectionsBackUntilItHeals(t *testing.T) {
	p := startTCP(t, Params{Target: echoTCP(t)})
	old := dialTCP(t, p)
	exchange(t, old, "before")
	p.SetBoth(Conditions{Cut: true})
	if _, err := old.Write([]byte("during")); err != nil {
		t.Fatal(err)
	}
	fresh := dialTCP(t, p)
	if _, err := fresh.Write([]byte("fresh!")); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, func() bool { return p.Stats(Up).Received == 2 }, "the bytes entered")
	if s := p.Stats(Up); s.Delivered != 1 {
		t.Errorf("during the cut: %+v", s)
	}
	p.SetBoth(Conditions{})
	expect(t, old, "during")
	expect(t, fresh, "fresh!")
}

func TestTCP_ResetBreaksConnectionsAndTakesNewOnes(t *testing.T) {
	p := startTCP(t, Params{Target: echoTCP(t)})
	old := dialTCP(t, p)
	exchange(t, old, "before")
	p.Reset()
	if n, err := old.Read(make([]byte, 1)); err == nil {
		t.Errorf("read %d bytes from a broken connection", n)
	}
	exchange(t, dialTCP(t, p), "after!")
}

func exchange(t testing.TB, conn net.Conn, text string) {
	t.Helper()
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	expect(t, conn, text)
}

func expect(t testing.TB, conn net.Conn, text string) {
	t.Helper()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, []byte(text)) {
		t.Fatalf("received %q (%v), want %q", got, err, text)
	}
}

func dialTCP(t testing.TB, p *TCP) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(15 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// echoTCP sends back what it receives.
func echoTCP(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

func startTCP(t testing.TB, p Params) *TCP {
	t.Helper()
	testkit.NoLeaks(t)
	proxy, err := NewTCP(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	return proxy
}
