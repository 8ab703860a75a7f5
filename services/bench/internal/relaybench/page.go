package relaybench

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// write puts the curves and the page of results into the output directory and returns the page's path.
func (b *bench) write(name string) (string, error) {
	if err := os.MkdirAll(b.params.Output, 0o755); err != nil {
		return "", fmt.Errorf("results: %w", err)
	}
	var page strings.Builder
	fmt.Fprintf(&page, "# Results of `tongke-bench %s`\n%s, in %.0f s.\n\n", name, time.Now().Format("2006-01-02 15:04 MST"), time.Since(b.began).Seconds())
	page.WriteString("Other results of this machine: [README.md](README.md)\n\n")
	page.WriteString(machine())
	page.WriteString("\n| figure | value | unit | conditions |\n|---|---:|---|---|\n")
	for _, f := range b.figures.list {
		fmt.Fprintf(&page, "| `%s` | %s | %s | %s |\n", f.Name, f.shown(), f.Unit, strings.ReplaceAll(f.Conditions, "|", "\\|"))
	}
	for _, curve := range b.curves.names {
		file := curve + ".svg"
		if err := os.WriteFile(filepath.Join(b.params.Output, file), b.curves.charts[curve].SVG(), 0o644); err != nil {
			return "", fmt.Errorf("curve: %w", err)
		}
		fmt.Fprintf(&page, "\n![%s](%s)\n", titles[curve].Title, file)
	}
	path := filepath.Join(b.params.Output, name+".md")
	if err := os.WriteFile(path, []byte(page.String()), 0o644); err != nil {
		return "", fmt.Errorf("results: %w", err)
	}
	return path, b.index()
}

// index lists all pages of the directory.
func (b *bench) index() error {
	pages, err := filepath.Glob(filepath.Join(b.params.Output, "relay*.md"))
	if err != nil {
		return fmt.Errorf("list of results: %w", err)
	}
	var list strings.Builder
	list.WriteString("# Results\n")
	for _, page := range pages {
		raw, err := os.ReadFile(page)
		if err != nil {
			return fmt.Errorf("list of results: %w", err)
		}
		lines := strings.SplitN(string(raw), "\n", 3)
		fmt.Fprintf(&list, "- [%s](%s): %s\n", strings.TrimPrefix(lines[0], "# "), filepath.Base(page), lines[min(1, len(lines)-1)])
	}
	if err := os.WriteFile(filepath.Join(b.params.Output, "README.md"), []byte(list.String()), 0o644); err != nil {
		return fmt.Errorf("list of results: %w", err)
	}
	return nil
}

// machine names what the figures were measured on and with.
func machine() string {
	var b strings.Builder
	fmt.Fprintf(&b, "- Machine: %s, %d processors, Linux %s; load average %s\n", processor(), runtime.NumCPU(), kernel(), loadAverage())
	fmt.Fprintf(&b, "- Versions: %s", runtime.Version())
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if strings.HasPrefix(m.Path, "github.com/pion/") {
				fmt.Fprintf(&b, ", %s %s", strings.TrimPrefix(m.Path, "github.com/"), m.Version)
			}
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				fmt.Fprintf(&b, "; Tongke at %.12s", s.Value)
			}
		}
	}
	b.WriteString("\n- Figures of a busy machine vary by a factor of two; ratios are of measurements that took turns.\n")
	return b.String()
}

// processor is the model in /proc/cpuinfo.
func processor() string {
	raw, _ := os.ReadFile("/proc/cpuinfo") // unreadable: unknown
	for line := range strings.Lines(string(raw)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

func kernel() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "unknown"
	}
	return unix.ByteSliceToString(u.Release[:])
}

func loadAverage() string {
	raw, _ := os.ReadFile("/proc/loadavg") // unreadable: unknown
	fields := strings.Fields(string(raw))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
