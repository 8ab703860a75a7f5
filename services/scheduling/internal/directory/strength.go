package directory

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// MinPassword and MaxPassword bound a password's length in characters.
const (
	MinPassword = 8
	MaxPassword = 128
)

// common are passwords that every guesser tries first and that are long enough to pass otherwise.
var common = []string{
	"password", "password1", "passw0rd", "12345678", "123456789", "1234567890", "87654321", "11223344", "qwertyui",
	"qwertyuiop", "qwerty123", "1q2w3e4r", "1qaz2wsx", "abcd1234", "abc12345", "a1234567", "admin123", "iloveyou",
	"woaini520", "woaini1314", "5201314520", "88888888", "66666666",
}

// StrongEnough says whether a password may be set for a login: of the right length, not among the first that anybody
// tries, not the login itself, and of at least four different characters.
func StrongEnough(login, password string) bool {
	if n := utf8.RuneCountInString(password); n < MinPassword || n > MaxPassword {
		return false
	}
	lower := strings.ToLower(password)
	if slices.Contains(common, lower) || lower == strings.ToLower(login) {
		return false
	}
	different := map[rune]struct{}{}
	for _, r := range lower {
		different[r] = struct{}{}
	}
	return len(different) >= 4
}
