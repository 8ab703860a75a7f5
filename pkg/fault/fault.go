// Package fault holds the typed errors of Tongke and their passage to and from gRPC statuses.
//
// A service returns an *Error with a Reason; the reason decides the gRPC code and the sentence that the
// caller sees. A cause, if any, is for the log and never leaves the service.
package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	commonv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/common/v1"
)

// Error is an error with a reason. It is immutable once made.
type Error struct {
	reason     Reason
	cause      error
	metadata   map[string]string
	retryAfter time.Duration
	violations []*commonv1.FieldViolation
}

// Option adds a fact to a new Error.
type Option func(*Error)

// With adds a fact that a client may show, such as opens_at. Never internals.
func With(key, value string) Option {
	return func(e *Error) {
		if e.metadata == nil {
			e.metadata = map[string]string{}
		}
		e.metadata[key] = value
	}
}

// RetryAfter says when trying again makes sense.
func RetryAfter(d time.Duration) Option {
	return func(e *Error) { e.retryAfter = d }
}

// Violation names a field that breaks its limits, the rule that is broken ("string.max_len") and what is expected.
func Violation(field, rule, description string) Option {
	return func(e *Error) {
		e.violations = append(e.violations, &commonv1.FieldViolation{Field: field, Rule: rule, Description: description})
	}
}

// New returns an error with a reason and no cause.
func New(r Reason, opts ...Option) *Error { return Wrap(r, nil, opts...) }

// Wrap returns an error with a reason and a cause. The cause goes to the log, never to the caller.
func Wrap(r Reason, cause error, opts ...Option) *Error {
	e := &Error{reason: r.known(), cause: cause}
	for _, o := range opts {
		o(e)
	}
	return e
}

// Invalid returns an INVALID_ARGUMENT error with one violation.
func Invalid(field, rule, description string) *Error {
	return New(InvalidArgument, Violation(field, rule, description))
}

// Error describes the error for the log: reason, facts, violations and cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.reason))
	for _, k := range slices.Sorted(maps.Keys(e.metadata)) {
		fmt.Fprintf(&b, " %s=%q", k, e.metadata[k])
	}
	for _, v := range e.violations {
		fmt.Fprintf(&b, " %s(%s)", v.GetField(), v.GetRule())
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Reason returns the reason.
func (e *Error) Reason() Reason { return e.reason }

// Metadata returns the fact of a key, or "".
func (e *Error) Metadata(key string) string { return e.metadata[key] }

// RetryAfter returns when trying again makes sense; 0 when nothing was said.
func (e *Error) RetryAfter() time.Duration { return e.retryAfter }

// Detail returns the message that travels with the status.
func (e *Error) Detail() *commonv1.Fault {
	f := &commonv1.Fault{Reason: e.reason.proto(), Metadata: maps.Clone(e.metadata), Violations: e.violations}
	if e.retryAfter > 0 {
		f.RetryAfter = durationpb.New(e.retryAfter)
	}
	return f
}

// GRPCStatus returns the status that the caller sees: code, sentence and a commonv1.Fault as detail.
func (e *Error) GRPCStatus() *status.Status {
	s := status.New(e.reason.Code(), e.reason.Sentence())
	if d, err := s.WithDetails(e.Detail()); err == nil {
		return d
	}
	return s
}

// ReasonOf returns the reason of an *Error anywhere in the chain, or of a gRPC status.
// It is "" for nil and Internal for an error of unknown kind.
func ReasonOf(err error) Reason {
	if err == nil {
		return ""
	}
	return From(err).reason
}

// From turns any error into an *Error: one in the chain is returned as it is, the status of another service
// passes its reason and facts on, a context's error becomes Cancelled or DeadlineExceeded, anything else Internal
// with err as cause. From(nil) is nil; do not return that nil as an error interface.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	if s, ok := status.FromError(err); ok {
		return fromStatus(s, err)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return Wrap(Cancelled, err)
	case errors.Is(err, context.DeadlineExceeded):
		return Wrap(DeadlineExceeded, err)
	}
	return Wrap(Internal, err)
}

func fromStatus(s *status.Status, err error) *Error {
	for _, d := range s.Details() {
		if f, ok := d.(*commonv1.Fault); ok {
			return &Error{
				reason:     reasonFromProto(f.GetReason()),
				cause:      err,
				metadata:   f.GetMetadata(),
				retryAfter: f.GetRetryAfter().AsDuration(),
				violations: f.GetViolations(),
			}
		}
	}
	if r, ok := byCode[s.Code()]; ok && s.Code() != codes.OK {
		return Wrap(r, err)
	}
	return Wrap(Internal, err)
}
