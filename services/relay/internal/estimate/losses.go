package estimate

import "math"

const (
	lossSpan = 100_000 // microseconds of a bucket
	lossKept = 10      // buckets: loss is counted over a second
	// fewest is how many packets must be told of before their loss is believed.
	fewest = 20
	// easing is how much of the link's own loss is forgotten with each bucket in which less is lost.
	easing = 0.05
	// chance is how many standard deviations of the loss may be luck.
	chance = 2
)

// losses counts what feedback says is missing.
type losses struct {
	told, lost [lossKept]int
	newest     int64
	since      int64   // packets sent before do not count
	own        float64 // what the link loses at any rate
}

func (l *losses) add(now, sent int64, missing bool) {
	if sent < l.since {
		return
	}
	l.turn(now / lossSpan)
	l.told[l.newest%lossKept]++
	if missing {
		l.lost[l.newest%lossKept]++
	}
}

// found takes back a loss: the packet was late.
func (l *losses) found(now, sent int64) {
	if sent >= l.since {
		l.turn(now / lossSpan)
		l.lost[l.newest%lossKept]--
	}
}

func (l *losses) turn(index int64) {
	if index-l.newest >= lossKept {
		clear(l.told[:])
		clear(l.lost[:])
		l.newest = index
	}
	for l.newest < index {
		if ratio, ok := l.ratio(); ok && ratio < l.own {
			l.own += (ratio - l.own) * easing
		}
		l.newest++
		l.told[l.newest%lossKept], l.lost[l.newest%lossKept] = 0, 0
	}
}

// restart counts only packets that are sent from a time on.
func (l *losses) restart(since int64) {
	l.since = since
	clear(l.told[:])
	clear(l.lost[:])
}

// certain is the part of excess that is hardly chance: of a few packets, one in ten is soon lost on a link that loses one
// in twenty.
func (l *losses) certain() float64 {
	told, missing := l.sums()
	ratio, _ := share(told, missing)
	return max(l.excess()-chance*math.Sqrt(ratio*(1-ratio)/float64(max(told, 1))), 0)
}

// sums is how many packets of the last second were told of, and how many of them are missing.
func (l *losses) sums() (told, missing int) {
	for i := range lossKept {
		told += l.told[i]
		missing += l.lost[i]
	}
	return told, missing
}

// ratio is the share that was lost in the last second, 0 to 1; ok is false when too little was told.
func (l *losses) ratio() (ratio float64, ok bool) { return share(l.sums()) }

func share(told, missing int) (ratio float64, ok bool) {
	if told < fewest {
		return 0, false
	}
	return float64(max(missing, 0)) / float64(told), true
}

// excess is the loss beyond the link's own.
func (l *losses) excess() float64 {
	ratio, _ := l.ratio()
	return max(ratio-l.own, 0)
}
