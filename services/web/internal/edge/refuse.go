package edge

import (
	"errors"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// refuse answers a request with a fault, in the form of the protocol that the client speaks.
func (e *Edge) refuse(w http.ResponseWriter, r *http.Request, err error) {
	f := fault.From(err)
	e.metrics.refused.WithLabelValues(string(f.Reason())).Inc()
	if !e.writer.IsSupported(r) {
		http.Error(w, f.Reason().Sentence(), httpStatus(f.Reason()))
		return
	}
	// The client has gone when this fails; net/http ends the request then.
	_ = e.writer.Write(w, r, connectError(f))
}

// connectError carries a fault's code, sentence and detail; the cause stays here.
func connectError(f *fault.Error) *connect.Error {
	out := connect.NewError(connect.Code(f.Reason().Code()), errors.New(f.Reason().Sentence()))
	if detail, err := connect.NewErrorDetail(f.Detail()); err == nil {
		out.AddDetail(detail)
	}
	return out
}

// httpStatus is for clients that speak none of our protocols.
func httpStatus(r fault.Reason) int {
	switch r.Code() {
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.NotFound:
		return http.StatusNotFound
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unavailable:
		return http.StatusServiceUnavailable
	case codes.InvalidArgument:
		return http.StatusBadRequest
	default:
		return http.StatusInternalServerError
	}
}

// speakConnect marks a plain POST of JSON or protobuf as a Connect call, so that curl needs no further header.
func speakConnect(r *http.Request) {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind = strings.TrimSpace(kind); kind == "application/json" || kind == "application/proto" {
		r.Header.Set("Connect-Protocol-Version", "1")
	}
}
