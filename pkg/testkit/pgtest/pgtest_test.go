package pgtest

import (
	"strings"
	"testing"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

func TestServer_GivesEachTestAnEmptyDatabase(t *testing.T) {
	testkit.NoLeaks(t)
	s := Start(t)
	one, two := s.Database(t), s.Database(t)
	if one == two {
		t.Fatalf("both databases are %s", one)
	}
	for _, url := range []string{one, two} {
		out, err := s.command("psql", url, "-Atc", "create table t (x int); select count(*) from t").CombinedOutput()
		if err != nil {
			t.Fatalf("psql %s: %v: %s", url, err, out)
		}
		if !strings.HasSuffix(strings.TrimSpace(string(out)), "0") {
			t.Fatalf("psql %s: %s", url, out)
		}
	}
}
