package standalone

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tongke-edu/tongke/pkg/telemetry"
	"github.com/tongke-edu/tongke/pkg/testkit"
	"github.com/tongke-edu/tongke/services/web/client"
)

// TestAssemble_LeavesNothingOpenWhenALaterPartFails lets the last part fail, and then takes all that the others had.
func TestAssemble_LeavesNothingOpenWhenALaterPartFails(t *testing.T) {
	if _, err := client.Assets(); err != nil {
		t.Fatalf("%v (make test builds it first)", err)
	}
	testkit.NoLeaks(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	c := DefaultConfig()
	c.DataDir, c.Web.Listen, c.Web.ListenTLS = t.TempDir(), taken.Addr().String(), ""
	c.Relay.Media.Listen = "127.0.0.1:" + strconv.Itoa(testkit.FreePort(t))
	c.inDataDir()
	for range 2 {
		if _, err := assemble(t.Context(), c, quiet(t), telemetry.NewRegistry()); err == nil || !strings.Contains(err.Error(), "in use") {
			t.Fatalf("assembled with a taken address: %v", err)
		}
		if held := openFiles(t, c.DataDir); len(held) > 0 {
			t.Fatalf("still open: %v", held)
		}
	}
	c.Web.Listen = "127.0.0.1:0"
	p, err := assemble(t.Context(), c, quiet(t), telemetry.NewRegistry())
	if err != nil {
		t.Fatalf("the directory or the media port is still held: %v", err)
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
	if held := openFiles(t, c.DataDir); len(held) > 0 {
		t.Errorf("still open: %v", held)
	}
}

// openFiles lists the files in a directory that this process holds open.
func openFiles(t *testing.T, dir string) []string {
	t.Helper()
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("open files cannot be listed here: %v", err)
	}
	var held []string
	for _, d := range descriptors {
		if path, err := os.Readlink("/proc/self/fd/" + d.Name()); err == nil && strings.HasPrefix(path, dir) {
			held = append(held, path)
		}
	}
	return held
}
