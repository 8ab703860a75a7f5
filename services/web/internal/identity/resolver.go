package identity

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tongke-edu/tongke/pkg/fault"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
)

const (
	// cacheTime is how long an answer of the directory counts.
	cacheTime = 5 * time.Second
	// cacheSize bounds the answers kept; beyond it they are asked for again.
	cacheSize = 20_000
	// resolveTime bounds one question to the directory, which several requests may share.
	resolveTime = 5 * time.Second
)

// key stands for a credential and has one size, whatever a browser sends.
type key [sha256.Size]byte

func keyOf(credential string) key { return sha256.Sum256([]byte(credential)) }

// Resolver asks the directory who a credential stands for and remembers valid answers for five seconds.
type Resolver struct {
	directory Directory
	flights   singleflight.Group

	mu      sync.Mutex
	answers map[key]answer
}

// answer holds a principal, or nil for a credential that was forgotten.
type answer struct {
	principal *directoryv1.Principal
	until     time.Time
}

// NewResolver returns a resolver with nothing in it.
func NewResolver(d Directory) *Resolver {
	return &Resolver{directory: d, answers: map[key]answer{}}
}

// Resolve returns who the credential stands for. It fails with SESSION_EXPIRED when it is gone.
func (r *Resolver) Resolve(ctx context.Context, credential string) (*directoryv1.Principal, error) {
	k := keyOf(credential)
	if a, ok := r.cached(k); ok {
		if a.principal == nil {
			return nil, fault.New(fault.SessionExpired)
		}
		return a.principal, nil
	}
	return r.ask(ctx, k, credential)
}

// Refresh resolves without regard to what is remembered.
func (r *Resolver) Refresh(ctx context.Context, credential string) (*directoryv1.Principal, error) {
	return r.ask(ctx, keyOf(credential), credential)
}

// Forget makes the credential worthless here at once, even for answers that are on their way.
func (r *Resolver) Forget(credential string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// A question asked before the revocation takes at most resolveTime; its answer must not bring the credential back.
	r.answers[keyOf(credential)] = answer{until: time.Now().Add(2 * resolveTime)}
}

// Forgotten says whether Forget was called for the credential a moment ago.
func (r *Resolver) Forgotten(credential string) bool {
	a, ok := r.cached(keyOf(credential))
	return ok && a.principal == nil
}

func (r *Resolver) ask(ctx context.Context, k key, credential string) (*directoryv1.Principal, error) {
	// The answer is shared, so one impatient request must not end the question of the others.
	flight := r.flights.DoChan(string(k[:]), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), resolveTime)
		defer cancel()
		resp, err := r.directory.ResolveCredential(ctx, &directoryv1.ResolveCredentialRequest{Credential: credential})
		if err != nil {
			return nil, unresolved(err)
		}
		return r.remember(k, resp.GetPrincipal())
	})
	select {
	case <-ctx.Done():
		return nil, fault.From(ctx.Err())
	case result := <-flight:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*directoryv1.Principal), nil
	}
}

// unresolved keeps a refusal of web itself (a wrong key, say) apart from one of the credential: the former must not
// sign anybody out.
func unresolved(err error) error {
	switch fault.ReasonOf(err) {
	case fault.SessionExpired, fault.Unavailable, fault.DeadlineExceeded, fault.ResourceExhausted:
		return fault.From(err)
	default:
		return fault.Wrap(fault.Internal, err)
	}
}

func (r *Resolver) cached(k key) (answer, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.answers[k]
	return a, ok && time.Now().Before(a.until)
}

func (r *Resolver) remember(k key, p *directoryv1.Principal) (*directoryv1.Principal, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if a, ok := r.answers[k]; ok && a.principal == nil && now.Before(a.until) {
		return nil, fault.New(fault.SessionExpired)
	}
	if len(r.answers) >= cacheSize {
		r.shrink(now)
	}
	r.answers[k] = answer{principal: p, until: now.Add(cacheTime)}
	return p, nil
}

// shrink removes what has expired, and valid answers too while the cache stays full. The caller holds mu.
func (r *Resolver) shrink(now time.Time) {
	for k, a := range r.answers {
		if now.After(a.until) {
			delete(r.answers, k)
		}
	}
	for k, a := range r.answers {
		if len(r.answers) < cacheSize {
			return
		}
		if a.principal != nil {
			delete(r.answers, k)
		}
	}
}
