package load

import (
	"testing"
	"time"
)

func TestMeter_SeesTheProcessorAndTheMemoryThatAreUsed(t *testing.T) {
	m := NewMeter(Budget{})
	held := make([]byte, 64<<20)
	for i := range held {
		held[i] = byte(i)
	}
	begin := time.Now()
	for spent := processorTime(); processorTime() < spent+50*time.Millisecond; { // works
		held[0]++
	}
	u := m.look(time.Now())
	if u.CPU <= 0 || u.CPU > 1.1 {
		t.Errorf("CPU %v over %v", u.CPU, time.Since(begin))
	}
	if u.Memory < 64<<20 || u.Memory > 64<<30 {
		t.Errorf("%d bytes of memory", u.Memory)
	}
	if held[1] != 1 {
		t.Error("unreachable: it keeps the memory in use")
	}
}

func TestMeter_TellsEachSecondUntilItIsDone(t *testing.T) {
	done, told, ended := make(chan struct{}), make(chan State, 1), make(chan struct{})
	m := NewMeter(Budget{Memory: 1})
	go func() {
		m.Run(done, func(s State) {
			select {
			case told <- s:
			default:
			}
		})
		close(ended)
	}()
	for !(<-told).Full { // after three seconds of any memory at all
	}
	if m.Usage().Memory == 0 {
		t.Error("no use is known")
	}
	close(done)
	<-ended
}
