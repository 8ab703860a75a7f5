// Package relaybench measures the relay against the same work done by pion/webrtc alone, and prints one JSON line per
// figure.
//
// This process is the load: light clients of package light. The servers are processes of their own, started on free
// loopback ports and ended by their process ids; what they cost is read from /proc and from their metrics. Ratios come
// from measurements that take turns, so that a busy machine is busy for all of them.
//
// [Run] measures forwarding, joining and memory; [RunNetwork] what is left of a lesson on bad networks, [RunSteady] a long lesson at 70 % load. All write their
// curves and a page of results into a directory.
package relaybench
