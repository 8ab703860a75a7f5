// Package ids makes identifiers, secrets and pairing codes from the system's randomness.
package ids

import (
	"crypto/rand"
	"encoding/base64"
	"strings"

	"github.com/oklog/ulid/v2"
)

// Prefix says in two to four letters what an identifier names.
type Prefix string

// The prefixes in use.
const (
	Lesson     Prefix = "lsn"
	Person     Prefix = "psn"
	Classroom  Prefix = "rom"
	Campus     Prefix = "cmp"
	Connection Prefix = "con"
	Poll       Prefix = "pol"
	Pairing    Prefix = "pai"
	MediaToken Prefix = "mtk"
)

// codeAlphabet has no look-alikes: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
const codeAlphabet = "34679ACDEFGHJKMNPQRTWXY"

// codeLength gives 23^6, about 148 million codes.
const codeLength = 6

// New returns an identifier such as "lsn_01jd3v…": the prefix and a lower-case ULID. Identifiers made later sort
// later, to the millisecond.
func New(p Prefix) string {
	return string(p) + "_" + strings.ToLower(ulid.MustNew(ulid.Now(), rand.Reader).String())
}

// Secret returns 256 random bits in base64url without padding: 43 characters.
func Secret() string {
	var b [32]byte
	fill(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// PairingCode returns six characters that cannot be mistaken for one another on a screen across the room.
func PairingCode() string {
	// Bytes at or above the largest multiple of the alphabet's size are drawn again: no code is likelier than another.
	const limit = 256 - 256%len(codeAlphabet)
	code := make([]byte, 0, codeLength)
	var b [1]byte
	for len(code) < codeLength {
		if fill(b[:]); int(b[0]) < limit {
			code = append(code, codeAlphabet[int(b[0])%len(codeAlphabet)])
		}
	}
	return string(code)
}

// fill cannot fail: since Go 1.24 crypto/rand.Read ends the process when the system has no randomness.
func fill(b []byte) { _, _ = rand.Read(b) }
