// Package edge lets browsers call the services: it checks where a request comes from and who makes it, puts a signed
// identity on it, and transcodes Connect and gRPC-Web to gRPC.
//
// A request passes, in order: the origin check, the list of methods that outsiders may call, the rate limits, the
// body limit, authentication. Whether the caller may call the method is decided by the service itself.
// The edge starts no goroutines; those of its connections to the services end in Close.
package edge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/vanguard"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/rpc"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/web/internal/identity"
	"github.com/tongke-edu/tongke/services/web/internal/ratelimit"
)

// schoolSize is how many times the calls of one credential may come from one address. It bounds who invents a new
// credential for each call; a school of classrooms and phones behind one address stays below it.
const schoolSize = 20

// bodyTime is how long a client may take to send the body of a request.
const bodyTime = 15 * time.Second

// Dialer connects to a service.
type Dialer = func(ctx context.Context, addr string) (net.Conn, error)

// Params is what an Edge needs.
type Params struct {
	Log     *zap.Logger
	Metrics *prometheus.Registry
	// Signer vouches for callers towards the services.
	Signer   *rpc.Signer
	Resolver *identity.Resolver
	Streams  *identity.Streams
	Origin   Origin
	// TrustedOrigins are the origins of pages, besides the own one, that may make calls: "https://school.example".
	TrustedOrigins []string
	// Services has a dialer for each service, by full name: "tongke.classroom.v1.ClassroomService".
	Services map[string]Dialer
	Limits   Limits
}

// Edge is the http.Handler of all RPC paths.
type Edge struct {
	log        *zap.Logger
	metrics    metrics
	signer     *rpc.Signer
	resolver   *identity.Resolver
	streams    *identity.Streams
	origin     Origin
	sites      *sites
	methods    map[string]method
	calls      *ratelimit.Limiter
	addresses  *ratelimit.Limiter
	maxBody    int64
	transcoder *vanguard.Transcoder
	upstreams  []*http.Transport
	writer     *connect.ErrorWriter
}

// New returns an edge for the given services. It fails when a service is not linked into the program.
func New(p Params) (*Edge, error) {
	own, err := newSites(p.TrustedOrigins)
	if err != nil {
		return nil, err
	}
	e := &Edge{
		log:       p.Log,
		metrics:   newMetrics(p.Metrics),
		signer:    p.Signer,
		resolver:  p.Resolver,
		streams:   p.Streams,
		origin:    p.Origin,
		sites:     own,
		methods:   map[string]method{},
		calls:     ratelimit.New(p.Limits.CallsPerSecond, p.Limits.CallsBurst),
		addresses: ratelimit.New(schoolSize*p.Limits.CallsPerSecond, schoolSize*p.Limits.CallsBurst),
		maxBody:   p.Limits.MaxBodyBytes,
		writer:    connect.NewErrorWriter(),
	}
	services := make([]*vanguard.Service, 0, len(p.Services))
	for name, dial := range p.Services {
		descriptor, err := findService(name)
		if err != nil {
			return nil, err
		}
		methods, err := exposed(descriptor, p.Limits)
		if err != nil {
			return nil, err
		}
		for full, m := range methods {
			e.methods[full] = m
		}
		upstream := newUpstream(dial)
		e.upstreams = append(e.upstreams, upstream)
		services = append(services, vanguard.NewServiceWithSchema(descriptor,
			&forwarder{edge: e, transport: upstream, sessions: descriptor.FullName() == sessionService},
			vanguard.WithTargetProtocols(vanguard.ProtocolGRPC),
			vanguard.WithTargetCodecs(vanguard.CodecProto),
			vanguard.WithNoTargetCompression(),
			vanguard.WithMaxMessageBufferBytes(maxMessageBytes),
		))
	}
	if e.transcoder, err = vanguard.NewTranscoder(services, vanguard.WithCodec(newJSONCodec),
		vanguard.WithCompression(gzipName, newCompressor, newDecompressor(e.maxBody))); err != nil {
		return nil, fmt.Errorf("edge: %w", err)
	}
	return e, nil
}

