package load_test

import (
	"testing"

	"github.com/tongke-edu/tongke/services/relay/internal/load"
)

var budget = load.Budget{CPU: 0.8, Memory: 1000}

// seconds shows a judge the same use again and again and returns what it says last.
func seconds(j *load.Judge, n int, cpu float64, memory uint64) (s load.State) {
	for range n {
		s = j.Look(load.Usage{CPU: cpu, Memory: memory})
	}
	return s
}

func TestJudge_PressesBeforeItRefuses(t *testing.T) {
	j := load.NewJudge(budget)
	if s := seconds(j, 100, 0.5, 500); s != (load.State{}) {
		t.Errorf("in peace: %+v", s)
	}
	if s := seconds(j, 1, 1, 500); s.Pressure <= 0 || s.Full {
		t.Errorf("after a second: %+v", s)
	}
	if s := seconds(j, 3, 1, 500); s.Pressure != 1 || s.Full {
		t.Errorf("when all the pressure is on: %+v", s)
	}
	if s := seconds(j, 2, 1, 500); !s.Full {
		t.Errorf("when it does not help: %+v", s)
	}
}

func TestJudge_DoesNotRefuseWhilePressureHelps(t *testing.T) {
	j := load.NewJudge(budget)
	seconds(j, 4, 1, 0)
	if s := seconds(j, 100, 0.75, 0); s.Full || s.Pressure != 1 {
		t.Errorf("just under the budget: %+v", s)
	}
}

func TestJudge_ABurstOfJoinsChangesNothing(t *testing.T) {
	j := load.NewJudge(budget)
	for range 20 {
		if s := seconds(j, 2, 1, 0); s.Full || s.Pressure > 0.5 {
			t.Fatalf("%+v", s)
		}
		seconds(j, 10, 0.2, 0)
	}
}

func TestJudge_LetsInAgainWhenThereIsRoomToSpare(t *testing.T) {
	j := load.NewJudge(budget)
	seconds(j, 20, 1, 0)
	if s := seconds(j, 20, 0.76, 0); !s.Full {
		t.Errorf("at 95 %% of the budget: %+v", s)
	}
	if s := seconds(j, 2, 0.65, 0); !s.Full {
		t.Errorf("after two good seconds: %+v", s)
	}
	if s := seconds(j, 1, 0.65, 0); s.Full {
		t.Errorf("after three: %+v", s)
	}
	if s := seconds(j, 3, 0.5, 0); s.Pressure < 0.75 {
		t.Errorf("pressure fell to %v in three seconds", s.Pressure)
	}
	if s := seconds(j, 20, 0.5, 0); s.Pressure != 0 {
		t.Errorf("pressure stays at %v", s.Pressure)
	}
}

func TestJudge_MemoryRefusesWithoutPressure(t *testing.T) {
	j := load.NewJudge(budget)
	if s := seconds(j, 2, 0, 1200); s.Full {
		t.Error("refused at once")
	}
	if s := seconds(j, 1, 0, 1200); !s.Full || s.Pressure > 0 {
		t.Errorf("over the budget of memory: %+v", s)
	}
	if s := seconds(j, 10, 0, 950); !s.Full {
		t.Error("allowed again without room to spare")
	}
	if s := seconds(j, 3, 0, 800); s.Full {
		t.Error("refused in spite of room")
	}
}

func TestJudge_WithoutABudgetAllowsEverything(t *testing.T) {
	j := load.NewJudge(load.Budget{})
	if s := seconds(j, 100, 1, 1<<40); s != (load.State{}) {
		t.Errorf("%+v", s)
	}
}
