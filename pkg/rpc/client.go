package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
)

const (
	// defaultTimeout bounds unary calls made without a deadline.
	defaultTimeout = 20 * time.Second
	// maxAnswerBytes is the largest message that a client takes.
	maxAnswerBytes = 4 << 20
)

// ClientParams says where to and as whom to call.
type ClientParams struct {
	// Target is a gRPC target, such as "dns:///relay:7000". Not needed with a Dialer.
	Target string
	// Dialer replaces the network, such as a Pipe's DialContext.
	Dialer func(ctx context.Context, addr string) (net.Conn, error)
	// Identity and Signer vouch for the caller on each call. Without a Signer calls are anonymous.
	Identity func() Identity
	Signer   *Signer
}

// Dial returns a connection to a service; it connects at the first call. Calls are made in the service's own name:
// nothing of the incoming call is forwarded but its deadline, shortened by a tenth, so that the caller has time left to
// say what was slow.
func Dial(p ClientParams) (*grpc.ClientConn, error) {
	if p.Signer != nil && p.Identity == nil {
		return nil, errors.New("rpc client: a signer needs an identity")
	}
	opts := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(deadlineUnary, p.identifyUnary),
		grpc.WithChainStreamInterceptor(deadlineStream, p.identifyStream),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswerBytes)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 20 * time.Second, Timeout: 10 * time.Second}),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"round_robin":{}}]}`),
		grpc.WithDisableServiceConfig(),
	}
	target := p.Target
	if p.Dialer != nil {
		opts = append(opts, grpc.WithContextDialer(p.Dialer))
		if target == "" {
			target = "passthrough:///in-process"
		}
	}
	conn, err := grpc.NewClient(target, opts...)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", target, err)
	}
	return conn, nil
}

func (p ClientParams) identifyUnary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, err := p.identify(ctx)
	if err != nil {
		return err
	}
	return next(ctx, method, req, reply, cc, opts...)
}

func (p ClientParams) identifyStream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	ctx, err := p.identify(ctx)
	if err != nil {
		return nil, err
	}
	return next(ctx, desc, cc, method, opts...)
}

// identify puts the service's own identity into the metadata, in place of any that is there.
func (p ClientParams) identify(ctx context.Context) (context.Context, error) {
	if p.Signer == nil {
		return ctx, nil
	}
	token, err := p.Signer.Sign(p.Identity())
	if err != nil {
		return nil, err
	}
	md, _ := metadata.FromOutgoingContext(ctx)
	md = md.Copy()
	if md == nil {
		md = metadata.MD{}
	}
	md.Set(IdentityHeader, token)
	return metadata.NewOutgoingContext(ctx, md), nil
}

func deadlineUnary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, cancel := shaved(ctx, defaultTimeout)
	defer cancel()
	return next(ctx, method, req, reply, cc, opts...)
}

// deadlineStream shortens a deadline where there is one: streams may last for hours.
func deadlineStream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	if _, ok := ctx.Deadline(); !ok {
		return next(ctx, desc, cc, method, opts...)
	}
	ctx, cancel := shaved(ctx, 0)
	stream, err := next(ctx, desc, cc, method, append(opts, grpc.OnFinish(func(error) { cancel() }))...)
	if err != nil {
		cancel()
		return nil, err
	}
	return stream, nil
}

// shaved returns ctx with nine tenths of its time left, or with fallback where it has no deadline.
func shaved(ctx context.Context, fallback time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithTimeout(ctx, fallback)
	}
	left := time.Until(deadline)
	return context.WithTimeout(ctx, left-left/10)
}
