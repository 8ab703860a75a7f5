// Package config fills a configuration struct that already holds its defaults: a YAML file changes the defaults, the
// environment changes the file, flags change the environment. A key that no field knows is an error.
//
// Fields carry a `koanf:"name"` tag and may carry a `doc:"…"` tag, which Sample prints as a comment.
package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/v2"
)

// Options says where to read.
type Options struct {
	// File is a YAML file; "" reads none.
	File string
	// EnvPrefix starts the names of variables: with "TONGKE_" the key web.listen_tls is TONGKE_WEB_LISTEN_TLS.
	// "" reads none. A variable with the prefix that names no key is an error.
	EnvPrefix string
	// Flags holds the values of the flags that were given, by key ("web.listen").
	Flags map[string]string
}

// Load fills dst, a pointer to a struct. Lists in the environment and in flags are separated by commas; durations are
// written as "1m30s".
func Load(dst any, o Options) error {
	fields, err := fieldsOf(dst)
	if err != nil {
		return err
	}
	k := koanf.New(".")
	if o.File != "" {
		raw, err := os.ReadFile(o.File)
		if err != nil {
			return fmt.Errorf("config: %w", err)
		}
		if err := k.Load(bytesProvider(raw), yaml.Parser()); err != nil {
			return fmt.Errorf("config: read %s: %w", o.File, err)
		}
	}
	if err := setEnvironment(k, fields, o.EnvPrefix); err != nil {
		return err
	}
	for key, value := range o.Flags {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.key == key }) {
			return fmt.Errorf("config: flag %s names no setting", key)
		}
		if err := k.Set(key, value); err != nil {
			return fmt.Errorf("config: flag %s: %w", key, err)
		}
	}
	return decode(k, dst)
}

func setEnvironment(k *koanf.Koanf, fields []field, prefix string) error {
	if prefix == "" {
		return nil
	}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		i := slices.IndexFunc(fields, func(f field) bool { return f.variable(prefix) == name })
		if i < 0 {
			return fmt.Errorf("config: variable %s names no setting", name)
		}
		if err := k.Set(fields[i].key, value); err != nil {
			return fmt.Errorf("config: variable %s: %w", name, err)
		}
	}
	return nil
}

func decode(k *koanf.Koanf, dst any) error {
	err := k.UnmarshalWithConf("", dst, koanf.UnmarshalConf{Tag: tag, DecoderConfig: &mapstructure.DecoderConfig{
		Result:           dst,
		TagName:          tag,
		ErrorUnused:      true,
		WeaklyTypedInput: true,
		// Names are matched exactly: "Listen" is not "listen".
		MatchName: func(key, name string) bool { return key == name },
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			mapstructure.StringToTimeDurationHookFunc(),
			mapstructure.TextUnmarshallerHookFunc(),
			mapstructure.StringToSliceHookFunc(","),
		),
	}})
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	return nil
}

// bytesProvider gives koanf a file that was read already.
type bytesProvider []byte

func (p bytesProvider) ReadBytes() ([]byte, error) { return p, nil }

func (p bytesProvider) Read() (map[string]any, error) {
	return nil, errors.New("config: bytes need a parser")
}
