//go:build !race

package peer

// visitors is how many come and go.
const visitors = 2_000
