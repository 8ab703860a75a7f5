package record_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"

	"github.com/tongke-edu/tongke/services/relay/internal/record"
)

// socket is one end of a network that loses nothing; its server can be silenced.
type socket struct {
	net.Addr
	in, out chan []byte
	closed  chan struct{}
}

func network() (a, b socket) {
	there, back := make(chan []byte, 100), make(chan []byte, 100)
	addr := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
	return socket{addr, there, back, make(chan struct{})}, socket{addr, back, there, make(chan struct{})}
}

func (s socket) ReadFrom(to []byte) (int, net.Addr, error) {
	select {
	case data := <-s.in:
		return copy(to, data), s.Addr, nil
	case <-s.closed:
		return 0, nil, net.ErrClosed
	}
}

func (s socket) WriteTo(data []byte, _ net.Addr) (int, error) {
	select {
	case <-s.closed:
		return 0, net.ErrClosed
	default:
	}
	s.out <- bytes.Clone(data)
	return len(data), nil
}

func (s socket) Close() error                     { return nil }
func (s socket) LocalAddr() net.Addr              { return s.Addr }
func (s socket) SetDeadline(time.Time) error      { return nil }
func (s socket) SetReadDeadline(time.Time) error  { return nil }
func (s socket) SetWriteDeadline(time.Time) error { return nil }

// pair is a client of Pion's and our layer as its server; us tells what comes to the server.
type pair struct {
	client *dtls.Conn
	layer  *record.Layer
	us     socket
}

func newPair(t testing.TB, suites ...dtls.CipherSuiteID) (pair, error) {
	t.Helper()
	certificate, err := selfsign.GenerateSelfSigned()
	must(t, err)
	theirs, ours := network()
	server, err := dtls.ServerWithOptions(ours, ours.Addr, dtls.WithCertificates(certificate), dtls.WithCipherSuites(suites...),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret))
	must(t, err)
	client, err := dtls.ClientWithOptions(theirs, theirs.Addr, dtls.WithCertificates(certificate), dtls.WithInsecureSkipVerify(true))
	must(t, err)
	shaken := make(chan error)
	go func() { shaken <- client.HandshakeContext(context.Background()) }()
	must(t, server.HandshakeContext(context.Background()))
	must(t, <-shaken)
	close(ours.closed)
	_ = server.Close() // it cannot say goodbye
	t.Cleanup(func() {
		close(theirs.closed)
		_ = client.Close()
	})
	state, _ := server.ConnectionState()
	keys, err := record.Export(&state)
	if err != nil {
		return pair{}, err
	}
	layer, err := record.New(keys)
	must(t, err)
	return pair{client, layer, ours}, nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// received is the only record of the next datagram to the server.
func (p pair) received(t testing.TB) record.Record {
	t.Helper()
	r, rest, ok := record.Next(<-p.us.in)
	if !ok || len(rest) > 0 {
		t.Fatalf("no single record: %v", r)
	}
	return r
}

func TestLayer_SpeaksWithAConnectionOfPion(t *testing.T) {
	p, err := newPair(t, record.Suite)
	must(t, err)
	buffer := make([]byte, 2000)
	for _, size := range []int{1, 100, 1191} {
		said := bytes.Repeat([]byte{7}, size)
		_, err := p.client.Write(said)
		must(t, err)
		r := p.received(t)
		if got, err := p.layer.Open(r); err != nil || !bytes.Equal(got, said) || r.Type != record.Data {
			t.Fatalf("opened %v, %v", got, err)
		}
		sealed := make([]byte, size+record.Overhead)
		must(t, p.layer.Seal(sealed, record.Data, said))
		p.us.out <- sealed
		if n, err := p.client.Read(buffer); err != nil || !bytes.Equal(buffer[:n], said) {
			t.Fatalf("client read %v, %v", buffer[:n], err)
		}
	}
}

func TestLayer_TheClientTakesItsAlerts(t *testing.T) {
	p, err := newPair(t, record.Suite)
	must(t, err)
	closeNotify := []byte{1, 0}
	sealed := make([]byte, len(closeNotify)+record.Overhead)
	must(t, p.layer.Seal(sealed, record.Alert, closeNotify))
	p.us.out <- sealed
	if _, err := p.client.Read(make([]byte, 100)); err == nil {
		t.Fatal("the client goes on reading")
	}
}

