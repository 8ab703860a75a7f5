package stun

import (
	"strings"
	"testing"
)

// iceChars are the characters that RFC 8839 section 5.4 allows.
const iceChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

func TestNewCredentials_AreLongEnoughAndNew(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		c := NewCredentials()
		if len(c.Ufrag) != 8 || len(c.Password) < 24 || strings.Trim(c.Ufrag+c.Password, iceChars) != "" {
			t.Fatalf("%+v", c)
		}
		if seen[c.Ufrag] || seen[c.Password] {
			t.Fatal("repeated")
		}
		seen[c.Ufrag], seen[c.Password] = true, true
	}
}

func TestIsSTUN_KnowsItFromItsNeighbours(t *testing.T) {
	cookie := "\x21\x12\xa4\x42" + strings.Repeat("x", 12)
	for packet, want := range map[string]bool{
		"\x00\x01\x00\x00" + cookie: true, "\x01\x01\x00\x00" + cookie: true,
		"\x80\x60\x00\x00" + cookie: false, "\x16\xfe\xfd\x00" + cookie: false, "\x40\x00\x00\x00" + cookie: false,
		"\x00\x01\x00\x00" + cookie[:15]: false, "\x00\x01\x00\x00" + strings.Repeat("x", 16): false, "": false,
	} {
		if IsSTUN([]byte(packet)) != want {
			t.Errorf("%q", packet)
		}
	}
}
