package peer

import (
	"github.com/pion/logging"
	"go.uber.org/zap"
)

// pionLog writes what Pion says at debug level: its errors are about one connection's network or browser, nothing
// that an operator acts on. Traces are left out.
type pionLog struct{ log *zap.Logger }

// NewLogger returns the logger of one of Pion's parts.
func (p pionLog) NewLogger(scope string) logging.LeveledLogger {
	if !p.log.Core().Enabled(zap.DebugLevel) {
		return pionScope{zap.NewNop().Sugar()}
	}
	return pionScope{p.log.Named("pion").Named(scope).Sugar()}
}

type pionScope struct{ log *zap.SugaredLogger }

func (pionScope) Trace(string)                     {}
func (pionScope) Tracef(string, ...any)            {}
func (s pionScope) Debug(m string)                 { s.log.Debug(m) }
func (s pionScope) Debugf(m string, values ...any) { s.log.Debugf(m, values...) }
func (s pionScope) Info(m string)                  { s.log.Debug(m) }
func (s pionScope) Infof(m string, values ...any)  { s.log.Debugf(m, values...) }
func (s pionScope) Warn(m string)                  { s.log.Debug(m) }
func (s pionScope) Warnf(m string, values ...any)  { s.log.Debugf(m, values...) }
func (s pionScope) Error(m string)                 { s.log.Debug(m) }
func (s pionScope) Errorf(m string, values ...any) { s.log.Debugf(m, values...) }
