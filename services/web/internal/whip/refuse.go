package whip

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// maxSecret bounds a token.
const maxSecret = 128

// What these endpoints refuse themselves, apart from the services' reasons.
var (
	errNotSDP   error = fault.Invalid("", "content_type", sdpType)
	errTooLarge error = fault.Invalid("", "body", "an offer of at most 96 kB")
	errNotText  error = fault.Invalid("", "utf8", "text in UTF-8")
	// errNoToken asks for a token (RFC 6750 section 3).
	errNoToken error = fault.New(fault.Unauthenticated)
)

// parseBearer reads a bearer token (RFC 6750 section 2.1). Tokens in addresses or bodies are not looked for: addresses
// end up in logs.
func parseBearer(values []string) (string, error) {
	if len(values) != 1 {
		return "", errNoToken
	}
	scheme, secret, _ := strings.Cut(values[0], " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" || strings.ContainsFunc(secret, notInToken) {
		return "", errNoToken
	}
	if len(secret) > maxSecret {
		return "", fault.New(fault.MediaTokenInvalid)
	}
	return secret, nil
}

// notInToken tells what no token has in it.
func notInToken(r rune) bool { return r <= ' ' || r >= 0x7f || r == ',' }

// problem is the body of a refusal (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Reason is the name of the fault.
	Reason fault.Reason `json:"reason"`
	// Detail says what is wrong with an offer.
	Detail string `json:"detail,omitempty"`
}

// refuse answers with a fault.
func refuse(w http.ResponseWriter, f *fault.Error) {
	p := problem{Title: f.Reason().Sentence(), Status: statusOf(f), Reason: f.Reason(), Detail: f.Metadata("problem")}
	header := w.Header()
	if challenge := challengeOf(f.Reason()); challenge != "" {
		header.Set("WWW-Authenticate", challenge)
	}
	if wait := f.RetryAfter(); wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Round(time.Millisecond).Seconds()))))
	}
	header.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client has gone when this fails
}

func challengeOf(r fault.Reason) string {
	const realm = `Bearer realm="tongke"`
	switch r {
	case fault.Unauthenticated:
		return realm
	case fault.MediaTokenInvalid:
		return realm + `, error="invalid_token"`
	case fault.PermissionDenied:
		return realm + `, error="insufficient_scope"`
	default:
		return ""
	}
}

func statusOf(f *fault.Error) int {
	switch {
	case errors.Is(f, errNotSDP):
		return http.StatusUnsupportedMediaType
	case errors.Is(f, errTooLarge):
		return http.StatusRequestEntityTooLarge
	}
	switch f.Reason() {
	case fault.Unauthenticated, fault.MediaTokenInvalid:
		return http.StatusUnauthorized
	case fault.PermissionDenied:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.MediaTokenInUse, fault.LessonFull:
		return http.StatusConflict
	case fault.LessonEnded, fault.LessonCancelled:
		return http.StatusGone
	case fault.InvalidArgument:
		return http.StatusBadRequest
	case fault.OfferRejected:
		return http.StatusUnprocessableEntity
	case fault.ResourceExhausted:
		return http.StatusTooManyRequests
	case fault.Unavailable, fault.Cancelled:
		return http.StatusServiceUnavailable
	case fault.DeadlineExceeded:
		return http.StatusGatewayTimeout
	default:
		return http.StatusInternalServerError
	}
}
