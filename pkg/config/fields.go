package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"
)

const tag = "koanf"

// field is one setting: a leaf of the configuration struct.
type field struct {
	key   string // dotted path
	name  string // last part of key
	doc   string
	depth int
	value reflect.Value
	group bool // a struct with fields of its own
}

// variable returns the name of the environment variable that sets the field.
func (f field) variable(prefix string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(f.key, ".", "_"))
}

// fieldsOf lists the settings of a pointer to a struct, groups left out, in order.
func fieldsOf(dst any) ([]field, error) {
	all, err := walk(dst)
	if err != nil {
		return nil, err
	}
	leaves := all[:0:0]
	for _, f := range all {
		if !f.group {
			leaves = append(leaves, f)
		}
	}
	return leaves, nil
}

func walk(dst any) ([]field, error) {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("config: %T is no pointer to a struct", dst)
	}
	return walkStruct(nil, v.Elem(), "", 0)
}

func walkStruct(out []field, v reflect.Value, path string, depth int) ([]field, error) {
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get(tag), ",")
		switch {
		case name == "-" || !sf.IsExported():
			continue
		case options == "squash":
			var err error
			if out, err = walkStruct(out, v.Field(i), path, depth); err != nil {
				return nil, err
			}
			continue
		case name == "":
			return nil, fmt.Errorf("config: field %s of %s has no %s tag", sf.Name, v.Type(), tag)
		}
		f := field{key: path + name, name: name, doc: sf.Tag.Get("doc"), depth: depth, value: v.Field(i), group: isGroup(v.Field(i))}
		out = append(out, f)
		if f.group {
			var err error
			if out, err = walkStruct(out, v.Field(i), f.key+".", depth+1); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// isGroup tells a nested struct from a leaf; a struct that reads itself from text is a leaf.
func isGroup(v reflect.Value) bool {
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
		return false
	}
	_, text := v.Addr().Interface().(encoding.TextUnmarshaler)
	return !text
}