func TestLayer_OpensEachRecordOnce(t *testing.T) {
	p, err := newPair(t, record.Suite)
	must(t, err)
	var records []record.Record
	for range 70 {
		_, err := p.client.Write([]byte("hello"))
		must(t, err)
		records = append(records, p.received(t))
	}
	open := func(i int) error {
		r := records[i]
		r.Raw = bytes.Clone(r.Raw)
		_, err := p.layer.Open(r)
		return err
	}
	for _, step := range []struct {
		record int
		want   error
	}{
		{1, nil}, {0, nil}, {1, record.ErrReplay}, {0, record.ErrReplay}, {69, nil}, {69, record.ErrReplay},
		{5, record.ErrReplay}, {6, nil}, {6, record.ErrReplay}, {68, nil},
	} {
		if err := open(step.record); !errors.Is(err, step.want) {
			t.Errorf("record %d: %v, want %v", step.record, err, step.want)
		}
	}
}

func TestLayer_RefusesWhatHasBeenChanged(t *testing.T) {
	p, err := newPair(t, record.Suite)
	must(t, err)
	_, err = p.client.Write([]byte("hello"))
	must(t, err)
	genuine := p.received(t)
	for i := range genuine.Raw {
		raw := bytes.Clone(genuine.Raw)
		raw[i] ^= 1
		r, _, ok := record.Next(raw)
		if !ok {
			continue // its length was changed
		}
		if _, err := p.layer.Open(r); err == nil {
			t.Errorf("opened with octet %d changed", i)
		}
	}
	if _, err := p.layer.Open(genuine); err != nil {
		t.Errorf("what came unchanged: %v", err)
	}
}

func TestLayer_EndsBeforeANumberWouldComeTwice(t *testing.T) {
	key, iv := make([]byte, 16), make([]byte, 4)
	l, err := record.New(record.Keys{SealKey: key, SealIV: iv, OpenKey: key, OpenIV: iv, Next: 1<<48 - 1})
	must(t, err)
	room := make([]byte, 1+record.Overhead)
	must(t, l.Seal(room, record.Data, []byte{1}))
	if err := l.Seal(room, record.Data, []byte{1}); !errors.Is(err, record.ErrUsedUp) {
		t.Errorf("sealed beyond the last number: %v", err)
	}
}

func TestExport_RefusesOtherSuites(t *testing.T) {
	if _, err := newPair(t, dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384); !errors.Is(err, record.ErrSuite) {
		t.Errorf("exported: %v", err)
	}
}

func TestLayer_AllocatesNothing(t *testing.T) {
	a, b := loop(t)
	said, room := make([]byte, 100), make([]byte, 100+record.Overhead)
	if n := testing.AllocsPerRun(100, func() {
		must(t, a.Seal(room, record.Data, said))
		r, _, _ := record.Next(room)
		_, err := b.Open(r)
		must(t, err)
	}); n > 0 {
		t.Errorf("%v allocations for sealing and opening a record", n)
	}
}

// loop is a layer and one that opens what it seals.
func loop(t testing.TB) (a, b *record.Layer) {
	t.Helper()
	one, two, iv := bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 16), make([]byte, 4)
	a, err := record.New(record.Keys{SealKey: one, SealIV: iv, OpenKey: two, OpenIV: iv, Next: 1})
	must(t, err)
	b, err = record.New(record.Keys{SealKey: two, SealIV: iv, OpenKey: one, OpenIV: iv, Next: 1})
	must(t, err)
	return a, b
}

func FuzzOpen(f *testing.F) {
	a, _ := loop(f)
	sealed := make([]byte, 5+record.Overhead)
	must(f, a.Seal(sealed, record.Data, []byte("hello")))
	f.Add(sealed)
	f.Add(append(bytes.Clone(sealed), sealed...))
	f.Add([]byte{23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 1, 0})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		_, b := loop(t)
		whole := len(datagram)
		for rest := datagram; ; {
			r, after, ok := record.Next(rest)
			if !ok {
				break
			}
			whole -= len(r.Raw)
			if content, err := b.Open(r); err == nil && len(content) != len(r.Raw)-record.Overhead {
				t.Fatalf("%d octets out of %d", len(content), len(r.Raw))
			}
			rest = after
		}
		if whole < 0 {
			t.Fatal("the records are longer than the datagram")
		}
	})
}

func BenchmarkLayer(b *testing.B) {
	one, two := loop(b)
	said, room := make([]byte, 60), make([]byte, 60+record.Overhead)
	b.ReportAllocs()
	for b.Loop() {
		must(b, one.Seal(room, record.Data, said))
		r, _, _ := record.Next(room)
		_, err := two.Open(r)
		must(b, err)
	}
}
