package offer

import (
	"encoding/hex"
	"strings"

	"github.com/pion/sdp/v3"
)

// readTransport checks that all sections share one transport, and that it says all that ICE and DTLS need.
func (s *Shape) readTransport(session *sdp.SessionDescription) error {
	if !bundled(session, s) {
		return NotBundled
	}
	s.Ufrag, s.Password = tagged(session, "ice-ufrag"), tagged(session, "ice-pwd")
	if !iceChars(s.Ufrag, 4) || !iceChars(s.Password, 22) { // RFC 8839 section 5.4
		return NoICE
	}
	print, ok := common(session, "fingerprint")
	if !ok || !s.readFingerprint(print) {
		return NoFingerprint
	}
	if setup, ok := common(session, "setup"); !ok || setup != "actpass" && setup != "active" {
		return WrongSetup
	}
	return nil
}

// bundled reports whether the first bundle group names exactly the sections (RFC 9143).
func bundled(session *sdp.SessionDescription, shape *Shape) bool {
	group, _ := session.Attribute("group")
	fields := strings.Fields(group)
	if len(fields) != len(shape.Sections)+1 || fields[0] != "BUNDLE" {
		return false
	}
	for i, section := range shape.Sections {
		if fields[i+1] != section.Mid {
			return false
		}
	}
	return true
}

// tagged is the value of an attribute in the first section, or in the session. An offer may give each section its own
// transport, in case the other side does not bundle; who does takes the first one's (RFC 9143 section 7.3.1).
func tagged(session *sdp.SessionDescription, key string) string {
	if len(session.MediaDescriptions) > 0 {
		if own, present := session.MediaDescriptions[0].Attribute(key); present {
			return own
		}
	}
	of, _ := session.Attribute(key)
	return of
}

// common is the value of an attribute that has to be the same in all sections; a section that does not say it
// takes the session's, and where that has none, the first section's (RFC 9143 section 7.1.3).
func common(session *sdp.SessionDescription, key string) (value string, ok bool) {
	of, _ := session.Attribute(key)
	for i, media := range session.MediaDescriptions {
		own, present := media.Attribute(key)
		if !present {
			own = of
		}
		switch {
		case i == 0:
			value = own
		case own != value && own != "":
			return "", false
		}
	}
	return value, value != ""
}

// iceChars checks length and alphabet of ICE credentials.
func iceChars(s string, least int) bool {
	return len(s) >= least && len(s) <= 256 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/'
	})
}

// readFingerprint takes what browsers and Pion write: SHA-256 as hexadecimal pairs with colons (RFC 8122).
func (s *Shape) readFingerprint(line string) bool {
	algorithm, digest, _ := strings.Cut(line, " ")
	raw, err := hex.DecodeString(strings.ReplaceAll(digest, ":", ""))
	return strings.EqualFold(algorithm, "sha-256") && err == nil && copy(s.Fingerprint[:], raw) == len(raw) && len(raw) == len(s.Fingerprint)
}
