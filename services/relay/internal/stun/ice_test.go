package stun

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/pion/ice/v4"

	"github.com/tongke-edu/tongke/pkg/testkit"
)

// answerChecks answers what a socket receives as the relay does, until the socket is closed, and reports the first
// nomination.
func answerChecks(t *testing.T, socket *net.UDPConn, own Credentials, theirs string, nominated chan<- struct{}) {
	packet := make([]byte, 1500)
	for {
		n, from, err := socket.ReadFromUDPAddrPort(packet)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || !IsSTUN(packet[:n]) {
			continue
		}
		check, err := Parse(packet[:n])
		if err != nil || check.Indication() {
			continue
		}
		if !check.Names(own.Ufrag, theirs) || check.Verify(own.Password) != nil {
			t.Errorf("a check is refused: %q", packet[:n])
			continue
		}
		if _, err := socket.WriteToUDPAddrPort(check.Reply(from, own.Password), from); err != nil {
			t.Error(err)
		}
		if check.Nominates() {
			select {
			case nominated <- struct{}{}:
			default:
			}
		}
	}
}

func TestReply_ConnectsAFullAgent(t *testing.T) {
	testkit.NoLeaks(t)
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	agent, err := ice.NewAgentWithOptions(ice.WithNetworkTypes([]ice.NetworkType{ice.NetworkTypeUDP4}),
		ice.WithIncludeLoopback(), ice.WithIPFilter(net.IP.IsLoopback),
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled))
	if err != nil {
		t.Fatal(err)
	}
	_, theirs := credentialsOf(t, agent)
	own, nominated, answered := NewCredentials(), make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(answered)
		answerChecks(t, socket, own, theirs, nominated)
	}()
	defer func() {
		agent.Close()
		socket.Close()
		testkit.Closed(t, answered, "the socket's reader has ended")
	}()

	if err := agent.OnCandidate(func(ice.Candidate) {}); err != nil {
		t.Fatal(err)
	}
	if err := agent.GatherCandidates(); err != nil {
		t.Fatal(err)
	}
	port := socket.LocalAddr().(*net.UDPAddr).Port
	candidate, err := ice.UnmarshalCandidate(fmt.Sprintf("1 1 udp 2130706431 127.0.0.1 %d typ host", port))
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.AddRemoteCandidate(candidate); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if _, err := agent.Dial(ctx, own.Ufrag, own.Password); err != nil {
		t.Fatal(err)
	}
	testkit.Receive(t, nominated, "our candidate is nominated")
}

func credentialsOf(t *testing.T, agent *ice.Agent) (password, ufrag string) {
	t.Helper()
	ufrag, password, err := agent.GetLocalUserCredentials()
	if err != nil {
		t.Fatal(err)
	}
	return password, ufrag
}
