package standalone

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// ready is the line that programs read.
type ready struct {
	Version string `json:"version"`
	// URL is the address on this computer; HTTPS that on the local network, or "".
	URL   string `json:"url"`
	HTTPS string `json:"https,omitempty"`
	// Media is the UDP and TCP address of the relay.
	Media   string  `json:"media"`
	ReadyMS float64 `json:"ready_ms"`
}

// welcome tells where everything is, and of the demonstration which lesson comes first.
func welcome(o Options, c Config, p *process, udpOpen bool, first string, took time.Duration) {
	r := ready{Version: Version, Media: p.relay.MediaAddr().String(), ReadyMS: float64(took.Microseconds()) / 1000}
	for _, address := range p.web.Addresses() {
		if strings.HasPrefix(address, "https://") {
			r.HTTPS = onNetwork(address)
		} else {
			r.URL = address
		}
	}
	if o.ReadyJSON {
		line, err := json.Marshal(r)
		if err == nil {
			fmt.Fprintln(o.Out, string(line))
		}
		return
	}
	fmt.Fprintf(o.Out, "\nTongke 同课 %s is ready (%.0f ms)\n\n", Version, r.ReadyMS)
	fmt.Fprintf(o.Out, "  on this computer      %s\n", r.URL)
	if r.HTTPS != "" {
		fmt.Fprintf(o.Out, "  on the local network  %s   (own certificate: the browser asks once)\n", r.HTTPS)
	}
	fmt.Fprintf(o.Out, "  media                 UDP and TCP port %d\n", p.relay.MediaAddr().Port())
	fmt.Fprintf(o.Out, "  data                  %s   (stop Tongke and copy it: that is the backup)\n", c.DataDir)
	if !udpOpen {
		fmt.Fprint(o.Out, "\n  UDP does not pass on this computer: a firewall drops it. Media will use TCP, with more delay.\n")
	}
	if o.Demo {
		fmt.Fprintf(o.Out, demoHelp, r.URL, r.URL, r.URL, first, demoPassword)
	}
	fmt.Fprint(o.Out, "\n  Ctrl-C stops it.\n\n")
}

const demoHelp = `
  Your first lesson, in two windows of this computer:
    1. %s/screen      is the classroom's screen: it shows a code
    2. %s/scheduler   sign in as scheduler and pair that code with 高一（1）班
    3. %s/teacher     sign in as teacher: %s

  Demo accounts, password %s:
    teacher  teacher-primary  teacher-kindergarten      assistant  assistant-primary  assistant-kindergarten
    scheduler  operator  observer  admin
`

// onNetwork replaces an unspecified host by this computer's address on the local network.
func onNetwork(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	host, port, err := net.SplitHostPort(u.Host)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
		return address
	}
	lan := lanAddresses()
	if len(lan) == 0 {
		return "https://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "https://" + net.JoinHostPort(lan[0], port)
}
