package forward

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/assign"
	"github.com/tongke-edu/tongke/services/relay/internal/layer"
	"github.com/tongke-edu/tongke/services/relay/internal/speaker"
)

// silentAfter is how long a microphone or camera may send nothing before its slots are given to others. A screen
// that does not change may rest as long as its participant says that it is shared.
const silentAfter = 10 * time.Second

// rids are the simulcast layers, smallest picture first.
const rids = "qhf"

// publication is what one section of a connection's offer carries.
type publication struct {
	connection *Connection
	kind       relayv1.MediaKind
	// open is false while policy forbids to forward. It is all that the packet path asks.
	open atomic.Bool
	// opened is when the gate was opened last; nil before the first time. What arrived earlier is not for others.
	opened atomic.Pointer[time.Time]

	microphone speaker.Microphone // how loud it is; silent where packets do not say

	// Owned by the lesson.
	active bool // as the participant says
	layers []*Layer
	// offered is what offer said last, and when.
	offered struct {
		at     time.Time
		layers []layer.Layer
	}
}

func (p *publication) audio() bool { return assign.Kind(p.kind).Audio() }

func (p *publication) source() assign.SourceID {
	return assign.SourceID{Participant: p.connection.participant, Kind: assign.Kind(p.kind)}
}

// add puts a layer into its place. A layer with the same rid is replaced: the publisher began it anew.
func (p *publication) add(l *Layer) {
	p.layers = slices.DeleteFunc(p.layers, func(old *Layer) bool { return old.track.RID == l.track.RID })
	p.layers = append(p.layers, l)
	slices.SortStableFunc(p.layers, func(a, b *Layer) int {
		return strings.Index(rids, a.track.RID) - strings.Index(rids, b.track.RID)
	})
}

// sends reports whether there is something to fill a slot with.
func (p *publication) sends(now time.Time) bool {
	if !p.active {
		return false
	}
	return slices.ContainsFunc(p.layers, func(l *Layer) bool {
		last := l.lastPacket()
		return !last.IsZero() && (p.rests() || now.Sub(last) < silentAfter)
	})
}

// rests reports whether long pauses are normal for this kind.
func (p *publication) rests() bool {
	return p.kind == relayv1.MediaKind_MEDIA_KIND_SCREEN || p.kind == relayv1.MediaKind_MEDIA_KIND_SCREEN_AUDIO
}

// live reports whether packets came within the last second.
func (p *publication) live(now time.Time) bool {
	return slices.ContainsFunc(p.layers, func(l *Layer) bool { return now.Sub(l.lastPacket()) < time.Second })
}
