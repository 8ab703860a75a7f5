package identity_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/tongke-edu/tongke/pkg/fault"
	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
	"github.com/tongke-edu/tongke/services/web/internal/identity"
)

const credential = "0123456789012345678901234567890123456789012"

// directory holds one credential; answer is what it says about it.
type directory struct {
	identity.Directory

	mu     sync.Mutex
	asked  int
	delay  time.Duration
	answer error
}

func (d *directory) ResolveCredential(ctx context.Context, r *directoryv1.ResolveCredentialRequest, _ ...grpc.CallOption) (*directoryv1.ResolveCredentialResponse, error) {
	d.mu.Lock()
	d.asked++
	delay, answer := d.delay, d.answer
	d.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if answer != nil {
		return nil, answer
	}
	return &directoryv1.ResolveCredentialResponse{Principal: &directoryv1.Principal{CredentialId: r.GetCredential()[:3]}}, nil
}

func (d *directory) set(delay time.Duration, answer error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delay, d.answer = delay, answer
}

func TestResolver_AsksOnceInFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{}
		r := identity.NewResolver(d)
		for range 3 {
			if _, err := r.Resolve(t.Context(), credential); err != nil {
				t.Fatal(err)
			}
		}
		if d.asked != 1 {
			t.Errorf("asked %d times", d.asked)
		}
		time.Sleep(5 * time.Second) // virtual
		d.set(0, fault.New(fault.SessionExpired).GRPCStatus().Err())
		if _, err := r.Resolve(t.Context(), credential); fault.ReasonOf(err) != fault.SessionExpired {
			t.Errorf("after five seconds: %v", err)
		}
	})
}

func TestResolver_SharesOneQuestionAndSurvivesAnImpatientCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{delay: time.Second}
		r := identity.NewResolver(d)
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := r.Resolve(impatient, credential); fault.ReasonOf(err) != fault.DeadlineExceeded {
				t.Errorf("impatient: %v", err)
			}
		})
		synctest.Wait()
		for range 3 {
			all.Go(func() {
				if _, err := r.Resolve(t.Context(), credential); err != nil {
					t.Errorf("patient: %v", err)
				}
			})
		}
		all.Wait()
		if d.asked != 1 {
			t.Errorf("asked %d times", d.asked)
		}
	})
}

func TestResolver_AnswerOnItsWayDoesNotBringAForgottenCredentialBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{delay: time.Second}
		r := identity.NewResolver(d)
		late := make(chan error, 1)
		go func() { _, err := r.Resolve(t.Context(), credential); late <- err }()
		synctest.Wait()
		r.Forget(credential)
		if err := <-late; fault.ReasonOf(err) != fault.SessionExpired {
			t.Errorf("on its way: %v", err)
		}
		if _, err := r.Resolve(t.Context(), credential); fault.ReasonOf(err) != fault.SessionExpired {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestResolver_RefusalOfWebItselfSignsNobodyOut(t *testing.T) {
	r := identity.NewResolver(&directory{answer: status.Error(codes.Unauthenticated, "unknown issuer")})
	if _, err := r.Resolve(t.Context(), credential); fault.ReasonOf(err) != fault.Internal || identity.Gone(err) {
		t.Errorf("%v", err)
	}
}

func TestStreams_SweepCutsOnlyWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &directory{}
		streams := identity.NewStreams(identity.NewResolver(d))
		ctx, cancel := context.WithCancel(t.Context())
		var sweeping sync.WaitGroup
		sweeping.Go(func() { streams.Sweep(ctx) })
		defer sweeping.Wait()
		defer cancel()
		stream, done, err := streams.Open(t.Context(), credential)
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		for _, harmless := range []error{nil, status.Error(codes.Unavailable, "restarting")} {
			d.set(0, harmless)
			time.Sleep(time.Minute) // virtual
			synctest.Wait()
			if stream.Err() != nil {
				t.Fatalf("cut after %v: %v", harmless, context.Cause(stream))
			}
		}
		d.set(0, fault.New(fault.SessionExpired).GRPCStatus().Err())
		time.Sleep(15 * time.Second) // virtual
		synctest.Wait()
		if got := fault.ReasonOf(context.Cause(stream)); got != fault.SessionExpired {
			t.Errorf("cause %q", got)
		}
	})
}

func TestStreams_OpenAfterASignOutIsRefused(t *testing.T) {
	r := identity.NewResolver(&directory{})
	streams := identity.NewStreams(r)
	if _, err := r.Resolve(t.Context(), credential); err != nil {
		t.Fatal(err)
	}
	r.Forget(credential)
	streams.Cut(credential)
	if _, _, err := streams.Open(t.Context(), credential); fault.ReasonOf(err) != fault.SessionExpired {
		t.Errorf("%v", err)
	}
}

func FuzzParseCookies(f *testing.F) {
	f.Add("tongke_session="+credential, false)
	f.Add("a=b; __Host-tongke_device="+credential+"; =;", true)
	f.Add("\x00;;=\"", true)
	f.Fuzz(func(t *testing.T, line string, secure bool) {
		c := identity.ParseCookies([]string{line}, secure)
		for _, secret := range []string{c.Session, c.Device, c.Pairing} {
			if secret != "" && (len(secret) < 20 || len(secret) > 128) {
				t.Errorf("took %q", secret)
			}
		}
	})
}
