package eventlog

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

// appendDirEnv makes the test binary a process that appends to a store in that directory until it is killed.
const appendDirEnv = "TONGKE_TEST_APPEND_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(appendDirEnv); dir != "" {
		if err := appendUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	testkit.Main(m)
}

func TestStore_KeepsEverythingAcrossReopening(t *testing.T) {
	testkit.NoLeaks(t)
	dir := t.TempDir()
	e := startEmbedded(t, dir)
	s := openStore(t, e)
	var last Position
	for i := range 50 {
		last = mustAppend(t, s, "a", last, Entry{Epoch: 3, Data: fmt.Append(nil, i)})
	}
	mustAppend(t, s, "b", 0, Entry{Final: true})
	e.Close()

	s = openStore(t, startEmbedded(t, dir))
	entries := read(t, s, "a", 0)
	if len(entries) != 50 || string(entries[49].Data) != "49" || entries[49].Epoch != 3 || entries[49].Position != last {
		t.Fatalf("%d entries after reopening", len(entries))
	}
	if names, err := s.Unfinished(t.Context()); err != nil || len(names) != 1 || names[0] != "a" {
		t.Errorf("unfinished after reopening: %v (%v)", names, err)
	}
	mustAppend(t, s, "a", last, Entry{Data: []byte("50")})
}

func TestStartEmbedded_RefusesADirectoryInUse(t *testing.T) {
	testkit.NoLeaks(t)
	dir := t.TempDir()
	startEmbedded(t, dir)
	if _, err := StartEmbedded(EmbeddedParams{Dir: dir}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Fatalf("second server on one directory: %v", err)
	}
}

func TestOpen_RefusesAnotherNumberOfShards(t *testing.T) {
	testkit.NoLeaks(t)
	e := startEmbedded(t, t.TempDir())
	openStore(t, e)
	if _, err := Open(t.Context(), Params{Embedded: e, Shards: 4}); err == nil {
		t.Fatal("opened with 4 shards what has 16")
	}
	openStore(t, e)
}

// TestStore_LosesNothingAcknowledgedWhenKilled kills a writing process three times in a row, without warning.
func TestStore_LosesNothingAcknowledgedWhenKilled(t *testing.T) {
	testkit.NoLeaks(t)
	dir := t.TempDir()
	acknowledged := 0
	for range 3 {
		acknowledged = appendAndKill(t, dir, acknowledged+200)
	}
	s := openStore(t, startEmbedded(t, dir))
	entries := read(t, s, "a", 0)
	for i, e := range entries {
		if string(e.Data) != strconv.Itoa(i) {
			t.Fatalf("entry %d holds %q", i, e.Data)
		}
	}
	if len(entries) < acknowledged {
		t.Fatalf("%d entries left of %d that were acknowledged", len(entries), acknowledged)
	}
	t.Logf("acknowledged %d, kept %d", acknowledged, len(entries))
}

// appendAndKill runs a writer until it has acknowledged that many entries in all, kills it, and returns how many it
// had acknowledged by then.
func appendAndKill(t *testing.T, dir string, target int) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), appendDirEnv+"="+dir)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged, killed := 0, false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if n, err := strconv.Atoi(lines.Text()); err == nil { // the last line may be cut short
			acknowledged = max(acknowledged, n)
		}
		if acknowledged >= target && !killed {
			killed = true
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // "signal: killed"
	if !killed {
		t.Fatalf("the writer ended by itself after %d entries", acknowledged)
	}
	return acknowledged
}

// appendUntilKilled prints the number of acknowledged entries after each.
func appendUntilKilled(dir string) error {
	ctx := context.Background()
	e, err := StartEmbedded(EmbeddedParams{Dir: dir})
	if err != nil {
		return err
	}
	s, err := Open(ctx, Params{Embedded: e})
	if err != nil {
		return err
	}
	entries, err := s.Read(ctx, "a", 0)
	if err != nil {
		return err
	}
	n, last := len(entries), Position(0)
	if n > 0 {
		last = entries[n-1].Position
	}
	for {
		if last, err = s.Append(ctx, "a", last, Entry{Data: strconv.AppendInt(nil, int64(n), 10)}); err != nil {
			return err
		}
		n++
		fmt.Println(n)
	}
}
