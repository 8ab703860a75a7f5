package classroom

import (
	"errors"
	"fmt"
	"time"

	"github.com/tongke-edu/tongke/services/classroom/internal/session"
)

// Config is the service's configuration. DefaultConfig holds the defaults.
type Config struct {
	OpenBefore time.Duration `koanf:"open_before" doc:"A lesson can be entered this long before it starts."`
	Overrun    time.Duration `koanf:"overrun" doc:"A lesson that nobody ends ends by itself this long after its planned end; whole seconds."`
	StageSize  int           `koanf:"stage_size" doc:"How many classrooms may be on stage at once, 1 to 9."`
	Grace      time.Duration `koanf:"grace" doc:"A participant whose stream broke counts as present for this long."`
	Absence    time.Duration `koanf:"absence" doc:"A participant who does not come back within this time has left."`
	LeaseTTL   time.Duration `koanf:"lease_ttl" doc:"After this time another instance may take over the lessons of one that died; whole seconds."`
	QueueLimit int           `koanf:"queue_limit" doc:"A stream that is not read while this many events happen is cut."`
	StallLimit time.Duration `koanf:"stall_limit" doc:"A stream that does not take one message within this time is cut."`
	Retain     time.Duration `koanf:"retain" doc:"An ended lesson stays in memory for this long after it was last used."`
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	s := session.DefaultConfig()
	return Config{
		OpenBefore: 15 * time.Minute,
		Overrun:    10 * time.Minute,
		StageSize:  3,
		Grace:      s.Grace,
		Absence:    s.Absence,
		LeaseTTL:   s.LeaseTTL,
		QueueLimit: int(s.QueueLimit),
		StallLimit: s.StallLimit,
		Retain:     s.Retain,
	}
}

// session is the part that sessions need.
func (c Config) session() session.Config {
	s := session.DefaultConfig()
	s.Grace, s.Absence, s.LeaseTTL = c.Grace, c.Absence, c.LeaseTTL
	s.QueueLimit, s.StallLimit, s.Retain = uint64(c.QueueLimit), c.StallLimit, c.Retain
	return s
}

func (c Config) check() error {
	var errs []error
	for name, d := range map[string]time.Duration{
		"open_before": c.OpenBefore, "overrun": c.Overrun, "grace": c.Grace, "absence": c.Absence,
	} {
		if d < 0 {
			errs = append(errs, fmt.Errorf("classroom.%s: %v is negative", name, d))
		}
	}
	for name, d := range map[string]time.Duration{"stall_limit": c.StallLimit, "retain": c.Retain, "lease_ttl": c.LeaseTTL} {
		if d < time.Second {
			errs = append(errs, fmt.Errorf("classroom.%s: %v is less than a second", name, d))
		}
	}
	if c.Overrun%time.Second != 0 {
		errs = append(errs, fmt.Errorf("classroom.overrun: %v is no whole number of seconds", c.Overrun))
	}
	if c.StageSize < 1 || c.StageSize > 9 {
		errs = append(errs, fmt.Errorf("classroom.stage_size: %d is not 1 to 9", c.StageSize))
	}
	if c.QueueLimit < 1 {
		errs = append(errs, fmt.Errorf("classroom.queue_limit: %d is not positive", c.QueueLimit))
	}
	return errors.Join(errs...)
}
