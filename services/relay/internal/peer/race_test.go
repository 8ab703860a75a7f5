//go:build race

package peer

// visitors is how many come and go; the race detector makes a handshake ten times as dear.
const visitors = 200
