package red

// frame is an older frame that may be repeated.
type frame struct {
	timestamp uint32
	length    int // 0 for one that is not worth it
	octets    [MaxLength]byte
}

// Encoder remembers the newest frames of one microphone. The zero value is ready.
type Encoder struct {
	frames [Distance]frame
	older  [Distance]*frame // of frames, oldest first
	count  int              // of them that are held
}

// Encode appends the payload of a packet: the frame and before it the older ones that fit into limit octets in all,
// the newer of them first served. payloadType is that of Opus for the listener. The frame is remembered for the next
// packets; call it once for each, in any order. A frame that alone exceeds the limit is appended nonetheless.
func (e *Encoder) Encode(out []byte, payloadType uint8, timestamp uint32, payload []byte, limit int) []byte {
	first := e.first(timestamp, limit-primarySize-len(payload))
	for _, f := range e.older[first:e.count] {
		if !f.repeats(timestamp) {
			continue
		}
		offset := timestamp - f.timestamp
		out = append(out, follows|payloadType, byte(offset>>6), byte(offset<<2)|byte(f.length>>8), byte(f.length))
	}
	out = append(out, payloadType&^follows)
	for _, f := range e.older[first:e.count] {
		if f.repeats(timestamp) {
			out = append(out, f.octets[:f.length]...)
		}
	}
	e.remember(timestamp, payload)
	return append(out, payload...)
}

// first is the oldest frame from which on all fit into the room.
func (e *Encoder) first(timestamp uint32, room int) int {
	first := e.count
	for i := e.count - 1; i >= 0; i-- {
		if f := e.older[i]; f.repeats(timestamp) {
			room -= headerSize + f.length
		}
		if room < 0 {
			break
		}
		first = i
	}
	return first
}

// repeats reports whether a packet of a timestamp can repeat the frame.
func (f *frame) repeats(timestamp uint32) bool {
	offset := timestamp - f.timestamp
	return f.length > 0 && offset > 0 && offset <= MaxOffset
}

// remember keeps a frame if it is among the newest, even one without sound: what follows it is late no more.
func (e *Encoder) remember(timestamp uint32, payload []byte) {
	if e.count > 0 && int32(timestamp-e.older[e.count-1].timestamp) < -MaxOffset {
		e.count = 0 // not late: timestamps have begun anew
	}
	place := e.count
	for place > 0 && int32(e.older[place-1].timestamp-timestamp) > 0 {
		place--
	}
	if place > 0 && e.older[place-1].timestamp == timestamp {
		return
	}
	f := e.room(&place)
	if f == nil {
		return
	}
	f.timestamp, f.length = timestamp, 0
	if len(payload) > silence && len(payload) <= MaxLength {
		f.length = copy(f.octets[:], payload)
	}
	e.older[place] = f
}

// room makes room for a frame at a place, which moves when the oldest frame gives way; nil for one older than all.
func (e *Encoder) room(place *int) *frame {
	if e.count < Distance {
		if e.older[e.count] == nil {
			e.older[e.count] = &e.frames[e.count]
		}
		f := e.older[e.count]
		copy(e.older[*place+1:e.count+1], e.older[*place:e.count])
		e.count++
		return f
	}
	if *place == 0 {
		return nil
	}
	*place--
	f := e.older[0]
	copy(e.older[:*place], e.older[1:*place+1])
	return f
}