// Close drops the connections to the services. No request may be running any more.
func (e *Edge) Close() {
	for _, u := range e.upstreams {
		u.CloseIdleConnections()
	}
}

// ServeHTTP answers one call.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Calls are made with POST.", http.StatusMethodNotAllowed)
		return
	}
	speakConnect(r)
	ctx, done, err := e.admit(w, r)
	if err != nil {
		e.refuse(w, r, err)
		return
	}
	defer done()
	e.transcoder.ServeHTTP(w, r.WithContext(ctx))
}

// admit makes every check and reads the body. The context that it returns carries the identity of the caller; for a
// stream it ends when the caller's credential does. done must be called when the call has ended.
func (e *Edge) admit(w http.ResponseWriter, r *http.Request) (ctx context.Context, done func(), err error) {
	if err := e.sites.check(r); err != nil {
		return nil, nil, fault.Wrap(fault.PermissionDenied, err)
	}
	m, ok := e.methods[r.URL.Path]
	if !ok {
		return nil, nil, fault.Wrap(fault.NotFound, fmt.Errorf("no method %s for outsiders", r.URL.Path))
	}
	cookies := identity.ParseCookies(r.Header.Values("Cookie"), e.origin.Secure(r)).As(r.Header.Get(identity.AsHeader))
	if err := e.limit(m, r, cookies); err != nil {
		return nil, nil, err
	}
	if err := checkHeaders(r.Header); err != nil {
		return nil, nil, err
	}
	if err := e.readBody(w, r); err != nil {
		return nil, nil, err
	}
	if m.session {
		return r.Context(), func() {}, nil
	}
	caller, err := identity.Authenticate(r.Context(), e.resolver, cookies)
	if err != nil && !m.public {
		return nil, nil, err
	}
	ctx = rpc.ContextWithIdentity(r.Context(), identity.Of(caller.Principal))
	if !m.stream || caller.Credential == "" {
		return ctx, func() {}, nil
	}
	ctx, closeStream, err := e.streams.Open(ctx, caller.Credential)
	if err != nil {
		return nil, nil, err
	}
	e.metrics.streams.Inc()
	return ctx, func() { e.metrics.streams.Dec(); closeStream() }, nil
}

// limit counts the call against its address, more strictly where strangers cause work, and against its credential.
func (e *Edge) limit(m method, r *http.Request, c identity.Cookies) error {
	address := e.origin.Address(r)
	if wait, ok := m.guard.Take(address); !ok {
		return fault.New(fault.ResourceExhausted, fault.RetryAfter(wait))
	}
	if wait, ok := e.addresses.Take(address); !ok {
		return fault.New(fault.ResourceExhausted, fault.RetryAfter(wait))
	}
	who := address
	switch {
	case c.Session != "":
		who = c.Session
	case c.Device != "":
		who = c.Device
	}
	if wait, ok := e.calls.Take(who); !ok {
		return fault.New(fault.ResourceExhausted, fault.RetryAfter(wait))
	}
	return nil
}

// readBody reads the whole request, so that neither its size nor its slowness reaches a service.
func (e *Edge) readBody(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > e.maxBody {
		return fault.New(fault.ResourceExhausted)
	}
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(bodyTime)); err != nil {
		return fault.Wrap(fault.Internal, fmt.Errorf("read deadline: %w", err))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, e.maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.New(fault.ResourceExhausted)
	case err != nil:
		return fault.Wrap(fault.DeadlineExceeded, fmt.Errorf("read body: %w", err))
	}
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return fault.Wrap(fault.Internal, fmt.Errorf("read deadline: %w", err))
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return nil
}

// logFailure writes what a client is told only in general words.
func (e *Edge) logFailure(r *http.Request, err error) {
	e.log.Warn("service did not answer", zap.String(telemetry.Method, r.URL.Path), zap.Error(err))
}
