// Command relay runs the media relay as a process of its own: RelayService over gRPC, media on its own port.
//
// gRPC is not encrypted yet, so it listens on loopback only, unless it is told that the network is a trusted one.
// Who may call is decided by signed identities all the same: each trusted issuer is given by its public key.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tongke-edu/tongke/pkg/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var o options
	var file string
	var set map[string]string
	c := &cobra.Command{
		Use:           "relay",
		Short:         "Move the media of lessons, told by gRPC what to move",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg := defaultConfig()
			if err := config.Load(&cfg, config.Options{File: file, EnvPrefix: "TONGKE_RELAY_", Flags: set}); err != nil {
				return err
			}
			o.out = c.OutOrStdout()
			return serve(c.Context(), cfg, o)
		},
	}
	c.Flags().StringVar(&file, "config", "", "configuration file (YAML)")
	c.Flags().StringToStringVar(&set, "set", nil, "any setting, such as --set media.listen=:7882")
	c.Flags().StringToStringVar(&o.trust, "trust", nil, "issuer of identities and the file of its Ed25519 public key (PEM), such as --trust classroom=key.pem")
	c.Flags().BoolVar(&o.trustedNetwork, "trusted-network", false, "let gRPC listen beyond loopback although it is not encrypted")
	c.Flags().BoolVar(&o.readyJSON, "ready-json", false, "print one JSON line with the addresses when ready")
	return c
}
