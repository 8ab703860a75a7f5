// Package report keeps the books that RTCP needs: how many packets came and went, when they were captured, and
// how much was lost.
//
// Inbound is one incoming layer. It counts loss and jitter (RFC 3550 appendices A.3 and A.8), writes reception
// reports for the publisher, and samples of the last second for the operator. From the publisher's sender
// reports it also tells when a packet was captured, on the relay's clock: Clock is the offset between the two
// clocks, one per publisher, shared by all its streams, so that sound and picture stay together.
//
// Outbound is one stream to a subscriber. It writes sender reports that tie the rewritten timestamps to those
// capture times: lips fit although both streams were cut together from many sources. And it reads the
// subscriber's reception reports.
//
// Pure: times are handed in, nothing is sent. Nothing is safe for concurrent use: a layer's lock or read loop
// guards Inbound, a subscription's lock guards Outbound, a publisher's lock guards Clock.
package report
