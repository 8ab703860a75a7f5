package relaybench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is USER_HZ, which Linux fixes at 100 for programs.
const clockTick = 10 * time.Millisecond

var errProc = errors.New("unreadable /proc")

// cpuTime is what a process has used, in user and system mode (proc(5), stat).
func cpuTime(pid int) (time.Duration, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseStat(string(raw))
}

// parseStat reads utime and stime; the name before them may hold blanks and brackets.
func parseStat(stat string) (time.Duration, error) {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0, errProc
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick, errors.Join(err, err2)
}

// machineTime is how long all processors of the machine were busy and how long they were there.
func machineTime() (busy, total time.Duration, err error) {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	for i, field := range strings.Fields(line)[1:] {
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, 0, errProc
		}
		if i > 7 { // guest time is part of user time
			break
		}
		total += time.Duration(ticks) * clockTick
		if i != 3 && i != 4 { // idle, waiting for disks
			busy += time.Duration(ticks) * clockTick
		}
	}
	return busy, total, nil
}

// gauges reads unlabelled metrics of a server's metrics page.
func gauges(ctx context.Context, address string, names ...string) (map[string]float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	out := map[string]float64{}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		for _, wanted := range names {
			if name == wanted {
				if out[name], err = strconv.ParseFloat(value, 64); err != nil {
					return nil, err
				}
			}
		}
	}
	if len(out) != len(names) {
		return nil, fmt.Errorf("metrics of %s: %d of %d found", address, len(out), len(names))
	}
	return out, nil
}

// allocations is how many objects a server puts on its heap during something, without those of looking at its metrics.
func (s *server) allocations(ctx context.Context, during func() error) (float64, error) {
	const name = "go_memstats_mallocs_total"
	var looks [3]float64 // the first two tell what a look costs
	for i := range looks {
		if i == 2 {
			if err := during(); err != nil {
				return 0, err
			}
		}
		g, err := gauges(ctx, s.where.Metrics, name)
		if err != nil {
			return 0, err
		}
		looks[i] = g[name]
	}
	look := looks[1] - looks[0]
	return max(0, looks[2]-looks[1]-look), nil
}
