package lifecycle_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/tongke-edu/tongke/pkg/lifecycle"
)

func recorder(g *lifecycle.Group, log *[]string, name string, startErr error) {
	g.Add(lifecycle.Part{
		Name:  name,
		Start: func(context.Context) error { *log = append(*log, "+"+name); return startErr },
		Stop:  func(context.Context) error { *log = append(*log, "-"+name); return nil },
	})
}

func TestGroup_StopsInReverseOrder(t *testing.T) {
	var log []string
	g := lifecycle.NewGroup(zaptest.NewLogger(t))
	recorder(g, &log, "store", nil)
	recorder(g, &log, "server", nil)
	ctx, cancel := context.WithCancel(t.Context())
	if err := g.Run(ctx, time.Second, cancel); err != nil {
		t.Fatal(err)
	}
	if want := []string{"+store", "+server", "-server", "-store"}; !slices.Equal(log, want) {
		t.Errorf("order %v, want %v", log, want)
	}
}

func TestGroup_FailedStartStopsOnlyWhatStarted(t *testing.T) {
	var log []string
	broken := errors.New("port taken")
	g := lifecycle.NewGroup(zaptest.NewLogger(t))
	recorder(g, &log, "store", nil)
	recorder(g, &log, "server", broken)
	recorder(g, &log, "client", nil)
	ready := func() { t.Error("reported ready") }
	if err := g.Run(t.Context(), time.Second, ready); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if want := []string{"+store", "+server", "-store"}; !slices.Equal(log, want) {
		t.Errorf("order %v, want %v", log, want)
	}
}

func TestGroup_RunnerThatFailsStopsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("disk full")
		g := lifecycle.NewGroup(zaptest.NewLogger(t))
		var stopped bool
		g.AddRunner("waiter", func(ctx context.Context) error { <-ctx.Done(); stopped = true; return ctx.Err() })
		g.AddRunner("writer", func(context.Context) error { return broken })
		if err := g.Run(t.Context(), time.Second, nil); !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
		if !stopped {
			t.Error("the other runner still runs")
		}
	})
}

func TestGroup_ARunnerThatDoesNotEndDoesNotHoldTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log []string
		release := make(chan struct{})
		g := lifecycle.NewGroup(zaptest.NewLogger(t))
		recorder(g, &log, "store", nil)
		g.AddRunner("deaf", func(context.Context) error { <-release; return nil })
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		err := g.Run(ctx, 5*time.Second, cancel)
		if took := time.Since(began); err == nil || took > 6*time.Second {
			t.Errorf("ended after %v with %v", took, err)
		}
		if want := []string{"+store", "-store"}; !slices.Equal(log, want) {
			t.Errorf("order %v, want %v", log, want)
		}
		close(release)
	})
}

func TestDrain_WorkOutlivesItsRequestAndCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := lifecycle.NewDrain(time.Minute)
		request, cancel := context.WithCancel(t.Context())
		var done bool
		d.Go(request, func(ctx context.Context) {
			cancel()
			select {
			case <-ctx.Done():
				t.Error("work ended with its request")
			case <-time.After(time.Second):
				done = true
			}
		})
		d.Close(t.Context())
		if !done {
			t.Error("Close did not wait")
		}
		if d.Go(t.Context(), func(context.Context) { t.Error("ran after Close") }) {
			t.Error("accepted work after Close")
		}
	})
}

func TestDrain_CloseCancelsWorkWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := lifecycle.NewDrain(time.Hour)
		d.Go(t.Context(), func(ctx context.Context) { <-ctx.Done() })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		d.Close(ctx)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %s", took)
		}
	})
}
