// Package light is a participant's media connection that costs a load generator little: hundreds of them fit beside
// the server that they measure, on the same two cores.
//
// A [Client] makes the agreed offer from a template, checks the way with STUN, and speaks real DTLS, SRTP, SRTCP, SCTP
// and the control channel's protobuf messages. It sends receiver reports every second and transport-wide feedback every
// 100 ms, as a browser does. What it saves is on the receiving side: packets are read in batches with the kernel's time
// of arrival and counted by their clear headers; only one in [sampled] is decrypted and its content checked, and all
// until the first complete keyframe, or always with [Params.Thorough].
//
// A Client owns one goroutine that reads its socket, one that sends feedback, one for the control channel, one for what
// it publishes, and those of pion/dtls and pion/sctp; Close waits for its own.
package light
