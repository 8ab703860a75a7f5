// Package smoke proves in under a minute that a built tongke binary teaches a lesson: a teacher and five classrooms
// without browsers sign in or pair, meet, see and hear each other, raise hands, are called on, chat, vote, live through
// a crash of the server and end, all over the public API. It measures on the way.
package smoke

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tongke-edu/tongke/services/bench/internal/child"
	"github.com/tongke-edu/tongke/services/bench/internal/probe"
	"github.com/tongke-edu/tongke/services/bench/internal/stats"
)

const (
	// Rooms is how many classrooms take part.
	Rooms = 5
	// limit ends a run that hangs.
	limit = 55 * time.Second
	// settle is how long an idle server may take to free what starting cost.
	settle = 1500 * time.Millisecond
)

// Params are the inputs of [Run].
type Params struct {
	// Tongke is the path of the binary.
	Tongke string
	// Network lies between the participants and the relay. A bad one is only measured: its loss fails nothing.
	Network Network
	// Figures gets one JSON line per figure, Progress one line per step.
	Figures, Progress io.Writer
}

// Run runs the lesson once. It fails when anything did not work; the figures measured until then are printed anyway.
func Run(ctx context.Context, p Params) (err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var figures []Figure
	defer func() { err = errors.Join(err, write(p.Figures, figures)) }()

	srv, err := startServer(ctx, p.Tongke, p.Network)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	figures = append(figures, milliseconds("ready_ms", srv.ready))
	p.say("ready at %s after %d ms", srv.url, srv.ready.Milliseconds())

	idle, err := idleMemory(ctx, srv)
	if err != nil {
		return err
	}
	figures = append(figures, idle)

	school, err := foundSchool(ctx, srv, Rooms)
	if err != nil {
		return err
	}
	defer school.close()
	p.say("a teacher, a scheduler and %d paired classrooms", Rooms)

	lesson, err := enter(ctx, srv, school, p.say)
	if lesson != nil {
		defer lesson.close()
	}
	if err != nil {
		return err
	}
	err = lesson.teach(ctx)
	p.say("first frame after %d ms in the median of %d joins, %d ms at most",
		stats.Percentile(lesson.joins, 50).Milliseconds(), len(lesson.joins), stats.Percentile(lesson.joins, 100).Milliseconds())
	return errors.Join(err, lesson.conclude(&figures, p.Network))
}

func (p Params) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.Progress, "smoke: "+format+"\n", args...) // progress that nobody can read is no failure
}

// idleMemory waits until the server has settled, and weighs it.
func idleMemory(ctx context.Context, srv *server) (Figure, error) {
	select {
	case <-time.After(settle):
	case <-ctx.Done():
		return Figure{}, ctx.Err()
	}
	kb, err := child.ResidentKB(srv.PID())
	return Figure{Name: "rss_idle_mb", Value: float64(kb<<10) / 1e6, Unit: "MB"}, err
}

// conclude adds what the lesson measured, and fails when media or commands were lost or broken.
func (l *lesson) conclude(figures *[]Figure, network Network) error {
	audio, video := l.counts(probe.Audio), l.counts(probe.Video)
	all := audio.Add(video)
	lost, err := l.lostCommands()
	*figures = append(*figures,
		milliseconds("join_first_frame_ms_p95", stats.Percentile(l.joins, 95)),
		milliseconds("hand_to_teacher_ms_p99", stats.Percentile(l.hands, 99)),
		milliseconds("crash_to_commands_ms", l.recovery),
		Figure{Name: "media_loss_ratio", Value: all.LossRatio(), Unit: "ratio"},
		Figure{Name: "commands_lost", Value: float64(lost), Unit: "count"},
	)
	if lost > 0 {
		err = errors.Join(err, fmt.Errorf("%d acknowledged commands were lost", lost))
	}
	if all.Broken > 0 {
		err = errors.Join(err, fmt.Errorf("media with broken content: %v", all))
	}
	if ratio := all.LossRatio(); ratio > maxLoss && !network.bad() {
		err = errors.Join(err, fmt.Errorf("media loss of %.2f %% on loopback: %v", 100*ratio, all))
	}
	l.say("sound: %v", audio)
	l.say("picture: %v", video)
	return err
}

// maxLoss is the largest share of packets that may be missing on loopback, where a busy machine may drop a few.
const maxLoss = 0.01
