// Command tongke-bench measures Tongke and prints one JSON line per figure: a whole server with headless participants
// over the public API, or the relay alone against plain pion/webrtc.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tongke-edu/tongke/services/bench/internal/relaybench"
	"github.com/tongke-edu/tongke/services/bench/internal/smoke"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "tongke-bench:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "tongke-bench",
		Short:         "Headless participants that measure a Tongke server",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	p := smoke.Params{Figures: os.Stdout, Progress: os.Stderr}
	smokeCommand := &cobra.Command{
		Use:   "smoke",
		Short: "Start the tongke binary, teach one lesson with a teacher and five classrooms, and measure it",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return smoke.Run(c.Context(), p) },
	}
	smokeCommand.Flags().Float64Var(&p.Network.Loss, "loss", 0, "share of media packets that vanish in each direction, 0 to 1")
	smokeCommand.Flags().DurationVar(&p.Network.Delay, "delay", 0, "delay of media in each direction")
	smokeCommand.Flags().DurationVar(&p.Network.Jitter, "jitter", 0, "spread of the delay, plus or minus")
	smokeCommand.Flags().StringVar(&p.Tongke, "tongke", ".bin/tongke", "path of the tongke binary")
	root.AddCommand(smokeCommand)
	root.AddCommand(relaybench.Commands()...)
	return root
}
