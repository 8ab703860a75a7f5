package lifecycle

import (
	"errors"
	"slices"
)

// Closers frees in reverse order what was opened in order. The zero value is ready for use, by one goroutine.
type Closers struct{ stack []func() error }

// Push adds what frees something that was just opened.
func (c *Closers) Push(closeOne func() error) { c.stack = append(c.stack, closeOne) }

// Close frees everything, the newest first, and returns all errors. Calling it again does nothing.
func (c *Closers) Close() error {
	var errs []error
	for _, closeOne := range slices.Backward(c.stack) {
		errs = append(errs, closeOne())
	}
	c.stack = nil
	return errors.Join(errs...)
}
