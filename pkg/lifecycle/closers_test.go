package lifecycle_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/tongke-edu/tongke/pkg/lifecycle"
)

func TestClosers_CloseTheNewestFirstAndOnlyOnce(t *testing.T) {
	var c lifecycle.Closers
	var order []string
	broken := errors.New("broken")
	c.Push(func() error { order = append(order, "oldest"); return broken })
	c.Push(func() error { order = append(order, "newest"); return nil })
	if err := c.Close(); !errors.Is(err, broken) {
		t.Errorf("closed with %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closed again with %v", err)
	}
	if want := []string{"newest", "oldest"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}
