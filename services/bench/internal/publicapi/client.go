// Package publicapi speaks Tongke's public API as a browser does: the Connect protocol over HTTP, with cookies as the
// only credential. It knows no service's inside; everything it needs is in the proto files.
package publicapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"github.com/tongke-edu/tongke/pkg/fault"
	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
)

// Client is one browser: it has cookies of its own. Close it when it is no longer needed.
type Client struct {
	base string
	http *http.Client
}

// New returns a client of the server at an address such as "http://127.0.0.1:8080".
// Certificates of HTTPS servers are not checked: a school's own is self-signed.
func New(base string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("address of the server: %q is no http or https URL", base)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make cookie jar: %w", err)
	}
	origin := u.Scheme + "://" + u.Host
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // said in the comment of New
		MaxIdleConnsPerHost: 6,
	}
	return &Client{base: origin, http: &http.Client{Jar: jar, Transport: sameOrigin{origin, transport}}}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// sameOrigin sends the headers by which the server knows its own pages.
type sameOrigin struct {
	origin string
	next   *http.Transport
}

func (s sameOrigin) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Origin", s.origin)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.next.RoundTrip(r)
}

// CloseIdleConnections lets http.Client pass the call on.
func (s sameOrigin) CloseIdleConnections() { s.next.CloseIdleConnections() }

// Call makes one call. The procedure is a FullMethodName of the generated code. Errors are faults.
func Call[Req, Res any](ctx context.Context, c *Client, procedure string, req *Req) (*Res, error) {
	client := connect.NewClient[Req, Res](c.http, c.base+procedure)
	res, err := client.CallUnary(ctx, connect.NewRequest(req))
	if err != nil {
		return nil, asFault(ctx, err)
	}
	return res.Msg, nil
}

// Stream calls each for every message of a server's stream, until the stream or ctx ends or each fails.
// It returns nil when the server ended the stream in order.
func Stream[Req, Res any](ctx context.Context, c *Client, procedure string, req *Req, each func(*Res) error) error {
	ctx, cancel := context.WithCancel(ctx)
	client := connect.NewClient[Req, Res](c.http, c.base+procedure)
	stream, err := client.CallServerStream(ctx, connect.NewRequest(req))
	if err != nil {
		cancel()
		return asFault(ctx, err)
	}
	defer func() {
		cancel()           // first: closing would read on until the server ends the stream
		_ = stream.Close() // tells no more than that it was cancelled
	}()
	for stream.Receive() {
		if err := each(stream.Msg()); err != nil {
			return err
		}
	}
	if err := stream.Err(); err != nil {
		return asFault(ctx, err)
	}
	return nil
}

// asFault gives an error of the Connect protocol the form that it has in gRPC. A broken connection is UNAVAILABLE,
// under whatever code the transport names it, unless it broke because ctx ended.
func asFault(ctx context.Context, err error) error {
	var ce *connect.Error
	switch {
	case ctx.Err() != nil:
		return fault.From(ctx.Err())
	case !errors.As(err, &ce), broken(ce):
		return fault.Wrap(fault.Unavailable, err)
	}
	st := status.New(codes.Code(ce.Code()), ce.Message())
	for _, detail := range ce.Details() {
		value, valueErr := detail.Value()
		if valueErr != nil {
			continue
		}
		if f, ok := value.(*commonv1.Fault); ok {
			if with, detailErr := st.WithDetails(protoadapt.MessageV1Of(f)); detailErr == nil {
				st = with
			}
		}
	}
	return fault.From(st.Err())
}

// broken tells a connection that failed from an answer of the server.
func broken(err *connect.Error) bool {
	if connect.IsWireError(err) {
		return false
	}
	switch err.Code() {
	case connect.CodeCanceled, connect.CodeDeadlineExceeded, connect.CodeUnknown, connect.CodeUnavailable:
		return true
	default:
		return false
	}
}
