// Package participant is a headless participant of a lesson: a teacher or a classroom without browser, camera or
// microphone. It uses the public API only, so that others can write one too.
//
// A [Participant] follows a lesson's events over Attend, coming back from the last ordinal when the stream breaks, and
// sends commands with idempotency keys. Its [Media] is one offer of the agreed shape: four sending sections, fixed
// receive slots and two data channels. What it sends and receives are the marked packets of package probe.
//
// A participant owns one goroutine, from Attend to Close. A media connection owns its senders and one reader per slot;
// its Close waits for them.
package participant
