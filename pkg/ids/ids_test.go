package ids_test

import (
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tongke-edu/tongke/pkg/ids"
)

func TestNew_HasPrefixAndLowerCaseULID(t *testing.T) {
	shape := regexp.MustCompile(`^lsn_[0-9a-hjkmnp-tv-z]{26}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := ids.New(ids.Lesson)
		if !shape.MatchString(id) {
			t.Fatalf("id %q", id)
		}
		if seen[id] {
			t.Fatalf("id %q twice", id)
		}
		seen[id] = true
	}
}

func TestNew_LaterSortsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := ids.New(ids.Poll)
		time.Sleep(time.Millisecond) // virtual
		if second := ids.New(ids.Poll); second <= first {
			t.Errorf("%s does not sort after %s", second, first)
		}
	})
}

func TestSecret_Is256BitsOfBase64URL(t *testing.T) {
	shape := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	a, b := ids.Secret(), ids.Secret()
	if !shape.MatchString(a) || a == b {
		t.Errorf("secrets %q and %q", a, b)
	}
}

func TestPairingCode_HasNoLookAlikes(t *testing.T) {
	shape := regexp.MustCompile(`^[34679ACDEFGHJKMNPQRTWXY]{6}$`)
	seen := map[rune]bool{}
	for range 2000 {
		code := ids.PairingCode()
		if !shape.MatchString(code) {
			t.Fatalf("code %q", code)
		}
		for _, r := range code {
			seen[r] = true
		}
	}
	if len(seen) != 23 {
		t.Errorf("only %d of 23 characters were ever drawn", len(seen))
	}
}
