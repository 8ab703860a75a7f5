package forward

import "github.com/tongke-edu/tongke/services/relay/internal/police"

// What a layer may bring in the long run, in octets per second, and at once on top of that: in any one second at most
// twice the rate. Browsers send at most 2.5 Mbit/s of a picture and 128 kbit/s of sound, and bursts for a keyframe;
// encoders in rooms send more.
const (
	videoLimit = 8_000_000 / 8
	audioLimit = 512_000 / 8
)

// limitOf polices a layer. What is beyond is neither kept nor forwarded: the others' downlinks are not the sender's.
func limitOf(audio bool) police.Bucket {
	if audio {
		return police.NewBucket(audioLimit, audioLimit)
	}
	return police.NewBucket(videoLimit, videoLimit)
}

// Refused counts packets of the participant that were dropped for being too many or not genuine. It may be called from
// any goroutine.
func (c *Connection) Refused(n int) { c.refused.Add(uint32(n)) }
