package directory

import "strings"

// codeLength is the number of characters of a pairing code, as ids.PairingCode makes it.
const codeLength = 6

// NormaliseCode turns a code as people type it into the stored form: upper case, without spaces and dashes. It says
// false for what cannot be a code.
func NormaliseCode(typed string) (string, bool) {
	code := make([]byte, 0, codeLength)
	for _, r := range strings.ToUpper(typed) {
		switch {
		case r == ' ' || r == '-' || r == '　':
			continue
		case (r < 'A' || r > 'Z') && (r < '0' || r > '9'), len(code) == codeLength:
			return "", false
		}
		code = append(code, byte(r))
	}
	return string(code), len(code) == codeLength
}
