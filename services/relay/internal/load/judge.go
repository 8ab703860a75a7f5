package load

// Budget is what the process may use. A zero budget is none: it never presses or refuses.
type Budget struct {
	// CPU is a share of all cores that the process may run on, 0..1.
	CPU float64
	// Memory in bytes.
	Memory uint64
}

// Usage is what the process has used over a second.
type Usage struct {
	CPU    float64
	Memory uint64
}

// State is what follows from the use of some seconds.
type State struct {
	// Pressure to send less, 0..1.
	Pressure float64
	// Full: whoever is not here yet is to come later.
	Full bool
}

const (
	// Shares of a budget: pressure rises above one and falls below the other.
	tight, easy = 0.9, 0.75
	// Pressure takes four seconds to rise, so that a burst of joins gives none, and longer to fall: what it has stopped
	// will cost again.
	rise, fall = 0.25, 0.05
	// patience is how many seconds in a row the use is over its budget, or well under it, before joins are refused or
	// allowed again.
	patience = 3
)

// Judge decides from second to second. The zero Judge has no budget.
type Judge struct {
	budget      Budget
	state       State
	over, under int // seconds in a row
}

// NewJudge returns a judge that has seen nothing yet.
func NewJudge(b Budget) *Judge { return &Judge{budget: b} }

// Look takes the use of another second.
func (j *Judge) Look(u Usage) State {
	cpu, memory := share(u.CPU, j.budget.CPU), share(float64(u.Memory), float64(j.budget.Memory))
	switch {
	case cpu >= tight:
		j.state.Pressure = min(1, j.state.Pressure+rise)
	case cpu < easy:
		j.state.Pressure = max(0, j.state.Pressure-fall)
	}
	switch {
	case memory >= 1, cpu >= 1 && j.state.Pressure == 1:
		j.over, j.under = j.over+1, 0
	case memory < tight && cpu < tight:
		j.over, j.under = 0, j.under+1
	default:
		j.over, j.under = 0, 0
	}
	if j.over >= patience {
		j.state.Full = true
	}
	if j.under >= patience {
		j.state.Full = false
	}
	return j.state
}

func share(used, budget float64) float64 {
	if budget <= 0 {
		return 0
	}
	return used / budget
}
