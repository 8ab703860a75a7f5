// Package whip lets encoders publish into lessons (WHIP, RFC 9725) and players watch them (WHEP,
// draft-ietf-wish-whep): POST an SDP offer to /whip/{lesson} or /whep/{lesson}, get the answer and the address of the
// session, DELETE that to end it. Whoever comes carries a media token of the lesson in the Authorization header; what
// the token is good for is decided by classroom, what an offer may look like by the relay.
//
// Cookies mean nothing here, so that pages of any origin may call: what counts is a token that they were given. ICE
// restarts and trickled candidates are not taken (405): the relay is ICE-lite and needs none of a client's candidates.
// The package owns no goroutine.
package whip

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/tongke-edu/tongke/pkg/fault"
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/services/web/internal/ratelimit"
)

const (
	sdpType = "application/sdp"
	// iceSession tags a session's ICE session (RFC 9725 section 4.3.1), which stays the one that it began with. Nobody
	// needs it here, and there are clients that insist on one.
	iceSession = `"1"`
	// maxOffer is what the relay reads of an offer.
	maxOffer = 96 << 10
	// bodyTime is how long a client may take to send its offer.
	bodyTime = 15 * time.Second
	// An encoder that lost its connection tries again every few seconds.
	tokenPerSecond, tokenBurst = 1, 20
)

// Classroom is what the endpoints ask of classroomv1.ClassroomServiceClient.
type Classroom interface {
	OpenMediaSession(context.Context, *classroomv1.OpenMediaSessionRequest, ...grpc.CallOption) (*classroomv1.OpenMediaSessionResponse, error)
	CloseMediaSession(context.Context, *classroomv1.CloseMediaSessionRequest, ...grpc.CallOption) (*classroomv1.CloseMediaSessionResponse, error)
}

// Params is what the endpoints need.
type Params struct {
	Log       *zap.Logger
	Metrics   *prometheus.Registry
	Classroom Classroom
	// Address tells where a request comes from.
	Address func(*http.Request) string
	// CallsPerSecond and CallsBurst bound the requests of one address.
	CallsPerSecond float64
	CallsBurst     int
}

// Handler serves both endpoints and their sessions.
type Handler struct {
	log       *zap.Logger
	requests  *prometheus.CounterVec
	classroom Classroom
	address   func(*http.Request) string
	addresses *ratelimit.Limiter
	tokens    *ratelimit.Limiter
	routes    *http.ServeMux
}

// endpoints are the first parts of paths, and what one comes there for.
var endpoints = map[string]classroomv1.MediaUse{
	"/whip": classroomv1.MediaUse_MEDIA_USE_PUBLISH,
	"/whep": classroomv1.MediaUse_MEDIA_USE_WATCH,
}

// New returns the handler of all paths under /whip/ and /whep/.
func New(p Params) *Handler {
	h := &Handler{
		log:       p.Log,
		classroom: p.Classroom,
		address:   p.Address,
		addresses: ratelimit.New(p.CallsPerSecond, p.CallsBurst),
		tokens:    ratelimit.New(tokenPerSecond, tokenBurst),
		routes:    http.NewServeMux(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tongke_web_whip_requests_total",
			Help: "Sessions of encoders and players that were asked for or ended, by endpoint and outcome.",
		}, []string{"endpoint", "outcome"}),
	}
	p.Metrics.MustRegister(h.requests)
	for path, use := range endpoints {
		h.routes.HandleFunc("POST "+path+"/{lesson}", h.counted(path, func(w http.ResponseWriter, r *http.Request) error {
			return h.open(w, r, path, use)
		}))
		h.routes.HandleFunc("DELETE "+path+"/{lesson}/{session}", h.counted(path, h.close))
		for _, place := range []string{path + "/{lesson}", path + "/{lesson}/{session}"} {
			h.routes.HandleFunc("OPTIONS "+place, options)
			h.routes.HandleFunc("GET "+place, nothing)
		}
	}
	return h
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", "ETag, Location, Retry-After, WWW-Authenticate")
	if wait, ok := h.addresses.Take(h.address(r)); !ok {
		refuse(w, fault.New(fault.ResourceExhausted, fault.RetryAfter(wait)))
		return
	}
	h.routes.ServeHTTP(w, r)
}

