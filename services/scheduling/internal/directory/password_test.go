package directory_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tongke-edu/tongke/services/scheduling/internal/directory"
)

func TestHasher_KnowsItsOwnHashesOnly(t *testing.T) {
	h := directory.NewHasher()
	hash, err := h.Hash(t.Context(), "正确的密码 horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(hash), "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s: not the agreed cost", hash)
	}
	for password, want := range map[string]bool{"正确的密码 horse": true, "正确的密码 Horse": false, "": false} {
		if ok, err := h.Verify(t.Context(), hash, password); err != nil || ok != want {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
	again, err := h.Hash(t.Context(), "正确的密码 horse")
	if err != nil || again == hash {
		t.Error("two hashes of one password are alike: no salt")
	}
}

func TestHasher_NobodysHashBelongsToNobody(t *testing.T) {
	h := directory.NewHasher()
	for _, password := range []string{"", "password", strings.Repeat("\x00", 32)} {
		if ok, err := h.Verify(t.Context(), "", password); ok || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
}

func TestHasher_NobodysHashCostsAsMuchAsARealOne(t *testing.T) {
	memory, passes, err := directory.ParseHash(string(directory.HashPassword("password")))
	if err != nil {
		t.Fatal(err)
	}
	m, p, err := directory.ParseHash(string(directory.NobodysHash))
	if err != nil || m != memory || p != passes {
		t.Errorf("nobody costs %d KiB and %d passes (%v), somebody %d and %d", m, p, err, memory, passes)
	}
}

func TestHasher_WaitsNoLongerThanItsCaller(t *testing.T) {
	h := directory.NewHasher()
	release := h.Occupy()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "password"); !errors.Is(err, context.Canceled) {
		t.Errorf("hash: %v", err)
	}
	for _, hash := range []directory.PasswordHash{directory.HashPassword("x"), ""} { // nobody waits as well
		if _, err := h.Verify(ctx, hash, "password"); !errors.Is(err, context.Canceled) {
			t.Errorf("verify %q: %v", hash, err)
		}
	}
}

func TestHasher_RefusesHashesThatAreNone(t *testing.T) {
	good := string(directory.HashPassword("password"))
	h := directory.NewHasher()
	for name, hash := range map[string]string{
		"text":            "password",
		"bcrypt":          "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"another variant": strings.Replace(good, "argon2id", "argon2i", 1),
		"another version": strings.Replace(good, "v=19", "v=16", 1),
		"all memory":      strings.Replace(good, "m=19456", "m=4294967295", 1),
		"all day":         strings.Replace(good, "t=2", "t=100000", 1),
		"no pass":         strings.Replace(good, "t=2", "t=0", 1),
		"no lane":         strings.Replace(good, "p=1", "p=0", 1),
		"no cost":         strings.Replace(good, "m=19456,t=2,p=1", "", 1),
		"no key":          good[:strings.LastIndexByte(good, '$')+1],
		"broken salt":     strings.Replace(good, "p=1$", "p=1$!", 1),
	} {
		if ok, err := h.Verify(t.Context(), directory.PasswordHash(hash), "password"); ok || err == nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(string(directory.HashPassword("password")))
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$$")
	f.Fuzz(func(t *testing.T, hash string) {
		if memory, passes, err := directory.ParseHash(hash); err == nil && (memory > 256*1024 || passes > 16) {
			t.Errorf("accepted a cost of %d KiB and %d passes", memory, passes)
		}
	})
}

func TestStrongEnough_RefusesWhatIsGuessedFirst(t *testing.T) {
	for password, want := range map[string]bool{
		"korrekt-pferd":            true,
		"课堂里的八个字呀":                 true,
		"1234567":                  false, // short
		"七个字的密码呀":                  false,
		"Password1":                false,
		"88888888":                 false,
		"aabbaabbaabb":             false, // two characters
		"li.teacher":               false, // the login
		"LI.Teacher":               false,
		strings.Repeat("abcd", 32): true,
		strings.Repeat("abcd", 33): false,
	} {
		if got := directory.StrongEnough("li.teacher", password); got != want {
			t.Errorf("%q: %v, want %v", password, got, want)
		}
	}
}

func BenchmarkHasher_Verify(b *testing.B) {
	h := directory.NewHasher()
	hash := directory.HashPassword("a password")
	for b.Loop() {
		if ok, err := h.Verify(b.Context(), hash, "a password"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
