// Package codec carries the lesson's domain types to and from classroom.v1: log entries in both directions,
// events and states towards clients, as each viewer may see them. It decides nothing and keeps nothing.
package codec

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	classroomv1 "github.com/tongke-edu/tongke/pkg/gen/tongke/classroom/v1"
	"github.com/tongke-edu/tongke/services/classroom/internal/lesson"
)

// EncodeEntry returns the bytes that a log stores.
func EncodeEntry(entry lesson.Entry) ([]byte, error) {
	stored := &classroomv1.LogEntry{
		IdempotencyKey: entry.Key,
		SenderId:       entry.Sender,
		Command:        entry.Command,
		At:             stamp(entry.At),
	}
	for _, e := range entry.Events {
		stored.Events = append(stored.Events, Event(e, Everything))
	}
	data, err := proto.Marshal(stored)
	if err != nil {
		return nil, fmt.Errorf("encode log entry: %w", err)
	}
	return data, nil
}

// DecodeEntry reads what EncodeEntry wrote. It fails on bytes of another kind and on events that it does not know:
// a state that leaves one out would be wrong.
func DecodeEntry(data []byte) (lesson.Entry, error) {
	stored := &classroomv1.LogEntry{}
	if err := proto.Unmarshal(data, stored); err != nil {
		return lesson.Entry{}, fmt.Errorf("decode log entry: %w", err)
	}
	entry := lesson.Entry{
		Key: stored.GetIdempotencyKey(), Sender: stored.GetSenderId(), Command: stored.GetCommand(), At: moment(stored.GetAt()),
	}
	for _, e := range stored.GetEvents() {
		kind, err := kindFrom(e)
		if err != nil {
			return lesson.Entry{}, fmt.Errorf("decode event %d: %w", e.GetOrdinal(), err)
		}
		entry.Events = append(entry.Events, lesson.Event{
			Ordinal: e.GetOrdinal(), At: e.GetAt().AsTime(), Actor: e.GetActorId(), Kind: kind,
		})
	}
	return entry, nil
}

// Viewer is who receives an event or a state.
type Viewer struct {
	// ID is the viewer's participant id.
	ID string
	// All is true for the lead teacher and for the log itself.
	All bool
	// log is true for the log itself.
	log bool
}

// Everything is the view of the log itself.
var Everything = Viewer{All: true, log: true}

// ViewerOf returns the view of a member of the lesson.
func ViewerOf(m lesson.Member) Viewer { return Viewer{ID: m.ID, All: m.Role == lesson.RoleLead} }

// sees tells whether the viewer may know what a room answered while the poll is open.
func (v Viewer) sees(room string) bool { return v.All || v.ID == room }

// stamp leaves the zero time unset.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// moment is the reverse of stamp.
func moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}
