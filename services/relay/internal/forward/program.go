package forward

import "time"

// playerPatience is how long a program that sends no media may be silent. What it sends by itself while nothing flows
// are connectivity checks and receiver reports, each every five seconds or so (RFC 7675 section 5.1, RFC 3550
// section 6.2).
const playerPatience = 15 * time.Second

// Heard notes feedback of a participant without a control channel: it stands for heartbeats.
func (c *Connection) Heard(now time.Time) { c.heartbeat.Store(now.UnixNano()) }

// Checked notes a connectivity check of a participant without a control channel. It says that a player is there; an
// encoder that still checks but sends nothing has failed.
func (c *Connection) Checked(now time.Time) {
	if c.media.Load() == 0 {
		c.Heard(now)
	}
}

// patience is how long the participant may show no life.
func (c *Connection) patience(usual time.Duration) time.Duration {
	if c.noChannel && c.media.Load() == 0 {
		return max(usual, playerPatience)
	}
	return usual
}
