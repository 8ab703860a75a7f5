package channel_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/channel"
)

func encode(t testing.TB, m proto.Message) []byte {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func heartbeat(number uint64) *relayv1.ClientMessage {
	return &relayv1.ClientMessage{Kind: &relayv1.ClientMessage_Heartbeat{Heartbeat: &relayv1.Heartbeat{Number: number}}}
}

func want(slot, participant string) *relayv1.ClientMessage {
	return &relayv1.ClientMessage{Kind: &relayv1.ClientMessage_WantSlot{
		WantSlot: &relayv1.WantSlot{SlotId: slot, ParticipantId: participant},
	}}
}

func TestDecode_GivesBackWhatWasSent(t *testing.T) {
	sent := want("video3", "psn_01")
	got, err := channel.Decode(encode(t, sent))
	if err != nil || !proto.Equal(got, sent) {
		t.Errorf("decoded %v, %v", got, err)
	}
}

func TestDecode_RefusesWhatBreaksItsLimits(t *testing.T) {
	noKind := &relayv1.ClientMessage{Kind: &relayv1.ClientMessage_SetPublication{SetPublication: &relayv1.SetPublication{}}}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"too large":                {bytes.Repeat([]byte{0}, channel.MaxMessage+1), channel.ErrTooLarge},
		"not protobuf":             {[]byte{0xff, 0xff, 0xff}, channel.ErrMalformed},
		"long slot":                {encode(t, want(string(make([]byte, 17)), "")), channel.ErrMalformed},
		"long participant":         {encode(t, want("video0", string(make([]byte, 65)))), channel.ErrMalformed},
		"publication without kind": {encode(t, noKind), channel.ErrMalformed},
	} {
		if _, err := channel.Decode(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestDecode_PassesOverKindsOfALaterVersion(t *testing.T) {
	later := []byte{0xfa, 0x01, 0x02, 0x08, 0x01} // field 31, a message
	if m, err := channel.Decode(later); m != nil || err != nil {
		t.Errorf("decoded %v, %v", m, err)
	}
}

func TestInbox_AllowsABurstAndThenItsRate(t *testing.T) {
	now := time.Unix(0, 0)
	inbox := channel.NewInbox()
	data := encode(t, heartbeat(1))
	for i := range 200 {
		if _, err := inbox.Receive(now, data); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if _, err := inbox.Receive(now, data); !errors.Is(err, channel.ErrTooMany) {
		t.Errorf("a flood gave %v", err)
	}
	if _, err := inbox.Receive(now.Add(time.Second), data); err != nil {
		t.Errorf("a second later: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, heartbeat(7)))
	f.Add(encode(f, want("video0", "psn_1")))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := channel.Decode(data)
		if err != nil || m == nil {
			return
		}
		again, err := channel.Decode(encode(t, m))
		if err != nil || !proto.Equal(m, again) {
			t.Errorf("decoded %v but not its own encoding: %v, %v", m, again, err)
		}
	})
}
