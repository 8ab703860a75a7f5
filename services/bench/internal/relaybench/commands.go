package relaybench

import (
	"context"
	"fmt"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/spf13/cobra"

	"github.com/tongke-edu/tongke/services/bench/internal/pionserver"
)

// Commands are the subcommands of tongke-bench about the relay.
func Commands() []*cobra.Command {
	return []*cobra.Command{
		measuring("relay", "Measure the relay's forwarding, joins and memory against plain Pion", &Params{}, Run),
		measuring("relay-network", "Measure what is left of a lesson on bad networks, against plain Pion", &Params{}, RunNetwork),
		steady(),
		pionServer(),
	}
}

func pionServer() *cobra.Command {
	var p pionserver.Params
	var profile string
	c := &cobra.Command{
		Use:    "pion-server",
		Short:  "The yardstick of the other commands, which start it themselves",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(c *cobra.Command, _ []string) error {
			profiles := map[string]dtls.SRTPProtectionProfile{"cm": dtls.SRTP_AES128_CM_HMAC_SHA1_80, "gcm": dtls.SRTP_AEAD_AES_128_GCM}
			var ok bool
			if p.Profile, ok = profiles[profile]; !ok {
				return fmt.Errorf("--profile %s: it is cm or gcm", profile)
			}
			return pionserver.Serve(c.Context(), p, c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&profile, "profile", "gcm", "protection of media: cm or gcm")
	c.Flags().BoolVar(&p.OnePort, "one-port", false, "one UDP port for all connections")
	return c
}

func steady() *cobra.Command {
	var p Params
	c := measuring("relay-steady", "Keep the relay at 70 % of one processor for a while, and watch loss, delays and memory", &p, RunSteady)
	c.Flags().DurationVar(&p.Duration, "duration", 10*time.Minute, "how long it is watched")
	return c
}

func measuring(use, short string, p *Params, run func(context.Context, Params) error) *cobra.Command {
	c := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p.Figures, p.Progress = c.OutOrStdout(), c.ErrOrStderr()
			return run(c.Context(), *p)
		},
	}
	c.Flags().StringVar(&p.Relay, "relay", ".bin/relay", "path of the relay binary")
	c.Flags().StringVar(&p.Output, "output", ".bin/bench-relay", "directory of the curves and the page of results")
	c.Flags().StringVar(&p.Only, "only", "", "only the phases whose names contain this")
	c.Flags().BoolVar(&p.Quick, "quick", false, "measure less, in under 90 s")
	return c
}
