package rpcapi

import (
	"strings"
	"unicode"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// cleanText returns what a person typed into a one-line field without the space around it. It refuses what is then
// empty, and characters that draw nothing or turn the direction of the text around them, which could make one name
// look like another.
func cleanText(field, typed string) (string, error) {
	text := strings.TrimSpace(typed)
	if text == "" {
		return "", fault.Invalid(field, "string.min_len", "something other than space")
	}
	if strings.ContainsFunc(text, invisible) {
		return "", fault.Invalid(field, "string.visible", "one line without control characters")
	}
	return text, nil
}

func invisible(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}
