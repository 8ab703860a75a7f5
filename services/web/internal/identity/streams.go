package identity

import (
	"context"
	"sync"
	"time"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// recheckEvery is how often the credentials of open streams are resolved again.
const recheckEvery = 15 * time.Second

// Streams knows which streams are open under which credential, and cuts them when it is taken away.
type Streams struct {
	resolver *Resolver

	mu     sync.Mutex
	closed bool
	open   map[string]map[*stream]struct{} // by credential
}

type stream struct{ cancel context.CancelCauseFunc }

// NewStreams returns an empty set.
func NewStreams(r *Resolver) *Streams {
	return &Streams{resolver: r, open: map[string]map[*stream]struct{}{}}
}

// Open adds a stream. The context that it returns ends with a *fault.Error as its cause when the stream is cut; the
// caller calls close when the stream has ended. Open fails with SESSION_EXPIRED when the credential was revoked since
// it was resolved, and with UNAVAILABLE after Close.
func (s *Streams) Open(ctx context.Context, credential string) (streamCtx context.Context, close func(), err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	st := &stream{cancel: cancel}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		cancel(nil)
		return nil, nil, fault.New(fault.Unavailable)
	}
	if s.open[credential] == nil {
		s.open[credential] = map[*stream]struct{}{}
	}
	s.open[credential][st] = struct{}{}
	s.mu.Unlock()
	close = func() {
		cancel(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open[credential], st)
		if len(s.open[credential]) == 0 {
			delete(s.open, credential)
		}
	}
	// A sign-out forgets first and cuts then: either its cut found this stream, or its mark is found here.
	if s.resolver.Forgotten(credential) {
		close()
		return nil, nil, fault.New(fault.SessionExpired)
	}
	return ctx, close, nil
}

// Cut ends all streams of a credential with SESSION_EXPIRED.
func (s *Streams) Cut(credential string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for st := range s.open[credential] {
		st.cancel(fault.New(fault.SessionExpired))
	}
}

// Close ends every stream with UNAVAILABLE and lets none open: the server stops, and clients go to another.
func (s *Streams) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, streams := range s.open {
		for st := range streams {
			st.cancel(fault.New(fault.Unavailable))
		}
	}
}

// Sweep resolves the credentials of open streams every fifteen seconds and cuts those that are gone. It returns when
// ctx ends.
func (s *Streams) Sweep(ctx context.Context) {
	tick := time.NewTicker(recheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.recheck(ctx)
		}
	}
}

func (s *Streams) recheck(ctx context.Context) {
	for _, credential := range s.credentials() {
		if ctx.Err() != nil {
			return
		}
		// A directory that cannot answer takes no credential away.
		if _, err := s.resolver.Refresh(ctx, credential); err != nil && Gone(err) {
			s.Cut(credential)
		}
	}
}

func (s *Streams) credentials() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]string, 0, len(s.open))
	for credential := range s.open {
		out = append(out, credential)
	}
	return out
}
