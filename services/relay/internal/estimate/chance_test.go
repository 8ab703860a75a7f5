package estimate

import (
	"testing"
	"time"
)

// TestSender_FewPacketsThatAreLostByChanceAreNoCongestion: a still screen and a voice on a link that loses 5 %.
func TestSender_FewPacketsThatAreLostByChanceAreNoCongestion(t *testing.T) {
	n := newNetwork(with(home, loss(.05), content(.1*mega)), Options{Start: 2 * mega})
	n.sender.Want(2 * mega)
	least := 2 * mega
	n.run(2*time.Minute, func() { least = min(least, n.sender.Budget()) })
	if least < mega {
		t.Errorf("the budget fell to %d: %v", least, n.causes)
	}
}
