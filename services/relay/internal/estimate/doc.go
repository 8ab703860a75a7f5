// Package estimate says how many bits per second a subscriber's link carries, and why it thinks so.
//
// A Sender is told what is sent on one connection and what transport-wide feedback says of it, and decides so:
//
//   - Queue delay comes first. It is the one-way delay above the least of the last 30 s, in which two clocks drift
//     apart by a few ms only. Its minimum over 200 ms counts, so that jitter and the burst of a keyframe are no queue.
//     Over 50 ms the budget falls to 85 % of what arrives, and lower until the queue is gone; 20 to 50 ms are borne
//     for two seconds; below 20 ms the path is clear.
//   - A queue that does not yield while less is sent is not ours: the path has become longer, or another fills it.
//     Then that delay becomes the new measure instead of the budget going down to the floor.
//   - Loss below 10 % is no congestion by itself, it only lowers the patience with a queue. Above, by more than chance
//     explains, the budget falls to what arrives; if as much is lost afterwards, the loss is the link's own and only
//     what goes beyond it counts.
//   - The budget rises by probes alone: half as much again for 300 ms, never more than is wanted. The next one follows
//     at once after a success, and after failures ever later. What has been proven is kept while little is sent.
//   - Repairs count as traffic but not as delay: they come in bursts, and late.
//   - Without feedback for 600 ms the budget halves twice a second; when the link returns, the first probe goes back
//     to where it was.
//
// Receivers without transport-wide feedback are judged by their receiver reports (downlink).
//
// Pure: times are handed in, nothing allocates per packet. Not safe for concurrent use; a Sender belongs to one
// connection.
package estimate
