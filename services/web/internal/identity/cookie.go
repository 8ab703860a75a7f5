package identity

import (
	"net/http"
	"regexp"
	"time"

	directoryv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/directory/v1"
)

const (
	sessionCookie = "tongke_session"
	deviceCookie  = "tongke_device"
	pairingCookie = "tongke_pairing"
	// hostPrefix marks cookies that came over TLS: browsers then take them from this host only (RFC 6265bis, 4.1.3).
	// It also keeps them apart from those of the plain address of the same host, for cookies know no ports.
	hostPrefix = "__Host-"
)

// longest is how long browsers keep a cookie at most (RFC 6265bis, 5.5).
const longest = 400 * 24 * time.Hour

// credentialShape is what the directory hands out; anything else in a cookie is ignored.
var credentialShape = regexp.MustCompile(`^[A-Za-z0-9_-]{20,128}$`)

// Cookies are the secrets that a browser sent.
type Cookies struct {
	Session, Device, Pairing string
	// Secure says that they travel over TLS.
	Secure bool
}

// ParseCookies reads the Cookie header lines of a request. Other applications on the host may send what is no cookie;
// that does not hide ours.
func ParseCookies(lines []string, secure bool) Cookies {
	c := Cookies{Secure: secure}
	r := http.Request{Header: http.Header{"Cookie": lines}}
	for _, cookie := range r.Cookies() {
		c.take(cookie)
	}
	return c
}

// AsHeader says as whom a page calls: AsDevice for a classroom's screen, AsPerson for the others. One browser may hold
// both credentials, such as that of a newcomer who opens the teacher's page beside the classroom's screen.
const (
	AsHeader = "X-Tongke-As"
	AsDevice = "device"
	AsPerson = "person"
)

// As leaves the credential of the named kind only; any other word leaves both.
func (c Cookies) As(who string) Cookies {
	switch who {
	case AsDevice:
		c.Session = ""
	case AsPerson:
		c.Device = ""
	}
	return c
}

func (c *Cookies) take(cookie *http.Cookie) {
	if !credentialShape.MatchString(cookie.Value) {
		return
	}
	switch cookie.Name {
	case c.name(sessionCookie):
		c.Session = cookie.Value
	case c.name(deviceCookie):
		c.Device = cookie.Value
	case c.name(pairingCookie):
		c.Pairing = cookie.Value
	}
}

func (c *Cookies) name(base string) string {
	if c.Secure {
		return hostPrefix + base
	}
	return base
}

// set returns the Set-Cookie line that stores a secret until a time, or as long as browsers allow when until is zero.
func (c *Cookies) set(base, value string, until time.Time) string {
	age := longest
	if !until.IsZero() {
		age = min(age, time.Until(until))
	}
	return c.line(base, value, max(1, int(age/time.Second)))
}

// clear returns the Set-Cookie line that removes a cookie.
func (c *Cookies) clear(base string) string { return c.line(base, "", -1) }

func (c *Cookies) line(base, value string, maxAge int) string {
	cookie := http.Cookie{
		Name:     c.name(base),
		Value:    value,
		Path:     "/",
		MaxAge:   maxAge,
		HttpOnly: true,
		Secure:   c.Secure,
		SameSite: http.SameSiteStrictMode,
	}
	return cookie.String()
}

// expiry returns when a principal's credential ends; zero when it lasts until it is revoked.
func expiry(p *directoryv1.Principal) time.Time {
	if p.GetExpiresAt() == nil {
		return time.Time{}
	}
	return p.GetExpiresAt().AsTime()
}
