// Package channel is the relay's side of data channel 0: it takes protobuf messages of bounded size and rate from a
// participant.
//
// It owns no goroutine. What it refuses ends the connection: a client of ours never goes over these limits.
package channel

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	relayv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/relay/v1"
	"github.com/tongke-edu/tongke/services/relay/internal/police"
)

const (
	// MaxMessage is the size limit of one message from a participant in bytes (channel.proto).
	MaxMessage = 4 << 10
	// A participant sends two heartbeats a second, and a want for each slot when its layout changes.
	messagesPerSecond = 50
	messagesAtOnce    = 200
	maxSlotID         = 16
	maxParticipantID  = 64
)

var (
	// ErrTooLarge is a message over MaxMessage.
	ErrTooLarge = errors.New("message over 4 kB")
	// ErrTooMany is a participant that sends faster than any client of ours.
	ErrTooMany = errors.New("too many messages")
	// ErrMalformed is a message that is not a valid ClientMessage.
	ErrMalformed = errors.New("malformed message")
)

// Decode reads one message of a participant. A kind that this relay does not know yet gives nil without an error.
func Decode(data []byte) (*relayv1.ClientMessage, error) {
	if len(data) > MaxMessage {
		return nil, ErrTooLarge
	}
	m := &relayv1.ClientMessage{}
	if err := proto.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	switch kind := m.GetKind().(type) {
	case nil:
		return nil, nil
	case *relayv1.ClientMessage_WantSlot:
		return m, checkWant(kind.WantSlot)
	case *relayv1.ClientMessage_SlotAck:
		return m, checkText("slot_id", kind.SlotAck.GetSlotId(), maxSlotID)
	case *relayv1.ClientMessage_SetPublication:
		if kind.SetPublication.GetKind() == relayv1.MediaKind_MEDIA_KIND_UNSPECIFIED {
			return nil, fmt.Errorf("%w: publication without a kind", ErrMalformed)
		}
	}
	return m, nil
}

func checkWant(w *relayv1.WantSlot) error {
	if err := checkText("slot_id", w.GetSlotId(), maxSlotID); err != nil {
		return err
	}
	return checkText("participant_id", w.GetParticipantId(), maxParticipantID)
}

func checkText(field, value string, limit int) error {
	if len(value) > limit {
		return fmt.Errorf("%w: %s of %d bytes", ErrMalformed, field, len(value))
	}
	return nil
}

// Inbox decodes the messages of one participant and limits their rate. It is not safe for concurrent use: a data
// channel hands its messages over one at a time.
type Inbox struct{ allowed police.Bucket }

// NewInbox returns an inbox that allows its first burst at once.
func NewInbox() *Inbox { return &Inbox{allowed: police.NewBucket(messagesPerSecond, messagesAtOnce)} }

// Receive decodes a message that came at now.
func (i *Inbox) Receive(now time.Time, data []byte) (*relayv1.ClientMessage, error) {
	if !i.allowed.Take(now, 1) {
		return nil, ErrTooMany
	}
	return Decode(data)
}
