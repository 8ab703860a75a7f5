package directory

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password hash: OWASP's argon2id setting of 19 MiB, two passes, one lane.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	saltLength   = 16
	keyLength    = 32
)

// Bounds on the cost that a stored hash may ask for, so that no row can take the server down.
const (
	maxArgonMemory  = 256 * 1024 // KiB
	maxArgonTime    = 16
	maxArgonThreads = 8
)

// hashesAtOnce bounds memory and CPU under a storm of sign-ins: the rest wait for their turn.
const hashesAtOnce = 2

// PasswordHash is a password's hash in PHC form: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type PasswordHash string

// Hasher hashes and verifies passwords, two at a time.
type Hasher struct{ turns chan struct{} }

// NewHasher returns a hasher.
func NewHasher() *Hasher { return &Hasher{turns: make(chan struct{}, hashesAtOnce)} }

// Hash returns the hash of a password with a fresh salt. It fails only when ctx ends before its turn comes.
func (h *Hasher) Hash(ctx context.Context, password string) (PasswordHash, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return HashPassword(password), nil
}

// Verify says whether the password belongs to the hash. An empty hash belongs to nobody and takes as long as any
// other, so that the time does not tell which logins exist. It fails when ctx ends first or the hash is malformed.
func (h *Hasher) Verify(ctx context.Context, hash PasswordHash, password string) (bool, error) {
	nobody := hash == ""
	if nobody {
		hash = nobodysHash
	}
	p, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	got := argon2.IDKey([]byte(password), p.salt, p.time, p.memory, p.threads, uint32(len(p.key)))
	return subtle.ConstantTimeCompare(got, p.key) == 1 && !nobody, nil
}

func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn to hash: %w", ctx.Err())
	}
}

func (h *Hasher) leave() { <-h.turns }

// HashPassword returns the hash of a password with a fresh salt, without waiting for a turn: for set-up, not for
// requests.
func HashPassword(password string) PasswordHash {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // cannot fail: it ends the process when the system has no randomness
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, keyLength)
	return encodeHash(salt, key)
}

// nobodysHash has the cost of a real one and belongs to no password.
var nobodysHash = encodeHash(make([]byte, saltLength), make([]byte, keyLength))

func encodeHash(salt, key []byte) PasswordHash {
	b64 := base64.RawStdEncoding
	return PasswordHash(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		argonMemory, argonTime, argonThreads, b64.EncodeToString(salt), b64.EncodeToString(key)))
}

type hashParts struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

// parseHash reads the PHC form and refuses costs beyond the bounds.
func parseHash(hash PasswordHash) (hashParts, error) {
	fail := func(what string) (hashParts, error) {
		return hashParts{}, fmt.Errorf("malformed password hash: %s", what)
	}
	f := strings.Split(string(hash), "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return fail("not argon2id")
	}
	var p hashParts
	if n, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); n != 3 || err != nil {
		return fail("cost")
	}
	if p.memory > maxArgonMemory || p.time < 1 || p.time > maxArgonTime || p.threads < 1 || p.threads > maxArgonThreads {
		return fail("cost out of bounds")
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(f[4]); err != nil || len(p.salt) < 8 || len(p.salt) > 64 {
		return fail("salt")
	}
	if p.key, err = base64.RawStdEncoding.DecodeString(f[5]); err != nil || len(p.key) < 16 || len(p.key) > 64 {
		return fail("key")
	}
	return p, nil
}
