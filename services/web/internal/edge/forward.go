package edge

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/services/web/internal/identity"
)

const (
	// maxMessageBytes bounds one message in either direction; services answer with at most 4 MiB.
	maxMessageBytes = 4 << 20
	// streamWindow is what a service may have sent on one stream before the client took it.
	streamWindow = 256 << 10
	copyBuffer   = 32 << 10
)

// newUpstream returns a transport that speaks gRPC's HTTP/2 without TLS over connections of dial.
func newUpstream(dial Dialer) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{
		DialContext:        func(ctx context.Context, _, addr string) (net.Conn, error) { return dial(ctx, addr) },
		Protocols:          protocols,
		DisableCompression: true,
		HTTP2: &http.HTTP2Config{
			MaxReceiveBufferPerStream: streamWindow,
			SendPingTimeout:           20 * time.Second,
			PingTimeout:               10 * time.Second,
		},
	}
}

// forwarded are the request headers that reach a service; none of them is trusted there. All else, above all an
// identity that came from outside, stays here.
var forwarded = []string{"Content-Type", "Te", "Grpc-Timeout", "Grpc-Encoding", "Grpc-Accept-Encoding", "User-Agent"}

// statusTrailers end every gRPC answer.
var statusTrailers = []string{"Grpc-Status", "Grpc-Message", "Grpc-Status-Details-Bin"}

// forwarder passes gRPC requests on to one service and flushes whatever the service sends, as it comes.
type forwarder struct {
	edge      *Edge
	transport *http.Transport
	sessions  bool // it is SessionService, which sees and sets cookies instead of being told an identity
}

func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Transcoding happens as the body is read. Where it failed, the client was told why, and what is written now is lost.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = nil
	}
	if err := wellFormed(f.edge.methods[r.URL.Path].input, body); err != nil {
		f.end(w, fault.From(err), false)
		return
	}
	out, err := f.request(r, body)
	if err != nil {
		f.fail(w, r, err, false)
		return
	}
	resp, err := f.transport.RoundTrip(out)
	if err != nil {
		f.fail(w, r, unanswered(err), false)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		f.fail(w, r, fault.Wrap(fault.Unavailable, fmt.Errorf("HTTP status %s", resp.Status)), false)
		return
	}
	explain(resp.Header)
	f.copyHeader(w.Header(), resp.Header)
	_, endInHeader := resp.Header["Grpc-Status"]
	if !endInHeader {
		w.Header()["Trailer"] = statusTrailers
	}
	w.WriteHeader(http.StatusOK)
	switch err := f.copyBody(w, resp.Body); {
	case errors.Is(err, errClientGone):
		return
	case err != nil:
		f.fail(w, r, unanswered(err), true)
		return
	}
	if !endInHeader {
		explain(resp.Trailer)
		for _, name := range statusTrailers {
			if values := resp.Trailer[name]; len(values) > 0 {
				w.Header()[name] = values
			}
		}
	}
}

// request returns the request that the service sees: the allowed headers, and the caller's identity, signed.
func (f *forwarder) request(r *http.Request, body []byte) (*http.Request, error) {
	out := &http.Request{
		Method:        http.MethodPost,
		URL:           &url.URL{Scheme: "http", Host: "service", Path: r.URL.Path},
		Header:        http.Header{},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
	}
	for _, name := range forwarded {
		if values := r.Header[name]; len(values) > 0 {
			out.Header[name] = values
		}
	}
	out.Header.Set("Te", "trailers")
	if f.sessions {
		out.Header["Cookie"] = r.Header["Cookie"]
		if as := r.Header.Get(identity.AsHeader); as != "" {
			out.Header.Set(identity.AsHeader, as)
		}
		if f.edge.origin.Secure(r) {
			out.Header.Set(identity.SecureKey, "true")
		}
		out.Header.Set(identity.AddressKey, f.edge.origin.Address(r))
		return out.WithContext(r.Context()), nil
	}
	if id := rpc.IdentityFrom(r.Context()); !id.Anonymous() {
		token, err := f.edge.signer.Sign(id)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		out.Header.Set(rpc.IdentityHeader, token)
	}
	return out.WithContext(r.Context()), nil
}

// explain adds a fault to a status that carries none: gRPC itself made it, such as for an answer that is too large.
func explain(h http.Header) {
	code, err := strconv.ParseUint(h.Get("Grpc-Status"), 10, 32)
	if err != nil || code == 0 || h.Get("Grpc-Status-Details-Bin") != "" {
		return
	}
	setStatus(h, fault.From(status.Error(codes.Code(code), "")))
}

// setStatus writes a fault as a gRPC status.
func setStatus(h http.Header, end *fault.Error) {
	h.Set("Grpc-Status", strconv.Itoa(int(end.Reason().Code())))
	h.Set("Grpc-Message", url.PathEscape(end.Reason().Sentence()))
	if details, err := proto.Marshal(end.GRPCStatus().Proto()); err == nil {
		h.Set("Grpc-Status-Details-Bin", base64.RawStdEncoding.EncodeToString(details))
	}
}

func (f *forwarder) copyHeader(to, from http.Header) {
	for name, values := range from {
		if name == "Set-Cookie" && !f.sessions {
			continue
		}
		to[name] = values
	}
}

// errClientGone means that nobody is left to answer.
var errClientGone = errors.New("the client has gone")

// copyBody passes on what comes, without delay.
func (f *forwarder) copyBody(w http.ResponseWriter, body io.Reader) error {
	control := http.NewResponseController(w)
	buffer := make([]byte, copyBuffer)
	for {
		n, err := body.Read(buffer)
		if n > 0 {
			if _, err := w.Write(buffer[:n]); err != nil {
				return errClientGone
			}
			if err := control.Flush(); err != nil {
				return errClientGone
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// fail ends the answer with a fault as a gRPC status. A stream that was cut says why.
func (f *forwarder) fail(w http.ResponseWriter, r *http.Request, err error, begun bool) {
	var cut *fault.Error
	if errors.As(context.Cause(r.Context()), &cut) {
		err = cut
	} else if r.Context().Err() == nil {
		f.edge.logFailure(r, err)
	}
	f.end(w, fault.From(err), begun)
}

// end writes a fault as the status of a gRPC answer.
func (f *forwarder) end(w http.ResponseWriter, end *fault.Error, begun bool) {
	f.edge.metrics.refused.WithLabelValues(string(end.Reason())).Inc()
	setStatus(w.Header(), end)
	if !begun {
		w.Header().Set("Content-Type", "application/grpc+proto")
		w.WriteHeader(http.StatusOK)
	}
}

func unanswered(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return fault.Wrap(fault.Cancelled, err)
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(fault.DeadlineExceeded, err)
	default:
		return fault.Wrap(fault.Unavailable, err)
	}
}
