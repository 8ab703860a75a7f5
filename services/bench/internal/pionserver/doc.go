// Package pionserver is the yardstick of the relay: a media server as one writes it with pion/webrtc alone, a
// TrackLocalStaticRTP per publication and the default codecs and interceptors, answering the same offers over the same
// RelayService. It knows no layers, rights or slots that change: slot n of a participant carries, from the start, the
// n-th of the others whom the policy lets send.
//
// A [Server] owns what its connections run; Close waits for it.
package pionserver
