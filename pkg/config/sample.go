package config

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// commentWidth is how many characters a line of comment may have.
const commentWidth = 100

// Sample renders the values of dst, a pointer to a struct, as a YAML file with a comment above each setting.
// Loading the sample changes nothing.
func Sample(dst any) ([]byte, error) {
	fields, err := walk(dst)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, f := range fields {
		indent := strings.Repeat("  ", f.depth)
		if f.depth == 0 && b.Len() > 0 {
			b.WriteByte('\n')
		}
		for _, line := range wrap(f.doc, commentWidth-len(indent)) {
			fmt.Fprintf(&b, "%s# %s\n", indent, line)
		}
		if f.group {
			fmt.Fprintf(&b, "%s%s:\n", indent, f.name)
			continue
		}
		if err := writeLeaf(&b, indent, f); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func writeLeaf(b *bytes.Buffer, indent string, f field) error {
	value := f.value.Interface()
	if d, ok := value.(time.Duration); ok {
		value = d.String()
	}
	raw, err := yaml.Marshal(map[string]any{f.name: value})
	if err != nil {
		return fmt.Errorf("config: sample of %s: %w", f.key, err)
	}
	for line := range strings.Lines(string(raw)) {
		b.WriteString(indent + line)
	}
	return nil
}

func wrap(text string, width int) []string {
	var lines []string
	for _, word := range strings.Fields(text) {
		if n := len(lines); n > 0 && len(lines[n-1])+1+len(word) <= width {
			lines[n-1] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
