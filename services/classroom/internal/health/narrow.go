package health

import (
	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
)

// lineCauses are the relay's causes in the words of operators.
var lineCauses = map[relayv1.EstimateCause]classroomv1.LineCause{
	relayv1.EstimateCause_ESTIMATE_CAUSE_START:           classroomv1.LineCause_LINE_CAUSE_TRYING,
	relayv1.EstimateCause_ESTIMATE_CAUSE_QUEUE:           classroomv1.LineCause_LINE_CAUSE_QUEUE,
	relayv1.EstimateCause_ESTIMATE_CAUSE_LINGERING_QUEUE: classroomv1.LineCause_LINE_CAUSE_QUEUE,
	relayv1.EstimateCause_ESTIMATE_CAUSE_DRAINED:         classroomv1.LineCause_LINE_CAUSE_QUEUE,
	relayv1.EstimateCause_ESTIMATE_CAUSE_PATH_CHANGED:    classroomv1.LineCause_LINE_CAUSE_QUEUE,
	relayv1.EstimateCause_ESTIMATE_CAUSE_PROBE_FAILED:    classroomv1.LineCause_LINE_CAUSE_QUEUE,
	relayv1.EstimateCause_ESTIMATE_CAUSE_LOSS:            classroomv1.LineCause_LINE_CAUSE_LOSS,
	relayv1.EstimateCause_ESTIMATE_CAUSE_LINK_LOSS:       classroomv1.LineCause_LINE_CAUSE_LOSS,
	relayv1.EstimateCause_ESTIMATE_CAUSE_REPORTS:         classroomv1.LineCause_LINE_CAUSE_LOSS,
	relayv1.EstimateCause_ESTIMATE_CAUSE_PROBED:          classroomv1.LineCause_LINE_CAUSE_TRYING,
	relayv1.EstimateCause_ESTIMATE_CAUSE_SILENCE:         classroomv1.LineCause_LINE_CAUSE_SILENCE,
	relayv1.EstimateCause_ESTIMATE_CAUSE_RETURNED:        classroomv1.LineCause_LINE_CAUSE_SILENCE,
}

// narrowLine says what the line to a participant costs it in pictures now; nil while it costs nothing.
func (w *window) narrowLine() *classroomv1.NarrowLine {
	if len(w.samples) == 0 {
		return nil
	}
	s := w.samples[len(w.samples)-1]
	line := &classroomv1.NarrowLine{
		CarriesKbps: kilobits(s.GetEstimate().GetBudget()),
		WantedKbps:  kilobits(s.GetEstimate().GetWanted()),
		Cause:       lineCauses[s.GetEstimate().GetCause()],
	}
	for _, slot := range s.GetSlots() {
		switch {
		case slot.GetHeightWanted() == 0: // sound
		case slot.GetPaused():
			line.Paused++
		case slot.GetLimit() == relayv1.SlotLimit_SLOT_LIMIT_DOWNLINK:
			line.Reduced++
		}
	}
	if line.GetPaused()+line.GetReduced() == 0 {
		return nil
	}
	return line
}

func kilobits(bits uint64) uint32 { return uint32((bits + 500) / 1000) }
