package eventlog

import (
	"strings"
	"testing"

	"github.com/tongke-edu/tongke/pkg/fault"
	"go.uber.org/zap/zaptest"
)

func startEmbedded(t testing.TB, dir string) *Embedded {
	t.Helper()
	e, err := StartEmbedded(EmbeddedParams{Dir: dir, Log: zaptest.NewLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func openStore(t testing.TB, e *Embedded) *Store {
	t.Helper()
	s, err := Open(t.Context(), Params{Embedded: e})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustAppend(t testing.TB, l Log, log string, after Position, e Entry) Position {
	t.Helper()
	p, err := l.Append(t.Context(), log, after, e)
	if err != nil {
		t.Fatalf("append to %s after %d: %v", log, after, err)
	}
	return p
}

func read(t testing.TB, l Log, log string, after Position) []Entry {
	t.Helper()
	entries, err := l.Read(t.Context(), log, after)
	if err != nil {
		t.Fatalf("read %s after %d: %v", log, after, err)
	}
	return entries
}

// data joins the contents of entries.
func data(entries []Entry) string {
	var words []string
	for _, e := range entries {
		words = append(words, string(e.Data))
	}
	return strings.Join(words, " ")
}

func wantReason(t testing.TB, err error, want fault.Reason) {
	t.Helper()
	if got := fault.ReasonOf(err); got != want {
		t.Errorf("reason %q (%v), want %q", got, err, want)
	}
}
