// Package arch holds the architecture rules as tests. Each rule says why it exists; ARCHITECTURE.md tells the story.
package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/tongke-edu/tongke/"

type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func (p goPackage) imports() []string {
	return append(append(append([]string{}, p.Imports...), p.TestImports...), p.XTestImports...)
}

// list returns the packages of both modules.
func list(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...", module+"pkg/...")
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		packages = append(packages, p)
	}
	if len(packages) < 20 {
		t.Fatalf("only %d packages found: the rules would prove nothing", len(packages))
	}
	return packages
}

// service returns the service that a package belongs to, or "".
func service(path string) string {
	rest, ok := strings.CutPrefix(path, "services/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func TestServices_DoNotImportEachOther(t *testing.T) {
	// Services meet in proto/ and talk over gRPC, so that any of them can run apart. Only standalone assembles them.
	for _, p := range list(t) {
		from := service(p.ImportPath)
		if from == "" || from == "standalone" {
			continue
		}
		for _, imported := range p.imports() {
			to := service(strings.TrimPrefix(imported, module))
			if to != "" && to != from && to != "internal" {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

func TestPkg_ImportsNoService(t *testing.T) {
	// pkg is what services share; an import back would be a cycle of ideas even where Go allows it.
	for _, p := range list(t) {
		for _, imported := range p.imports() {
			if strings.HasPrefix(p.ImportPath, "pkg/") && strings.HasPrefix(imported, module+"services") {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

func TestDomainPackages_AreFreeOfTransportAndStorage(t *testing.T) {
	// Rules of a lesson, a timetable or a packet must be readable and testable without wire formats or databases.
	pure := []string{
		"services/classroom/internal/lesson",
		"services/scheduling/internal/timetable",
		"services/relay/internal/munge",
		"services/relay/internal/packetcache",
		"services/relay/internal/allocate",
		"services/relay/internal/layer",
		"services/relay/internal/keyframe",
		"services/relay/internal/assign",
		"services/relay/internal/offer",
		"services/relay/internal/answer",
		"services/relay/internal/nack",
		"services/relay/internal/estimate",
		"services/relay/internal/report",
		"services/relay/internal/twcc",
		"services/relay/internal/red",
		"services/relay/internal/speaker",
		"services/relay/internal/stun",
		"services/relay/internal/srtp",
		"services/relay/internal/record",
		"services/relay/internal/sctp",
	}
	banned := []string{
		module + "pkg/gen", "google.golang.org/grpc", "google.golang.org/protobuf", "database/sql",
		"github.com/nats-io", "github.com/pion/webrtc", "net/http", "os",
	}
	packages := map[string]goPackage{}
	for _, p := range list(t) {
		packages[p.ImportPath] = p
	}
	for _, path := range pure {
		p, ok := packages[path]
		if !ok {
			t.Errorf("%s does not exist: mend the rule", path)
		}
		for _, imported := range p.Imports {
			for _, ban := range banned {
				if imported == ban || strings.HasPrefix(imported, ban+"/") {
					t.Errorf("%s imports %s", path, imported)
				}
			}
		}
	}
}

func TestForwarding_KnowsNoPeerConnection(t *testing.T) {
	// The relay's connections sit behind a small interface, so that pion/webrtc can be replaced by an own assembly.
	for _, p := range list(t) {
		if p.ImportPath != "services/relay/internal/forward" {
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "github.com/pion/webrtc") {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}
