// Package child runs servers as processes of their own: started until they say that they are ready, and ended with
// the program that started them.
package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is one life of a server. It owns the goroutine that reads the output until the process has ended.
type Process struct {
	cmd    *exec.Cmd
	log    *Tail
	exited chan struct{}
	err    error // how it ended; read it after exited is closed
}

// Start runs a program and returns the first line of JSON on its standard output that ready accepts. What it logs goes
// to log. It fails, and the process has ended, when the program ends before, the time is over, or ctx ends.
func Start[Line any](
	ctx context.Context, log *Tail, within time.Duration, ready func(Line) bool, program string, args ...string,
) (*Process, Line, error) {
	var line Line
	p := &Process{cmd: exec.Command(program, args...), log: log, exited: make(chan struct{})}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.cmd.Stderr = log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, line, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, line, fmt.Errorf("start %s: %w", program, err)
	}
	lines := make(chan Line, 1)
	go supervise(p, out, ready, lines)
	select {
	case line = <-lines:
		return p, line, nil
	case <-p.exited:
		return nil, line, fmt.Errorf("%s ended before it was ready: %v%s", program, p.cmd.ProcessState, log)
	case <-time.After(within):
		err = fmt.Errorf("%s is not ready after %v%s", program, within, log)
	case <-ctx.Done():
		err = ctx.Err()
	}
	p.Kill()
	return nil, line, err
}

// supervise reads the process's output until it ends.
func supervise[Line any](p *Process, out io.Reader, ready func(Line) bool, lines chan<- Line) {
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		var line Line
		if json.Unmarshal(scanner.Bytes(), &line) == nil && ready(line) {
			select {
			case lines <- line:
			default:
			}
		}
	}
	p.err = p.cmd.Wait()
	close(p.exited)
}

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill ends the process without warning, as a power cut would.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // fails when it has ended
	<-p.exited
}

// Stop ends the process as a service manager does, with force when it does not end in time. It fails when the process
// had ended by itself, ended badly, or had to be killed.
func (p *Process) Stop(within time.Duration) error {
	select {
	case <-p.exited:
		return fmt.Errorf("the server had ended by itself: %v%s", p.cmd.ProcessState, p.log)
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	select {
	case <-p.exited:
		if p.err != nil {
			return fmt.Errorf("the server ended badly: %w%s", p.err, p.log)
		}
		return nil
	case <-time.After(within):
		p.Kill()
		return fmt.Errorf("the server did not stop within %v and was killed%s", within, p.log)
	}
}

// ResidentKB is a process's memory as the system counts it (proc(5), VmRSS).
func ResidentKB(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the server's memory: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		}
	}
	return 0, errors.New("read the server's memory: no VmRSS")
}
