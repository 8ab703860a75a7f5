// Package forward moves the media of lessons between connections: it keeps what each participant sends and what
// each receive slot carries, and copies packets from incoming layers to slots.
//
// A Lesson is one goroutine that owns all state of its lesson; RPCs, data-channel messages and timers reach it as
// functions on its queue. Packets do not pass it: whoever has read a socket takes them into their layers and, burst by
// burst, writes to each slot in a snapshot of the layer's slots, under a lock that only this slot knows. The lesson
// changes the snapshot by copying it. With a burst that goes to many, other goroutines help for as long as it takes.
//
// It knows no WebRTC stack: a connection sits behind Transport, its packets and events come through the methods
// of Connection, Layer and Burst. Policy is made elsewhere; this package only obeys it.
package forward
