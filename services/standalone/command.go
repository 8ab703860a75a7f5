package standalone

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tongke-edu/tongke/pkg/config"
)

// Command returns the command line of the tongke binary.
func Command() *cobra.Command {
	root := &cobra.Command{
		Use:           "tongke",
		Short:         "Live, interactive lessons between school campuses, in one process",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       Version,
	}
	settings := &settingsFlags{}
	root.PersistentFlags().StringVar(&settings.file, "config", "", "configuration file (YAML); see deploy/tongke.yaml")
	root.PersistentFlags().StringVar(&settings.dataDir, "data", "", "directory for everything that lasts (default \"data\")")
	root.AddCommand(serveCommand(settings), adminCommand(settings), configCommand())
	return root
}

// settingsFlags are the flags that all commands share.
type settingsFlags struct {
	file    string
	dataDir string
}

// load reads file < environment < flags into the defaults.
func (s *settingsFlags) load(flags map[string]string) (Config, error) {
	c := DefaultConfig()
	if flags == nil {
		flags = map[string]string{}
	}
	if s.dataDir != "" {
		flags["data_dir"] = s.dataDir
	}
	err := config.Load(&c, config.Options{File: s.file, EnvPrefix: "TONGKE_", Flags: flags})
	return c, err
}

func serveCommand(settings *settingsFlags) *cobra.Command {
	var o Options
	var port, tlsPort, mediaPort int
	var set []string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Start everything and print the address",
		Args:  cobra.NoArgs,
	}
	c.Flags().BoolVar(&o.Demo, "demo", false, "load demo schools, accounts and lessons")
	c.Flags().BoolVar(&o.ReadyJSON, "ready-json", false, "print one JSON line instead of the welcome when ready")
	c.Flags().IntVar(&port, "port", 0, "port of http://127.0.0.1; 0 takes a free one")
	c.Flags().IntVar(&tlsPort, "tls-port", 0, "port of https:// on the local network; 0 takes a free one")
	c.Flags().IntVar(&mediaPort, "media-port", 0, "UDP and TCP port of media; 0 takes a free one")
	c.Flags().StringArrayVar(&set, "set", nil, "any setting, such as --set log.level=debug")
	c.RunE = func(c *cobra.Command, _ []string) error {
		flags := map[string]string{}
		for _, pair := range set {
			key, value, ok := strings.Cut(pair, "=")
			if !ok {
				return fmt.Errorf("--set %s: write it as key=value", pair)
			}
			flags[key] = value
		}
		cfg, err := settings.load(flags)
		if err != nil {
			return err
		}
		o.Out = c.OutOrStdout()
		for name, p := range map[string]struct {
			value int
			into  **int
		}{"port": {port, &o.Port}, "tls-port": {tlsPort, &o.TLSPort}, "media-port": {mediaPort, &o.MediaPort}} {
			if p.value < 0 || p.value > 65535 {
				return fmt.Errorf("--%s %d: a port is 0 to 65535", name, p.value)
			}
			if c.Flags().Changed(name) {
				*p.into = &p.value
			}
		}
		return Serve(c.Context(), cfg, o)
	}
	return c
}

func adminCommand(settings *settingsFlags) *cobra.Command {
	admin := &cobra.Command{
		Use:   "admin",
		Short: "Manage accounts directly in the data directory (the server may be running)",
	}
	var name string
	create := &cobra.Command{
		Use:   "create LOGIN",
		Short: "Create an administrator; the password is asked for, or read from standard input",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withDirectory(c.Context(), settings, func(ctx context.Context, d accounts) error {
				password, err := askPassword(c.InOrStdin(), c.ErrOrStderr())
				if err != nil {
					return err
				}
				if name == "" {
					name = args[0]
				}
				if err := d.CreateAdministrator(ctx, args[0], name, password); err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "administrator %s created\n", args[0])
				return nil
			})
		},
	}
	create.Flags().StringVar(&name, "name", "", "name that people see (default: the login)")
	password := &cobra.Command{
		Use:   "password LOGIN",
		Short: "Set an account's password and end its sessions",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withDirectory(c.Context(), settings, func(ctx context.Context, d accounts) error {
				password, err := askPassword(c.InOrStdin(), c.ErrOrStderr())
				if err != nil {
					return err
				}
				if err := d.SetPassword(ctx, args[0], password); err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "password of %s set\n", args[0])
				return nil
			})
		},
	}
	admin.AddCommand(create, password)
	return admin
}

func configCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "Print the default configuration with comments",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			sample, err := Sample()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(sample)
			return err
		},
	}
}

// askPassword asks twice on a terminal, and reads one line from anything else.
func askPassword(in io.Reader, out io.Writer) (string, error) {
	file, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		line, err := bufio.NewReader(in).ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return "", fmt.Errorf("read the password from standard input: %w", errors.Join(errNoPassword, err))
		}
		return line, nil
	}
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Again: "} {
		fmt.Fprint(out, prompt)
		secret, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(out)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		typed[i] = string(secret)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords differ")
	}
	return typed[0], nil
}

var errNoPassword = errors.New("no password given")
