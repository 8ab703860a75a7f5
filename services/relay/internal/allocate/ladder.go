package allocate

import (
	"time"

	"github.com/tongke-edu/tongke/services/relay/internal/layer"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

const (
	// leastVoice is what a voice takes at least: Opus at 24 kbit/s with headers and a little repair. Who is silent may
	// speak at any time.
	leastVoice = 40_000
	// voiceHeaders is what 50 packets a second carry beside Opus.
	voiceHeaders = 10_000
)

// rung is one way to serve a slot.
type rung struct {
	layer int   // index in Demand.Layers
	top   uint8 // highest temporal layer
	cost  int   // bits per second
}

// climb builds the ladder of a demand: every rung costs more than the one below it and shows more. It ends at the first
// live layer that is as high as the picture is shown. When no layer is live (a still screen, a camera cut off) the one
// heard last is the only rung, so that a keyframe request can wake it.
func climb(ladder []rung, d Demand, now time.Time) []rung {
	ladder = ladder[:0]
	switch {
	case len(d.Layers) == 0:
		return ladder
	case d.Class.sound():
		last := len(d.Layers) - 1
		return append(ladder, rung{last, munge.AllLayers, voice(d.Layers[last].Bitrate, d.Copies)})
	case d.Height <= 0:
		return ladder
	}
	layer.FillHeights(d.Layers)
	lowest := true
	for i, l := range d.Layers {
		if !l.Live(now) {
			continue
		}
		first := l.Temporals - 2 // leaves half of the frames
		if lowest {
			first = 0
		}
		for top := max(first, 0); top < l.Temporals-1; top++ {
			ladder = step(ladder, rung{i, uint8(top), l.Upto[top]})
		}
		ladder = step(ladder, rung{i, munge.AllLayers, l.Bitrate})
		if lowest = false; l.Height >= d.Height {
			break
		}
	}
	if i := layer.HeardLast(d.Layers); len(ladder) == 0 && i != layer.None {
		ladder = append(ladder, rung{i, munge.AllLayers, d.Layers[i].Bitrate})
	}
	return ladder
}

// voice is what a voice takes.
func voice(bitrate, copies int) int {
	return max(bitrate+voiceHeaders, leastVoice) + max(copies-1, 0)*max(bitrate, leastVoice-voiceHeaders)
}

// step adds a rung, and takes away those that show less and cost as much.
func step(ladder []rung, r rung) []rung {
	for len(ladder) > 0 && ladder[len(ladder)-1].cost >= r.cost {
		ladder = ladder[:len(ladder)-1]
	}
	return append(ladder, r)
}
