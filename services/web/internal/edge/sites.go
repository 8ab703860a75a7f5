package edge

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// sites keeps pages of other sites from making calls with the cookies of ours.
type sites struct {
	browsers *http.CrossOriginProtection
	trusted  []string
}

func newSites(trusted []string) (*sites, error) {
	s := &sites{browsers: http.NewCrossOriginProtection(), trusted: trusted}
	for _, origin := range trusted {
		if err := s.browsers.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("edge: trusted origin: %w", err)
		}
	}
	return s, nil
}

// check asks what the browser says about the page (Sec-Fetch-Site), and the Origin in any case. Programs that are no
// browsers send neither, and hold no cookies of anybody else.
func (s *sites) check(r *http.Request) error {
	if err := s.browsers.Check(r); err != nil {
		return err
	}
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(s.trusted, origin) {
		return nil
	}
	if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
		return fmt.Errorf("origin %q is not host %q", origin, r.Host)
	}
	return nil
}
