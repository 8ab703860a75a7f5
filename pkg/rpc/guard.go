package rpc

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"buf.build/go/protovalidate"
	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/tongke-edu/tongke/pkg/fault"
	"github.com/tongke-edu/tongke/pkg/telemetry"
)

// unruled are the only methods that need no rule: they say whether the server is up, and nothing else.
var unruled = map[string]bool{
	healthpb.Health_Check_FullMethodName: true,
	healthpb.Health_Watch_FullMethodName: true,
}

func (c chain) recoverUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		if p := recover(); p != nil {
			resp, err = nil, c.panicked(info.FullMethod, p)
		}
	}()
	return next(ctx, req)
}

func (c chain) recoverStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = c.panicked(info.FullMethod, p)
		}
	}()
	return next(srv, stream)
}

// panicked logs a handler's panic with its stack; the caller learns nothing but INTERNAL.
func (c chain) panicked(method string, p any) error {
	c.log.Error("handler panicked",
		zap.String(telemetry.Method, method), zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
	return fault.Wrap(fault.Internal, fmt.Errorf("panic: %v", p))
}

func (c chain) authorizeUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	ctx, err := c.authorize(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return next(ctx, req)
}

func (c chain) authorizeStream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx, err := c.authorize(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	return next(srv, &middleware.WrappedServerStream{ServerStream: stream, WrappedContext: ctx})
}

// authorize verifies who calls and asks the rule of the method. An identity that does not verify is refused even
// where none is needed: it is an attack or a broken clock, and both should show.
func (c chain) authorize(ctx context.Context, method string) (context.Context, error) {
	if unruled[method] {
		return ctx, nil
	}
	id := Identity{Kind: KindAnonymous}
	switch tokens := metadata.ValueFromIncomingContext(ctx, IdentityHeader); {
	case len(tokens) > 1:
		return nil, fault.Wrap(fault.Unauthenticated, errors.New("several identities"))
	case len(tokens) == 1 && c.verifier == nil:
		return nil, fault.Wrap(fault.Unauthenticated, errors.New("identities are not accepted here"))
	case len(tokens) == 1:
		var err error
		if id, err = c.verifier.Verify(tokens[0]); err != nil {
			return nil, fault.Wrap(fault.Unauthenticated, err)
		}
	}
	if err := allow(RuleOf(method), id, method); err != nil {
		return nil, err
	}
	return ContextWithIdentity(ctx, id), nil
}

// validateUnary refuses a request that breaks the limits declared in proto.
func (c chain) validateUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if err := c.validate(req); err != nil {
		return nil, err
	}
	return next(ctx, req)
}

func (c chain) validateStream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	return next(srv, &validatedStream{ServerStream: stream, chain: c})
}

type validatedStream struct {
	grpc.ServerStream
	chain chain
}

func (s *validatedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return s.chain.validate(m)
}

func (c chain) validate(req any) error {
	m, ok := req.(proto.Message)
	if !ok {
		return fault.Wrap(fault.Internal, fmt.Errorf("request is a %T", req))
	}
	err := c.validator.Validate(m)
	var broken *protovalidate.ValidationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &broken):
		opts := make([]fault.Option, 0, len(broken.Violations))
		for _, v := range broken.Violations {
			opts = append(opts, fault.Violation(
				protovalidate.FieldPathString(v.Proto.GetField()), v.Proto.GetRuleId(), v.Proto.GetMessage()))
		}
		return fault.New(fault.InvalidArgument, opts...)
	default:
		return fault.Wrap(fault.Internal, fmt.Errorf("validate: %w", err))
	}
}
