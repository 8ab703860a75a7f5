package forward

import (
	"google.golang.org/protobuf/types/known/durationpb"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/allocate"
	"github.com/tongke-edu/tongke/services/relay/internal/estimate"
	"github.com/tongke-edu/tongke/services/relay/internal/munge"
)

// causes are the estimate's, in the words of samples.
var causes = map[estimate.Cause]relayv1.EstimateCause{
	estimate.Start:       relayv1.EstimateCause_ESTIMATE_CAUSE_START,
	estimate.Queue:       relayv1.EstimateCause_ESTIMATE_CAUSE_QUEUE,
	estimate.Lingering:   relayv1.EstimateCause_ESTIMATE_CAUSE_LINGERING_QUEUE,
	estimate.Drained:     relayv1.EstimateCause_ESTIMATE_CAUSE_DRAINED,
	estimate.PathChanged: relayv1.EstimateCause_ESTIMATE_CAUSE_PATH_CHANGED,
	estimate.Loss:        relayv1.EstimateCause_ESTIMATE_CAUSE_LOSS,
	estimate.LinkLoss:    relayv1.EstimateCause_ESTIMATE_CAUSE_LINK_LOSS,
	estimate.Probed:      relayv1.EstimateCause_ESTIMATE_CAUSE_PROBED,
	estimate.ProbeFailed: relayv1.EstimateCause_ESTIMATE_CAUSE_PROBE_FAILED,
	estimate.Silence:     relayv1.EstimateCause_ESTIMATE_CAUSE_SILENCE,
	estimate.Returned:    relayv1.EstimateCause_ESTIMATE_CAUSE_RETURNED,
	estimate.Reports:     relayv1.EstimateCause_ESTIMATE_CAUSE_REPORTS,
}

// limits are the reasons of a choice, in the words of samples.
var limits = map[allocate.Limit]relayv1.SlotLimit{
	allocate.Unlimited: relayv1.SlotLimit_SLOT_LIMIT_NONE,
	allocate.Source:    relayv1.SlotLimit_SLOT_LIMIT_SOURCE,
	allocate.Downlink:  relayv1.SlotLimit_SLOT_LIMIT_DOWNLINK,
	allocate.Proof:     relayv1.SlotLimit_SLOT_LIMIT_PROOF,
}

// explain says what is believed of a downlink, and why.
func (k *link) explain() *relayv1.DownlinkEstimate {
	k.mu.Lock()
	defer k.mu.Unlock()
	why := k.sender.Reason()
	return &relayv1.DownlinkEstimate{
		Budget: uint64(k.sender.Budget()), Wanted: uint64(k.wanted), Cause: causes[why.Cause], Queue: durationpb.New(why.Queue),
	}
}

// explain adds to a sample why the slot carries what it does.
func (s *slot) explain(to *relayv1.SlotSample) *relayv1.SlotSample {
	given := &s.share.Given
	to.BitrateWanted, to.Limit, to.Paused = uint64(given.Wanted), limits[given.Limit], given.Paused
	to.Thinned = s.chosen != nil && !s.audio && given.Top != munge.AllLayers
	return to
}
