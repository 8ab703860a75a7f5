package lesson

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tongke-edu/tongke/pkg/fault"
)

// PostChat posts a line of text to all.
type PostChat struct{ Text string }

// SetHeadCount says how many children are in a classroom.
type SetHeadCount struct {
	ID    string
	Count uint32
}

// Name implements Action.
func (PostChat) Name() string { return "PostChat" }

// Name implements Action.
func (SetHeadCount) Name() string { return "SetHeadCount" }

func (a PostChat) decide(d *draft) error {
	if err := d.open(); err != nil {
		return err
	}
	sender, err := d.sender()
	if err != nil {
		return err
	}
	if sender.Role == RoleObserver {
		return fault.New(fault.PermissionDenied)
	}
	if err := checkText("text", a.Text, MaxChatRunes); err != nil {
		return err
	}
	if wait := d.state.chatWait(sender.ID, d.at); wait > 0 {
		return fault.New(fault.ResourceExhausted, fault.RetryAfter(wait))
	}
	d.emit(ChatPosted(a))
	return nil
}

func (a SetHeadCount) decide(d *draft) error {
	if err := d.open(); err != nil {
		return err
	}
	_, room, err := d.room(a.ID, true)
	if err != nil {
		return err
	}
	if a.Count > MaxCount {
		return fault.Invalid("count", "uint32.lte", "is at most 200")
	}
	if room.HeadCount == nil || *room.HeadCount != a.Count {
		d.emit(HeadCountSet(a))
	}
	return nil
}

// chatWait is how long a participant has to wait for its next line; 0 when it may post now.
func (s *State) chatWait(id string, now time.Time) time.Duration {
	posted := 0
	for i := len(s.Chat) - 1; i >= 0; i-- {
		line := s.Chat[i]
		wait := line.At.Add(ChatWindow).Sub(now)
		if wait <= 0 {
			return 0
		}
		if line.ParticipantID == id {
			if posted++; posted == ChatBurst {
				return wait
			}
		}
	}
	return 0
}

// checkText refuses what is empty, too long or not text.
func checkText(field, text string, maxRunes int) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fault.Invalid(field, "string.min_len", "is not empty")
	case utf8.RuneCountInString(text) > maxRunes:
		return fault.Invalid(field, "string.max_len", "is shorter")
	case !utf8.ValidString(text):
		return fault.Invalid(field, "string.utf8", "is text in UTF-8")
	}
	return nil
}
