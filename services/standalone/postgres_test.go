package standalone

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tongke-edu/tongke/pkg/testkit/pgtest"
)

// TestServe_RunsOnPostgreSQL starts `tongke serve` on a PostgreSQL database, twice, and reads the demo lessons.
func TestServe_RunsOnPostgreSQL(t *testing.T) {
	dsn := pgtest.Start(t).Database(t)
	dir := t.TempDir()
	for range 2 {
		url, stop := start(t, dir, "--set", "scheduling.database.driver=postgres", "--set", "scheduling.database.dsn="+dsn)
		page := browser(t)
		if got := call(t, page, url+"/tongke.web.v1.SessionService/SignIn",
			`{"login":"teacher","password":"`+demoPassword+`"}`); !strings.Contains(got, "psn_demo_teacher") {
			t.Errorf("signed in as %s", got)
		}
		now := time.Now().UTC()
		got := call(t, page, url+"/tongke.scheduling.v1.SchedulingService/ListLessons",
			`{"from":"`+now.Add(-time.Hour).Format(time.RFC3339)+`","to":"`+now.Add(time.Hour).Format(time.RFC3339)+`"}`)
		if !strings.Contains(got, "语文·荷塘月色") || strings.Contains(got, "数学") {
			t.Errorf("the teacher's lessons are %s", got)
		}
		stop()
	}
	if _, err := os.Stat(filepath.Join(dir, "tongke.db")); err == nil {
		t.Error("there is an SQLite database as well")
	}
}

func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Jar: jar, Transport: transport}
}

// call posts JSON and returns the answer's.
func call(t *testing.T, c *http.Client, url, body string) string {
	t.Helper()
	resp, err := c.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", url, resp.Status, answer, err)
	}
	return string(answer)
}