// options answers the question of a page's browser (Fetch, section 3.2), and what is to be posted here.
func options(w http.ResponseWriter, _ *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", "POST, DELETE, GET, OPTIONS")
	header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match")
	header.Set("Access-Control-Max-Age", "86400")
	header.Set("Accept-Post", sdpType)
	w.WriteHeader(http.StatusOK)
}

// nothing answers GET: neither endpoints nor sessions have a representation (RFC 9725 section 4.1).
func nothing(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// counted answers what a handler fails with, and counts how it ended.
func (h *Handler) counted(endpoint string, serve func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		outcome := "ok"
		if err := serve(w, r); err != nil {
			f := fault.From(err)
			outcome = string(f.Reason())
			if f.Reason() == fault.Internal || f.Reason() == fault.Unavailable {
				h.log.Warn("media session", zap.String(telemetry.Method, r.Method+" "+endpoint), zap.Error(err))
			}
			refuse(w, f)
		}
		h.requests.WithLabelValues(endpoint, outcome).Inc()
	}
}

// open begins a session.
func (h *Handler) open(w http.ResponseWriter, r *http.Request, path string, use classroomv1.MediaUse) error {
	secret, err := h.bearer(r)
	if err != nil {
		return err
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != sdpType {
		return errNotSDP
	}
	offer, err := readOffer(w, r)
	if err != nil {
		return err
	}
	lesson := r.PathValue("lesson")
	if !utf8.ValidString(offer) || !utf8.ValidString(lesson) {
		return errNotText
	}
	opened, err := h.classroom.OpenMediaSession(r.Context(), &classroomv1.OpenMediaSessionRequest{
		LessonId: lesson, Secret: secret, Use: use, Offer: offer,
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", sdpType)
	w.Header().Set("ETag", iceSession)
	w.Header().Set("Location", path+"/"+url.PathEscape(lesson)+"/"+url.PathEscape(opened.GetSessionId()))
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, opened.GetAnswer()) // who has gone meanwhile is missed by the relay
	return nil
}

// close ends a session.
func (h *Handler) close(w http.ResponseWriter, r *http.Request) error {
	secret, err := h.bearer(r)
	if err != nil {
		return err
	}
	lesson, session := r.PathValue("lesson"), r.PathValue("session")
	if !utf8.ValidString(lesson) || !utf8.ValidString(session) {
		return errNotText
	}
	_, err = h.classroom.CloseMediaSession(r.Context(), &classroomv1.CloseMediaSessionRequest{
		LessonId: lesson, Secret: secret, SessionId: session,
	})
	if err == nil {
		w.WriteHeader(http.StatusOK)
	}
	return err
}

// bearer takes the token out of a request, and counts what is done with it.
func (h *Handler) bearer(r *http.Request) (string, error) {
	secret, err := parseBearer(r.Header.Values("Authorization"))
	if err != nil {
		return "", err
	}
	key := sha256.Sum256([]byte(secret))
	if wait, ok := h.tokens.Take(string(key[:])); !ok {
		return "", fault.New(fault.ResourceExhausted, fault.RetryAfter(wait))
	}
	return secret, nil
}

func readOffer(w http.ResponseWriter, r *http.Request) (string, error) {
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Now().Add(bodyTime)); err != nil {
		return "", fault.Wrap(fault.Internal, fmt.Errorf("read deadline: %w", err))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOffer))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return "", errTooLarge
	case err != nil:
		return "", fault.Wrap(fault.DeadlineExceeded, fmt.Errorf("read offer: %w", err))
	}
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return "", fault.Wrap(fault.Internal, fmt.Errorf("read deadline: %w", err))
	}
	return string(body), nil
}
