//go:build !unix

package load

import "time"

// processorTime is not known here: the budget of the processor is never reached.
func processorTime() time.Duration { return 0 }
